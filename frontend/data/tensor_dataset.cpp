// Rows of tensors, copied on the host.
#include <tenon/data/host.h>
#include <tenon/data/tensor_dataset.h>
#include <tenon/data/transforms.h>

#include <cstring>

namespace tenon::data::datasets {
namespace {

/// The rows `indices` of `source` [N, ...], as [B, ...], or as [...] when `single`.
Tensor rows(const Tensor &source, ArrayRef<size_t> indices, bool single) {
  std::vector<int64_t> sizes(source.sizes().begin(), source.sizes().end());
  size_t count = static_cast<size_t>(sizes[0]), bytes = count ? source.nbytes() / count : 0;
  if (single)
    sizes.erase(sizes.begin());
  else
    sizes[0] = static_cast<int64_t>(indices.size());
  Tensor result = host_tensor(sizes, source.scalar_type());
  const char *from = static_cast<const char *>(source.data_ptr());
  char *to = static_cast<char *>(result.data_ptr());
  for (size_t index : indices) {
    if (index >= count)
      throw Error("TensorDataset: index " + std::to_string(index) + " is out of range, the dataset has " + std::to_string(count) + " rows");
    std::memcpy(to, from + index * bytes, bytes);
    to += bytes;
  }
  return result;
}

Tensor checked(Tensor tensor, Location loc) {
  if (!tensor.defined() || tensor.dim() == 0)
    throw Error("TensorDataset: expected a tensor of at least one dimension", loc);
  return tensor.detach().contiguous();
}

} // namespace

TensorDataset::TensorDataset(const std::vector<Tensor> &tensors) : TensorDataset(transforms::detail::stack(tensors)) {}

TensorDataset::TensorDataset(Tensor tensor) : tensor(checked(std::move(tensor), Location::current())) {}

TensorExample TensorDataset::get(size_t index) { return rows(tensor, {&index, 1}, true); }

PairDataset::PairDataset(Tensor data, Tensor target, Location loc)
    : data(checked(std::move(data), loc)), target(checked(std::move(target), loc)) {
  if (this->data.size(0) != this->target.size(0))
    throw Error("PairDataset: data has " + std::to_string(this->data.size(0)) + " rows, target has " + std::to_string(this->target.size(0)),
                loc);
}

Example<> PairDataset::get(size_t index) { return {rows(data, {&index, 1}, true), rows(target, {&index, 1}, true)}; }

Example<> PairDataset::get_stacked(ArrayRef<size_t> indices) { return {rows(data, indices, false), rows(target, indices, false)}; }

} // namespace tenon::data::datasets
