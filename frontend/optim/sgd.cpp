// SGD's update.
#include "frontend/optim/sgd.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {

SGD::SGD(std::vector<OptimizerParamGroup> groups, SGDOptions defaults, Location loc)
    : Optimizer(std::move(groups), defaults.clone(), loc) {
  check_options(loc);
}
SGD::SGD(std::vector<Tensor> params, SGDOptions defaults, Location loc)
    : SGD(std::vector<OptimizerParamGroup>{OptimizerParamGroup(std::move(params))}, defaults, loc) {}

void SGD::check(const OptimizerOptions &options, Location loc) const {
  const auto &o = static_cast<const SGDOptions &>(options);
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
  c.apply(shared, [&](const Values &s, const Values &x) {
    Value p = x[0], d = x.back();
    if (o.weight_decay() != 0)
      d = d + p * o.weight_decay();
    if (o.momentum() == 0)
      return Values{p - s[0] * d};
    Value buffer = x[1] * o.momentum() + (s.size() == 1 ? d : d * s[1]);
    return Values{p - s[0] * (o.nesterov() ? d + buffer * o.momentum() : buffer), buffer};
  });
}

} // namespace tenon::optim
