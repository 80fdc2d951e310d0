// Rprop.
#pragma once
#include <tenon/optim/optimizer.h>

#include <tuple>

namespace tenon::optim {

struct RpropOptions : public OptimizerCloneableOptions<RpropOptions> {
  RpropOptions() : OptimizerCloneableOptions(1e-2, false) {}
  RpropOptions(double lr) : OptimizerCloneableOptions(lr) {}
  using pair_t = std::tuple<double, double>;
  TENON_OPTION(pair_t, etas) = std::make_tuple(0.5, 1.2);
  TENON_OPTION(pair_t, step_sizes) = std::make_tuple(1e-6, 50.0);

public:
  void check(Location loc) const override;
};

/// A step of its own for every number, which grows by etas[1] while the gradient keeps its sign, and shrinks by etas[0] when it turns
/// (then the number stays), within step_sizes. State: prev, step_size. (Riedmiller and Braun 1993.)
class Rprop : public OptimizerOf<RpropOptions> {
public:
  using OptimizerOf::OptimizerOf;

protected:
  std::vector<Moment> moments(const OptimizerOptions &options) const override;
  void update(Cohort &cohort) override;
};

} // namespace tenon::optim
