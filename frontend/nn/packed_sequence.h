// torch::nn::utils::rnn: sequences of unequal lengths in one tensor, as recurrent layers read them.
#pragma once
#include <tenon/nn/rnn.h>

namespace tenon::nn::utils::rnn {

/// Sequences in the order of their lengths, the longest first. A layer reads padded steps [T, B, ...], each sequence in its place and stopped at its length; what PyTorch
/// packs, the steps that exist one after the other, is made where it is asked for.
class PackedSequence {
public:
  /// Steps that exist [sum of batch_sizes, ...], and how many there are of each; what sorted the sequences, and what puts them back, or undefined.
  PackedSequence(const Tensor &data, const Tensor &batch_sizes, const Tensor &sorted_indices = {}, const Tensor &unsorted_indices = {}, Location loc = Location::current());
  /// Lengths decide these shapes: refused inside compile.
  Tensor data(Location loc = Location::current()) const;
  Tensor batch_sizes(Location loc = Location::current()) const;
  /// The sequences' places before they were sorted; undefined where enforce_sorted said they were.
  const Tensor &sorted_indices() const { return sorted_indices_; }
  const Tensor &unsorted_indices() const { return unsorted_indices_; }

  /// [T, B, ...] and [B], in the order before sorting.
  Tensor padded, lengths;

private:
  PackedSequence() = default;
  friend PackedSequence with_padded(const PackedSequence &, Tensor padded);
  friend PackedSequence pack_padded_sequence(const Tensor &, const Tensor &, bool, bool, Location);
  Tensor sorted_indices_, unsorted_indices_;
};
/// The same sequences with other steps.
PackedSequence with_padded(const PackedSequence &sequence, Tensor padded);

/// input [T, B, ...], or [B, T, ...] with `batch_first`; lengths [B], 64-bit, each in [1, T]. Errors: another shape or dtype; lengths that do not fall although
/// `enforce_sorted` says so (not seen inside compile).
PackedSequence pack_padded_sequence(const Tensor &input, const Tensor &lengths, bool batch_first = false, bool enforce_sorted = true, Location loc = Location::current());
/// The padded tensor and the lengths. It is as long as the longest sequence (inside compile: as what was packed), or `total_length`; beyond a sequence's end it holds
/// `padding_value`.
std::tuple<Tensor, Tensor> pad_packed_sequence(const PackedSequence &sequence, bool batch_first = false, double padding_value = 0, std::optional<int64_t> total_length = std::nullopt,
                                               Location loc = Location::current());
/// Sequences [length, ...] one beside the other: [T, B, ...], or [B, T, ...] with `batch_first`.
Tensor pad_sequence(const TensorList &sequences, bool batch_first = false, double padding_value = 0, Location loc = Location::current());
PackedSequence pack_sequence(const TensorList &sequences, bool enforce_sorted = true, Location loc = Location::current());

} // namespace tenon::nn::utils::rnn
