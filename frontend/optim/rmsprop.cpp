// RMSprop's update.
#include "frontend/optim/rmsprop.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {

void RMSpropOptions::check(Location loc) const {
  const auto &o = *this;
  detail::expect(o.alpha() >= 0, "RMSprop", "alpha", o.alpha(), "at least 0", loc);
  detail::expect(o.eps() >= 0, "RMSprop", "eps", o.eps(), "at least 0", loc);
  detail::expect(o.weight_decay() >= 0, "RMSprop", "weight_decay", o.weight_decay(), "at least 0", loc);
  detail::expect(o.momentum() >= 0, "RMSprop", "momentum", o.momentum(), "at least 0", loc);
}

std::vector<Optimizer::Moment> RMSprop::moments(const OptimizerOptions &options) const {
  const auto &o = static_cast<const RMSpropOptions &>(options);
  std::vector<Moment> result{{"square_avg"}};
  if (o.centered())
    result.push_back({"grad_avg"});
  if (o.momentum() > 0)
    result.push_back({"momentum_buffer"});
  return result;
}

void RMSprop::update(Cohort &c) {
  const auto &o = c.options<RMSpropOptions>();
  c.apply({c.lr()}, [&](const Values &s, const Values &x) {
    Value p = x[0], g = x.back();
    if (o.weight_decay() != 0)
      g = g + p * o.weight_decay();
    Value v = x[1] * o.alpha() + g * (1 - o.alpha()) * g, variance = v;
    Values next{p, v};
    if (o.centered()) {
      Value mean = lerp(x[2], g, 1 - o.alpha());
      variance = v - mean * mean;
      next.push_back(mean);
    }
    Value deviation = variance.sqrt() + o.eps();
    if (o.momentum() > 0) {
      Value buffer = x[next.size()] * o.momentum() + g / deviation;
      next.push_back(buffer);
      next[0] = p - s[0] * buffer;
    } else {
      next[0] = p - s[0] * g / deviation;
    }
    return next;
  });
}

} // namespace tenon::optim
