// Optimizer: parameters in groups, their gradients, and the named state that a step reads and writes.
#pragma once
#include <tenon/optim/options.h>
#include <tenon/ordered_dict.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tenon::optim {

/// Parameters with options of their own; what these leave unset is the optimizer's.
class OptimizerParamGroup {
public:
  OptimizerParamGroup(std::vector<Tensor> params) : params_(std::move(params)) {}
  OptimizerParamGroup(std::vector<Tensor> params, std::unique_ptr<OptimizerOptions> options)
      : params_(std::move(params)), options_(std::move(options)) {}
  OptimizerParamGroup(const OptimizerParamGroup &other)
      : params_(other.params_), options_(other.options_ ? other.options_->clone() : nullptr) {}
  OptimizerParamGroup(OptimizerParamGroup &&) = default;
  OptimizerParamGroup &operator=(OptimizerParamGroup &&) = default;

  bool has_options() const { return options_ != nullptr; }
  OptimizerOptions &options() { return *options_; }
  const OptimizerOptions &options() const { return *options_; }
  void set_options(std::unique_ptr<OptimizerOptions> options) { options_ = std::move(options); }
  std::vector<Tensor> &params() { return params_; }
  const std::vector<Tensor> &params() const { return params_; }

private:
  std::vector<Tensor> params_;
  std::unique_ptr<OptimizerOptions> options_;
};

class Cohort;

class Optimizer {
public:
  using LossClosure = std::function<Tensor()>;

  /// Throws Error when a parameter is undefined, not a leaf or in two groups, or when options are out of range.
  Optimizer(std::vector<OptimizerParamGroup> groups, std::unique_ptr<OptimizerOptions> defaults, Location loc = Location::current());
  Optimizer(const Optimizer &) = delete;
  Optimizer &operator=(const Optimizer &) = delete;
  Optimizer(Optimizer &&);
  Optimizer &operator=(Optimizer &&);
  virtual ~Optimizer();

  /// Updates every parameter that has a gradient. With a closure: calls it first, with gradients on, and returns its loss.
  virtual Tensor step(LossClosure closure = nullptr, Location loc = Location::current());
  /// Sets every .grad to none, or to zeros.
  void zero_grad(bool set_to_none = true, Location loc = Location::current());

  void add_param_group(const OptimizerParamGroup &group, Location loc = Location::current());
  void add_parameters(const std::vector<Tensor> &parameters) { add_param_group(OptimizerParamGroup(parameters)); }
  std::vector<OptimizerParamGroup> &param_groups() noexcept { return groups_; }
  const std::vector<OptimizerParamGroup> &param_groups() const noexcept { return groups_; }
  OptimizerOptions &defaults() noexcept { return *defaults_; }
  const OptimizerOptions &defaults() const noexcept { return *defaults_; }
  /// All parameters, group after group.
  std::vector<Tensor> parameters() const;
  size_t size() const noexcept;

  /// The state by name: "lr", "step", "exp_avg/0" (number of the parameter). Handles, not copies.
  virtual OrderedDict<std::string, Tensor> state_dict() const;
  /// Copies values in; state not made yet is made. Throws Error naming each entry that is unknown or has another shape.
  virtual void load_state_dict(const OrderedDict<std::string, Tensor> &state, Location loc = Location::current());

protected:
  /// A tensor per parameter, of its dtype, that an optimizer keeps from step to step.
  struct Moment {
    const char *name;
    double initial = 0;
    /// Null: of the parameter's shape. None: this parameter has no such moment, which is an undefined tensor then.
    std::optional<Shape> (*shape)(const Tensor &parameter) = nullptr;
    std::optional<Shape> shape_for(const Tensor &parameter) const { return shape ? shape(parameter) : parameter.sizes().vec(); }
  };
  /// What an optimizer is: its moments, its update of parameters that share options, dtype and age, and what it refuses. An
  /// optimizer that overrides step() needs none of these.
  virtual std::vector<Moment> moments(const OptimizerOptions &) const { return {}; }
  virtual void update(Cohort &cohort);
  /// Whether update() reads Cohort::step(); steps are counted only then.
  virtual bool counts_steps(const OptimizerOptions &) const { return false; }
  /// Rank-0 float64 state beside the count of steps: one each for parameters of one age.
  virtual std::vector<Moment> scalars(const OptimizerOptions &) const { return {}; }

private:
  friend class Cohort;
  struct State;
  void check_group(const OptimizerParamGroup &group, Location loc) const;
  void bind(size_t group, Location loc);
  Tensor counter(double value, Location loc);
  void count(const std::vector<size_t> &active, Location loc);
  const Tensor &moment(size_t number, const Moment &wanted, Location loc, size_t place = 0);
  Tensor scalar(const Tensor &step, const Moment &wanted, Location loc);
  std::vector<OptimizerParamGroup> groups_;
  std::unique_ptr<OptimizerOptions> defaults_;
  std::unique_ptr<State> state_;
};

/// An optimizer with these options: `using OptimizerOf::OptimizerOf` and what it is.
template <typename Options> class OptimizerOf : public Optimizer {
public:
  explicit OptimizerOf(std::vector<OptimizerParamGroup> groups, Options defaults = {}, Location loc = Location::current())
      : Optimizer(std::move(groups), defaults.clone(), loc) {}
  explicit OptimizerOf(std::vector<Tensor> params, Options defaults = {}, Location loc = Location::current())
      : OptimizerOf(std::vector<OptimizerParamGroup>{OptimizerParamGroup(std::move(params))}, defaults, loc) {}

protected:
  static const Options &of(const OptimizerOptions &options) { return static_cast<const Options &>(options); }
};

} // namespace tenon::optim
