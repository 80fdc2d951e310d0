// Adagrad's update.
#include "frontend/optim/adagrad.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {

void AdagradOptions::check(Location loc) const {
  const auto &o = *this;
  detail::expect(o.lr_decay() >= 0, "Adagrad", "lr_decay", o.lr_decay(), "at least 0", loc);
  detail::expect(o.weight_decay() >= 0, "Adagrad", "weight_decay", o.weight_decay(), "at least 0", loc);
  detail::expect(o.initial_accumulator_value() >= 0, "Adagrad", "initial_accumulator_value", o.initial_accumulator_value(), "at least 0",
                 loc);
  detail::expect(o.eps() >= 0, "Adagrad", "eps", o.eps(), "at least 0", loc);
}

std::vector<Optimizer::Moment> Adagrad::moments(const OptimizerOptions &options) const {
  return {{"sum", static_cast<const AdagradOptions &>(options).initial_accumulator_value()}};
}

void Adagrad::update(Cohort &c) {
  const auto &o = c.options<AdagradOptions>();
  Value rate = c.lr() / (1.0 + (c.step() - 1) * o.lr_decay());
  c.apply({rate}, [&](const Values &s, const Values &x) {
    Value p = x[0], g = o.weight_decay() == 0 ? x[2] : x[2] + p * o.weight_decay(), sum = x[1] + g * g;
    return Values{p - s[0] * g / (sum.sqrt() + o.eps()), sum};
  });
}

} // namespace tenon::optim
