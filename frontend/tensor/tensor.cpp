// What a handle answers without an op: sizes, numbers, flags; and copies and casts.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/capture.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"
#include <cstring>

namespace tenon {

using namespace detail;
namespace prim = ir::prim;

IntArrayRef Tensor::sizes() const {
  auto shape = impl("sizes", *this, Location::current())->shape(); // uniqued: it lives as long as the program
  return {shape.data(), shape.size()};
}
int64_t Tensor::size(int64_t dim, Location loc) const {
  auto shape = impl("size", *this, loc)->shape();
  return shape[size_t(record::wrap_dim("size", dim, int64_t(shape.size()), loc))];
}
int64_t Tensor::dim() const { return impl("dim", *this, Location::current())->type.getRank(); }
int64_t Tensor::numel() const { return impl("numel", *this, Location::current())->numel(); }
Dtype Tensor::scalar_type() const { return impl("dtype", *this, Location::current())->dtype; }
std::string Tensor::toString() const { return record::text(*this); }

void Tensor::check_rank(std::size_t rank, Location loc) const {
  if (impl("accessor", *this, loc)->type.getRank() != int64_t(rank))
    throw record::error("accessor", "expected a tensor of rank " + std::to_string(rank) + ", got " + record::text(*this), loc);
}

namespace detail {

namespace {
/// In a compiled function nothing has a number while it is recorded.
void refuse_in_capture(Location loc) {
  if (current_capture())
    throw record::error("item", "a tensor has no number while a compiled function is recorded; write the choice with tenon::cond, tenon::while_loop or tenon::scan, or return the tensor", loc);
}
} // namespace

StoragePtr materialize(const ImplPtr &p, bool write, Location loc) {
  auto &slot = p->view ? p->view->base : p;
  refuse_in_capture(loc);
  if (slot->trace && slot->trace->state == Trace::Closed)
    throw lost(*slot, "item", loc);
  if (slot->pending()) {
    if (slot->trace->capture)
      throw record::error("item", "this tensor belongs to a compiled function that is being recorded", loc);
    flush(*slot->trace, loc);
  }
  if (!slot->storage)
    throw record::error("item", "this tensor has no value", loc);
  if (write) {
    // Ops written before see the numbers of before; so does a tape.
    if (!current_capture())
      if (auto &trace = current_trace(); trace.entry_of.count(slot->storage.get()))
        flush(trace, loc);
    if (!slot->storage->foreign && slot->storage.use_count() > 1) {
      slot->storage = slot->storage->copy();
    }
    ++slot->version;
  }
  if (!p->view || is_whole(*p->view))
    return slot->storage;
  p->view->copy = make_storage(p->bytes());
  copy_view(*p, slot->storage->host(), p->view->copy->host(Use::Replace));
  return p->view->copy;
}

void *host_numbers(const char *op, const Tensor &t, Use use, Location loc) {
  Lock lock;
  return materialize(impl(op, t, loc), use != Use::Read, loc)->host(use);
}

namespace {
/// For pointers that a program holds.
StoragePtr exposed(const char *op, const Tensor &t, bool write, Location loc) {
  auto &p = impl(op, t, loc);
  if (device_of(*p))
    throw record::error(op, "expected a tensor in the host's memory, got one on " + t.device().str() + "; use cpu()", loc);
  auto storage = materialize(p, write, loc);
  if (write) {
    storage->host(Use::Change);
    storage->expose();
  }
  return storage;
}
} // namespace

} // namespace detail

Scalar Tensor::item_scalar(Location loc) const {
  Lock lock;
  auto &p = impl("item", *this, loc);
  if (p->numel() != 1)
    throw record::error("item", "expected a tensor of one element, got " + record::text(*this), loc);
  return load_scalar(materialize(p, false, loc)->host(), p->dtype);
}
void *Tensor::data_ptr(Location loc) const {
  Lock lock;
  return exposed("data_ptr", *this, true, loc)->host(Use::Change);
}
const void *Tensor::const_data_ptr(Location loc) const {
  Lock lock;
  return exposed("const_data_ptr", *this, false, loc)->host();
}
void *Tensor::typed_data(Dtype expected, Location loc) const {
  auto &p = impl("data_ptr", *this, loc);
  if (p->dtype != expected)
    throw record::error("data_ptr", std::string("expected ") + tenon::name(expected) + ", as the template argument says, got " + record::text(*this), loc);
  return data_ptr(loc);
}

bool Tensor::requires_grad() const { return impl("requires_grad", *this, Location::current())->requires_grad; }
bool Tensor::is_leaf() const { return impl("is_leaf", *this, Location::current())->leaf; }
const Tensor &Tensor::set_requires_grad(bool required, Location loc) const {
  Lock lock;
  auto &p = impl("requires_grad_", *this, loc);
  if (required == p->requires_grad)
    return *this;
  if (required && !is_floating_point())
    throw record::error("requires_grad_", "only floating-point tensors can require grad, got " + record::text(*this), loc);
  if (!required && !p->leaf)
    throw record::error("requires_grad_", "a tensor that was computed keeps requiring grad; detach() it", loc);
  // A view that becomes a leaf gets memory of its own: gradients are kept by slot.
  if (p->view && required && current_capture()) {
    auto &trace = current_trace();
    auto number = number_of(trace, p, "requires_grad_", loc);
    p->view.reset();
    p->set_pending(trace, number);
  } else if (p->view && required) {
    p->device = device_of(*p);
    auto own = materialize(p, false, loc)->copy();
    p->view.reset();
    p->set_stored(own);
  }
  // What was recorded so far took it for something else: it runs first.
  if (!current_capture())
    if (auto &trace = current_trace(); p->trace.get() == &trace ? !trace.ops.empty() : p->storage && trace.entry_of.count(p->storage.get()))
      flush(trace, loc);
  p->requires_grad = required;
  if (current_capture()) {
    auto &trace = current_trace();
    if (auto argument = trace.argument_of.find(p.get()); argument != trace.argument_of.end()) {
      trace.values[argument->second].requires_grad = required;
      if (required)
        trace.leaf_of[argument->second] = p;
      else
        trace.leaf_of.erase(argument->second);
    }
  }
  return *this;
}

namespace {
const Tensor undefined_grad;
}
const Tensor &Tensor::grad() const { return impl_ ? impl_->grad : undefined_grad; }
Tensor &Tensor::mutable_grad() const {
  Lock lock;
  auto &p = impl("mutable_grad", *this, Location::current());
  note_grad(p);
  return p->grad;
}
void Tensor::reset_grad() const {
  Lock lock;
  auto &p = impl("reset_grad", *this, Location::current());
  note_grad(p, true);
  p->grad = Tensor();
}
Tensor Tensor::detach(Location loc) const { return make_view("detach", *this, {ViewStep::Detach, {}, {}, {}}, loc); }
Tensor Tensor::detach_(Location loc) const {
  Lock lock;
  auto &p = impl("detach_", *this, loc);
  if (p->view)
    throw record::error("detach_", "a view cannot be detached in place; use detach()", loc);
  p->requires_grad = false;
  p->leaf = true;
  return *this;
}

Tensor Tensor::to(Dtype dtype, Location loc) const { return record::cast(*this, dtype, loc); }
Tensor Tensor::to(Device device, Dtype dtype, Location loc) const { return to(device, loc).to(dtype, loc); }
Tensor Tensor::to(const TensorOptions &options, Location loc) const {
  auto moved = options.has_device() ? to(options.device(), loc) : *this;
  return options.has_dtype() ? moved.to(options.dtype(), loc) : moved;
}
Tensor Tensor::clone(Location loc) const {
  // A reshape to its own shape: a value of its own, through which gradients flow.
  Lock lock;
  auto &p = impl("clone", *this, loc);
  return record::op_as<prim::ReshapeOp>(p->type, {*this}, loc);
}

} // namespace tenon
