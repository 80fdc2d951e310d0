// Adafactor's update.
#include "frontend/optim/adafactor.h"
#include "frontend/optim/cohort.h"

#include <cmath>

namespace tenon::optim {

void AdafactorOptions::check(Location loc) const {
  auto [eps1, eps2] = eps();
  detail::expect(beta2_decay() <= 0, "Adafactor", "beta2_decay", beta2_decay(), "at most 0", loc);
  detail::expect(!eps1 || *eps1 >= 0, "Adafactor", "eps[0]", eps1.value_or(0), "at least 0", loc);
  detail::expect(eps2 >= 0, "Adafactor", "eps[1]", eps2, "at least 0", loc);
  detail::expect(d() >= 1, "Adafactor", "d", d(), "at least 1", loc);
  detail::expect(weight_decay() >= 0, "Adafactor", "weight_decay", weight_decay(), "at least 0", loc);
}

static std::optional<Shape> without(const Tensor &p, int64_t dim) {
  if (p.dim() < 2)
    return std::nullopt;
  Shape shape = p.sizes().vec();
  shape[shape.size() + size_t(dim)] = 1;
  return shape;
}

std::vector<Optimizer::Moment> Adafactor::moments(const OptimizerOptions &) const {
  return {{"row_var", 0, [](const Tensor &p) { return without(p, -1); }},
          {"col_var", 0, [](const Tensor &p) { return without(p, -2); }},
          {"variance", 0, [](const Tensor &p) { return p.dim() < 2 ? std::optional(p.sizes().vec()) : std::nullopt; }}};
}

static double epsilon(Dtype dtype) { return std::ldexp(1.0, dtype == kDouble ? -52 : dtype == kFloat ? -23 : dtype == kHalf ? -10 : -7); }

void Adafactor::update(Cohort &c) {
  const auto &o = c.options<AdafactorOptions>();
  Location line = c.location();
  auto [given, least_size] = o.eps();
  double eps = given.value_or(epsilon(c.dtype()));
  Value step = c.step(), share{step.tensor.pow({o.beta2_decay(), line}), line};
  Value rate{c.lr().tensor.minimum({step.tensor.rsqrt(line), line}), line};
  auto mean = [&](const Value &v, int64_t dim) { return Value{v.tensor.mean(dim, true, std::nullopt, line), line}; };
  auto rms = [&](const Value &v) { return Value{v.tensor.square(line).mean(std::nullopt, line), line}.sqrt(); };
  for (size_t i = 0; i < c.size(); ++i) {
    Values x = c.elements(i);
    Value p = x[0], g = x.back(), towards = number(share, p);
    auto moved = [&](const Value &from, const Value &to) { return from + towards * (to - from); };
    Value size = rms(p).at_least(least_size), row, column, variance, estimate;
    if (p.tensor.dim() > 1) {
      row = moved(x[1], mean(g.square(), -1)), column = moved(x[2], mean(g.square(), -2));
      estimate = row * column / mean(row, -2).at_least(eps);
    } else
      estimate = variance = moved(x[3], g.square());
    Value update = g / estimate.at_least(eps * eps).sqrt(), limit = (rms(update) / o.d()).at_least(1);
    if (o.weight_decay() != 0)
      p = p * (1.0 - number(c.lr(), p) * o.weight_decay());
    c.assign(i, {p - update * (number(rate, p) * size / limit), row, column, variance});
  }
}

} // namespace tenon::optim
