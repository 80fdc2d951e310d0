// Schedulers: each step() writes the learning rate of every group, which is state. The formulas are those of PyTorch in Python: the k-th
// call of StepLR changes the rate where step_size divides k (LibTorch's C++ is one call late).
#pragma once
#include <tenon/optim/optimizer.h>

namespace tenon::optim {

/// A schedule of your own overrides get_lrs(). Between steps it runs on the host; inside tenon::compile use those below, which are state.
class LRScheduler {
public:
  explicit LRScheduler(Optimizer &optimizer) : optimizer_(optimizer) {}
  virtual ~LRScheduler() = default;
  virtual void step(Location loc = Location::current());

protected:
  /// The next rates, one per group.
  virtual std::vector<double> get_lrs() = 0;
  std::vector<double> get_current_lrs(Location loc = Location::current()) const;
  Optimizer &optimizer_;
  unsigned step_count_ = 0;
};

/// Multiplies every rate by gamma at each step_size-th call. State: scheduler.last_epoch, the calls so far.
class StepLR : public LRScheduler {
public:
  /// Throws Error unless step_size is positive and gamma is finite and not negative.
  StepLR(Optimizer &optimizer, unsigned step_size, double gamma = 0.1, Location loc = Location::current());
  /// Between steps at once, inside tenon::compile as part of the step.
  void step(Location loc = Location::current()) override;
  /// The calls so far, rank-0 int64.
  const Tensor &last_epoch() const { return last_epoch_; }

protected:
  std::vector<double> get_lrs() override;

private:
  unsigned step_size_;
  double gamma_;
  Tensor last_epoch_;
};

/// Multiplies every rate by gamma at each call.
class ExponentialLR : public StepLR {
public:
  ExponentialLR(Optimizer &optimizer, double gamma, Location loc = Location::current()) : StepLR(optimizer, 1, gamma, loc) {}
};

} // namespace tenon::optim
