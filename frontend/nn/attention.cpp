// MultiheadAttention: projections, the masks as one, heads.
#include <tenon/nn/attention.h>
#include <tenon/nn/init.h>

#include "frontend/tensor/record.h"
#include <cmath>
#include <limits>
#include <ostream>

namespace tenon::nn {

MultiheadAttentionImpl::MultiheadAttentionImpl(const MultiheadAttentionOptions &options) : options(options) { MultiheadAttentionImpl::reset(); }

void MultiheadAttentionImpl::reset() {
  int64_t e = options.embed_dim(), h = options.num_heads();
  if (e <= 0 || h <= 0 || e % h)
    throw Error("MultiheadAttention: expected an embed_dim that is a multiple of num_heads, came " + std::to_string(e) + " and " + std::to_string(h));
  if (!(options.dropout() >= 0 && options.dropout() <= 1))
    throw Error("MultiheadAttention: expected a dropout in [0, 1], came " + std::to_string(options.dropout()));
  bool one = kdim() == e && vdim() == e;
  in_proj_weight = register_parameter("in_proj_weight", one ? empty({3 * e, e}) : Tensor());
  q_proj_weight = register_parameter("q_proj_weight", one ? Tensor() : empty({e, e}));
  k_proj_weight = register_parameter("k_proj_weight", one ? Tensor() : empty({e, kdim()}));
  v_proj_weight = register_parameter("v_proj_weight", one ? Tensor() : empty({e, vdim()}));
  in_proj_bias = register_parameter("in_proj_bias", options.bias() ? empty({3 * e}) : Tensor());
  out_proj = register_module("out_proj", Linear(LinearOptions(e, e).bias(options.bias())));
  bias_k = register_parameter("bias_k", options.add_bias_kv() ? empty({1, 1, e}) : Tensor());
  bias_v = register_parameter("bias_v", options.add_bias_kv() ? empty({1, 1, e}) : Tensor());
  _reset_parameters();
}

void MultiheadAttentionImpl::_reset_parameters() {
  for (const Tensor &w : {in_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight})
    if (w.defined())
      init::xavier_uniform_(w);
  if (in_proj_bias.defined()) {
    init::zeros_(in_proj_bias);
    init::zeros_(out_proj->bias);
  }
  if (bias_k.defined()) {
    init::xavier_normal_(bias_k);
    init::xavier_normal_(bias_v);
  }
}

/// Queries, keys and values [..., embed_dim]; equal inputs go through one product.
TensorList MultiheadAttentionImpl::project(const Tensor &query, const Tensor &key, const Tensor &value, Location loc) const {
  int64_t e = options.embed_dim();
  if (in_proj_weight.defined() && key.is_same(query) && value.is_same(query))
    return linear(query, in_proj_weight, in_proj_bias, loc).chunk(3, -1, loc);
  auto part = [&](const Tensor &all, const Tensor &own, int64_t i) { return all.defined() ? all.narrow(0, i * e, e, loc) : own; };
  auto bias = [&](int64_t i) { return part(in_proj_bias, {}, i); };
  return {linear(query, part(in_proj_weight, q_proj_weight, 0), bias(0), loc), linear(key, part(in_proj_weight, k_proj_weight, 1), bias(1), loc),
          linear(value, part(in_proj_weight, v_proj_weight, 2), bias(2), loc)};
}

namespace {

/// What is ignored (bool) or added (numbers), as flags of what takes part or as numbers.
Tensor as_scores_mask(const Tensor &mask, bool numbers, Dtype dtype, Location loc) {
  if (mask.scalar_type() != kBool)
    return mask.to(dtype, loc);
  if (!numbers)
    return mask.logical_not(loc);
  return zeros({}, mask.options().dtype(dtype), loc).expand(mask.sizes(), loc).masked_fill(mask, {-std::numeric_limits<double>::infinity(), loc});
}
Tensor combined(const Tensor &a, const Tensor &b, Dtype dtype, Location loc) {
  if (!a.defined() && !b.defined())
    return {};
  bool numbers = (a.defined() && a.scalar_type() != kBool) || (b.defined() && b.scalar_type() != kBool);
  Tensor x = a.defined() ? as_scores_mask(a, numbers, dtype, loc) : Tensor(), y = b.defined() ? as_scores_mask(b, numbers, dtype, loc) : Tensor();
  if (!x.defined() || !y.defined())
    return x.defined() ? x : y;
  return numbers ? x.add({y, loc}) : x.logical_and({y, loc});
}
/// A mask with a column for one more key, which takes part.
Tensor with_column(const Tensor &mask, Location loc) {
  if (!mask.defined())
    return mask;
  Shape column = mask.sizes().vec();
  column.back() = 1;
  return cat({mask, zeros(column, mask.options(), loc)}, -1, loc);
}

} // namespace

std::tuple<Tensor, Tensor> MultiheadAttentionImpl::forward(const Tensor &query, const Tensor &key, const Tensor &value, const Tensor &padding_mask, bool need_weights,
                                                           const Tensor &mask, bool average_attn_weights, bool is_causal, Location loc) const {
  const char *op = "MultiheadAttention";
  for (const Tensor &t : {query, key, value})
    if (!t.defined() || !t.is_floating_point() || t.dim() != query.dim() || t.dim() < 2 || t.dim() > 3)
      throw record::error(op, "expected query, key and value of floating point and two or three dimensions, came " + (t.defined() ? record::text(t) : "an undefined tensor"), loc);
  bool single = query.dim() == 2, first = options.batch_first() || single;
  int64_t e = options.embed_dim(), h = options.num_heads(), batch_dim = first ? 0 : 1, row = first ? 1 : 0;
  auto batched = [&](const Tensor &t) { return single ? t.unsqueeze(0, loc) : t; };
  bool self = key.is_same(query) && value.is_same(query);
  Tensor q = batched(query), k = self ? q : batched(key), v = self ? q : batched(value);
  if (q.size(-1) != e || k.size(-1) != kdim() || v.size(-1) != vdim() || k.size(row) != v.size(row) || k.size(batch_dim) != q.size(batch_dim) ||
      v.size(batch_dim) != q.size(batch_dim))
    throw record::error(op, "expected features of " + std::to_string(e) + ", " + std::to_string(kdim()) + " and " + std::to_string(vdim()) + ", and one batch, came " +
                                record::text(query) + ", " + record::text(key) + " and " + record::text(value), loc);
  int64_t n = q.size(batch_dim), l = q.size(row), s = k.size(row);
  if (padding_mask.defined() && padding_mask.sizes().vec() != (single ? Shape{s} : Shape{n, s}))
    throw record::error(op, "expected a key_padding_mask " + record::shape_text(single ? Shape{s} : Shape{n, s}) + ", came " + record::text(padding_mask), loc);
  if (mask.defined() && mask.sizes().vec() != Shape{l, s} && mask.sizes().vec() != Shape{n * h, l, s})
    throw record::error(op, "expected an attn_mask " + record::shape_text(Shape{l, s}) + " or " + record::shape_text(Shape{n * h, l, s}) + ", came " + record::text(mask), loc);
  if (is_causal && !mask.defined())
    throw record::error(op, "expected an attn_mask with is_causal", loc);

  TensorList parts = project(q, k, v, loc);
  Tensor own = mask, padding = padding_mask;
  if (bias_k.defined()) {
    Shape one = parts[1].sizes().vec();
    one[size_t(row)] = 1;
    parts[1] = cat({parts[1], bias_k.expand(one, loc)}, row, loc);
    parts[2] = cat({parts[2], bias_v.expand(one, loc)}, row, loc);
    own = with_column(own, loc);
    padding = with_column(padding, loc);
  }
  if (options.add_zero_attn()) {
    Shape one = parts[1].sizes().vec();
    one[size_t(row)] = 1;
    for (size_t i : {1, 2})
      parts[i] = cat({parts[i], zeros(one, parts[i].options(), loc)}, row, loc);
    own = with_column(own, loc);
    padding = with_column(padding, loc);
  }
  s = parts[1].size(row);
  // [N, heads, rows, features of a head]
  auto heads = [&](const Tensor &t) {
    int64_t rows = t.size(row);
    return first ? t.view({n, rows, h, e / h}, loc).permute({0, 2, 1, 3}, loc) : t.view({rows, n, h, e / h}, loc).permute({1, 2, 0, 3}, loc);
  };
  if (own.defined() && own.dim() == 3)
    own = own.view({n, h, l, s}, loc);
  if (padding.defined())
    padding = padding.view({n, 1, 1, s}, loc);
  Tensor scores = combined(own, padding, q.scalar_type(), loc), weights, y;
  double p = is_training() ? options.dropout() : 0, scale = 1 / std::sqrt(double(e / h));
  if (need_weights) {
    weights = dropout(tenon::detail::attention_weights(op, heads(parts[0]), heads(parts[1]), scores, false, scale, loc), p, true, loc);
    y = weights.matmul(heads(parts[2]), loc);
    if (average_attn_weights)
      weights = weights.mean(1, false, std::nullopt, loc);
    if (single)
      weights = weights.squeeze(0, loc);
  } else {
    y = scaled_dot_product_attention(heads(parts[0]), heads(parts[1]), heads(parts[2]), scores, p, false, std::nullopt, false, loc);
  }
  y = (first ? y.permute({0, 2, 1, 3}, loc).reshape({n, l, e}, loc) : y.permute({2, 0, 1, 3}, loc).reshape({l, n, e}, loc));
  y = linear(y, out_proj->weight, out_proj->bias, loc);
  return {single ? y.squeeze(0, loc) : y, weights};
}

void MultiheadAttentionImpl::pretty_print(std::ostream &stream) const {
  stream << "MultiheadAttention(embed_dim=" << options.embed_dim() << ", num_heads=" << options.num_heads() << ", dropout=" << options.dropout() << ")";
}

} // namespace tenon::nn
