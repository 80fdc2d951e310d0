// Averaged SGD.
#pragma once
#include <tenon/optim/optimizer.h>

namespace tenon::optim {

struct ASGDOptions : public OptimizerCloneableOptions<ASGDOptions> {
  ASGDOptions() : OptimizerCloneableOptions(1e-2, false) {}
  ASGDOptions(double lr) : OptimizerCloneableOptions(lr) {}
  TENON_OPTION(double, lambd) = 1e-4;
  TENON_OPTION(double, alpha) = 0.75;
  TENON_OPTION(double, t0) = 1e6;
  TENON_OPTION(double, weight_decay) = 0;

public:
  void check(Location loc) const override;
};

/// p = (1 - lambd eta) p - eta g; ax += mu (p - ax); then eta = lr / (1 + lambd lr t)^alpha, mu = 1 / max(1, t - t0).
/// State: ax (the average), step, eta, mu. (Polyak and Juditsky 1992.)
class ASGD : public OptimizerOf<ASGDOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
  bool counts_steps(const OptimizerOptions &) const override { return true; }
  std::vector<Moment> scalars(const OptimizerOptions &options) const override;
};

} // namespace tenon::optim
