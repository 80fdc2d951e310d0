// What functions expect of their operands, said in terms of the user's tensors before an op is written. Internal.
#pragma once
#include <tenon/tensor/tensor.h>

namespace tenon::detail {

/// throw Error unless `x` is a tensor (of floating point): "gelu: expected an input of floating point, came int64[2]".
void expect_defined(const char *op, const char *what, const Tensor &x, Location loc);
void expect_floating(const char *op, const char *what, const Tensor &x, Location loc);

} // namespace tenon::detail
