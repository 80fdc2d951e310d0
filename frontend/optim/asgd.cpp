// ASGD's update.
#include "frontend/optim/asgd.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {

void ASGDOptions::check(Location loc) const {
  detail::expect(weight_decay() >= 0, "ASGD", "weight_decay", weight_decay(), "at least 0", loc);
}

std::vector<Optimizer::Moment> ASGD::moments(const OptimizerOptions &) const {
  return {{"ax"}};
}
std::vector<Optimizer::Moment> ASGD::scalars(const OptimizerOptions &) const {
  return {{"eta"}, {"mu", 1}};
}

void ASGD::update(Cohort &c) {
  const auto &o = c.options<ASGDOptions>();
  Value eta = where(c.step() == 1.0, c.lr(), c.scalar(0));
  c.apply({1.0 - eta * o.lambd(), eta, 1.0 - c.scalar(1)}, [&](const Values &s, const Values &x) {
    Value p = x[0], g = x.back();
    if (o.weight_decay() != 0)
      g = g + p * o.weight_decay();
    Value next = p * s[0] - s[1] * g;
    return Values{next, next - (next - x[1]) * s[2]};
  });
  Value base = 1.0 + c.lr() * c.step() * o.lambd();
  c.set_scalar(0, c.lr() / Value{base.tensor.pow({o.alpha(), c.location()}), c.location()});
  c.set_scalar(1, 1.0 / (c.step() - o.t0()).at_least(1));
}

} // namespace tenon::optim
