// Embeddings: rows of a table by index, one by one or reduced in bags.
#pragma once
#include <tenon/functional/options.h>

#include <optional>

namespace tenon::nn {

/// What a bag does with its rows: kSum, kMean or kMax.
struct EmbeddingBagMode {
  enum Kind { Sum, Mean, Max };
  constexpr EmbeddingBagMode(Kind kind) : kind(kind) {}
  constexpr EmbeddingBagMode(Reduction reduction) : kind(reduction == Reduction::Sum ? Sum : Mean) {
    if (reduction == Reduction::None)
      throw Error("EmbeddingBag: expected mode kSum, kMean or kMax, got kNone");
  }
  constexpr operator Kind() const { return kind; }
  Kind kind;
};

struct EmbeddingOptions {
  EmbeddingOptions(int64_t num_embeddings, int64_t embedding_dim) : num_embeddings_(num_embeddings), embedding_dim_(embedding_dim) {}
  TENON_ARG(int64_t, num_embeddings);
  TENON_ARG(int64_t, embedding_dim);
  /// A row that starts as zeros and that no gradient reaches; negative: from the end.
  TENON_ARG(std::optional<int64_t>, padding_idx) = std::nullopt;
  /// Refused where set: rows would change when they are read.
  TENON_ARG(std::optional<double>, max_norm) = std::nullopt;
  TENON_ARG(double, norm_type) = 2.0;
  /// Refused where set.
  TENON_ARG(bool, scale_grad_by_freq) = false;
  TENON_ARG(bool, sparse) = false;
  /// The table to start from; undefined: normal.
  TENON_ARG(Tensor, _weight) = {};
};

struct EmbeddingBagOptions {
  EmbeddingBagOptions(int64_t num_embeddings, int64_t embedding_dim) : num_embeddings_(num_embeddings), embedding_dim_(embedding_dim) {}
  TENON_ARG(int64_t, num_embeddings);
  TENON_ARG(int64_t, embedding_dim);
  TENON_ARG(std::optional<double>, max_norm) = std::nullopt;
  TENON_ARG(double, norm_type) = 2.0;
  TENON_ARG(bool, scale_grad_by_freq) = false;
  TENON_ARG(EmbeddingBagMode, mode) = EmbeddingBagMode::Mean;
  TENON_ARG(bool, sparse) = false;
  TENON_ARG(Tensor, _weight) = {};
  /// The last offset is the end of the last bag.
  TENON_ARG(bool, include_last_offset) = false;
  /// Rows of this index count for nothing.
  TENON_ARG(std::optional<int64_t>, padding_idx) = std::nullopt;
};

namespace functional {

struct EmbeddingFuncOptions {
  TENON_ARG(std::optional<int64_t>, padding_idx) = std::nullopt;
  TENON_ARG(std::optional<double>, max_norm) = std::nullopt;
  TENON_ARG(double, norm_type) = 2.0;
  TENON_ARG(bool, scale_grad_by_freq) = false;
  TENON_ARG(bool, sparse) = false;
};
/// weight [V, D], input int64 or int32 [...] -> [..., D]. An index outside of [0, V) makes the step fail.
Tensor embedding(const Tensor &input, const Tensor &weight, const EmbeddingFuncOptions &options = {}, Location loc = Location::current());

struct EmbeddingBagFuncOptions {
  /// Where each bag begins in a one-dimensional input: ascending, the first is 0.
  TENON_ARG(Tensor, offsets) = {};
  TENON_ARG(std::optional<double>, max_norm) = std::nullopt;
  TENON_ARG(double, norm_type) = 2.0;
  TENON_ARG(bool, scale_grad_by_freq) = false;
  TENON_ARG(EmbeddingBagMode, mode) = EmbeddingBagMode::Mean;
  TENON_ARG(bool, sparse) = false;
  /// A factor per index, for sums; of the input's shape.
  TENON_ARG(Tensor, per_sample_weights) = {};
  TENON_ARG(bool, include_last_offset) = false;
  TENON_ARG(std::optional<int64_t>, padding_idx) = std::nullopt;
};
/// The rows of each bag summed, averaged, or their largest elements: input [B, N] without offsets, or [N] with offsets [B] -> [B, D]. An empty bag is zeros.
Tensor embedding_bag(const Tensor &input, const Tensor &weight, const EmbeddingBagFuncOptions &options = {}, Location loc = Location::current());

} // namespace functional
} // namespace tenon::nn

namespace tenon {
using nn::EmbeddingBagMode;
inline constexpr EmbeddingBagMode::Kind kMax = EmbeddingBagMode::Max;
/// LibTorch's order: the table first.
Tensor embedding(const Tensor &weight, const Tensor &indices, int64_t padding_idx = -1, bool scale_grad_by_freq = false, bool sparse = false, Location loc = Location::current());
} // namespace tenon
