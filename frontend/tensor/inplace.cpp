// In-place methods: the new value computed as usual, cast and broadcast to the slot, then assigned.
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"
#include <cstring>

namespace tenon {

using namespace detail;

namespace {
Tensor write(const char *op, const Tensor &slot, const Tensor &value, Location loc) {
  auto &p = impl(op, slot, loc);
  auto fitted = record::cast(value, p->dtype, loc);
  if (is_floating_point(impl(op, value, loc)->dtype) && !is_floating_point(p->dtype))
    throw record::error(op, "a floating-point result does not fit into " + record::text(slot), loc);
  record::assign(op, slot, record::broadcast(op, fitted, slot.sizes(), loc), loc);
  return slot;
}
/// Define-by-run writes what the host knows at once, with no trace: where the slot's new memory is, or null (record it).
void *host_memory(const char *op, const ImplPtr &slot, Location loc) {
  if (slot->view || current_capture() || current_trace().body)
    return nullptr;
  if (GradMode::is_enabled() && slot->requires_grad)
    record::check_writable(op, slot, loc);
  auto storage = slot->storage;
  slot->storage.reset();
  // Earlier ops and tapes keep the memory that they read.
  if (!storage || (storage.use_count() > 1 && !storage->foreign))
    storage = make_storage(slot->bytes());
  slot->set_stored(storage);
  ++slot->version;
  if (!slot->leaf)
    slot->requires_grad = false, slot->leaf = true;
  return storage->host(Use::Replace);
}
} // namespace

Tensor Tensor::add_(Operand other, Scalar alpha) const { return write("add_", *this, add(other, alpha), other.location); }
Tensor Tensor::sub_(Operand other, Scalar alpha) const { return write("sub_", *this, sub(other, alpha), other.location); }
#define X(op) Tensor Tensor::op##_(Operand other) const { return write(#op "_", *this, op(other), other.location); }
TENON_BINARY_NUMBERS(X)
#undef X
#define X(op) Tensor Tensor::op##_(Location loc) const { return write(#op "_", *this, op(loc), loc); }
TENON_UNARY_NUMBERS(X)
#undef X
Tensor Tensor::copy_(const Tensor &source, bool, Location loc) const {
  Lock lock;
  auto &p = impl("copy_", *this, loc);
  auto &from = impl("copy_", source, loc);
  auto &origin = from->view ? from->view->base : from;
  if (!origin->trace && origin != p && from->shape() == p->shape() && !from->requires_grad && !current_capture()) {
    auto numbers = materialize(from, false, loc);
    if (auto *memory = host_memory("copy_", p, loc)) {
      if (from->dtype == p->dtype && !numbers->on_the_host() && !p->storage->foreign)
        p->storage = numbers->copy();
      else
        convert(numbers->host(), from->dtype, memory, p->dtype, p->numel());
      return *this;
    }
  }
  auto value = record::cast(source.to(device(), loc), p->dtype, loc);
  record::assign("copy_", *this, record::broadcast("copy_", value, sizes(), loc), loc);
  return *this;
}
Tensor Tensor::fill_(Operand value) const {
  Lock lock;
  auto loc = value.location;
  auto &p = impl("fill_", *this, loc);
  if (!value.tensor)
    if (auto *memory = host_memory("fill_", p, loc)) {
      fill(memory, p->dtype, value.scalar, p->numel());
      return *this;
    }
  record::assign("fill_", *this, record::broadcast("fill_", record::operand(value, p->dtype), sizes(), loc), loc);
  return *this;
}
Tensor Tensor::zero_(Location loc) const {
  Lock lock;
  auto &p = impl("zero_", *this, loc);
  if (auto *memory = host_memory("zero_", p, loc)) {
    std::memset(memory, 0, p->bytes());
    return *this;
  }
  record::assign("zero_", *this, record::constant(0, p->dtype, sizes(), loc), loc);
  return *this;
}
Tensor Tensor::clamp_min_(Operand min) const { return write("clamp_min_", *this, clamp_min(min), min.location); }
Tensor Tensor::clamp_max_(Operand max) const { return write("clamp_max_", *this, clamp_max(max), max.location); }
Tensor Tensor::clamp_(std::optional<Scalar> min, std::optional<Scalar> max, Location loc) const { return write("clamp_", *this, clamp(min, max, loc), loc); }
Tensor Tensor::masked_fill_(const Tensor &mask, Operand value) const { return write("masked_fill_", *this, masked_fill(mask, value), value.location); }
Tensor Tensor::tril_(int64_t diagonal, Location loc) const { return write("tril_", *this, tril(diagonal, loc), loc); }
Tensor Tensor::triu_(int64_t diagonal, Location loc) const { return write("triu_", *this, triu(diagonal, loc), loc); }
Tensor Tensor::cumsum_(int64_t dim, Location loc) const { return write("cumsum_", *this, cumsum(dim, loc), loc); }
Tensor Tensor::cumprod_(int64_t dim, Location loc) const { return write("cumprod_", *this, cumprod(dim, loc), loc); }
Tensor Tensor::renorm_(Scalar p, int64_t dim, Scalar maxnorm, Location loc) const { return write("renorm_", *this, renorm(p, dim, maxnorm, loc), loc); }
Tensor Tensor::logit_(std::optional<double> eps, Location loc) const { return write("logit_", *this, logit(eps, loc), loc); }
Tensor Tensor::nan_to_num_(std::optional<double> nan, std::optional<double> posinf, std::optional<double> neginf, Location loc) const {
  return write("nan_to_num_", *this, nan_to_num(nan, posinf, neginf, loc), loc);
}
#define X(op) Tensor Tensor::op##_(const Tensor &a, const Tensor &b, Scalar beta, Scalar alpha, Location loc) const { return write(#op "_", *this, op(a, b, beta, alpha, loc), loc); }
TENON_ADDED_PRODUCTS(X)
#undef X
Tensor Tensor::masked_scatter_(const Tensor &mask, const Tensor &source, Location loc) const { return write("masked_scatter_", *this, masked_scatter(mask, source, loc), loc); }
Tensor Tensor::put_(const Tensor &index, const Tensor &source, bool accumulate, Location loc) const { return write("put_", *this, put(index, source, accumulate, loc), loc); }
Tensor Tensor::lerp_(const Tensor &end, Operand weight) const { return write("lerp_", *this, lerp(end, weight), weight.location); }
Tensor Tensor::addcmul_(const Tensor &a, const Tensor &b, Scalar value, Location loc) const { return write("addcmul_", *this, addcmul(a, b, value, loc), loc); }
Tensor Tensor::addcdiv_(const Tensor &a, const Tensor &b, Scalar value, Location loc) const { return write("addcdiv_", *this, addcdiv(a, b, value, loc), loc); }

} // namespace tenon
