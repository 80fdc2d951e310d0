// In-place writes: a slot gets a new value, which every handle and view of it sees.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/capture.h"
#include "frontend/tensor/trace.h"

namespace tenon {
namespace record {

using namespace detail;

void check_writable(const char *op, const ImplPtr &slot, Location loc) {
  if (GradMode::is_enabled() && slot->requires_grad && slot->leaf)
    throw error(op, "a leaf that requires grad is written in place; write it under tenon::NoGradGuard", loc);
}

namespace {
thread_local Tensor keep_where;
} // namespace
KeepWhere::KeepWhere(Tensor flag) : before_(std::exchange(keep_where, std::move(flag))) {}
KeepWhere::~KeepWhere() { keep_where = before_; }

void assign(const char *op, const Tensor &slot, const Tensor &given, Location loc) {
  Lock lock;
  auto &to = impl(op, slot, loc);
  auto value = keep_where.defined() && given.defined() && to->type == type_of(given) ? where(keep_where, Operand(slot, loc), Operand(given, loc)) : given;
  auto &from = impl(op, value, loc);
  if (to->type != from->type)
    throw error(op, "expected a value of " + text_of(to->type) + " for the tensor written in place, got " + text_of(from->type), loc);
  auto base = to->view ? to->view->base : to;
  // Through x.detach() and x.data() everything may be written, and nothing of it is differentiated.
  bool detached = to->view && llvm::any_of(to->view->steps, [](auto &step) { return step.kind == ViewStep::Detach; });
  bool grad = GradMode::is_enabled() && !detached;
  if (grad)
    check_writable(op, base, loc);
  prepare(from, grad && (from->requires_grad || base->requires_grad), loc);
  prepare(base, grad && base->requires_grad, loc);
  auto &trace = current_trace();
  // A tensor that the body made is its own; one from outside would have to be a carry.
  if (trace.body && (trace.body->scalars || base->trace.get() != &trace || base->value == no_value || trace.values[base->value].body != trace.body->number))
    throw error(op, std::string("inside the body of a ") + trace.body->op + " no tensor from outside is written in place; return the new value", loc);
  auto number = number_of(trace, from, op, loc);
  bool flows = from->requires_grad;
  if (to->view) {
    auto whole = number_of(trace, base, op, loc);
    if (flows && !base->requires_grad)
      whole = without_gradient(trace, whole, loc);
    if (!flows && base->requires_grad)
      number = without_gradient(trace, number, loc);
    flows = flows || base->requires_grad;
    number = replay_write(trace, whole, to->view->steps, number, op, loc);
  }
  bool kept = !grad && base->requires_grad && !base->leaf;
  if (kept) { // written behind the back of its history: the new numbers, the old derivative
    number = trace.op<ir::prim::SavedOp>({number_of(trace, base, op, loc), without_gradient(trace, number, loc)}, loc);
    trace.values[number].requires_grad = true;
    trace.values[number].tainted = false;
  }
  write_slot(trace, base, number, kept || (grad && flows));
}

} // namespace record

namespace detail {

void write_slot(Trace &trace, const ImplPtr &slot, Number number, bool requires_grad) {
  note_change(trace, slot);
  slot->set_pending(trace, number);
  trace.values[number].device = slot->device; // it stays where it is
  ++slot->version;
  if (!(slot->leaf && slot->requires_grad)) {
    slot->requires_grad = requires_grad;
    slot->leaf = !requires_grad;
  }
}

void assign_value(Trace &trace, const char *op, const Tensor &slot, Number number, Location loc) {
  auto &to = Access::impl(slot);
  if (record::keep_where.defined() || to->view || to->type != trace.type(number) || trace.body)
    record::assign(op, slot, wrap_value(trace, number, loc, false), loc);
  else
    write_slot(trace, to, number, false);
}

} // namespace detail
} // namespace tenon
