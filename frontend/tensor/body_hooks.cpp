// Hooks inside a loop or branch: a value with a hook gets a successor, right behind it, whose gradient is what the hook makes of its own.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/body.h"
#include "frontend/tensor/bridge.h"
#include "frontend/tensor/function.h"
#include "frontend/tensor/record.h"

namespace tenon::detail {

namespace prim = ir::prim;

namespace {

/// The body that a tensor was made in becomes the one that is recorded, while this lives; null: it was made outside of all.
struct InBodyOf {
  Trace &trace;
  Trace::Body *recorded = trace.body;
  InBodyOf(Trace &trace, const ImplPtr &p) : trace(trace) {
    auto &slot = p->view ? p->view->base : p;
    auto of = slot->trace.get() == &trace && slot->value != no_value ? trace.values[slot->value].body : 0;
    while (trace.body && trace.body->number != of)
      trace.body = trace.body->parent;
  }
  ~InBodyOf() { trace.body = recorded; }
};

/// `by`, moved to just behind `of`, takes its place in the body, also for ops of bodies in it that are not finished (up to `innermost`).
void replace(Trace &trace, Number of, Number by, Trace::Body *innermost, const char *op, Location loc) {
  auto value = trace.values[of].value, successor = trace.values[by].value;
  auto *made = value.getDefiningOp(), *moved = successor.getDefiningOp();
  for (auto operand : moved->getOperands())
    if (auto *used = operand.getDefiningOp(); used && used->getBlock() == moved->getBlock() && (!made || made->isBeforeInBlock(used)))
      throw record::error(op, std::string("inside the body of a ") + trace.body->op + " a hook uses what was computed after the value that it is put on; register it there", loc);
  if (made)
    moved->moveAfter(made);
  else
    moved->moveBefore(&moved->getBlock()->front());
  value.replaceUsesWithIf(successor, [&](mlir::OpOperand &use) { return use.getOwner() != moved; });
  for (auto &info : trace.ops)
    if (info.n_results && trace.values[info.results].body == trace.body->number && info.op != moved)
      for (uint32_t i = 0; i < info.n_operands; ++i)
        if (auto &o = trace.operands[info.operands + i]; o == of)
          o = by;
  for (auto *b = innermost; b && b != trace.body; b = b->parent)
    if (b->parent == trace.body)
      for (auto &[outer, inside] : b->captured)
        if (outer == of)
          outer = by;
  for (auto *p = trace.pending; p; p = p->next)
    if (p->value == of)
      p->value = by;
  trace.words.insert(trace.words.end(), {tag_splice, of, by});
}

} // namespace

bool is_in_body(Trace &trace, const Tensor &t) {
  InBodyOf body(trace, Access::impl(t));
  return trace.body;
}

void hook_in_body(Trace &trace, const Tensor &t, const Hook &hook) {
  auto &p = Access::impl(t);
  InBodyOf body(trace, p);
  auto n = number_of(trace, p, "register_hook", hook.line);
  for (auto &op : trace.ops)
    if (op.n_results && trace.values[op.results].body == trace.body->number && mlir::isa<prim::GradientOp>(op.op))
      throw record::error("register_hook", std::string("inside the body of a ") + trace.body->op + " hooks are registered before the first gradient", hook.line);
  // A later hook gets what an earlier one leaves: it stands between that one and the value.
  auto earlier = trace.hook_sources.find(n);
  auto source = earlier == trace.hook_sources.end() ? n : earlier->second;
  auto cut = custom_gradient(trace, {source}, {source}, [&](const TensorList &gradients, const TensorList &) {
    return TensorList{run_hooks({{0, hook}}, gradients[0], true, "register_hook", hook.line)};
  }, hook.line);
  replace(trace, source, cut, body.recorded, "register_hook", hook.line);
  if (source == n) {
    trace.hook_sources[cut] = n;
    if (p->view)
      p->value = cut;
  }
}

bool recording_body() { return current_trace().body != nullptr; }

TensorList begin_around(const TensorList &inputs, Location loc) {
  Lock lock;
  auto &trace = current_trace();
  TensorList standins;
  for (auto &t : inputs) {
    auto n = trace.op<prim::StopGradientOp>({number_of(trace, Access::impl(t), "backward hook", loc)}, loc);
    trace.values[n].requires_grad = true;
    trace.values[n].tainted = false;
    standins.push_back(wrap_value(trace, n, loc, true));
  }
  return standins;
}

TensorList end_around(const TensorList &standins, const TensorList &outputs, const std::function<TensorList(const TensorList &, const TensorList &)> &hook, Location loc) {
  Lock lock;
  auto &trace = current_trace();
  llvm::SmallVector<Number> values, inputs, behind;
  auto number = [&](const Tensor &t) { return number_of(trace, Access::impl(t), "backward hook", loc); };
  for (auto &t : standins) {
    values.push_back(number(t));
    inputs.push_back(trace.operands[trace.ops[trace.values[values.back()].op].operands]);
  }
  auto last = trace.values[values.back()].value.getDefiningOp();
  // Zeros in front of the module, to which the gradients of its outputs flow as well.
  for (auto &t : outputs) {
    auto type = Access::impl(t)->type;
    auto zeros = mlir::DenseElementsAttr::get(type, record::builder().getZeroAttr(type.getElementType()));
    values.push_back(trace.op<prim::ConstantOp>({}, loc, [&](auto &p) { p.value = zeros; }));
    auto *made = trace.values[values.back()].value.getDefiningOp();
    made->moveAfter(last);
    last = made;
    behind.push_back(number(t));
  }
  auto k = standins.size(), n = outputs.size();
  Bridge bridge;
  bridge.name = "backward hook";
  bridge.line = loc;
  bridge.inputs.assign(inputs.begin(), inputs.end());
  auto front = custom_gradient(trace, values, inputs, [&](const TensorList &dy, const TensorList &) {
    auto result = hook({dy.begin(), dy.begin() + long(k)}, {dy.begin() + long(k), dy.end()});
    check_gradients(trace, bridge, result, "backward", loc);
    return result;
  }, loc);
  auto *op = trace.values[front].value.getDefiningOp();
  for (auto operand : op->getOperands())
    if (auto *used = operand.getDefiningOp(); used && used->getBlock() == op->getBlock() && used != last && last->isBeforeInBlock(used))
      throw record::error("backward hook", std::string("inside the body of a ") + trace.body->op + " it uses what the module computes: it can use gradients, and what was there before", loc);
  op->moveAfter(last);
  for (size_t i = 0; i < k; ++i) {
    auto successor = trace.values[front + Number(i)].value;
    trace.values[values[i]].value.replaceUsesWithIf(successor, [&](mlir::OpOperand &use) { return use.getOwner() != op; });
    trace.values[values[i]].value = successor;
  }
  trace.words.insert(trace.words.end(), {tag_splice, values[0], front});
  llvm::SmallVector<Number> to(behind);
  for (size_t j = 0; j < n; ++j)
    to.push_back(front + Number(k + j));
  auto back = custom_gradient(trace, behind, to, [&](const TensorList &dy, const TensorList &) {
    auto twice = dy;
    twice.insert(twice.end(), dy.begin(), dy.end());
    return twice;
  }, loc);
  TensorList made;
  for (size_t j = 0; j < n; ++j)
    made.push_back(wrap_value(trace, back + Number(j), loc, true));
  return made;
}

} // namespace tenon::detail
