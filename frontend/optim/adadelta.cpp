// Adadelta's update.
#include "frontend/optim/adadelta.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {

void AdadeltaOptions::check(Location loc) const {
  detail::expect(rho() >= 0 && rho() <= 1, "Adadelta", "rho", rho(), "in [0, 1]", loc);
  detail::expect(eps() >= 0, "Adadelta", "eps", eps(), "at least 0", loc);
  detail::expect(weight_decay() >= 0, "Adadelta", "weight_decay", weight_decay(), "at least 0", loc);
}

std::vector<Optimizer::Moment> Adadelta::moments(const OptimizerOptions &) const {
  return {{"square_avg"}, {"acc_delta"}};
}

void Adadelta::update(Cohort &c) {
  const auto &o = c.options<AdadeltaOptions>();
  c.apply({c.lr()}, [&](const Values &s, const Values &x) {
    Value p = x[0], g = x.back();
    if (o.weight_decay() != 0)
      g = g + p * o.weight_decay();
    Value v = x[1] * o.rho() + g * (1 - o.rho()) * g, d = (x[2] + o.eps()).sqrt() / (v + o.eps()).sqrt() * g;
    return Values{p - s[0] * d, v, x[2] * o.rho() + d * (1 - o.rho()) * d};
  });
}

} // namespace tenon::optim
