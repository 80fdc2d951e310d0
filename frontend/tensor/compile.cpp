// compile(): finding the variant for a call, replaying it, and the guards that decide.
#include "frontend/tensor/compiled.h"
#include <cstring>

namespace tenon {
namespace detail {

std::shared_ptr<CompiledFunction> make_compiled(TensorFunction fn, CompileOptions options, Location loc) {
  return std::make_shared<CompiledFunction>(std::move(fn), std::move(options), loc);
}
TensorList call_compiled(CompiledFunction &f, const TensorList &arguments, Location) { return f.call(arguments); }

namespace {

/// An argument as a slot in memory.
ImplPtr stored_argument(const Tensor &t, Location loc) {
  auto &p = impl("compile", t, loc);
  if (!p->view && !p->trace && p->storage)
    return p;
  Lock lock;
  auto storage = materialize(p, false, loc);
  if (!p->view)
    return p;
  // A view goes in as a tensor of its own: its base is not written through it.
  auto copy = std::make_shared<TensorImpl>(p->type, p->dtype, loc);
  copy->storage = storage;
  copy->requires_grad = p->requires_grad;
  copy->device = device_of(*p);
  return copy;
}

} // namespace

std::string CompiledFunction::mismatch(const Variant &v, const std::vector<ImplPtr> &arguments) const {
  for (size_t i = 0; i < arguments.size(); ++i) {
    auto &a = *arguments[i];
    auto &g = v.arguments[i];
    if (a.type != g.type)
      return "argument " + std::to_string(i) + " is " + record::text_of(a.type) + ", not " + record::text_of(g.type);
    if (a.requires_grad != g.requires_grad)
      return "argument " + std::to_string(i) + (a.requires_grad ? " requires grad" : " requires no grad");
    if (a.device != g.device)
      return "argument " + std::to_string(i) + " is on " + Access::wrap(arguments[i]).device().str();
    if (arguments[g.alias] != arguments[i])
      return "arguments " + std::to_string(g.alias) + " and " + std::to_string(i) + " are two tensors";
    for (uint32_t k = 0; k < g.alias; ++k)
      if (arguments[k] == arguments[i])
        return "arguments " + std::to_string(k) + " and " + std::to_string(i) + " are one tensor";
  }
  if (GradMode::is_enabled() != v.grad_mode)
    return v.grad_mode ? "gradients are off" : "gradients are on";
  if (record::autocast_mode() != v.autocast)
    return record::autocast_mode() ? std::string("autocast is on, in ") + tenon::name(*record::autocast_mode()) : "autocast is off";
  for (auto &f : v.flags)
    if (*f.flag != f.expected)
      return f.what;
  for (size_t i = 0; i < v.slots.size(); ++i)
    if (v.slots[i]->requires_grad != v.slots_require_grad[i])
      return record::text_of(v.slots[i]->type) + (v.slots_require_grad[i] ? " requires no grad" : " requires grad");
  for (size_t i = 0; i < v.slots.size(); ++i)
    if (v.slots[i]->device != v.slots_device[i])
      return record::text_of(v.slots[i]->type) + " is on " + Access::wrap(v.slots[i]).device().str();
  for (auto &g : v.grads) {
    auto &leaf = g.of(arguments);
    auto &now = Access::impl(leaf->grad);
    if (!g.reset && now != g.before)
      return std::string("the .grad of ") + record::text_of(leaf->type) + (now ? " is there" : " is none");
  }
  return "";
}

Variant *CompiledFunction::find(const std::vector<ImplPtr> &arguments) {
  last_mismatch.clear();
  for (size_t i = variants.size(); i-- > 0;) {
    auto why = mismatch(*variants[i], arguments);
    if (why.empty()) {
      std::rotate(variants.begin() + long(i), variants.begin() + long(i) + 1, variants.end());
      return variants.back().get();
    }
    if (last_mismatch.empty())
      last_mismatch = why;
  }
  return nullptr;
}

TensorList CompiledFunction::call(const TensorList &given) {
  if (current_capture()) // inside another compiled function it is part of that one
    return fn(given);
  if (autograd::AnomalyMode::is_enabled()) // steps written out are the same, and looked at one by one
    return fn(given);
  std::lock_guard lock(mutex);
  std::vector<ImplPtr> arguments;
  for (auto &t : given)
    arguments.push_back(stored_argument(t, loc));
  auto *v = find(arguments);
  if (!v) {
    if (!variants.empty())
      say_once(Error("a compiled function records another variant: " + last_mismatch, loc).what());
    if (variants.size() >= 64)
      throw Error("compile: 64 variants of one function are recorded, and this call is another: " + last_mismatch, loc);
    return record(arguments, nullptr);
  }
  ++v->calls;
  if (v->recorded < 2 || (options.check_every > 0 && v->calls % options.check_every == 0))
    return record(arguments, v);
  return replay(*v, arguments);
}

std::vector<StoragePtr> run_variant(Variant &v, const std::vector<ImplPtr> &arguments) {
  llvm::SmallVector<RunSlot, 32> slots;
  llvm::SmallVector<std::pair<Storage *, StoragePtr>, 1> staged; // the caller's memory need not be aligned
  for (size_t i = 0; i < v.slots.size(); ++i) {
    auto &slot = *v.slots[i];
    if (slot.storage->foreign) {
      staged.push_back({v.slot_written[i] ? slot.storage.get() : nullptr, slot.storage->copy()});
      slots.push_back({staged.back().second.get(), v.slot_written[i]});
      continue;
    }
    if (v.slot_written[i] && slot.storage.use_count() > 1) // a tape, or a trace that has not run, reads the old numbers
      slot.storage = slot.storage->copy();
    slots.push_back({slot.storage.get(), v.slot_written[i]});
  }
  llvm::SmallVector<RunInput, 8> inputs;
  for (auto &a : arguments)
    inputs.push_back({nullptr, a->storage.get()});
  std::vector<StoragePtr> memory;
  llvm::SmallVector<Storage *, 8> outputs;
  for (size_t i = 0; i < v.output_types.size(); ++i) {
    memory.push_back(make_storage(size_t(v.output_types[i].getNumElements()) * tenon::element_size(v.output_dtypes[i])));
    outputs.push_back(memory.back().get());
  }
  run(*v.executable, *v.trace, slots, inputs, outputs);
  for (auto &[to, from] : staged)
    if (to)
      std::memcpy(to->host(Use::Change), from->host(), from->bytes);
  return memory;
}

namespace {
Tensor stored_tensor(const Variant &v, uint32_t output, StoragePtr storage, Location loc) {
  auto p = std::make_shared<TensorImpl>(v.output_types[output], v.output_dtypes[output], loc);
  p->storage = std::move(storage);
  p->device = v.output_devices[output];
  return Access::wrap(std::move(p));
}
} // namespace

TensorList CompiledFunction::replay(Variant &v, const std::vector<ImplPtr> &arguments) {
  for (auto &slot : v.slots)
    if (slot->trace) {
      Lock lock;
      materialize(slot, false, loc); // define-by-run wrote it since
    }
  auto memory = run_variant(v, arguments);
  for (size_t i = 0; i < v.slots.size(); ++i)
    if (v.slot_written[i])
      ++v.slots[i]->version;
  for (auto &[argument, output] : v.argument_writes) {
    arguments[argument]->storage = memory[output];
    ++arguments[argument]->version;
  }
  for (auto &g : v.grads) {
    auto &grad = g.of(arguments)->grad;
    switch (g.kind) {
    case GradResult::None:
      grad = Tensor();
      break;
    case GradResult::Same:
      break;
    case GradResult::Output:
      grad = stored_tensor(v, g.output, memory[g.output], loc);
      Access::impl(grad)->device = g.of(arguments)->device;
      break;
    case GradResult::NotKept:
      if (!grad.is_same(g.poison))
        grad = g.poison;
      break;
    }
  }
  TensorList results;
  results.reserve(v.results.size());
  for (auto &r : v.results)
    switch (r.kind) {
    case Result::Output:
      results.push_back(stored_tensor(v, r.index, memory[r.index], loc));
      break;
    case Result::Slot:
      results.push_back(Access::wrap(r.slot));
      break;
    case Result::Argument:
      results.push_back(Access::wrap(arguments[r.index]));
      break;
    }
  return results;
}

} // namespace detail

StateScalar::StateScalar(Scalar value, Dtype dtype, std::string name, Location loc) {
  record::OutsideCapture outside;
  tensor_ = scalar_tensor(value, dtype, loc);
  if (!name.empty())
    record::add_state_name(tensor_, [name] { return record::StateName{name}; });
}
const StateScalar &StateScalar::operator=(Operand value) const {
  NoGradGuard no_grad;
  if (value.tensor)
    tensor_.copy_(*value.tensor, false, value.location);
  else
    tensor_.fill_(value);
  return *this;
}

} // namespace tenon
