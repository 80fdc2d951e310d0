// Stochastic gradient descent.
#pragma once
#include <tenon/optim/optimizer.h>

namespace tenon::optim {

struct SGDOptions : public OptimizerCloneableOptions<SGDOptions> {
  SGDOptions(double lr = 1e-3) : OptimizerCloneableOptions(lr) {}
  TENON_ARG(double, momentum) = 0;
  TENON_ARG(double, dampening) = 0;
  TENON_ARG(double, weight_decay) = 0;
  TENON_ARG(bool, nesterov) = false;
};

/// d = grad + weight_decay p; buf = momentum buf + (1 - dampening) d, at first d; d = buf, or d + momentum buf with nesterov;
/// p -= lr d. State: momentum_buffer, and step where there is dampening. (Sutskever et al. 2013, as in PyTorch.)
class SGD : public Optimizer {
public:
  explicit SGD(std::vector<OptimizerParamGroup> groups, SGDOptions defaults = {}, Location loc = Location::current());
  explicit SGD(std::vector<Tensor> params, SGDOptions defaults = {}, Location loc = Location::current());

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
  bool counts_steps(const OptimizerOptions &options) const override;
  void check(const OptimizerOptions &options, Location loc) const override;
};

} // namespace tenon::optim
