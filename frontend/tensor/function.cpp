// autograd::Function and checkpoint, as bridges.
#include "frontend/tensor/function.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/bridge.h"
#include "frontend/tensor/random.h"
#include "frontend/tensor/record.h"

namespace tenon::detail {

namespace {
Number number(Trace &trace, const char *op, const Tensor &t, Location loc) {
  if (!t.defined())
    return no_value;
  prepare(Access::impl(t), false, loc);
  return number_of(trace, Access::impl(t), op, loc);
}
} // namespace

bool begin_function(const TensorList &inputs, Location loc) {
  Lock lock;
  bool flows = GradMode::is_enabled() && llvm::any_of(inputs, [](auto &t) { return t.defined() && Access::impl(t)->requires_grad; });
  for (auto &t : inputs)
    if (t.defined())
      prepare(Access::impl(t), flows, loc);
  return flows;
}

TensorList finish_function(const TensorList &inputs, TensorList outputs, FunctionEnd end, std::optional<Location> loc) {
  Lock lock;
  auto &trace = current_trace();
  auto line = loc ? *loc : outputs.empty() || !outputs[0].defined() ? Location::current() : Access::impl(outputs[0])->where;
  for (const TensorList *list : {&inputs, static_cast<const TensorList *>(&outputs), static_cast<const TensorList *>(&end.saved)}) // of other threads
    for (auto &t : *list)
      if (t.defined())
        prepare(Access::impl(t), false, line);
  Bridge bridge;
  bridge.name = end.name;
  bridge.line = line;
  bridge.zeros = end.zeros;
  for (auto &t : inputs)
    bridge.inputs.push_back(number(trace, end.name, t, line));
  bridge.function = std::make_shared<BridgeFunction>(std::move(end.backward));
  TensorList values = outputs;
  for (auto &t : values)
    if (!t.defined() || !t.is_floating_point() || llvm::any_of(end.constant, [&](const Tensor &c) { return c.is_same(t); }))
      t = {};
  if (trace.body)
    return function_in_body(trace, bridge, inputs, outputs, values, end.saved);
  for (auto &t : end.saved)
    bridge.saved.push_back(number(trace, end.name, t, line));
  auto index = trace.bridges.size();
  auto made = add_bridge(trace, std::move(bridge), values, line);
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!made[i].defined())
      continue;
    // Saved outputs are saved as what the caller gets: a second derivative flows through them.
    for (size_t s = 0; s < end.saved.size(); ++s)
      if (end.saved[s].is_same(outputs[i]) && llvm::none_of(inputs, [&](const Tensor &t) { return t.is_same(outputs[i]); }))
        trace.bridges[index].saved[s] = trace.bridges[index].outputs[i];
    outputs[i] = made[i];
  }
  return outputs;
}

namespace {

/// The same numbers, which are there only after `flag`: nothing that was computed before is taken for what is computed from them.
Tensor after(const Tensor &flag, const Tensor &x, Location loc) {
  auto zero = record::constant(0, x.scalar_type(), {}, loc);
  return where(flag, {x, loc}, {zero, loc});
}

/// A flag that always holds, and is known when the gradient is.
Tensor arrival(const TensorList &gradients, Location loc) {
  for (auto &g : gradients)
    if (g.defined() && g.numel() > 0) {
      NoGradGuard no_grad;
      auto first = g.reshape({-1}, loc).select(0, 0, loc);
      return first.lt({first, loc}).logical_not(loc);
    }
  return {};
}

} // namespace

TensorList checkpoint(const std::function<TensorList(const TensorList &)> &fn, const TensorList &inputs, Location loc) {
  Lock lock;
  if (!GradMode::is_enabled())
    return fn(inputs);
  for (auto &t : inputs)
    (void)impl("checkpoint", t, loc);
  if (current_trace().body)
    return checkpoint_in_body(current_trace(), fn, inputs, loc);
  auto draws = std::make_shared<Draws>();
  TensorList outputs;
  {
    DrawScope scope(*draws);
    outputs = fn(inputs);
  }
  if (llvm::none_of(outputs, [](auto &t) { return t.defined() && t.requires_grad(); }))
    return outputs;
  auto &trace = current_trace();
  Bridge bridge;
  bridge.name = "checkpoint";
  bridge.line = loc;
  bridge.zeros = false;
  bridge.again = true;
  TensorList values = outputs;
  for (auto &t : values)
    if (t.defined() && !t.requires_grad())
      t = {};
  for (auto &t : values)
    bridge.inputs.push_back(number(trace, "checkpoint", t, loc));
  for (auto &t : inputs)
    bridge.saved.push_back(number(trace, "checkpoint", t, loc));
  for (auto &d : draws->taken)
    for (auto &t : {d.seed, d.counter})
      bridge.saved.push_back(number(trace, "checkpoint", t, loc));
  auto n_inputs = inputs.size();
  bridge.function = std::make_shared<BridgeFunction>([fn, n_inputs, loc, mixed = record::autocast_mode()](const TensorList &gradients, const TensorList &saved) {
    auto flag = arrival(gradients, loc);
    auto late = [&](const Tensor &t) { return flag.defined() ? after(flag, t, loc) : t; };
    TensorList again;
    for (size_t i = 0; i < n_inputs; ++i) {
      auto &x = saved[i];
      if (!x.requires_grad()) {
        again.push_back(late(x));
        continue;
      }
      FunctionEnd end;
      end.name = "checkpoint";
      end.backward = [](const TensorList &dy, const TensorList &) { return dy; };
      NoGradGuard no_grad;
      again.push_back(finish_function({x}, {late(x)}, std::move(end), loc)[0]);
    }
    Draws replay;
    replay.replaying = true;
    for (size_t i = n_inputs; i < saved.size(); i += 2)
      replay.taken.push_back({saved[i], late(saved[i + 1])});
    DrawScope scope(replay);
    AutocastGuard autocast(mixed.value_or(kBFloat16), mixed.has_value(), loc);
    auto outputs = fn(again);
    for (auto &t : outputs)
      if (t.defined() && !t.requires_grad())
        t = {};
    if (replay.next != replay.taken.size())
      throw record::error("checkpoint", "the function drew random numbers " + std::to_string(replay.taken.size()) + " times, and " + std::to_string(replay.next) + " times when it was run again", loc);
    return outputs;
  });
  auto made = add_bridge(trace, std::move(bridge), values, loc);
  for (size_t i = 0; i < outputs.size(); ++i)
    if (made[i].defined())
      outputs[i] = made[i];
  return outputs;
}

} // namespace tenon::detail
