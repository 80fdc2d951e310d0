// Gradients that pass through code of the user: autograd::Function, hooks, checkpoint. The compiler sees a value through which
// nothing flows; what flows there is traced by calling the user's code when a gradient is asked for.
#pragma once
#include "frontend/tensor/trace.h"

namespace tenon::detail {

/// A value through the aliases that splicing left.
Number resolve(const Trace &trace, Number n);
/// prim.gradient: d(loss)/d(wrt), numbers in a row from the one that is returned.
Number request(Trace &trace, Number loss, const Tensor &seed, llvm::ArrayRef<Number> wrt, bool create_graph, const char *op, Location loc);
/// The same where gradients pass through `bridges` on their way: one request per stretch between them, latest first.
TensorList derivatives(Trace &trace, Number loss, const Tensor &seed, llvm::ArrayRef<Number> wrt, std::vector<uint32_t> bridges, bool create_graph, const char *op,
                       Location loc);

/// Notes a bridge and gives each of its `values` a successor that is its output; undefined tensors stay so.
TensorList add_bridge(Trace &trace, Bridge bridge, const TensorList &values, Location loc);
/// From a frozen trace into `trace`: the output that was computed again as `value`. Inputs and saved values are known there.
void copy_bridge_output(Trace &trace, const Trace &from, Number output, Number value);

/// The hooks on values that a gradient reaches become bridges, which are added to `bridges`; `loss` follows.
void insert_hooks(Trace &trace, llvm::ArrayRef<Number> reached, std::vector<uint32_t> &bridges, Number &loss);
/// The gradient as the hooks leave it.
Tensor run_hooks(const HookList &hooks, Tensor gradient, bool create_graph, const char *op, Location loc);

/// Of what the user's code gave for the bridge's inputs: as many, of their types; what is undefined behind them goes.
void check_gradients(const Trace &trace, const Bridge &bridge, TensorList &result, const char *op, Location loc);

/// The same inside the body of a loop or branch, where the user's code is traced at once (body_gradient.cpp, body_hooks.cpp). `values`: the outputs with a derivative.
TensorList function_in_body(Trace &trace, const Bridge &bridge, const TensorList &inputs, const TensorList &outputs, const TensorList &values, const TensorList &saved);
TensorList checkpoint_in_body(Trace &trace, const std::function<TensorList(const TensorList &)> &fn, const TensorList &inputs, Location loc);
/// Whether the tensor was made in a body that is being recorded; then a hook can be put on it there.
bool is_in_body(Trace &trace, const Tensor &t);
void hook_in_body(Trace &trace, const Tensor &t, const Hook &hook);

/// While it lives, no trace ends: gradients that user's code is given have no numbers yet.
struct Differentiating {
  Trace &trace;
  explicit Differentiating(Trace &trace) : trace(trace) { ++trace.differentiating; }
  ~Differentiating() { --trace.differentiating; }
  Differentiating(const Differentiating &) = delete;
};

} // namespace tenon::detail
