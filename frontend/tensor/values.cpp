// Which trace an op goes to, and how a tensor becomes a value in it.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/trace.h"
#include <cstring>

namespace tenon::detail {

namespace prim = ir::prim;

namespace {
thread_local std::shared_ptr<Trace> ordinary; // define-by-run
thread_local Trace *capture = nullptr;        // of the compiled function that this thread records

/// A trace that nobody asks a number of is run when it has grown this long.
constexpr size_t longest_trace = 20000;
} // namespace

Trace *current_capture() { return capture; }
void set_current_capture(Trace *t) { capture = t; }

Trace &current_trace() {
  if (capture)
    return *capture;
  if (!ordinary || ordinary->state != Trace::Open)
    ordinary = std::make_shared<Trace>(false);
  return *ordinary;
}

void prepare(const ImplPtr &impl, bool differentiated, Location loc) {
  auto &slot = impl->view ? impl->view->base : impl;
  if (slot->pending()) {
    auto &trace = current_trace();
    if (slot->trace.get() != &trace) {
      if (!slot->trace->capture)
        flush(*slot->trace, loc);
    } else if (!trace.capture && !trace.body && !trace.differentiating && ((differentiated && slot->requires_grad && slot->leaf) || trace.ops.size() > longest_trace)) {
      flush(trace, loc);
    }
  }
}

namespace {

Number enter_impl(Trace &trace, const ImplPtr &impl, Location loc) {
  auto storage = impl->storage;
  const void *key = storage.get();
  if (trace.capture) {
    key = impl.get();
  } else if (storage->foreign) {
    // The caller's memory may change before the trace runs: its value now is the tensor's.
    storage = storage->copy();
    key = storage.get();
  }
  auto index = trace.enter(key, storage, impl->type);
  auto number = trace.read(index, loc);
  auto &entry = trace.entries[index];
  trace.values[number].device = impl->device;
  if (impl->requires_grad) {
    entry.impl = impl;
    trace.values[number].requires_grad = true;
    if (impl->trace && impl->trace->state == Trace::Frozen && entry.tape == nullptr) {
      entry.tape = impl->trace;
      entry.taped = impl->value;
    }
  }
  if (trace.capture)
    entry.slot = impl;
  return number;
}

} // namespace

Number captured_in_body(Trace &trace, Number number, const char *op, Location loc) {
  auto &body = *trace.body;
  for (auto &[outer, argument] : body.captured)
    if (outer == number)
      return argument;
  auto type = trace.type(number);
  if (body.scalars && type.getRank() != 0)
    throw record::error(op, "inside a foreach only its elements and rank-0 tensors can be used, got " + record::text_of(type), loc);
  trace.words.insert(trace.words.end(), {tag_body, Word(uintptr_t(type.getAsOpaquePointer()))});
  auto argument = trace.add_value(body.block->addArgument(type, mlir_location(loc)));
  trace.values[argument].requires_grad = trace.values[number].requires_grad;
  trace.values[argument].device = trace.values[number].device;
  trace.values[argument].tainted = trace.values[number].tainted;
  body.captured.push_back({number, argument});
  return argument;
}

Number without_gradient(Trace &trace, Number number, Location loc) {
  if (!trace.values[number].requires_grad && !trace.values[number].tainted)
    return number;
  auto cut = trace.op<prim::StopGradientOp>({number}, loc);
  trace.values[cut].requires_grad = trace.values[cut].tainted = false;
  return cut;
}

Error lost(const TensorImpl &impl, const char *op, Location loc) {
  return record::error(op, Error(impl.trace->lost + "; it was made", impl.where).what(), loc);
}

Number number_of(Trace &trace, const ImplPtr &impl, const char *op, Location loc) {
  auto *body = trace.body;
  auto &slot = impl->view ? impl->view->base : impl;
  bool here = slot->trace.get() == &trace;
  auto of = here ? trace.values[slot->value].body : 0;
  if (body && of != body->number) {
    // What is from outside is valued there, and comes in as an argument.
    Number outer;
    {
      OutsideBody outside(trace);
      outer = number_of(trace, impl, op, loc);
    }
    return captured_in_body(trace, outer, op, loc);
  }
  if (!body && of)
    throw record::error(op, "this tensor was made inside the body of a loop or branch, and has no value outside it: return it from there", loc);
  if (impl->view) {
    auto &view = *impl->view;
    auto &base = view.base;
    // A small part of something in memory (a batch of a dataset) is cut out here and now.
    if (!trace.capture && !base->trace && base->storage && base->storage->on_the_host() && !impl->requires_grad && impl->numel() < base->numel() && !trace.entry_of.count(base->storage.get())) {
      auto part = materialize(impl, false, loc)->copy();
      auto number = trace.read(trace.enter(part.get(), part, impl->type), loc);
      trace.values[number].device = base->device;
      return number;
    }
    if (impl->trace.get() == &trace && view.version == view.base->version)
      return impl->value;
    auto number = replay(trace, number_of(trace, view.base, op, loc), view.steps, loc);
    impl->trace = trace.shared_from_this();
    impl->value = number;
    view.version = view.base->version;
    return number;
  }
  if (!here)
    if (auto argument = trace.argument_of.find(impl.get()); argument != trace.argument_of.end())
      return argument->second;
  if (impl->trace) {
    if (here) {
      // In a compiled function an updated leaf starts a new derivative: nothing flows back through its update.
      if (trace.capture && impl->leaf && impl->requires_grad && !trace.leaf_of.count(impl->value)) {
        auto cut = trace.op<prim::StopGradientOp>({impl->value}, loc);
        trace.values[cut].requires_grad = true;
        trace.leaf_of[cut] = impl;
        impl->value = cut;
      }
      return impl->value;
    }
    if (impl->trace->state == Trace::Closed)
      throw lost(*impl, op, loc);
    if (impl->trace->state == Trace::Open)
      throw record::error(op, "this tensor belongs to a compiled function that is being recorded", loc);
  }
  if (!impl->storage)
    throw record::error(op, "this tensor has no value", loc);
  return enter_impl(trace, impl, loc);
}

Tensor wrap_value(Trace &trace, Number value, Location loc, bool requires_grad) {
  auto type = trace.type(value);
  auto p = std::make_shared<TensorImpl>(type, dtype_of_type(type.getElementType()), loc);
  p->requires_grad = requires_grad;
  p->leaf = !requires_grad;
  if (auto device = trace.values[value].device; device != anywhere)
    p->device = device;
  p->set_pending(trace, value);
  return Access::wrap(std::move(p));
}
TensorList wrap_results(Trace &trace, Number first, size_t count, bool flows, Location loc) {
  TensorList results;
  for (size_t i = 0; i < count; ++i) {
    auto number = first + Number(i);
    bool real = flows && llvm::isa<mlir::FloatType>(trace.type(number).getElementType());
    trace.values[number].requires_grad = real;
    results.push_back(wrap_value(trace, number, loc, real));
  }
  return results;
}

} // namespace tenon::detail
