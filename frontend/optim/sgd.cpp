// SGD's update.
#include "frontend/optim/sgd.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {

void SGDOptions::check(Location loc) const {
  const auto &o = *this;
  detail::expect(o.momentum() >= 0, "SGD", "momentum", o.momentum(), "at least 0", loc);
  detail::expect(o.weight_decay() >= 0, "SGD", "weight_decay", o.weight_decay(), "at least 0", loc);
  if (o.nesterov() && !(o.momentum() > 0 && o.dampening() == 0))
    throw Error("SGD: nesterov needs a momentum above 0 and no dampening", loc);
}

bool SGD::counts_steps(const OptimizerOptions &options) const {
  const auto &o = static_cast<const SGDOptions &>(options);
  return o.momentum() != 0 && o.dampening() != 0;
}

std::vector<Optimizer::Moment> SGD::moments(const OptimizerOptions &options) const {
  return static_cast<const SGDOptions &>(options).momentum() == 0 ? std::vector<Moment>{} : std::vector<Moment>{{"momentum_buffer"}};
}

void SGD::update(Cohort &c) {
  const auto &o = c.options<SGDOptions>();
  Values shared{c.lr()};
  if (counts_steps(o)) // the first step takes the whole gradient
    shared.push_back(1.0 - greater(c.step(), 1) * o.dampening());
  bool moved = c.has_momentum_state() && o.momentum() != 0;
  if (moved)
    shared.push_back(c.momentum());
  bool dampened = counts_steps(o);
  c.apply(shared, [&](const Values &s, const Values &x) {
    auto decayed = [&](const Value &v) { return moved ? v * s.back() : v * o.momentum(); };
    Value p = x[0], d = x.back();
    if (o.weight_decay() != 0)
      d = d + p * o.weight_decay();
    if (o.momentum() == 0)
      return Values{p - s[0] * d};
    Value buffer = decayed(x[1]) + (dampened ? d * s[1] : d);
    return Values{p - s[0] * (o.nesterov() ? d + decayed(buffer) : buffer), buffer};
  });
}

} // namespace tenon::optim
