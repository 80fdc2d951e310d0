// PyTorch's rules for operands of pointwise ops. Internal.
#pragma once
#include "frontend/tensor/record.h"

namespace tenon::detail {

/// Functions that are defined on real numbers take integers as the default dtype.
Tensor real(const char *op, const Tensor &x, Location loc);
/// Both operands as tensors of one dtype and shape.
struct Pair {
  Tensor a, b;
};
Pair align(const char *op, const Operand &a, const Operand &b, Dtype dtype, Location loc);

} // namespace tenon::detail
