// Adamax's update.
#include "frontend/optim/adamax.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {

void AdamaxOptions::check(Location loc) const {
  auto [beta1, beta2] = betas();
  detail::expect(beta1 >= 0 && beta1 < 1, "Adamax", "betas[0]", beta1, "in [0, 1)", loc);
  detail::expect(beta2 >= 0 && beta2 < 1, "Adamax", "betas[1]", beta2, "in [0, 1)", loc);
  detail::expect(eps() >= 0, "Adamax", "eps", eps(), "at least 0", loc);
  detail::expect(weight_decay() >= 0, "Adamax", "weight_decay", weight_decay(), "at least 0", loc);
}

std::vector<Optimizer::Moment> Adamax::moments(const OptimizerOptions &) const {
  return {{"exp_avg"}, {"exp_inf"}};
}

void Adamax::update(Cohort &c) {
  const auto &o = c.options<AdamaxOptions>();
  auto [beta1, beta2] = o.betas();
  c.apply({c.lr() / (1.0 - pow(beta1, c.step()))}, [&, beta1 = beta1, beta2 = beta2](const Values &s, const Values &x) {
    Value p = x[0], g = x.back();
    if (o.weight_decay() != 0)
      g = g + p * o.weight_decay();
    Value m = lerp(x[1], g, 1 - beta1), u = (x[2] * beta2).maximum(g.abs() + o.eps());
    return Values{p - s[0] * m / u, m, u};
  });
}

} // namespace tenon::optim
