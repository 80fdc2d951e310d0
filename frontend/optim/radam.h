// RAdam.
#pragma once
#include <tenon/optim/optimizer.h>

#include <tuple>

namespace tenon::optim {

struct RAdamOptions : public OptimizerCloneableOptions<RAdamOptions> {
  RAdamOptions() : OptimizerCloneableOptions(1e-3, false) {}
  RAdamOptions(double lr) : OptimizerCloneableOptions(lr) {}
  using betas_t = std::tuple<double, double>;
  TENON_OPTION(betas_t, betas) = std::make_tuple(0.9, 0.999);
  TENON_OPTION(double, eps) = 1e-8;
  TENON_OPTION(double, weight_decay) = 0;
  TENON_OPTION(bool, decoupled_weight_decay) = false;

public:
  void check(Location loc) const override;
};

/// Adam whose rate is rectified by the variance's confidence, and momentum alone while there is none: rho_inf = 2 / (1 - beta2) - 1,
/// rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t); where rho_t > 5 the step is times
/// sqrt((rho_t - 4)(rho_t - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho_t)). State: exp_avg, exp_avg_sq, step. (Liu et al. 2020.)
class RAdam : public OptimizerOf<RAdamOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
  bool counts_steps(const OptimizerOptions &) const override { return true; }
};

} // namespace tenon::optim
