// Stochastic gradient descent.
#pragma once
#include <tenon/optim/optimizer.h>

namespace tenon::optim {

struct SGDOptions : public OptimizerCloneableOptions<SGDOptions> {
  SGDOptions() : OptimizerCloneableOptions(1e-3, false) {}
  SGDOptions(double lr) : OptimizerCloneableOptions(lr) {}
  TENON_OPTION(double, momentum) = 0;
  TENON_OPTION(double, dampening) = 0;
  TENON_OPTION(double, weight_decay) = 0;
  TENON_OPTION(bool, nesterov) = false;

public:
  void check(Location loc) const override;
  double *momentum_number() override { return &momentum(); }
};

/// d = grad + weight_decay p; buf = momentum buf + (1 - dampening) d, at first d; d = buf, or d + momentum buf with nesterov;
/// p -= lr d. State: momentum_buffer, and step where there is dampening. (Sutskever et al. 2013, as in PyTorch.)
class SGD : public OptimizerOf<SGDOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
  bool counts_steps(const OptimizerOptions &options) const override;
};

} // namespace tenon::optim
