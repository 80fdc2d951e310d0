// Windows: the one way in which a loop nest may read an operand elsewhere than at its loops' own indices.
#pragma once
#include <cstdint>

namespace tenon::ir {

/// Dimension `dimension` of operand 0 is read at (out * stride + tap * dilation - padding) / inputDilation, where `out` is a loop of the result and `tap` a loop that
/// is reduced. Iterations at which that is no element (outside of the operand, or no whole number) are left out of the sum.
struct Window {
  int64_t dimension, out, tap;               ///< a dimension of operand 0, two loops
  int64_t stride, dilation;                  ///< not 0; negative: walked backwards
  int64_t padding, inputDilation;            ///< padding: elements in front, negative cuts; inputDilation >= 1
};
constexpr int64_t windowWords = sizeof(Window) / sizeof(int64_t);

} // namespace tenon::ir
