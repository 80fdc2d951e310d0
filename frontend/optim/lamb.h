// LAMB.
#pragma once
#include <tenon/optim/optimizer.h>

#include <tuple>

namespace tenon::optim {

struct LAMBOptions : public OptimizerCloneableOptions<LAMBOptions> {
  LAMBOptions() : OptimizerCloneableOptions(1e-3, false) {}
  LAMBOptions(double lr) : OptimizerCloneableOptions(lr) {}
  using betas_t = std::tuple<double, double>;
  TENON_OPTION(betas_t, betas) = std::make_tuple(0.9, 0.999);
  TENON_OPTION(double, eps) = 1e-6;
  TENON_OPTION(double, weight_decay) = 0;

public:
  void check(Location loc) const override;
};

/// Adam's direction u = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps) + weight_decay p, per parameter scaled to its norm:
/// p -= lr |p| / |u| u, factor 1 where a norm is 0. State: exp_avg, exp_avg_sq, step. (You et al. 2020, algorithm 2.)
class LAMB : public OptimizerOf<LAMBOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
  bool counts_steps(const OptimizerOptions &) const override { return true; }
};

} // namespace tenon::optim
