// Recording a call of a compiled function: tracing its body, deciding what it yields and writes, comparing two recordings.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/compiled.h"
#include <sstream>

namespace tenon::detail {
/// The thread's ops go to this recording while it lives. Unless it is kept everything is as before.
struct CompiledFunction::Tracing {
  std::shared_ptr<Trace> trace = std::make_shared<Trace>(true);
  Capture notes;
  TensorList results;
  bool kept = false;
  Tracing() {
    trace->recording = &notes;
    set_current_capture(trace.get());
  }
  void leave() {
    if (current_capture() == trace.get())
      set_current_capture(nullptr);
  }
  ~Tracing() {
    Lock lock;
    leave();
    if (!kept)
      notes.undo();
    trace->state = Trace::Closed;
    trace->recording = nullptr;
    if (trace->lost.empty())
      trace->lost = "this tensor was made inside a compiled function and not returned";
    for (auto *p = trace->pending; p;) {
      auto *next = p->next;
      p->previous = p->next = nullptr;
      p = next;
    }
    trace->pending = trace->last_pending = nullptr;
  }
};

namespace {

uint32_t output_of(Variant &v, Number number) {
  for (uint32_t i = 0; i < v.outputs.size(); ++i)
    if (v.outputs[i] == number)
      return i;
  v.outputs.push_back(number);
  auto type = v.trace->type(number);
  v.output_types.push_back(type);
  v.output_dtypes.push_back(dtype_of_type(type.getElementType()));
  auto device = v.trace->values[number].device;
  v.output_devices.push_back(device == anywhere ? 0 : device);
  return uint32_t(v.outputs.size() - 1);
}

void collect_results(Variant &v, const TensorList &results, const std::vector<ImplPtr> &arguments, Location loc) {
  auto &trace = *v.trace;
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i].defined())
      throw record::error("compile", "expected the function to return defined tensors, result " + std::to_string(i) + " is not", loc);
    auto &p = Access::impl(results[i]);
    Result r{Result::Output, 0, nullptr};
    bool older = !p->view && p->storage; // it was there before the recording
    auto argument = llvm::find(arguments, p);
    if (argument != arguments.end()) {
      r.kind = Result::Argument;
      r.index = uint32_t(argument - arguments.begin());
    } else if (older) {
      r.kind = Result::Slot;
      r.slot = p;
    } else {
      r.index = output_of(v, number_of(trace, p, "compile", loc));
    }
    v.results.push_back(std::move(r));
  }
  v.returned = v.outputs.size();
}

void collect_writes(Variant &v, Capture &notes, const std::vector<ImplPtr> &arguments) {
  auto &trace = *v.trace;
  for (auto &change : notes.changes) {
    auto &slot = change.slot;
    if (slot->trace.get() != &trace)
      continue;
    auto argument = llvm::find(arguments, slot);
    if (argument != arguments.end()) {
      v.argument_writes.push_back({uint32_t(argument - arguments.begin()), output_of(v, slot->value)});
      continue;
    }
    auto entry = trace.enter(slot.get(), change.storage, slot->type);
    trace.entries[entry].slot = slot;
    v.writes.push_back({entry, slot->value});
  }
}

void collect_grads(Variant &v, Capture &notes, const std::vector<ImplPtr> &arguments, bool keep, Location loc) {
  for (auto &note : notes.grads) {
    GradResult g;
    auto argument = llvm::find(arguments, note.leaf);
    if (argument != arguments.end())
      g.argument = uint32_t(argument - arguments.begin());
    else
      g.leaf = note.leaf;
    g.before = Access::impl(note.grad);
    g.reset = note.reset;
    auto &now = Access::impl(note.leaf->grad);
    if (!now) {
      g.kind = GradResult::None;
    } else if (now == g.before) {
      g.kind = GradResult::Same;
    } else if (now->trace == v.trace || now->view) {
      if (keep || !note.reset) {
        g.kind = GradResult::Output;
        g.output = output_of(v, number_of(*v.trace, now, "compile", loc));
      } else {
        g.kind = GradResult::NotKept;
        auto poison = std::make_shared<TensorImpl>(now->type, now->dtype, now->where);
        poison->trace = std::make_shared<Trace>(true);
        poison->trace->erase_function();
        poison->trace->state = Trace::Closed;
        poison->trace->lost = "this gradient was not kept by the compiled function; ask for it with CompileOptions{.keep_grads = true}";
        g.poison = Access::wrap(poison);
      }
    } else {
      g.kind = GradResult::Same; // set by hand to something from outside
    }
    v.grads.push_back(std::move(g));
  }
}

} // namespace

std::unique_ptr<Variant> CompiledFunction::trace(const std::vector<ImplPtr> &arguments, Tracing &scope) {
  auto fresh = std::make_unique<Variant>();
  auto &v = *fresh;
  for (size_t i = 0; i < arguments.size(); ++i)
    v.arguments.push_back({arguments[i]->type, arguments[i]->requires_grad, arguments[i]->device, uint32_t(llvm::find(arguments, arguments[i]) - arguments.begin())});
  v.grad_mode = GradMode::is_enabled();
  v.autocast = record::autocast_mode();

  v.trace = scope.trace;
  auto &trace = *v.trace;
  {
    Lock lock;
    for (auto &a : arguments) {
      auto number = trace.add_input(a->type, loc);
      trace.values[number].device = a->device;
      if (a->device)
        trace.device = a->device;
      if (trace.argument_of.try_emplace(a.get(), number).second && a->requires_grad) {
        trace.values[number].requires_grad = true;
        trace.leaf_of[number] = a;
      }
    }
  }
  TensorList given;
  for (auto &a : arguments)
    given.push_back(Access::wrap(a));
  auto &results = scope.results;
  results = fn(given); // the lock is not held: the user's code may wait for other threads

  Lock lock;
  finish_draws(scope.notes, loc);
  collect_results(v, results, arguments, loc);
  collect_writes(v, scope.notes, arguments);
  collect_grads(v, scope.notes, arguments, options.keep_grads, loc);
  scope.leave();
  for (auto &entry : trace.entries) {
    v.slots.push_back(entry.slot);
    v.slots_require_grad.push_back(entry.slot->requires_grad);
    v.slots_device.push_back(entry.slot->device);
    v.slot_written.push_back(false);
  }
  for (auto &write : v.writes)
    v.slot_written[write.first] = true;
  for (auto &change : scope.notes.changes) // requires_grad as the call found it
    for (size_t i = 0; i < v.slots.size(); ++i)
      if (v.slots[i] == change.slot)
        v.slots_require_grad[i] = change.requires_grad;
  v.flags = scope.notes.flags;
  v.structure = Program::Structure(v.program()).words;
  trace.lines.push_back({uint32_t(v.structure.size()), loc});
  return fresh;
}

std::unique_ptr<Variant> CompiledFunction::capture(const std::vector<ImplPtr> &arguments) {
  std::lock_guard lock(mutex);
  Tracing scope;
  return trace(arguments, scope);
}

TensorList CompiledFunction::record(const std::vector<ImplPtr> &arguments, Variant *before) {
  Tracing scope;
  auto fresh = trace(arguments, scope);
  auto &v = *fresh;
  auto &trace = *v.trace;
  auto &results = scope.results;
  Lock lock;
  Variant *target = &v;
  if (before) {
    if (v.structure != before->structure || v.slots != before->slots)
      throw_difference(*before, v, loc);
    target = before;
  } else {
    v.executable = executable_for(v.program(), loc);
  }

  // Slots are as before the call while it runs: what fails leaves no trace.
  scope.notes.undo();
  scope.kept = true;
  for (auto &entry : trace.entries) // the slots have their numbers, which change
    entry.storage.reset();
  if (before)
    target->grads = v.grads;
  ++target->recorded;
  for (auto &slot : v.slots)
    if (slot->trace)
      materialize(slot, false, loc);
  if (!before) {
    variants.push_back(std::move(fresh));
    variants.back()->calls = 1;
  }
  TensorList returned;
  try {
    returned = replay(*target, arguments);
  } catch (...) {
    trace.lost = "its step failed";
    throw;
  }
  // A handle that was returned may live elsewhere too: it is the result from now on.
  for (size_t i = 0; i < results.size(); ++i) {
    auto &p = Access::impl(results[i]);
    if (target->results[i].kind == Result::Output && !p->view && p->trace == v.trace) {
      p->unlink();
      p->set_stored(Access::impl(returned[i])->storage);
      p->requires_grad = false;
      p->leaf = true;
      returned[i] = results[i];
    }
  }
  return returned;
}

void throw_difference(const Variant &before, const Variant &now, Location compiled_at) {
  auto &a = before.structure, &b = now.structure;
  auto at = uint32_t(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  auto line_of = [&](const Variant &v) {
    auto &lines = v.trace->lines;
    auto line = std::upper_bound(lines.begin(), lines.end(), at, [](uint32_t w, auto &l) { return w < l.first; });
    return line == lines.begin() ? lines.front() : *std::prev(line);
  };
  if (at >= a.size() && at >= b.size())
    throw Error("compile: two calls used different tensors from outside; keep them in tensors that live on, and write these in place", compiled_at);
  auto line = line_of(now);
  auto first = line.first;
  bool constant = first + 2 < std::min(a.size(), b.size()) && a[first] == tag_constant && b[first] == tag_constant;
  if (constant) {
    auto number = [&](const Words &w) {
      auto type = mlir::cast<mlir::RankedTensorType>(mlir::Type::getFromOpaquePointer(reinterpret_cast<void *>(uintptr_t(w[first + 2]))));
      std::ostringstream out;
      out.precision(17);
      out << load_scalar(&w[first + 1], dtype_of_type(type.getElementType()));
      return out.str();
    };
    throw Error("compile: a host number changed between two calls, from " + number(a) + " to " + number(b) +
                    "; a compiled step would freeze it: use tenon::StateScalar, which is state",
                line.second);
  }
  throw Error("compile: two calls of one function recorded different operations, from this line on; a host value that they depend on changed: "
              "use tenon::StateScalar or tensors, which are state",
              line.second);
}

} // namespace tenon::detail
