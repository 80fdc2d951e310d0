// Adagrad.
#pragma once
#include <tenon/optim/optimizer.h>

namespace tenon::optim {

struct AdagradOptions : public OptimizerCloneableOptions<AdagradOptions> {
  AdagradOptions() : OptimizerCloneableOptions(1e-2, false) {}
  AdagradOptions(double lr) : OptimizerCloneableOptions(lr) {}
  TENON_OPTION(double, lr_decay) = 0;
  TENON_OPTION(double, weight_decay) = 0;
  TENON_OPTION(double, initial_accumulator_value) = 0;
  TENON_OPTION(double, eps) = 1e-10;

public:
  void check(Location loc) const override;
};

/// s += g^2 with g = grad + weight_decay p; p -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps). State: sum (s), step (t).
/// (Duchi et al. 2011.)
class Adagrad : public OptimizerOf<AdagradOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
  bool counts_steps(const OptimizerOptions &) const override { return true; }
};

} // namespace tenon::optim
