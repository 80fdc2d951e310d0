// What the files of pooling share. Internal.
#pragma once
#include <tenon/tensor/tensor.h>

namespace tenon::detail {

/// One entry per spatial dimension.
struct Windows {
  Shape kernel, stride, padding, dilation;
  bool ceil = false;
};

/// `dims` numbers from as many or one; throws Error on another count.
Shape expanded(const std::string &op, const char *what, size_t dims, IntArrayRef values, Location loc);
/// throw Error unless x is floating-point [C, spatial...] or [N, C, spatial...] and only N may be 0.
void expect_spatial(const std::string &op, const Tensor &x, size_t dims, Location loc);
/// Checked windows over the last `dims` dimensions of x.
Windows windows(const std::string &op, const Tensor &x, size_t dims, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation, bool ceil, Location loc);
Tensor max_pool(const Tensor &x, const Windows &w, Location loc);
Tensor max_pool_indices(const Tensor &x, const Windows &w, Location loc);
Tensor avg_pool(const std::string &op, const Tensor &x, const Windows &w, bool count_include_pad, std::optional<int64_t> divisor, Location loc);

} // namespace tenon::detail
