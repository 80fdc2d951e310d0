// The orders of the samplers.
#include <tenon/data/samplers.h>
#include <tenon/tensor/tensor.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace tenon::data::samplers {
namespace {

/// Fisher and Yates, written out: std::shuffle differs between libraries.
void shuffle(std::vector<size_t> &indices, uint64_t seed) {
  std::mt19937_64 generator(seed);
  for (size_t i = indices.size(); i > 1; --i)
    std::swap(indices[i - 1], indices[generator() % i]);
}

/// A seed from the generator of manual_seed().
uint64_t draw_seed() {
  Tensor halves = randint(int64_t{1} << 31, {2});
  const int64_t *half = halves.const_data_ptr<int64_t>();
  return static_cast<uint64_t>(half[0]) << 31 ^ static_cast<uint64_t>(half[1]);
}

std::vector<size_t> iota(size_t size) {
  std::vector<size_t> indices(size);
  std::iota(indices.begin(), indices.end(), size_t{0});
  return indices;
}

/// The next piece of at most `batch_size` of `indices`.
std::optional<std::vector<size_t>> piece(const std::vector<size_t> &indices, size_t &index, size_t batch_size) {
  size_t count = std::min(batch_size, indices.size() - index);
  if (count == 0)
    return std::nullopt;
  auto first = indices.begin() + static_cast<std::ptrdiff_t>(index);
  index += count;
  return std::vector<size_t>(first, first + static_cast<std::ptrdiff_t>(count));
}

} // namespace

void SequentialSampler::reset(std::optional<size_t> new_size) {
  size_ = new_size.value_or(size_);
  index_ = 0;
}

std::optional<std::vector<size_t>> SequentialSampler::next(size_t batch_size) {
  size_t count = std::min(batch_size, size_ - index_);
  if (count == 0)
    return std::nullopt;
  std::vector<size_t> indices(count);
  std::iota(indices.begin(), indices.end(), index_);
  index_ += count;
  return indices;
}

void RandomSampler::reset(std::optional<size_t> new_size) {
  size_ = new_size.value_or(size_);
  indices_ = iota(size_);
  shuffle(indices_, draw_seed());
  index_ = 0;
  started_ = true;
}

std::optional<std::vector<size_t>> RandomSampler::next(size_t batch_size) {
  if (!started_)
    reset();
  return piece(indices_, index_, batch_size);
}

DistributedSampler::DistributedSampler(size_t size, size_t num_replicas, size_t rank, bool allow_duplicates)
    : size_(size), num_replicas_(num_replicas), rank_(rank), allow_duplicates_(allow_duplicates) {
  if (rank >= num_replicas)
    throw Error("DistributedSampler: rank " + std::to_string(rank) + " is not below num_replicas " + std::to_string(num_replicas));
}

void DistributedSampler::reset(std::optional<size_t> new_size) {
  size_ = new_size.value_or(size_);
  std::vector<size_t> all = order();
  size_t share = (size_ + (allow_duplicates_ ? num_replicas_ - 1 : 0)) / num_replicas_;
  indices_.clear();
  for (size_t i = rank_ * share; i < (rank_ + 1) * share; ++i)
    indices_.push_back(all[i % size_]); // past the end the first ones come again
  index_ = 0;
  started_ = true;
}

std::optional<std::vector<size_t>> DistributedSampler::next(size_t batch_size) {
  if (!started_)
    reset();
  return piece(indices_, index_, batch_size);
}

std::vector<size_t> DistributedRandomSampler::order() const {
  std::vector<size_t> indices = iota(size_);
  shuffle(indices, epoch_);
  return indices;
}

std::vector<size_t> DistributedSequentialSampler::order() const { return iota(size_); }

} // namespace tenon::data::samplers
