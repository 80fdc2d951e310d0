// RMSprop.
#pragma once
#include <tenon/optim/optimizer.h>

namespace tenon::optim {

struct RMSpropOptions : public OptimizerCloneableOptions<RMSpropOptions> {
  RMSpropOptions() : OptimizerCloneableOptions(1e-2, false) {}
  RMSpropOptions(double lr) : OptimizerCloneableOptions(lr) {}
  TENON_OPTION(double, alpha) = 0.99;
  TENON_OPTION(double, eps) = 1e-8;
  TENON_OPTION(double, weight_decay) = 0;
  TENON_OPTION(double, momentum) = 0;
  TENON_OPTION(bool, centered) = false;

public:
  void check(Location loc) const override;
};

/// v = alpha v + (1 - alpha) g^2 with g = grad + weight_decay p; centered: the mean gradient's square is subtracted from v;
/// p -= lr g / (sqrt(v) + eps), through a momentum buffer if momentum > 0. State: square_avg, grad_avg, momentum_buffer.
/// (Hinton, lecture 6e; centered: Graves 2013.)
class RMSprop : public OptimizerOf<RMSpropOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
};

} // namespace tenon::optim
