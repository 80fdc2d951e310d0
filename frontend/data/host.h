// Tensors that are made on the host at once, beside any trace. Internal.
#pragma once
#include <tenon/tensor/tensor.h>

namespace tenon::data {

/// A tensor over fresh memory, aligned for the runtime, for the caller to fill.
Tensor host_tensor(const std::vector<int64_t> &sizes, Dtype dtype);

} // namespace tenon::data
