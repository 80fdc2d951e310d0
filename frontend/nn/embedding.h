// Layers of embeddings: a table whose rows are looked up, one by one or in bags.
#pragma once
#include <tenon/functional/functional.h>
#include <tenon/nn/holder.h>

namespace tenon::nn {

/// indices [...] -> [..., embedding_dim]. weight [num_embeddings, embedding_dim] starts normal, its row padding_idx as zeros.
class EmbeddingImpl : public Cloneable<EmbeddingImpl> {
public:
  EmbeddingImpl(int64_t num_embeddings, int64_t embedding_dim) : EmbeddingImpl(EmbeddingOptions(num_embeddings, embedding_dim)) {}
  explicit EmbeddingImpl(const EmbeddingOptions &options);
  void reset() override;
  /// Draws a new table.
  void reset_parameters();
  Tensor forward(const Tensor &indices, Location loc = Location::current()) const;
  void pretty_print(std::ostream &stream) const override;

  EmbeddingOptions options;
  Tensor weight;
};
class Embedding : public ModuleHolder<EmbeddingImpl> {
public:
  using Impl = EmbeddingImpl;
  using ModuleHolder<EmbeddingImpl>::ModuleHolder;
  /// A layer that starts from this table [V, D]; `freeze`: it is not trained.
  static Embedding from_pretrained(const Tensor &embeddings, bool freeze = true, std::optional<int64_t> padding_idx = std::nullopt, Location loc = Location::current());
};

/// indices [B, N], or [N] with offsets [B] -> [B, embedding_dim].
class EmbeddingBagImpl : public Cloneable<EmbeddingBagImpl> {
public:
  EmbeddingBagImpl(int64_t num_embeddings, int64_t embedding_dim) : EmbeddingBagImpl(EmbeddingBagOptions(num_embeddings, embedding_dim)) {}
  explicit EmbeddingBagImpl(const EmbeddingBagOptions &options);
  void reset() override;
  void reset_parameters();
  Tensor forward(const Tensor &indices, Location loc = Location::current()) const { return forward(indices, {}, {}, loc); }
  Tensor forward(const Tensor &indices, const Tensor &offsets, Location loc = Location::current()) const { return forward(indices, offsets, {}, loc); }
  Tensor forward(const Tensor &indices, const Tensor &offsets, const Tensor &per_sample_weights, Location loc = Location::current()) const;
  void pretty_print(std::ostream &stream) const override;

  EmbeddingBagOptions options;
  Tensor weight;
};
class EmbeddingBag : public ModuleHolder<EmbeddingBagImpl> {
public:
  using Impl = EmbeddingBagImpl;
  using ModuleHolder<EmbeddingBagImpl>::ModuleHolder;
  static EmbeddingBag from_pretrained(const Tensor &embeddings, bool freeze = true, EmbeddingBagMode mode = EmbeddingBagMode::Mean, Location loc = Location::current());
};

} // namespace tenon::nn
