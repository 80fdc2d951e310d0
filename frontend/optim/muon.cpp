// Muon's update.
#include "frontend/optim/muon.h"
#include "frontend/optim/cohort.h"

#include <algorithm>
#include <cmath>

namespace tenon::optim {

void MuonOptions::check(Location loc) const {
  detail::expect(weight_decay() >= 0, "Muon", "weight_decay", weight_decay(), "at least 0", loc);
  detail::expect(momentum() >= 0, "Muon", "momentum", momentum(), "at least 0", loc);
  detail::expect(eps() >= 0, "Muon", "eps", eps(), "at least 0", loc);
  detail::expect(ns_steps() >= 0 && ns_steps() < 100, "Muon", "ns_steps", ns_steps(), "in [0, 100)", loc);
  if (adjust_lr_fn() != "original" && adjust_lr_fn() != "match_rms_adamw")
    throw Error("Muon: adjust_lr_fn is \"" + adjust_lr_fn() + "\", expected \"original\" or \"match_rms_adamw\"", loc);
}

std::vector<Optimizer::Moment> Muon::moments(const OptimizerOptions &) const {
  return {{"momentum_buffer"}};
}

/// The matrix with its singular values moved towards 1.
static Value orthogonal(const Value &matrix, const MuonOptions &o) {
  Location line = matrix.line;
  auto [a, b, c] = o.ns_coefficients();
  bool tall = matrix.tensor.size(0) > matrix.tensor.size(1);
  Value x = tall ? Value{matrix.tensor.t(line), line} : matrix;
  x = x / Value{x.tensor.square(line).sum(std::nullopt, line), line}.sqrt().at_least(o.eps());
  for (int64_t i = 0; i < o.ns_steps(); ++i) {
    Value gram{x.tensor.matmul(x.tensor.t(line), line), line};
    Value polynomial = gram * b + Value{gram.tensor.matmul(gram.tensor, line), line} * c;
    x = x * a + Value{polynomial.tensor.matmul(x.tensor, line), line};
  }
  return tall ? Value{x.tensor.t(line), line} : x;
}

void Muon::update(Cohort &c) {
  const auto &o = c.options<MuonOptions>();
  for (size_t i = 0; i < c.size(); ++i) {
    Values x = c.elements(i);
    Value p = x[0], g = x.back();
    if (p.tensor.dim() != 2)
      throw Error("Muon: expected matrices, came a parameter of " + std::to_string(p.tensor.dim()) +
                      " dimensions: give it to another optimizer",
                  c.location());
    Value buffer = lerp(x[1], g, 1 - o.momentum()), rate = number(c.lr(), p);
    double rows = static_cast<double>(p.tensor.size(0)), columns = static_cast<double>(p.tensor.size(1));
    double adjusted = o.adjust_lr_fn() == "original" ? std::sqrt(std::max(1.0, rows / columns)) : 0.2 * std::sqrt(std::max(rows, columns));
    Value direction = orthogonal(o.nesterov() ? lerp(g, buffer, o.momentum()) : buffer, o);
    c.assign(i, {p * (1.0 - rate * o.weight_decay()) - rate * adjusted * direction, buffer});
  }
}

} // namespace tenon::optim
