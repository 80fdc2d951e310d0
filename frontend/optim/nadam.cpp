// NAdam's update.
#include "frontend/optim/nadam.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {

void NAdamOptions::check(Location loc) const {
  auto [beta1, beta2] = betas();
  detail::expect(beta1 >= 0 && beta1 < 1, "NAdam", "betas[0]", beta1, "in [0, 1)", loc);
  detail::expect(beta2 >= 0 && beta2 < 1, "NAdam", "betas[1]", beta2, "in [0, 1)", loc);
  detail::expect(eps() >= 0, "NAdam", "eps", eps(), "at least 0", loc);
  detail::expect(weight_decay() >= 0, "NAdam", "weight_decay", weight_decay(), "at least 0", loc);
  detail::expect(momentum_decay() >= 0, "NAdam", "momentum_decay", momentum_decay(), "at least 0", loc);
}

std::vector<Optimizer::Moment> NAdam::moments(const OptimizerOptions &) const {
  return {{"exp_avg"}, {"exp_avg_sq"}};
}
std::vector<Optimizer::Moment> NAdam::scalars(const OptimizerOptions &) const {
  return {{"mu_product", 1}};
}

void NAdam::update(Cohort &c) {
  const auto &o = c.options<NAdamOptions>();
  auto [beta1, beta2] = o.betas();
  double decay = o.weight_decay();
  auto mu = [&, beta1 = beta1](const Value &step) { return (1.0 - pow(0.96, step * o.momentum_decay()) * 0.5) * beta1; };
  Value now = mu(c.step()), next = mu(c.step() + 1.0), product = c.scalar(0) * now;
  c.set_scalar(0, product);
  Values shared{c.lr() * (1.0 - now) / (1.0 - product), c.lr() * next / (1.0 - product * next), 1.0 - pow(beta2, c.step()),
                1.0 - c.lr() * decay};
  c.apply(shared, [&, beta1 = beta1, beta2 = beta2](const Values &s, const Values &x) {
    Value p = x[0], g = x.back();
    if (decay != 0 && o.decoupled_weight_decay())
      p = p * s[3];
    else if (decay != 0)
      g = g + p * decay;
    Value m = lerp(x[1], g, 1 - beta1), v = x[2] * beta2 + g * (1 - beta2) * g, deviation = (v / s[2]).sqrt() + o.eps();
    return Values{p - (s[0] * g + s[1] * m) / deviation, m, v};
  });
}

} // namespace tenon::optim
