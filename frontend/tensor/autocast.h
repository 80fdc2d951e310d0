// Automatic mixed precision: while a guard lives, ops run in the element type that PyTorch's lists give them.
#pragma once
#include "types.h"
#include <optional>
#include <utility>

namespace tenon {

/// torch.autocast. Products (linear, matmul, convolutions, attention, recurrent layers, prelu) take float32 operands as `dtype`; softmax,
/// losses, layer_norm, group_norm, exp, log, pow, sum and their like take float16 and bfloat16 as float32; other ops run in what comes,
/// and where they meet in the widest. float64 stays. The lists are PyTorch's for CUDA on every device; an op's class is in its entry.
/// Parameters stay float32 and so do their gradients. Compiled functions called under another autocast record another variant.
///   {
///     AutocastGuard autocast(kBFloat16);
///     loss = F::cross_entropy(net(x), y);
///   }
///   loss.backward();
class AutocastGuard {
public:
  /// Throws Error unless `dtype` is kBFloat16 or kHalf.
  explicit AutocastGuard(Dtype dtype = ScalarType::BFloat16, bool enabled = true, Location loc = Location::current());
  ~AutocastGuard();
  AutocastGuard(const AutocastGuard &) = delete;

private:
  std::optional<Dtype> before_;
};
/// Of this thread.
bool is_autocast_enabled();
/// kBFloat16 where it is off.
Dtype get_autocast_dtype();

/// body() under autocast: auto loss = autocast(kBFloat16, [&] { return F::cross_entropy(net(x), y); });
template <class Body> decltype(auto) autocast(Dtype dtype, Body &&body, Location loc = Location::current()) {
  AutocastGuard guard(dtype, true, loc);
  return std::forward<Body>(body)();
}

} // namespace tenon
