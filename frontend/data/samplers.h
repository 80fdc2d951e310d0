// Samplers: the order in which a loader asks for examples. Random ones draw from the seed of manual_seed(), so a run can be repeated.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

namespace tenon::data::samplers {

template <typename BatchRequest = std::vector<size_t>> class Sampler {
public:
  using BatchRequestType = BatchRequest;
  virtual ~Sampler() = default;
  /// Starts a new epoch; a new size replaces the old one.
  virtual void reset(std::optional<size_t> new_size) = 0;
  /// The next request of at most `batch_size` indices; none when the epoch is over.
  virtual std::optional<BatchRequest> next(size_t batch_size) = 0;
};

/// 0, 1, 2, ...
class SequentialSampler : public Sampler<> {
public:
  explicit SequentialSampler(size_t size) : size_(size) {}
  void reset(std::optional<size_t> new_size = std::nullopt) override;
  std::optional<std::vector<size_t>> next(size_t batch_size) override;
  size_t index() const noexcept { return index_; }

private:
  size_t size_, index_ = 0;
};

/// A fresh permutation every epoch.
class RandomSampler : public Sampler<> {
public:
  explicit RandomSampler(size_t size) : size_(size) {}
  void reset(std::optional<size_t> new_size = std::nullopt) override;
  std::optional<std::vector<size_t>> next(size_t batch_size) override;
  size_t index() const noexcept { return index_; }

private:
  size_t size_, index_ = 0;
  bool started_ = false;
  std::vector<size_t> indices_;
};

/// The share of one of several processes. With duplicates allowed every share has ceil(size / replicas) examples, else floor.
class DistributedSampler : public Sampler<> {
public:
  DistributedSampler(size_t size, size_t num_replicas = 1, size_t rank = 0, bool allow_duplicates = true);
  /// The epoch is the seed of the order, and the same in every process.
  void set_epoch(size_t epoch) { epoch_ = epoch; }
  size_t epoch() const { return epoch_; }
  void reset(std::optional<size_t> new_size = std::nullopt) override;
  std::optional<std::vector<size_t>> next(size_t batch_size) override;
  size_t index() const noexcept { return index_; }

protected:
  /// The order of all examples in this epoch.
  virtual std::vector<size_t> order() const = 0;
  size_t size_, num_replicas_, rank_, epoch_ = 0;
  bool allow_duplicates_;

private:
  bool started_ = false;
  std::vector<size_t> indices_;
  size_t index_ = 0;
};

class DistributedRandomSampler : public DistributedSampler {
public:
  using DistributedSampler::DistributedSampler;

protected:
  std::vector<size_t> order() const override;
};

class DistributedSequentialSampler : public DistributedSampler {
public:
  using DistributedSampler::DistributedSampler;

protected:
  std::vector<size_t> order() const override;
};

} // namespace tenon::data::samplers
