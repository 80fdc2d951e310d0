// RAdam's update.
#include "frontend/optim/radam.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {

void RAdamOptions::check(Location loc) const {
  auto [beta1, beta2] = betas();
  detail::expect(beta1 >= 0 && beta1 < 1, "RAdam", "betas[0]", beta1, "in [0, 1)", loc);
  detail::expect(beta2 >= 0 && beta2 < 1, "RAdam", "betas[1]", beta2, "in [0, 1)", loc);
  detail::expect(eps() >= 0, "RAdam", "eps", eps(), "at least 0", loc);
  detail::expect(weight_decay() >= 0, "RAdam", "weight_decay", weight_decay(), "at least 0", loc);
}

std::vector<Optimizer::Moment> RAdam::moments(const OptimizerOptions &) const {
  return {{"exp_avg"}, {"exp_avg_sq"}};
}

void RAdam::update(Cohort &c) {
  const auto &o = c.options<RAdamOptions>();
  auto [beta1, beta2] = o.betas();
  double decay = o.weight_decay(), limit = 2 / (1 - beta2) - 1;
  Value power = pow(beta2, c.step()), rho = limit - 2.0 * c.step() * power / (1.0 - power), sure = greater(rho, 5);
  Value rectified = ((rho - 4.0) * (rho - 2.0) * limit / (rho * ((limit - 4) * (limit - 2)))).at_least(0).sqrt() * (1.0 - power).sqrt();
  Values shared{c.lr() / (1.0 - pow(beta1, c.step())), sure * rectified, 1.0 - sure, 1.0 - c.lr() * decay};
  c.apply(shared, [&, beta1 = beta1, beta2 = beta2](const Values &s, const Values &x) {
    Value p = x[0], g = x.back();
    if (decay != 0 && o.decoupled_weight_decay())
      p = p * s[3];
    else if (decay != 0)
      g = g + p * decay;
    Value m = lerp(x[1], g, 1 - beta1), v = x[2] * beta2 + g * (1 - beta2) * g;
    return Values{p - s[0] * m * (s[1] / (v.sqrt() + o.eps()) + s[2]), m, v};
  });
}

} // namespace tenon::optim
