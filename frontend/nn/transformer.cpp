// Transformer layers out of attention, linear layers and norms.
#include <tenon/nn/init.h>
#include <tenon/nn/transformer.h>

#include "frontend/tensor/record.h"
#include <limits>

namespace tenon::nn {
namespace {

template <typename Options> MultiheadAttention attention(const Options &o) {
  return MultiheadAttention(MultiheadAttentionOptions(o.d_model(), o.nhead()).dropout(o.dropout()).bias(o.bias()).batch_first(o.batch_first()));
}
template <typename Options> LayerNorm layer_norm(const Options &o) { return LayerNorm(LayerNormOptions({o.d_model()}).eps(o.layer_norm_eps()).bias(o.bias())); }

/// What an encoder and a decoder layer have alike; `make` is one of their reset()s.
template <typename Layer> void make_feedforward(Layer &layer) {
  const auto &o = layer.options;
  if (!o.activation().known())
    throw Error("Transformer: expected the activation kReLU, kGELU or a function");
  if (o.dim_feedforward() <= 0)
    throw Error("Transformer: expected a positive dim_feedforward, came " + std::to_string(o.dim_feedforward()));
  layer.linear1 = layer.register_module("linear1", Linear(LinearOptions(o.d_model(), o.dim_feedforward()).bias(o.bias())));
  layer.dropout = layer.register_module("dropout", Dropout(o.dropout()));
  layer.linear2 = layer.register_module("linear2", Linear(LinearOptions(o.dim_feedforward(), o.d_model()).bias(o.bias())));
  layer.norm1 = layer.register_module("norm1", layer_norm(o));
  layer.norm2 = layer.register_module("norm2", layer_norm(o));
}
/// A part's forward, between its hooks where it has some; hooks see the inputs that carry gradients, not masks.
template <typename Part> Tensor call(const Part &held, const TensorList &inputs, Location loc, const std::function<Tensor(const TensorList &)> &forward) {
  auto &part = const_cast<Part &>(held);
  if (!part->hooks() || part->hooks()->empty())
    return forward(inputs);
  detail::HookedCall hooked(*part, part->hooks(), loc);
  return hooked.leave({forward(hooked.enter(inputs))})[0];
}
template <typename Part> Tensor call(const Part &part, const Tensor &x, Location loc) {
  return call(part, TensorList{x}, loc, [&](const TensorList &in) { return part->forward(in[0], loc); });
}

template <typename Layer> Tensor feedforward(const Layer &layer, const Tensor &x, Location loc) {
  Tensor inner = layer.options.activation()(call(layer.linear1, x, loc), loc);
  return call(layer.linear2, call(layer.dropout, inner, loc), loc);
}
Tensor attend(const MultiheadAttention &a, const Tensor &q, const Tensor &kv, const Tensor &mask, const Tensor &padding, Location loc) {
  return call(a, {q, kv, kv}, loc, [&](const TensorList &in) { return std::get<0>(a->forward(in[0], in[1], in[2], padding, /*need_weights=*/false, mask, true, false, loc)); });
}
/// x + block(x), normalised before or after.
template <typename Block> Tensor residual(bool norm_first, const LayerNorm &norm, const Dropout &drop, const Tensor &x, Location loc, Block block) {
  if (norm_first)
    return x.add({call(drop, block(call(norm, x, loc)), loc), loc});
  return call(norm, x.add({call(drop, block(x), loc), loc}), loc);
}

template <typename Impl, typename Holder> void make_stack(Impl &stack, const Holder &layer, int64_t count, const LayerNorm &norm) {
  if (count < 1 || layer.is_empty())
    throw Error("Transformer: expected a layer and a positive number of layers, came " + std::to_string(count));
  stack.layers = stack.register_module("layers", ModuleList());
  for (int64_t i = 0; i < count; ++i)
    stack.layers->push_back(std::dynamic_pointer_cast<typename Holder::ContainedType>(layer->clone()));
  if (!norm.is_empty())
    stack.norm = stack.register_module("norm", std::dynamic_pointer_cast<LayerNormImpl>(norm->clone()));
}

} // namespace

TransformerEncoderLayerImpl::TransformerEncoderLayerImpl(const TransformerEncoderLayerOptions &options) : options(options) { TransformerEncoderLayerImpl::reset(); }
void TransformerEncoderLayerImpl::reset() {
  self_attn = register_module("self_attn", attention(options));
  make_feedforward(*this);
  dropout1 = register_module("dropout1", Dropout(options.dropout()));
  dropout2 = register_module("dropout2", Dropout(options.dropout()));
}
Tensor TransformerEncoderLayerImpl::forward(const Tensor &src, const Tensor &src_mask, const Tensor &padding, Location loc) const {
  bool first = options.norm_first();
  Tensor x = residual(first, norm1, dropout1, src, loc, [&](const Tensor &t) { return attend(self_attn, t, t, src_mask, padding, loc); });
  return residual(first, norm2, dropout2, x, loc, [&](const Tensor &t) { return feedforward(*this, t, loc); });
}

TransformerDecoderLayerImpl::TransformerDecoderLayerImpl(const TransformerDecoderLayerOptions &options) : options(options) { TransformerDecoderLayerImpl::reset(); }
void TransformerDecoderLayerImpl::reset() {
  self_attn = register_module("self_attn", attention(options));
  multihead_attn = register_module("multihead_attn", attention(options));
  make_feedforward(*this);
  norm3 = register_module("norm3", layer_norm(options));
  dropout1 = register_module("dropout1", Dropout(options.dropout()));
  dropout2 = register_module("dropout2", Dropout(options.dropout()));
  dropout3 = register_module("dropout3", Dropout(options.dropout()));
}
Tensor TransformerDecoderLayerImpl::forward(const Tensor &tgt, const Tensor &memory, const Tensor &tgt_mask, const Tensor &memory_mask, const Tensor &tgt_padding,
                                            const Tensor &memory_padding, Location loc) const {
  bool first = options.norm_first();
  Tensor x = residual(first, norm1, dropout1, tgt, loc, [&](const Tensor &t) { return attend(self_attn, t, t, tgt_mask, tgt_padding, loc); });
  x = residual(first, norm2, dropout2, x, loc, [&](const Tensor &t) { return attend(multihead_attn, t, memory, memory_mask, memory_padding, loc); });
  return residual(first, norm3, dropout3, x, loc, [&](const Tensor &t) { return feedforward(*this, t, loc); });
}

TransformerEncoderImpl::TransformerEncoderImpl(const TransformerEncoderOptions &options) : options(options) { TransformerEncoderImpl::reset(); }
void TransformerEncoderImpl::reset() { make_stack(*this, options.encoder_layer(), options.num_layers(), options.norm()); }
Tensor TransformerEncoderImpl::forward(const Tensor &src, const Tensor &mask, const Tensor &padding, Location loc) const {
  Tensor x = src;
  for (const auto &layer : *layers)
    x = call(layer, {x}, loc, [&](const TensorList &in) { return layer->as<TransformerEncoderLayer>()->forward(in[0], mask, padding, loc); });
  return norm.is_empty() ? x : call(norm, x, loc);
}

TransformerDecoderImpl::TransformerDecoderImpl(const TransformerDecoderOptions &options) : options(options) { TransformerDecoderImpl::reset(); }
void TransformerDecoderImpl::reset() { make_stack(*this, options.decoder_layer(), options.num_layers(), options.norm()); }
Tensor TransformerDecoderImpl::forward(const Tensor &tgt, const Tensor &memory, const Tensor &tgt_mask, const Tensor &memory_mask, const Tensor &tgt_padding,
                                       const Tensor &memory_padding, Location loc) const {
  Tensor x = tgt;
  for (const auto &layer : *layers)
    x = call(layer, {x, memory}, loc, [&](const TensorList &in) {
      return layer->as<TransformerDecoderLayer>()->forward(in[0], in[1], tgt_mask, memory_mask, tgt_padding, memory_padding, loc);
    });
  return norm.is_empty() ? x : call(norm, x, loc);
}

TransformerImpl::TransformerImpl(const TransformerOptions &options) : options(options) { TransformerImpl::reset(); }
void TransformerImpl::reset() {
  const auto &o = options;
  auto layer = TransformerEncoderLayerOptions(o.d_model(), o.nhead()).dim_feedforward(o.dim_feedforward()).dropout(o.dropout()).activation(o.activation())
                   .layer_norm_eps(o.layer_norm_eps()).batch_first(o.batch_first()).norm_first(o.norm_first()).bias(o.bias());
  encoder = register_module("encoder", TransformerEncoder(TransformerEncoderOptions(layer, o.num_encoder_layers()).norm(layer_norm(o))));
  decoder = register_module("decoder", TransformerDecoder(TransformerDecoderOptions(layer, o.num_decoder_layers()).norm(layer_norm(o))));
  reset_parameters();
}
void TransformerImpl::reset_parameters() {
  for (const Tensor &p : parameters())
    if (p.dim() > 1)
      init::xavier_uniform_(p);
}
Tensor TransformerImpl::forward(const Tensor &src, const Tensor &tgt, const Tensor &src_mask, const Tensor &tgt_mask, const Tensor &memory_mask, const Tensor &src_padding,
                                const Tensor &tgt_padding, const Tensor &memory_padding, Location loc) const {
  Tensor memory = call(encoder, {src}, loc, [&](const TensorList &in) { return encoder->forward(in[0], src_mask, src_padding, loc); });
  return call(decoder, {tgt, memory}, loc,
              [&](const TensorList &in) { return decoder->forward(in[0], in[1], tgt_mask, memory_mask, tgt_padding, memory_padding, loc); });
}
Tensor TransformerImpl::generate_square_subsequent_mask(int64_t size, Location loc) {
  if (size < 1)
    throw record::error("generate_square_subsequent_mask", "expected a positive size, came " + std::to_string(size), loc);
  Tensor index = arange(size, kLong, loc), later = index.unsqueeze(0, loc).gt({index.unsqueeze(1, loc), loc});
  return zeros({size, size}, {}, loc).masked_fill(later, {-std::numeric_limits<double>::infinity(), loc});
}

} // namespace tenon::nn
