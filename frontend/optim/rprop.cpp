// Rprop's update.
#include "frontend/optim/rprop.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {

void RpropOptions::check(Location loc) const {
  auto [less, more] = etas();
  auto [smallest, largest] = step_sizes();
  detail::expect(less > 0 && less < 1, "Rprop", "etas[0]", less, "in (0, 1)", loc);
  detail::expect(more > 1, "Rprop", "etas[1]", more, "above 1", loc);
  detail::expect(smallest >= 0 && smallest <= largest, "Rprop", "step_sizes[0]", smallest, "from 0 to step_sizes[1]", loc);
}

std::vector<Optimizer::Moment> Rprop::moments(const OptimizerOptions &options) const {
  return {{"prev"}, {"step_size", options.last_lr()}};
}

void Rprop::update(Cohort &c) {
  const auto &o = c.options<RpropOptions>();
  auto [less, more] = o.etas();
  auto [smallest, largest] = o.step_sizes();
  c.apply({}, [&, less = less, more = more, smallest = smallest, largest = largest](const Values &, const Values &x) {
    Value p = x[0], g = x.back(), turn = g * x[1];
    Value step = where(turn > 0.0, x[2] * more, where(turn < 0.0, x[2] * less, x[2])).at_least(smallest);
    step = where(step > largest, largest, step);
    Value followed = where(turn < 0.0, 0.0, g);
    return Values{p - followed.sign() * step, followed, step};
  });
}

} // namespace tenon::optim
