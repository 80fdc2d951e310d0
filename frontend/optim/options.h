// What every optimizer's options have: a learning rate. It is a number until an optimizer takes it; from then on it is state.
#pragma once
#include <tenon/arg.h>
#include <tenon/tensor/tensor.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace tenon::optim {

/// TENON_ARG for the options of an optimizer, which remember what was set: what a parameter group leaves unset is its optimizer's.
#define TENON_OPTION(T, name)                                                                                                              \
public:                                                                                                                                    \
  auto name(T new_##name) -> decltype(*this) {                                                                                             \
    this->name() = std::move(new_##name);                                                                                                  \
    return *this;                                                                                                                          \
  }                                                                                                                                        \
  const T &name() const noexcept { return this->name##_; }                                                                                 \
  T &name() {                                                                                                                              \
    using Self = std::remove_reference_t<decltype(*this)>;                                                                                 \
    this->note_set([](OptimizerOptions &to, const OptimizerOptions &from) {                                                                \
      static_cast<Self &>(to).name##_ = static_cast<const Self &>(from).name##_;                                                           \
    });                                                                                                                                    \
    return this->name##_;                                                                                                                  \
  }                                                                                                                                        \
                                                                                                                                           \
private:                                                                                                                                   \
  T name##_

class OptimizerOptions {
public:
  /// `given` is false where the class, not the user, chose the rate.
  explicit OptimizerOptions(double lr, bool given = true) : lr_(lr), lr_given_(given) {}
  /// A copy has the number, not the state.
  OptimizerOptions(const OptimizerOptions &other)
      : maximize_(other.maximize_), lr_(other.get_lr()), lr_given_(other.lr_given_), set_(other.set_) {}
  OptimizerOptions &operator=(const OptimizerOptions &other);
  virtual ~OptimizerOptions() = default;
  virtual std::unique_ptr<OptimizerOptions> clone() const = 0;
  /// `defaults` with what was set here: what a parameter group has once an optimizer takes it.
  std::unique_ptr<OptimizerOptions> completed(const OptimizerOptions &defaults) const;

  /// The learning rate now. In an optimizer this reads the state `optimizer.lr`: an error inside tenon::compile.
  double get_lr(Location loc = Location::current()) const;
  /// In an optimizer this writes the state. Throws Error unless `lr` is a finite number that is not negative.
  void set_lr(double lr, Location loc = Location::current());
  /// The state, rank-0 float64; undefined before an optimizer takes the options.
  const Tensor &lr_state() const { return state_; }
  /// The rate that was set last on the host.
  double last_lr() const { return lr_; }

  /// The rate that schedules start from: the one at the first scheduler's making.
  double initial_lr(Location loc = Location::current()) {
    if (!initial_lr_)
      initial_lr_ = get_lr(loc);
    return *initial_lr_;
  }
  void set_initial_lr(double lr) { initial_lr_ = lr; }

  /// Throws Error when an option is out of range.
  virtual void check(Location) const {}
  /// Whether gradients are followed upwards.
  bool maximizes() const { return maximize_; }

  /// momentum, or the first of betas: what CyclicLR and OneCycleLR move; null where there is none.
  virtual double *momentum_number() { return nullptr; }
  /// The momentum as state, from the first set_momentum() of an optimizer's options on; undefined before: a constant of the step.
  const Tensor &momentum_state() const { return momentum_; }
  void set_momentum(double momentum, Location loc = Location::current());

protected:
  using Copy = void (*)(OptimizerOptions &to, const OptimizerOptions &from);
  void note_set(Copy field) {
    for (Copy known : set_)
      if (known == field)
        return;
    set_.push_back(field);
  }
  bool maximize_ = false;

private:
  friend class Optimizer;
  double lr_;
  bool lr_given_;
  std::vector<Copy> set_; // one per option that was set
  std::optional<double> initial_lr_;
  Tensor state_, momentum_;
  std::function<void(const Tensor &)> name_momentum_; // an optimizer's: what its momentum is called once it is state
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
  bool maximize() const { return this->maximize_; }
  Derived &maximize(bool value) {
    this->maximize_ = value;
    this->note_set([](OptimizerOptions &to, const OptimizerOptions &from) { static_cast<Derived &>(to).maximize_ = from.maximizes(); });
    return static_cast<Derived &>(*this);
  }
  std::unique_ptr<OptimizerOptions> clone() const override { return std::unique_ptr<OptimizerOptions>(new Derived(static_cast<const Derived &>(*this))); }
};

} // namespace tenon::optim
