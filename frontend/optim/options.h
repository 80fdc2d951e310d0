// What every optimizer's options have: a learning rate. It is a number until an optimizer takes it; from then on it is state.
#pragma once
#include <tenon/arg.h>
#include <tenon/tensor/tensor.h>

#include <memory>

namespace tenon::optim {

class OptimizerOptions {
public:
  explicit OptimizerOptions(double lr) : lr_(lr) {}
  /// A copy has the number, not the state.
  OptimizerOptions(const OptimizerOptions &other) : lr_(other.get_lr()) {}
  OptimizerOptions &operator=(const OptimizerOptions &other);
  virtual ~OptimizerOptions() = default;
  virtual std::unique_ptr<OptimizerOptions> clone() const = 0;

  /// The learning rate now. In an optimizer this reads the state `optimizer.lr`: an error inside tenon::compile.
  double get_lr(Location loc = Location::current()) const;
  /// In an optimizer this writes the state. Throws Error unless `lr` is a finite number that is not negative.
  void set_lr(double lr, Location loc = Location::current());
  /// The state, rank-0 float64; undefined before an optimizer takes the options.
  const Tensor &lr_state() const { return state_; }

private:
  friend class Optimizer;
  double lr_;
  Tensor state_;
};

/// Gives the options of one optimizer `lr()` as a setter that returns them, a getter, and clone().
template <typename Derived> class OptimizerCloneableOptions : public OptimizerOptions {
public:
  using OptimizerOptions::OptimizerOptions;
  double lr(Location loc = Location::current()) const { return get_lr(loc); }
  Derived &lr(double value, Location loc = Location::current()) {
    set_lr(value, loc);
    return static_cast<Derived &>(*this);
  }
  std::unique_ptr<OptimizerOptions> clone() const override { return std::make_unique<Derived>(static_cast<const Derived &>(*this)); }
};

} // namespace tenon::optim
