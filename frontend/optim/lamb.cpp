// LAMB's update.
#include "frontend/optim/lamb.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {

void LAMBOptions::check(Location loc) const {
  auto [beta1, beta2] = betas();
  detail::expect(beta1 >= 0 && beta1 < 1, "LAMB", "betas[0]", beta1, "in [0, 1)", loc);
  detail::expect(beta2 >= 0 && beta2 < 1, "LAMB", "betas[1]", beta2, "in [0, 1)", loc);
  detail::expect(eps() >= 0, "LAMB", "eps", eps(), "at least 0", loc);
  detail::expect(weight_decay() >= 0, "LAMB", "weight_decay", weight_decay(), "at least 0", loc);
}

std::vector<Optimizer::Moment> LAMB::moments(const OptimizerOptions &) const {
  return {{"exp_avg"}, {"exp_avg_sq"}};
}

void LAMB::update(Cohort &c) {
  const auto &o = c.options<LAMBOptions>();
  auto [beta1, beta2] = o.betas();
  auto scalar = [](const Value &v, const Value &like) { return number(v, like); };
  auto norm = [](const Value &v) { return Value{v.tensor.square(v.line).sum(std::nullopt, v.line), v.line}.sqrt(); };
  for (size_t i = 0; i < c.size(); ++i) {
    Values x = c.elements(i);
    Value p = x[0], g = x.back(), m = lerp(x[1], g, 1 - beta1), v = x[2] * beta2 + g * (1 - beta2) * g;
    Value u = m / scalar(1.0 - pow(beta1, c.step()), p) / ((v / scalar(1.0 - pow(beta2, c.step()), p)).sqrt() + o.eps());
    if (o.weight_decay() != 0)
      u = u + p * o.weight_decay();
    Value size = norm(p), length = norm(u), usable = (size > 0.0) & (length > 0.0);
    Value ratio = where(usable, size / where(usable, length, 1.0), 1.0);
    c.assign(i, {p - scalar(c.lr(), p) * ratio * u, m, v});
  }
}

} // namespace tenon::optim
