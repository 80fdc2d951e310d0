// DataLoader: iterates over a dataset in batches, in a sampler's order.
#pragma once
#include <tenon/arg.h>
#include <tenon/data/dataset.h>
#include <tenon/data/samplers.h>

#include <iterator>
#include <memory>
#include <string>
#include <type_traits>

namespace tenon::data {

/// Batches are made by the calling thread (a batch of 64 images is one copy of a few microseconds): `workers`, `max_jobs`, `timeout` and
/// `enforce_ordering` are accepted for LibTorch's sake and change nothing.
struct DataLoaderOptions {
  DataLoaderOptions() = default;
  DataLoaderOptions(size_t batch_size) : batch_size_(batch_size) {}
  TENON_ARG(size_t, batch_size) = 1;
  TENON_ARG(bool, drop_last) = false;
  TENON_ARG(size_t, workers) = 0;
  TENON_ARG(std::optional<size_t>, max_jobs);
  template <typename Duration> DataLoaderOptions &timeout(Duration) { return *this; } // any of std::chrono: the header costs 0.2 s
  TENON_ARG(bool, enforce_ordering) = true;
};

/// `for (auto &batch : *loader)`: every begin() starts a new epoch.
template <typename Dataset, typename Sampler> class StatelessDataLoader {
public:
  using BatchType = typename Dataset::BatchType;

  class Iterator {
  public:
    using difference_type = std::ptrdiff_t;
    using value_type = BatchType;
    using pointer = BatchType *;
    using reference = BatchType &;
    using iterator_category = std::input_iterator_tag;

    Iterator() = default;
    explicit Iterator(StatelessDataLoader *loader) : loader_(loader), batch_(loader->next()) {}
    BatchType &operator*() { return batch_.value(); }
    BatchType *operator->() { return &batch_.value(); }
    Iterator &operator++() {
      batch_ = loader_->next();
      return *this;
    }
    /// Equal to end() when no batch is left.
    bool operator==(const Iterator &other) const { return batch_.has_value() == other.batch_.has_value(); }

  private:
    StatelessDataLoader *loader_ = nullptr;
    std::optional<BatchType> batch_;
  };

  StatelessDataLoader(Dataset dataset, Sampler sampler, DataLoaderOptions options)
      : dataset_(std::move(dataset)), sampler_(std::move(sampler)), options_(options) {}

  Iterator begin() {
    sampler_.reset(dataset_.size());
    return Iterator(this);
  }
  Iterator end() { return {}; }
  const DataLoaderOptions &options() const noexcept { return options_; }

private:
  std::optional<BatchType> next() {
    auto request = sampler_.next(options_.batch_size());
    if (!request || (options_.drop_last() && request->size() < options_.batch_size()))
      return std::nullopt;
    return dataset_.get_batch(*request);
  }

  Dataset dataset_;
  Sampler sampler_;
  DataLoaderOptions options_;
};

/// A loader with a sampler of your own. Throws when batch_size is 0.
template <typename Dataset, typename Sampler>
std::unique_ptr<StatelessDataLoader<Dataset, Sampler>> make_data_loader(Dataset dataset, Sampler sampler, DataLoaderOptions options,
                                                                        Location loc = Location::current()) {
  if (options.batch_size() == 0)
    throw Error("make_data_loader: batch_size is 0, expected at least 1", loc);
  return std::make_unique<StatelessDataLoader<Dataset, Sampler>>(std::move(dataset), std::move(sampler), options);
}

/// A loader over a sized dataset, in random order unless another sampler is named: make_data_loader<samplers::SequentialSampler>(...).
template <typename Sampler = samplers::RandomSampler, typename Dataset>
  requires std::is_constructible_v<Sampler, size_t>
std::unique_ptr<StatelessDataLoader<Dataset, Sampler>> make_data_loader(Dataset dataset, DataLoaderOptions options = {},
                                                                        Location loc = Location::current()) {
  std::optional<size_t> size = dataset.size();
  if (!size)
    throw Error("make_data_loader: the dataset has no size, expected one to make the sampler from", loc);
  return make_data_loader(std::move(dataset), Sampler(*size), options, loc);
}

} // namespace tenon::data
