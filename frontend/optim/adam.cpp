// Adam's and AdamW's update, which differ in where the weight decay goes.
#include "frontend/optim/adam.h"
#include "frontend/optim/cohort.h"

namespace tenon::optim {
namespace {

template <typename O> void check_ranges(const char *name, const O &o, Location loc) {
  auto [beta1, beta2] = o.betas();
  detail::expect(beta1 >= 0 && beta1 < 1, name, "betas[0]", beta1, "in [0, 1)", loc);
  detail::expect(beta2 >= 0 && beta2 < 1, name, "betas[1]", beta2, "in [0, 1)", loc);
  detail::expect(o.eps() >= 0, name, "eps", o.eps(), "at least 0", loc);
  detail::expect(o.weight_decay() >= 0, name, "weight_decay", o.weight_decay(), "at least 0", loc);
}

template <typename O> void update_moments(Cohort &c, bool decoupled) {
  const O &o = c.template options<O>();
  double beta1 = std::get<0>(o.betas()), beta2 = std::get<1>(o.betas()), decay = o.weight_decay();
  // PyTorch's lr / c1 m / (sqrt(v) / c2 + eps), with numerator and denominator times c2: one division per element, not two.
  Value c2 = (1.0 - pow(beta2, c.step())).sqrt();
  bool moved = c.has_momentum_state();
  Value power = moved ? Value{c.momentum().tensor.pow(c.step()), c.location()} : pow(beta1, c.step());
  Values shared{c.lr() / (1.0 - power) * c2, c2 * o.eps()};
  if (decoupled && decay != 0)
    shared.push_back(1.0 - c.lr() * decay);
  if (moved)
    shared.push_back(1.0 - c.momentum());

  c.apply(shared, [&](const Values &s, const Values &x) {
    Value p = x[0], g = x.back();
    if (decay != 0 && decoupled)
      p = p * s[2];
    else if (decay != 0)
      g = g + p * decay;
    Value m = moved ? x[1] + (g - x[1]) * s.back() : lerp(x[1], g, 1 - beta1), v = x[2] * beta2 + g * (1 - beta2) * g;
    Value largest = o.amsgrad() ? x[3].maximum(v) : v;
    Values next{p - s[0] * m / (largest.sqrt() + s[1]), m, v};
    if (o.amsgrad())
      next.push_back(largest);
    return next;
  });
}

} // namespace

void AdamOptions::check(Location loc) const {
  check_ranges("Adam", *this, loc);
}
std::vector<Optimizer::Moment> Adam::moments(const OptimizerOptions &options) const {
  if (static_cast<const AdamOptions &>(options).amsgrad())
    return {{"exp_avg"}, {"exp_avg_sq"}, {"max_exp_avg_sq"}};
  return {{"exp_avg"}, {"exp_avg_sq"}};
}
void Adam::update(Cohort &cohort) {
  update_moments<AdamOptions>(cohort, cohort.options<AdamOptions>().decoupled_weight_decay());
}

void AdamWOptions::check(Location loc) const {
  check_ranges("AdamW", *this, loc);
}
std::vector<Optimizer::Moment> AdamW::moments(const OptimizerOptions &options) const {
  if (static_cast<const AdamWOptions &>(options).amsgrad())
    return {{"exp_avg"}, {"exp_avg_sq"}, {"max_exp_avg_sq"}};
  return {{"exp_avg"}, {"exp_avg_sq"}};
}
void AdamW::update(Cohort &cohort) {
  update_moments<AdamWOptions>(cohort, true);
}

} // namespace tenon::optim
