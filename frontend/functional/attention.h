// Attention as functions of tensors.
#pragma once
#include <tenon/tensor/tensor.h>

#include <optional>

namespace tenon {
namespace nn::functional {

/// q [..., H, L, E], k [..., H, S, E], v [..., H, S, Ev]: softmax(q k^T scale + mask) v, [..., H, L, Ev]; scale nullopt: 1 / sqrt(E).
/// attn_mask broadcasts to [..., H, L, S]: bool (true takes part) or of q's dtype (added). is_causal: query i sees the keys j <= i.
/// enable_gqa: k and v may have fewer heads, which divide H. Queries that see no key give zeros. Source: Vaswani et al., arXiv 1706.03762.
/// Throws Error for shapes and dtypes that do not fit, and for a mask together with is_causal.
Tensor scaled_dot_product_attention(const Tensor &query, const Tensor &key, const Tensor &value, const Tensor &attn_mask = {}, double dropout_p = 0.0,
                                    bool is_causal = false, std::optional<double> scale = std::nullopt, bool enable_gqa = false,
                                    Location loc = Location::current());

} // namespace nn::functional

using nn::functional::scaled_dot_product_attention;

namespace detail {
/// The share of every key in every query's result: [..., H, L, S].
Tensor attention_weights(const char *op, const Tensor &query, const Tensor &key, const Tensor &attn_mask, bool is_causal, double scale, Location loc);
} // namespace detail
} // namespace tenon
