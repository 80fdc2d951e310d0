// TensorDataset: examples that are the rows of tensors in memory.
#pragma once
#include <tenon/data/dataset.h>

#include <vector>

namespace tenon::data::datasets {

/// Row i of one tensor [N, ...].
struct TensorDataset : public Dataset<TensorDataset, TensorExample> {
  explicit TensorDataset(const std::vector<Tensor> &tensors);
  explicit TensorDataset(Tensor tensor);
  TensorExample get(size_t index) override;
  std::optional<size_t> size() const override { return static_cast<size_t>(tensor.size(0)); }

  Tensor tensor;
};

/// Row i of data [N, ...] with row i of target [N, ...]: what F::cross_entropy and its kind train on.
struct PairDataset : public Dataset<PairDataset> {
  PairDataset(Tensor data, Tensor target, Location loc = Location::current());
  Example<> get(size_t index) override;
  Example<> get_stacked(ArrayRef<size_t> indices);
  std::optional<size_t> size() const override { return static_cast<size_t>(data.size(0)); }

  Tensor data, target;
};

} // namespace tenon::data::datasets
