// torch::nn::utils::rnn: sequences of unequal lengths in one tensor, as recurrent layers read them.
#pragma once
#include <tenon/nn/rnn.h>

namespace tenon::nn::utils::rnn {

/// Padded sequences [T, B, ...] and their lengths. PyTorch packs the steps that exist one after the other; here a layer reads the padded tensor and stops each sequence at
/// its length, which gives the same numbers.
struct PackedSequence {
  Tensor padded, lengths;
};

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
