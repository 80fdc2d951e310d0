// Which element type an op's operands get: its entry says the class, the thread's guard the low type.
#include "frontend/tensor/autocast.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"

namespace tenon {
namespace {
thread_local std::optional<Dtype> low;
} // namespace

AutocastGuard::AutocastGuard(Dtype dtype, bool enabled, Location loc) : before_(low) {
  if (dtype != kBFloat16 && dtype != kHalf)
    throw Error(std::string("autocast: expected bfloat16 or float16, came ") + name(dtype), loc);
  low = enabled ? std::optional(dtype) : std::nullopt;
}
AutocastGuard::~AutocastGuard() { low = before_; }
bool is_autocast_enabled() { return low.has_value(); }
Dtype get_autocast_dtype() { return low.value_or(kBFloat16); }

namespace record {

std::optional<Dtype> autocast_mode() { return low; }

Tensor autocast(ir::Autocast how, const Tensor &t, Location loc) {
  if (!low || how == ir::Autocast::keep || !t.defined() || !t.is_floating_point() || t.scalar_type() == kDouble)
    return t;
  return cast(t, how == ir::Autocast::low ? *low : kFloat, loc);
}

std::array<Tensor, 2> autocast_widest(const Tensor &a, const Tensor &b, Location loc) {
  if (!low || !a.is_floating_point() || !b.is_floating_point())
    return {a, b};
  Dtype wide = promote_types(a.scalar_type(), b.scalar_type());
  return {cast(a, wide, loc), cast(b, wide, loc)};
}

} // namespace record
} // namespace tenon
