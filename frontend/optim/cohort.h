// Cohort: what one update of an optimizer works on, and how it writes it down: one op over all its parameters. Internal.
#pragma once
#include <tenon/optim/optimizer.h>
#include <tenon/tensor/value.h>

#include <functional>

namespace tenon::optim {

using tenon::detail::Value, tenon::detail::Values;

class Cohort {
public:
  template <typename O> const O &options() const { return static_cast<const O &>(options_); }
  /// The learning rate and the number of this step, from 1 on: rank-0 float64.
  Value lr() const { return {lr_, loc_}; }
  Value step() const { return {step_, loc_}; }
  /// The i-th of Optimizer::scalars(), and its next value.
  Value scalar(size_t i) const { return {scalars_[i], loc_}; }
  void set_scalar(size_t i, const Value &value);
  /// Whether the momentum is state (a scheduler moves it), and that state: rank-0 float64.
  bool has_momentum_state() const { return options_.momentum_state().defined(); }
  Value momentum() const { return {options_.momentum_state(), loc_}; }
  Location location() const { return loc_; }

  /// For updates of whole tensors: parameter i, its moments and its gradient (negated to maximize), in the dtype of computation.
  size_t size() const { return lists_[0].size(); }
  /// Of the parameters, as they are stored.
  Dtype dtype() const { return lists_[0][0].scalar_type(); }
  Values elements(size_t i) const;
  /// Writes the new parameter i and its moments.
  void assign(size_t i, const Values &next);

  /// body(shared, elements) on rank-0 values: the elements are the parameter, its moments and its gradient; it returns the new
  /// parameter and the new moments. Shared values are computed in float64 and enter the body in the parameters' dtype, as
  /// PyTorch's do; parameters of bfloat16 and float16 are updated in float32.
  using Body = std::function<Values(const Values &shared, const Values &elements)>;
  void apply(const Values &shared, const Body &body);

private:
  friend class Optimizer;
  Cohort(const OptimizerOptions &options, Location loc) : options_(options), loc_(loc) {}
  const OptimizerOptions &options_;
  Location loc_;
  Dtype computed() const;
  Tensor lr_, step_;
  TensorList scalars_;
  std::vector<TensorList> lists_; // parameters, a list per moment, gradients
};

namespace detail {
/// throw unless `good`: "Adam: eps is -1, expected ..., (train.cpp:3)".
void expect(bool good, const char *optimizer, const char *option, double value, const char *expected, Location loc);
} // namespace detail

} // namespace tenon::optim
