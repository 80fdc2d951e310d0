// Adadelta.
#pragma once
#include <tenon/optim/optimizer.h>

namespace tenon::optim {

struct AdadeltaOptions : public OptimizerCloneableOptions<AdadeltaOptions> {
  AdadeltaOptions() : OptimizerCloneableOptions(1.0, false) {}
  AdadeltaOptions(double lr) : OptimizerCloneableOptions(lr) {}
  TENON_OPTION(double, rho) = 0.9;
  TENON_OPTION(double, eps) = 1e-6;
  TENON_OPTION(double, weight_decay) = 0;

public:
  void check(Location loc) const override;
};

/// v = rho v + (1 - rho) g^2; d = sqrt(a + eps) / sqrt(v + eps) g; a = rho a + (1 - rho) d^2; p -= lr d.
/// State: square_avg (v), acc_delta (a). (Zeiler 2012.)
class Adadelta : public OptimizerOf<AdadeltaOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
};

} // namespace tenon::optim
