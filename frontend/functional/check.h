// What functions expect of their operands, said in terms of the user's tensors before an op is written. Internal.
#pragma once
#include <tenon/functional/options.h>

#include <utility>

namespace tenon::detail {

/// throw Error unless `x` is a tensor (of floating point): "gelu: expected an input of floating point, came int64[2]".
void expect_defined(const char *op, const char *what, const Tensor &x, Location loc);
void expect_floating(const char *op, const char *what, const Tensor &x, Location loc);
/// Input and target in one dtype, PyTorch's promotion of the two; their shapes must be equal.
std::pair<Tensor, Tensor> matched(const char *op, const Tensor &input, const Tensor &target, Location loc);
/// The values of a loss, their mean or their sum.
Tensor reduced(const Tensor &losses, Reduction reduction, Location loc);

} // namespace tenon::detail
