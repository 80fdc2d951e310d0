// Gather and scatter as the frontend's methods use them: indices checked, narrow types widened. Internal.
#pragma once
#include "compiler/dialect/nn/Nn.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"

namespace tenon::detail {

using Mode = ir::prim::ScatterMode;

/// Indices as int64 that make the step fail where one does not exist. Throws unless they are integers.
Tensor checked_index(const char *op, const Tensor &index, int64_t extent, bool wrap, Location loc);
/// Slices of x at indices that exist.
Tensor gather_axis(const Tensor &x, const Tensor &index, int64_t axis, Location loc);
/// x (undefined: zeros of `sizes`) with slices put in. bfloat16 and float16 are combined as float32, flags as int32.
Tensor scatter_axis(Mode mode, const Tensor &x, IntArrayRef sizes, const Tensor &index, const Tensor &updates, int64_t axis, Location loc);
/// Places in the flat tensor of `sizes`, where `index` holds the coordinate `dim` and the others are its own.
Tensor flat_places(const Tensor &index, IntArrayRef sizes, int64_t dim, Location loc);
/// Throws inside compile and in bodies, where numbers that would decide a shape cannot be read.
void expect_readable(const char *op, const char *instead, Location loc);
/// Rank 0 as one element.
inline Tensor at_least_1d(const Tensor &x, Location loc) { return x.dim() ? x : x.view({1}, loc); }
inline Tensor times(const Tensor &x, int64_t n, Location loc) { return n == 1 ? x : record::op<ir::prim::MulOp>({x, record::constant(n, x.scalar_type(), x.sizes(), loc)}, loc); }
inline Tensor plus(const Tensor &a, const Tensor &b, Location loc) { return record::op<ir::prim::AddOp>({a, b}, loc); }

} // namespace tenon::detail
