// Lion.
#pragma once
#include <tenon/optim/optimizer.h>

#include <tuple>

namespace tenon::optim {

struct LionOptions : public OptimizerCloneableOptions<LionOptions> {
  LionOptions() : OptimizerCloneableOptions(1e-4, false) {}
  LionOptions(double lr) : OptimizerCloneableOptions(lr) {}
  using betas_t = std::tuple<double, double>;
  TENON_OPTION(betas_t, betas) = std::make_tuple(0.9, 0.99);
  TENON_OPTION(double, weight_decay) = 0;

public:
  void check(Location loc) const override;
};

/// p -= lr (sign(beta1 m + (1 - beta1) g) + weight_decay p); m = beta2 m + (1 - beta2) g. State: exp_avg (m). (Chen et al. 2023.)
class Lion : public OptimizerOf<LionOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
};

} // namespace tenon::optim
