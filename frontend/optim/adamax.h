// Adamax.
#pragma once
#include <tenon/optim/optimizer.h>

#include <tuple>

namespace tenon::optim {

struct AdamaxOptions : public OptimizerCloneableOptions<AdamaxOptions> {
  AdamaxOptions() : OptimizerCloneableOptions(2e-3, false) {}
  AdamaxOptions(double lr) : OptimizerCloneableOptions(lr) {}
  using betas_t = std::tuple<double, double>;
  TENON_OPTION(betas_t, betas) = std::make_tuple(0.9, 0.999);
  TENON_OPTION(double, eps) = 1e-8;
  TENON_OPTION(double, weight_decay) = 0;

public:
  void check(Location loc) const override;
};

/// m = beta1 m + (1 - beta1) g; u = max(beta2 u, |g| + eps); p -= lr / (1 - beta1^t) m / u, g = grad + weight_decay p.
/// State: exp_avg (m), exp_inf (u), step. (Kingma and Ba 2014.)
class Adamax : public OptimizerOf<AdamaxOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
  bool counts_steps(const OptimizerOptions &) const override { return true; }
};

} // namespace tenon::optim
