// MultiheadAttention as a layer.
#pragma once
#include <tenon/functional/attention.h>
#include <tenon/nn/linear.h>

#include <tuple>

namespace tenon::nn {

struct MultiheadAttentionOptions {
  MultiheadAttentionOptions(int64_t embed_dim, int64_t num_heads) : embed_dim_(embed_dim), num_heads_(num_heads) {}
  TENON_ARG(int64_t, embed_dim);
  TENON_ARG(int64_t, num_heads);
  TENON_ARG(double, dropout) = 0.0;
  TENON_ARG(bool, bias) = true;
  /// A learned key and value beside those that come.
  TENON_ARG(bool, add_bias_kv) = false;
  /// A key and a value of zeros beside those that come.
  TENON_ARG(bool, add_zero_attn) = false;
  /// Features of keys and of values; 0: embed_dim.
  TENON_ARG(int64_t, kdim) = 0;
  TENON_ARG(int64_t, vdim) = 0;
  /// [N, L, E] in place of [L, N, E].
  TENON_ARG(bool, batch_first) = false;
};

/// Heads of attention between linear layers. Parameters as PyTorch's: in_proj_weight [3E, E] (or q_, k_, v_proj_weight where kdim or vdim differ), in_proj_bias [3E],
/// bias_k and bias_v [1, 1, E], out_proj.
class MultiheadAttentionImpl : public Cloneable<MultiheadAttentionImpl> {
public:
  MultiheadAttentionImpl(int64_t embed_dim, int64_t num_heads) : MultiheadAttentionImpl(MultiheadAttentionOptions(embed_dim, num_heads)) {}
  explicit MultiheadAttentionImpl(const MultiheadAttentionOptions &options);
  void reset() override;
  /// Xavier-uniform projections, zero biases.
  void _reset_parameters();

  /// query [L, N, E], key [S, N, kdim], value [S, N, vdim] (batch_first: [N, L, E], ...; without a batch: [L, E], ...).
  /// key_padding_mask [N, S], attn_mask [L, S] or [N heads, L, S]: bool (true is ignored) or numbers that are added.
  /// Returns the result [L, N, E] and the weights [N, L, S] (need_weights; [N, heads, L, S] unless average_attn_weights) or an undefined tensor.
  std::tuple<Tensor, Tensor> forward(const Tensor &query, const Tensor &key, const Tensor &value, const Tensor &key_padding_mask = {}, bool need_weights = true,
                                     const Tensor &attn_mask = {}, bool average_attn_weights = true, bool is_causal = false,
                                     Location loc = Location::current()) const;
  std::tuple<Tensor, Tensor> forward(const Tensor &query, const Tensor &key, const Tensor &value, Location loc) const {
    return forward(query, key, value, {}, true, {}, true, false, loc);
  }
  void pretty_print(std::ostream &stream) const override;

  MultiheadAttentionOptions options;
  Tensor in_proj_weight, in_proj_bias, bias_k, bias_v, q_proj_weight, k_proj_weight, v_proj_weight;
  Linear out_proj{nullptr};

private:
  int64_t kdim() const { return options.kdim() ? options.kdim() : options.embed_dim(); }
  int64_t vdim() const { return options.vdim() ? options.vdim() : options.embed_dim(); }
  TensorList project(const Tensor &query, const Tensor &key, const Tensor &value, Location loc) const;
};
TENON_MODULE(MultiheadAttention);

} // namespace tenon::nn
