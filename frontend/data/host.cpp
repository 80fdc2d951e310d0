// A host tensor is a stored slot: no trace knows of it before an op uses it, and nothing is filled in first.
#include "frontend/data/host.h"
#include "frontend/tensor/impl.h"

namespace tenon::data {

Tensor host_tensor(const std::vector<int64_t> &sizes, Dtype dtype) {
  return tenon::detail::Access::wrap(tenon::detail::make_stored(sizes, dtype, Location::current()));
}

} // namespace tenon::data
