// Lion's update.
#include "frontend/optim/lion.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {

void LionOptions::check(Location loc) const {
  auto [beta1, beta2] = betas();
  detail::expect(beta1 >= 0 && beta1 < 1, "Lion", "betas[0]", beta1, "in [0, 1)", loc);
  detail::expect(beta2 >= 0 && beta2 < 1, "Lion", "betas[1]", beta2, "in [0, 1)", loc);
  detail::expect(weight_decay() >= 0, "Lion", "weight_decay", weight_decay(), "at least 0", loc);
}

std::vector<Optimizer::Moment> Lion::moments(const OptimizerOptions &) const {
  return {{"exp_avg"}};
}

void Lion::update(Cohort &c) {
  const auto &o = c.options<LionOptions>();
  auto [beta1, beta2] = o.betas();
  c.apply({c.lr(), 1.0 - c.lr() * o.weight_decay()}, [&, beta1 = beta1, beta2 = beta2](const Values &s, const Values &x) {
    Value p = o.weight_decay() == 0 ? x[0] : x[0] * s[1], g = x.back();
    return Values{p - s[0] * (x[1] * beta1 + g * (1 - beta1)).sign(), x[1] * beta2 + g * (1 - beta2)};
  });
}

} // namespace tenon::optim
