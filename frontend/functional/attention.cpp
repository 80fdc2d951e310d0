// Attention: the ops nn.attention and nn.attention_weights.
#include "frontend/functional/attention.h"
#include "frontend/functional/check.h"
#include "frontend/functional/functional.h"
#include "frontend/tensor/record.h"

#include <cmath>

namespace tenon {

using record::builder;

namespace {

void expect_scores(const char *op, const Tensor &q, const Tensor &k, const Tensor &mask, bool is_causal, bool gqa, Location loc) {
  detail::expect_floating(op, "query", q, loc);
  detail::expect_floating(op, "key", k, loc);
  auto both = [&] { return record::text(q) + " and " + record::text(k); };
  int64_t rank = q.dim();
  bool fit = rank >= 2 && k.dim() == rank && q.size(-1) == k.size(-1) && q.scalar_type() == k.scalar_type();
  for (int64_t d = 0; fit && d < rank - 2; ++d)
    fit = q.size(d) == k.size(d) || (gqa && d == rank - 3 && k.size(d) > 0 && q.size(d) % k.size(d) == 0);
  if (!fit)
    throw record::error(op, std::string("expected a query [..., H, L, E] and a key [..., H, S, E] of one dtype") + (gqa ? " (the key's heads divide the query's)" : "") + ", came " + both(), loc);
  if (!mask.defined())
    return;
  if (is_causal)
    throw record::error(op, "expected a mask or is_causal, came both", loc);
  if (mask.scalar_type() != kBool && mask.scalar_type() != q.scalar_type())
    throw record::error(op, "expected a mask of bool or of the query's dtype, came " + record::text(mask) + " for " + record::text(q), loc);
  Shape scores = q.sizes().vec();
  scores.back() = k.size(-2);
  bool spreads = mask.dim() <= rank;
  for (int64_t d = 1; spreads && d <= mask.dim(); ++d)
    spreads = mask.size(-d) == 1 || mask.size(-d) == scores[size_t(rank - d)];
  if (!spreads)
    throw record::error(op, "expected a mask that broadcasts to the scores " + record::shape_text(scores) + ", came " + record::text(mask), loc);
}

template <class Op> Tensor attend(TensorList operands, const Tensor &mask, bool is_causal, double scale, Location loc) {
  operands.push_back(mask); // undefined: left out
  return record::op<Op>(operands, loc, [&](auto &p) {
    p.scale = builder().getF64FloatAttr(scale);
    p.causal = builder().getBoolAttr(is_causal);
  });
}

/// k or v with each head `times` times in a row.
Tensor repeated(const Tensor &x, int64_t times, Location loc) {
  if (times == 1)
    return x;
  Shape wide = x.sizes().vec(), whole = wide;
  wide.insert(wide.end() - 2, times);
  whole[whole.size() - 3] *= times;
  return x.unsqueeze(-3, loc).expand(wide, loc).reshape(whole, loc);
}

} // namespace

Tensor detail::attention_weights(const char *op, const Tensor &q, const Tensor &k, const Tensor &m, bool is_causal, double scale, Location loc) {
  auto [query, key, mask] = record::autocast<ir::nn::AttentionWeightsOp>(loc, q, k, m);
  expect_scores(op, query, key, mask, is_causal, false, loc);
  return attend<ir::nn::AttentionWeightsOp>({query, key}, mask, is_causal, scale, loc);
}

Tensor nn::functional::scaled_dot_product_attention(const Tensor &q, const Tensor &k, const Tensor &v, const Tensor &m, double dropout_p, bool is_causal,
                                                    std::optional<double> scale, bool enable_gqa, Location loc) {
  const char *op = "scaled_dot_product_attention";
  auto [query, key, value, mask] = record::autocast<ir::nn::AttentionOp>(loc, q, k, v, m);
  expect_scores(op, query, key, mask, is_causal, enable_gqa, loc);
  detail::expect_floating(op, "value", value, loc);
  Shape ks = key.sizes().vec(), vs = value.sizes().vec();
  ks.pop_back();
  vs.pop_back();
  if (ks != vs || value.dim() != key.dim() || value.scalar_type() != key.scalar_type())
    throw record::error(op, "expected a value with the key's dtype, batch and number, came " + record::text(value) + " for the key " + record::text(key), loc);
  if (!(dropout_p >= 0 && dropout_p <= 1))
    throw record::error(op, "expected a probability dropout_p in [0, 1], came " + std::to_string(dropout_p), loc);
  double factor = scale.value_or(1 / std::sqrt(double(query.size(-1))));
  if (dropout_p == 0)
    return attend<ir::nn::AttentionOp>({query, key, value}, mask, is_causal, factor, loc);
  int64_t times = query.dim() > 2 && key.size(-3) ? query.size(-3) / key.size(-3) : 1;
  Tensor weights = attend<ir::nn::AttentionWeightsOp>({query, key}, mask, is_causal, factor, loc);
  return tenon::dropout(weights, dropout_p, true, loc).matmul(repeated(value, times, loc), loc);
}

} // namespace tenon
