// Code of the user in gradients inside a loop or branch: nothing can be asked for there when a gradient comes, so the code is traced at once, as the body of a
// prim.custom_gradient; what is checkpointed becomes a prim.checkpoint.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/autocast.h"
#include "frontend/tensor/body.h"
#include "frontend/tensor/bridge.h"
#include "frontend/tensor/record.h"

namespace tenon::detail {

namespace prim = ir::prim;

Number custom_gradient(Trace &trace, llvm::ArrayRef<Number> values, llvm::ArrayRef<Number> inputs, const BodyBackward &backward, Location loc) {
  auto types = types_of(trace, values);
  auto results = types;
  llvm::append_range(types, results);
  llvm::SmallVector<bool> flows(types.size(), true);
  llvm::SmallVector<Number> operands(values);
  Recorded r;
  auto words = uint32_t(trace.words.size());
  AutoGradMode grad(true);
  AutocastGuard plain(kBFloat16, false, loc);
  record_body(trace, r, trace.body->op, false, types, flows, [&](const TensorList &in) {
    auto middle = in.begin() + long(values.size());
    auto flowing = backward({in.begin(), middle}, {middle, in.end()});
    TensorList kept;
    for (size_t i = 0; i < inputs.size(); ++i)
      if (inputs[i] != no_value && flowing[i].defined()) {
        operands.push_back(inputs[i]);
        kept.push_back(flowing[i]);
      }
    return kept;
  }, loc);
  finish_body(trace, r, 0, loc);
  auto n_inputs = operands.size() - values.size();
  auto outer = captured_by({&r});
  arrange(trace, r, 0, types.size(), false, outer, loc);
  llvm::append_range(operands, outer);
  auto sizes = [&](auto &p) { p.operandSegmentSizes = {int32_t(values.size()), int32_t(n_inputs), int32_t(outer.size())}; };
  auto made = append_with_bodies<prim::CustomGradientOp>(trace, operands, sizes, results, {&r}, words, loc);
  auto first = Access::impl(made[0])->value;
  for (size_t i = 0; i < values.size(); ++i) {
    trace.values[first + Number(i)].requires_grad = true;
    trace.values[first + Number(i)].tainted = false;
  }
  return first;
}

TensorList function_in_body(Trace &trace, const Bridge &bridge, const TensorList &inputs, const TensorList &outputs, const TensorList &values, const TensorList &saved) {
  llvm::SmallVector<Number> of, to;
  std::vector<size_t> places;
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i].defined()) {
      of.push_back(number_of(trace, Access::impl(values[i]), bridge.name, bridge.line));
      places.push_back(i);
    }
  if (of.empty())
    return outputs;
  for (size_t i = 0; i < inputs.size(); ++i)
    to.push_back(inputs[i].defined() && inputs[i].requires_grad() ? bridge.inputs[i] : no_value);
  auto backward = [&](const TensorList &dy, const TensorList &y) {
    TensorList gradients(outputs.size()), kept = saved;
    for (size_t k = 0; k < places.size(); ++k) {
      gradients[places[k]] = dy[k];
      // Saved outputs are what the caller gets: a second derivative flows through them.
      for (auto &s : kept)
        if (s.is_same(outputs[places[k]]) && llvm::none_of(inputs, [&](const Tensor &t) { return t.is_same(s); }))
          s = y[k];
    }
    auto result = (*bridge.function)(gradients, kept);
    check_gradients(trace, bridge, result, "backward", bridge.line);
    return result;
  };
  auto first = custom_gradient(trace, of, to, backward, bridge.line);
  auto made = outputs;
  for (size_t k = 0; k < places.size(); ++k)
    made[places[k]] = wrap_value(trace, first + Number(k), bridge.line, true);
  return made;
}

TensorList checkpoint_in_body(Trace &trace, const std::function<TensorList(const TensorList &)> &fn, const TensorList &inputs, Location loc) {
  Recorded r;
  auto words = uint32_t(trace.words.size());
  record_body(trace, r, trace.body->op, false, {}, {}, [&](const TensorList &) { return fn(inputs); }, loc);
  finish_body(trace, r, 0, loc);
  auto outer = captured_by({&r});
  arrange(trace, r, 0, 0, false, outer, loc);
  return append_with_bodies<prim::CheckpointOp>(trace, outer, [](auto &) {}, types_of(trace, r.yielded), {&r}, words, loc);
}

} // namespace tenon::detail
