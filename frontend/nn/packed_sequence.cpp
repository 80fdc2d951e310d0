// Packed sequences: a padded tensor and lengths.
#include "frontend/nn/packed_sequence.h"
#include "frontend/functional/check.h"
#include "frontend/tensor/places.h"
#include <algorithm>
#include <numeric>

namespace tenon::nn {
namespace utils::rnn {
namespace {

std::vector<int64_t> longs(const Tensor &x, Location loc) {
  Tensor here = x.cpu(loc);
  auto *data = here.const_data_ptr<int64_t>(loc);
  return {data, data + x.numel()};
}

} // namespace

PackedSequence with_padded(const PackedSequence &sequence, Tensor padded) {
  auto other = sequence;
  other.padded = std::move(padded);
  return other;
}

PackedSequence::PackedSequence(const Tensor &data, const Tensor &batch_sizes, const Tensor &sorted_indices, const Tensor &unsorted_indices, Location loc)
    : sorted_indices_(sorted_indices), unsorted_indices_(unsorted_indices) {
  const char *op = "PackedSequence";
  tenon::detail::expect_defined(op, "data", data, loc);
  tenon::detail::expect_defined(op, "batch_sizes", batch_sizes, loc);
  tenon::detail::expect_readable(op, "pack padded sequences with lengths", loc);
  if (data.dim() < 1 || batch_sizes.dim() != 1 || batch_sizes.scalar_type() != kLong || batch_sizes.numel() == 0)
    throw record::error(op, "expected data of one axis or more and 64-bit batch sizes [T], got " + record::text(data) + " and " + record::text(batch_sizes), loc);
  auto sizes = longs(batch_sizes, loc);
  if (!std::is_sorted(sizes.rbegin(), sizes.rend()) || sizes.back() < 1 || std::accumulate(sizes.begin(), sizes.end(), int64_t(0)) != data.size(0))
    throw record::error(op, "expected batch sizes that are positive, do not grow and sum to " + std::to_string(data.size(0)), loc);
  auto steps = int64_t(sizes.size()), batch = sizes[0], next = int64_t(0);
  std::vector<int64_t> places(size_t(steps * batch), data.size(0)), length(size_t(batch), 0); // a row of zeros stands behind the data
  for (int64_t t = 0; t < steps; ++t)
    for (int64_t b = 0; b < sizes[size_t(t)]; ++b)
      places[size_t(t * batch + b)] = next++, ++length[size_t(b)];
  auto row = data.sizes().vec(), shape = row;
  row[0] = 1, shape[0] = steps, shape.insert(shape.begin() + 1, batch);
  padded = cat({data, zeros(row, data.options(), loc)}, 0, loc).index_select(0, tensor(places, data.options().dtype(kLong), loc), loc).view(shape, loc);
  lengths = tensor(length, data.options().dtype(kLong), loc);
  if (unsorted_indices.defined())
    padded = padded.index_select(1, unsorted_indices, loc), lengths = lengths.index_select(0, unsorted_indices, loc);
}

Tensor PackedSequence::data(Location loc) const {
  tenon::detail::expect_readable("PackedSequence::data", "use the padded steps and the lengths", loc);
  auto length = longs(lengths, loc);
  auto batch = int64_t(length.size());
  std::vector<int64_t> order(length.size()), places;
  std::iota(order.begin(), order.end(), 0);
  if (sorted_indices_.defined())
    order = longs(sorted_indices_, loc);
  for (int64_t t = 0; t < padded.size(0); ++t)
    for (auto b : order)
      if (length[size_t(b)] > t)
        places.push_back(t * batch + b);
  return padded.flatten(0, 1, loc).index_select(0, tensor(places, kLong, loc), loc);
}

Tensor PackedSequence::batch_sizes(Location loc) const {
  tenon::detail::expect_readable("PackedSequence::batch_sizes", "use the lengths", loc);
  auto length = longs(lengths, loc);
  std::vector<int64_t> sizes(size_t(*std::max_element(length.begin(), length.end())));
  for (auto n : length)
    for (int64_t t = 0; t < n; ++t)
      ++sizes[size_t(t)];
  return tensor(sizes, kLong, loc);
}

PackedSequence pack_padded_sequence(const Tensor &input, const Tensor &lengths, bool batch_first, bool enforce_sorted, Location loc) {
  const char *op = "pack_padded_sequence";
  tenon::detail::expect_defined(op, "input", input, loc);
  tenon::detail::expect_defined(op, "lengths", lengths, loc);
  if (input.dim() < 2 || lengths.dim() != 1 || lengths.scalar_type() != kLong || lengths.size(0) != input.size(batch_first ? 0 : 1))
    throw record::error(op, "expected an input of two axes or more and a 64-bit length for each of its sequences, got " + record::text(input) + " and " + record::text(lengths), loc);
  auto padded = batch_first ? input.transpose(0, 1, loc) : input;
  if (!record::is_capturing()) {
    auto length = longs(lengths, loc);
    for (size_t i = 0; i < length.size(); ++i) {
      if (length[i] < 1 || length[i] > padded.size(0))
        throw record::error(op, "expected lengths in [1, " + std::to_string(padded.size(0)) + "], got " + std::to_string(length[i]), loc);
      if (enforce_sorted && i && length[i] > length[i - 1])
        throw record::error(op, "expected lengths that do not grow, as enforce_sorted says; got " + std::to_string(length[i]) + " after " + std::to_string(length[i - 1]), loc);
    }
  }
  PackedSequence sequence;
  sequence.padded = padded, sequence.lengths = lengths.to(input.device(), loc);
  if (!enforce_sorted) {
    sequence.sorted_indices_ = sequence.lengths.argsort(0, true, loc);
    sequence.unsorted_indices_ = sequence.sorted_indices_.argsort(0, false, loc);
  }
  return sequence;
}

std::tuple<Tensor, Tensor> pad_packed_sequence(const PackedSequence &sequence, bool batch_first, double padding_value, std::optional<int64_t> total_length, Location loc) {
  const char *op = "pad_packed_sequence";
  tenon::detail::expect_defined(op, "sequence", sequence.padded, loc);
  auto y = sequence.padded;
  auto steps = y.size(0), longest = record::is_capturing() || !sequence.lengths.numel() ? steps : sequence.lengths.max(loc).item<int64_t>(loc);
  if (longest < steps)
    y = y.slice(0, 0, longest, 1, loc);
  if (total_length && *total_length < longest)
    throw record::error(op, "expected a total_length of at least " + std::to_string(longest) + ", the longest sequence, got " + std::to_string(*total_length), loc);
  if (total_length && *total_length > longest) {
    auto more = y.sizes().vec();
    more[0] = *total_length - longest;
    y = cat({y, zeros(more, y.options(), loc)}, 0, loc);
  }
  // What lies beyond a length is padding, whatever stood there.
  auto beyond = arange(y.size(0), y.options().dtype(kLong), loc).unsqueeze(1, loc).ge({sequence.lengths.unsqueeze(0, loc), loc});
  while (beyond.dim() < y.dim())
    beyond = beyond.unsqueeze(-1, loc);
  y = y.masked_fill(beyond, {Scalar(padding_value), loc});
  return {batch_first ? y.transpose(0, 1, loc) : y, sequence.lengths.cpu(loc)};
}

Tensor pad_sequence(const TensorList &sequences, bool batch_first, double padding_value, Location loc) {
  if (sequences.empty())
    throw record::error("pad_sequence", "expected at least one sequence", loc);
  int64_t steps = 0;
  for (auto &s : sequences) {
    tenon::detail::expect_defined("pad_sequence", "sequences", s, loc);
    if (!s.dim())
      throw record::error("pad_sequence", "expected sequences of one axis or more, got " + record::text(s), loc);
    steps = std::max(steps, s.size(0));
  }
  TensorList padded;
  for (auto &s : sequences) {
    auto rest = s.sizes().vec();
    rest[0] = steps - s.size(0);
    padded.push_back(rest[0] ? cat({s, full(rest, padding_value, s.options().requires_grad(false), loc)}, 0, loc) : s);
  }
  return stack(padded, batch_first ? 0 : 1, loc);
}

PackedSequence pack_sequence(const TensorList &sequences, bool enforce_sorted, Location loc) {
  std::vector<int64_t> lengths;
  auto padded = pad_sequence(sequences, false, 0, loc);
  for (auto &s : sequences)
    lengths.push_back(s.size(0));
  return pack_padded_sequence(padded, tensor(lengths, kLong, loc), false, enforce_sorted, loc);
}

} // namespace utils::rnn

using utils::rnn::PackedSequence;

namespace {
/// A layer on packed sequences: its tensors are [T, B, ...] whatever its batch_first says.
template <class Layer, class State> auto run_packed(const Layer &layer, const PackedSequence &input, const State &hx, Location loc) {
  bool first = layer.options.batch_first();
  auto [y, state] = layer.forward(first ? input.padded.transpose(0, 1, loc) : input.padded, hx, input.lengths, loc);
  return std::make_tuple(with_padded(input, first ? y.transpose(0, 1, loc) : y), state);
}
} // namespace

std::tuple<PackedSequence, Tensor> RNNImpl::forward_with_packed_input(const PackedSequence &input, const Tensor &hx, Location loc) const { return run_packed(*this, input, hx, loc); }
std::tuple<PackedSequence, Tensor> GRUImpl::forward_with_packed_input(const PackedSequence &input, const Tensor &hx, Location loc) const { return run_packed(*this, input, hx, loc); }
std::tuple<PackedSequence, std::tuple<Tensor, Tensor>> LSTMImpl::forward_with_packed_input(const PackedSequence &input, const std::optional<std::tuple<Tensor, Tensor>> &hx, Location loc) const {
  return run_packed(*this, input, hx, loc);
}

} // namespace tenon::nn
