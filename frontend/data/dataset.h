// Datasets: what yields examples by index (Dataset), whole batches (BatchDataset), or another dataset's batches transformed (MapDataset).
#pragma once
#include <tenon/data/example.h>

#include <concepts>
#include <optional>
#include <span>
#include <vector>

namespace tenon {
template <typename T> using ArrayRef = std::span<const T>;
}

namespace tenon::data::datasets {

template <typename S, typename T> class MapDataset;
template <typename D, typename T> MapDataset<D, T> map(D dataset, T transform);

/// A dataset that answers a request with a batch.
template <typename Self, typename Batch = std::vector<Example<>>, typename BatchRequest = ArrayRef<size_t>> class BatchDataset {
public:
  using SelfType = Self;
  using BatchType = Batch;
  using BatchRequestType = BatchRequest;

  virtual ~BatchDataset() = default;
  virtual Batch get_batch(BatchRequest request) = 0;
  virtual std::optional<size_t> size() const = 0;

  template <typename T> MapDataset<Self, T> map(T transform) & { return datasets::map(static_cast<Self &>(*this), std::move(transform)); }
  template <typename T> MapDataset<Self, T> map(T transform) && {
    return datasets::map(std::move(static_cast<Self &>(*this)), std::move(transform));
  }
};

/// A dataset of single examples; derive from it and write get() and size().
template <typename Self, typename SingleExample = Example<>> class Dataset : public BatchDataset<Self, std::vector<SingleExample>> {
public:
  using ExampleType = SingleExample;

  virtual ExampleType get(size_t index) = 0;
  std::vector<ExampleType> get_batch(ArrayRef<size_t> indices) override {
    std::vector<ExampleType> batch;
    batch.reserve(indices.size());
    for (size_t index : indices) {
      batch.push_back(get(index));
      settle(batch.back());
    }
    return batch;
  }
};

/// What a dataset may offer beside get_batch(): a stacked batch made by one copy, without a tensor per example.
template <typename D>
concept Stackable = requires(D &dataset, ArrayRef<size_t> indices) {
  { dataset.get_stacked(indices) } -> std::same_as<Example<>>;
};

/// What a transform may offer beside apply_batch(): the same work on a stacked batch.
template <typename T>
concept StackedTransform = requires(T &transform, Example<> batch) {
  { transform.apply_stacked(std::move(batch)) } -> std::same_as<Example<>>;
};

/// Batches of `S` passed through the transform `T`.
template <typename S, typename T>
class MapDataset : public BatchDataset<MapDataset<S, T>, typename T::OutputBatchType, typename S::BatchRequestType> {
public:
  using DatasetType = S;
  using TransformType = T;
  using BatchRequestType = typename S::BatchRequestType;
  using OutputBatchType = typename T::OutputBatchType;

  MapDataset(S dataset, T transform) : dataset_(std::move(dataset)), transform_(std::move(transform)) {}

  OutputBatchType get_batch(BatchRequestType indices) override {
    if constexpr (Stackable<S> && T::only_stacks)
      return dataset_.get_stacked(indices);
    else
      return transform_.apply_batch(dataset_.get_batch(std::move(indices)));
  }
  Example<> get_stacked(ArrayRef<size_t> indices)
    requires Stackable<S> && StackedTransform<T>
  {
    return transform_.apply_stacked(dataset_.get_stacked(indices));
  }
  std::optional<size_t> size() const override { return dataset_.size(); }

  const S &dataset() const noexcept { return dataset_; }
  const T &transform() const noexcept { return transform_; }

private:
  S dataset_;
  T transform_;
};

template <typename D, typename T> MapDataset<D, T> map(D dataset, T transform) {
  static_assert(std::is_same_v<typename D::BatchType, typename T::InputBatchType>, "the dataset's batch type is not the transform's input type");
  return {std::move(dataset), std::move(transform)};
}

} // namespace tenon::data::datasets
