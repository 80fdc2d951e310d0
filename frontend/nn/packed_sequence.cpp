// Packed sequences: a padded tensor and lengths.
#include "frontend/nn/packed_sequence.h"
#include "frontend/functional/check.h"
#include "frontend/tensor/record.h"

namespace tenon::nn {
namespace utils::rnn {

PackedSequence pack_padded_sequence(const Tensor &input, const Tensor &lengths, bool batch_first, bool enforce_sorted, Location loc) {
  const char *op = "pack_padded_sequence";
  tenon::detail::expect_defined(op, "input", input, loc);
  tenon::detail::expect_defined(op, "lengths", lengths, loc);
  if (input.dim() < 2 || lengths.dim() != 1 || lengths.scalar_type() != kLong || lengths.size(0) != input.size(batch_first ? 0 : 1))
    throw record::error(op, "expected an input of two axes or more and a 64-bit length for each of its sequences, got " + record::text(input) + " and " + record::text(lengths), loc);
  auto padded = batch_first ? input.transpose(0, 1, loc) : input;
  if (!record::is_capturing() && lengths.numel()) {
    auto *l = lengths.const_data_ptr<int64_t>(loc);
    for (int64_t i = 0; i < lengths.size(0); ++i) {
      if (l[i] < 1 || l[i] > padded.size(0))
        throw record::error(op, "expected lengths in [1, " + std::to_string(padded.size(0)) + "], got " + std::to_string(l[i]), loc);
      if (enforce_sorted && i && l[i] > l[i - 1])
        throw record::error(op, "expected lengths that do not grow, as enforce_sorted says; got " + std::to_string(l[i]) + " after " + std::to_string(l[i - 1]), loc);
    }
  }
  return {padded, lengths};
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
  auto beyond = arange(y.size(0), kLong, loc).unsqueeze(1, loc).ge({sequence.lengths.unsqueeze(0, loc), loc});
  while (beyond.dim() < y.dim())
    beyond = beyond.unsqueeze(-1, loc);
  y = y.masked_fill(beyond, {Scalar(padding_value), loc});
  return {batch_first ? y.transpose(0, 1, loc) : y, sequence.lengths};
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
  return std::make_tuple(PackedSequence{first ? y.transpose(0, 1, loc) : y, input.lengths}, state);
}
} // namespace

std::tuple<PackedSequence, Tensor> RNNImpl::forward_with_packed_input(const PackedSequence &input, const Tensor &hx, Location loc) const { return run_packed(*this, input, hx, loc); }
std::tuple<PackedSequence, Tensor> GRUImpl::forward_with_packed_input(const PackedSequence &input, const Tensor &hx, Location loc) const { return run_packed(*this, input, hx, loc); }
std::tuple<PackedSequence, std::tuple<Tensor, Tensor>> LSTMImpl::forward_with_packed_input(const PackedSequence &input, const std::optional<std::tuple<Tensor, Tensor>> &hx, Location loc) const {
  return run_packed(*this, input, hx, loc);
}

} // namespace tenon::nn
