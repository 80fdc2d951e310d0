// NAdam.
#pragma once
#include <tenon/optim/optimizer.h>

#include <tuple>

namespace tenon::optim {

struct NAdamOptions : public OptimizerCloneableOptions<NAdamOptions> {
  NAdamOptions() : OptimizerCloneableOptions(2e-3, false) {}
  NAdamOptions(double lr) : OptimizerCloneableOptions(lr) {}
  using betas_t = std::tuple<double, double>;
  TENON_OPTION(betas_t, betas) = std::make_tuple(0.9, 0.999);
  TENON_OPTION(double, eps) = 1e-8;
  TENON_OPTION(double, weight_decay) = 0;
  TENON_OPTION(double, momentum_decay) = 4e-3;
  TENON_OPTION(bool, decoupled_weight_decay) = false;

public:
  void check(Location loc) const override;
};

/// Adam with Nesterov's momentum: mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2), P_t = mu_1 ... mu_t, d = sqrt(v / (1 - beta2^t)) + eps,
/// p -= lr (1 - mu_t) / (1 - P_t) g / d + lr mu_(t+1) / (1 - P_(t+1)) m / d. State: exp_avg, exp_avg_sq, step, mu_product (P). (Dozat
/// 2016.)
class NAdam : public OptimizerOf<NAdamOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
  bool counts_steps(const OptimizerOptions &) const override { return true; }
  std::vector<Moment> scalars(const OptimizerOptions &options) const override;
};

} // namespace tenon::optim
