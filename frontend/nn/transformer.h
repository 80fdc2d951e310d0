// Transformer layers: encoder, decoder and both together. Source: Vaswani et al., arXiv 1706.03762; norm_first: Xiong et al., arXiv 2002.04745.
#pragma once
#include <tenon/nn/activation.h>
#include <tenon/nn/attention.h>
#include <tenon/nn/container.h>
#include <tenon/nn/norm.h>

#include <functional>

namespace tenon::nn {

/// Between the two linear layers: kReLU, kGELU, or a function.
class TransformerActivation {
public:
  TransformerActivation(Nonlinearity kind) : kind_(kind) {}
  template <typename F>
    requires std::is_invocable_r_v<Tensor, F, const Tensor &>
  TransformerActivation(F function) : function_(std::move(function)) {}
  Tensor operator()(const Tensor &x, Location loc) const { return function_ ? function_(x) : kind_ == kGELU ? gelu(x, "none", loc) : x.relu(loc); }
  bool known() const { return function_ || kind_ == kReLU || kind_ == kGELU; }

private:
  Nonlinearity kind_ = kReLU;
  std::function<Tensor(const Tensor &)> function_;
};

struct TransformerEncoderLayerOptions {
  TransformerEncoderLayerOptions(int64_t d_model, int64_t nhead) : d_model_(d_model), nhead_(nhead) {}
  TENON_ARG(int64_t, d_model);
  TENON_ARG(int64_t, nhead);
  TENON_ARG(int64_t, dim_feedforward) = 2048;
  TENON_ARG(double, dropout) = 0.1;
  TENON_ARG(TransformerActivation, activation) = kReLU;
  TENON_ARG(double, layer_norm_eps) = 1e-5;
  /// [N, L, E] in place of [L, N, E].
  TENON_ARG(bool, batch_first) = false;
  /// Normalise what goes into a block, not what comes out of the sum.
  TENON_ARG(bool, norm_first) = false;
  TENON_ARG(bool, bias) = true;
};
using TransformerDecoderLayerOptions = TransformerEncoderLayerOptions;

/// Self-attention and a feed-forward block. src [L, N, E]; masks as MultiheadAttention's.
class TransformerEncoderLayerImpl : public Cloneable<TransformerEncoderLayerImpl> {
public:
  TransformerEncoderLayerImpl(int64_t d_model, int64_t nhead) : TransformerEncoderLayerImpl(TransformerEncoderLayerOptions(d_model, nhead)) {}
  explicit TransformerEncoderLayerImpl(const TransformerEncoderLayerOptions &options);
  void reset() override;
  Tensor forward(const Tensor &src, const Tensor &src_mask = {}, const Tensor &src_key_padding_mask = {}, Location loc = Location::current()) const;
  Tensor forward(const Tensor &src, Location loc) const { return forward(src, {}, {}, loc); }
  Tensor forward(const Tensor &src, const Tensor &src_mask, Location loc) const { return forward(src, src_mask, {}, loc); }

  TransformerEncoderLayerOptions options;
  MultiheadAttention self_attn{nullptr};
  Linear linear1{nullptr}, linear2{nullptr};
  Dropout dropout{nullptr}, dropout1{nullptr}, dropout2{nullptr};
  LayerNorm norm1{nullptr}, norm2{nullptr};
};
TENON_MODULE(TransformerEncoderLayer);

/// Self-attention, attention to the encoder's result, and a feed-forward block. tgt [L, N, E], memory [S, N, E].
class TransformerDecoderLayerImpl : public Cloneable<TransformerDecoderLayerImpl> {
public:
  TransformerDecoderLayerImpl(int64_t d_model, int64_t nhead) : TransformerDecoderLayerImpl(TransformerDecoderLayerOptions(d_model, nhead)) {}
  explicit TransformerDecoderLayerImpl(const TransformerDecoderLayerOptions &options);
  void reset() override;
  Tensor forward(const Tensor &tgt, const Tensor &memory, const Tensor &tgt_mask = {}, const Tensor &memory_mask = {}, const Tensor &tgt_key_padding_mask = {},
                 const Tensor &memory_key_padding_mask = {}, Location loc = Location::current()) const;
  Tensor forward(const Tensor &tgt, const Tensor &memory, Location loc) const { return forward(tgt, memory, {}, {}, {}, {}, loc); }

  TransformerDecoderLayerOptions options;
  MultiheadAttention self_attn{nullptr}, multihead_attn{nullptr};
  Linear linear1{nullptr}, linear2{nullptr};
  Dropout dropout{nullptr}, dropout1{nullptr}, dropout2{nullptr}, dropout3{nullptr};
  LayerNorm norm1{nullptr}, norm2{nullptr}, norm3{nullptr};
};
TENON_MODULE(TransformerDecoderLayer);

/// A layer to be copied num_layers times, and a norm after the last (none by default).
struct TransformerEncoderOptions {
  TransformerEncoderOptions(TransformerEncoderLayer layer, int64_t num_layers) : encoder_layer_(std::move(layer)), num_layers_(num_layers) {}
  TransformerEncoderOptions(const TransformerEncoderLayerOptions &layer, int64_t num_layers) : TransformerEncoderOptions(TransformerEncoderLayer(layer), num_layers) {}
  TENON_ARG(TransformerEncoderLayer, encoder_layer) = nullptr;
  TENON_ARG(int64_t, num_layers);
  TENON_ARG(LayerNorm, norm) = nullptr;
};
struct TransformerDecoderOptions {
  TransformerDecoderOptions(TransformerDecoderLayer layer, int64_t num_layers) : decoder_layer_(std::move(layer)), num_layers_(num_layers) {}
  TransformerDecoderOptions(const TransformerDecoderLayerOptions &layer, int64_t num_layers) : TransformerDecoderOptions(TransformerDecoderLayer(layer), num_layers) {}
  TENON_ARG(TransformerDecoderLayer, decoder_layer) = nullptr;
  TENON_ARG(int64_t, num_layers);
  TENON_ARG(LayerNorm, norm) = nullptr;
};

class TransformerEncoderImpl : public Cloneable<TransformerEncoderImpl> {
public:
  TransformerEncoderImpl(TransformerEncoderLayer layer, int64_t num_layers) : TransformerEncoderImpl(TransformerEncoderOptions(std::move(layer), num_layers)) {}
  explicit TransformerEncoderImpl(const TransformerEncoderOptions &options);
  void reset() override;
  Tensor forward(const Tensor &src, const Tensor &src_mask = {}, const Tensor &src_key_padding_mask = {}, Location loc = Location::current()) const;
  Tensor forward(const Tensor &src, Location loc) const { return forward(src, {}, {}, loc); }
  Tensor forward(const Tensor &src, const Tensor &src_mask, Location loc) const { return forward(src, src_mask, {}, loc); }

  TransformerEncoderOptions options;
  ModuleList layers{nullptr};
  LayerNorm norm{nullptr};
};
TENON_MODULE(TransformerEncoder);

class TransformerDecoderImpl : public Cloneable<TransformerDecoderImpl> {
public:
  TransformerDecoderImpl(TransformerDecoderLayer layer, int64_t num_layers) : TransformerDecoderImpl(TransformerDecoderOptions(std::move(layer), num_layers)) {}
  explicit TransformerDecoderImpl(const TransformerDecoderOptions &options);
  void reset() override;
  Tensor forward(const Tensor &tgt, const Tensor &memory, const Tensor &tgt_mask = {}, const Tensor &memory_mask = {}, const Tensor &tgt_key_padding_mask = {},
                 const Tensor &memory_key_padding_mask = {}, Location loc = Location::current()) const;
  Tensor forward(const Tensor &tgt, const Tensor &memory, Location loc) const { return forward(tgt, memory, {}, {}, {}, {}, loc); }

  TransformerDecoderOptions options;
  ModuleList layers{nullptr};
  LayerNorm norm{nullptr};
};
TENON_MODULE(TransformerDecoder);

struct TransformerOptions {
  TransformerOptions(int64_t d_model = 512, int64_t nhead = 8, int64_t num_encoder_layers = 6, int64_t num_decoder_layers = 6)
      : d_model_(d_model), nhead_(nhead), num_encoder_layers_(num_encoder_layers), num_decoder_layers_(num_decoder_layers) {}
  TENON_ARG(int64_t, d_model);
  TENON_ARG(int64_t, nhead);
  TENON_ARG(int64_t, num_encoder_layers);
  TENON_ARG(int64_t, num_decoder_layers);
  TENON_ARG(int64_t, dim_feedforward) = 2048;
  TENON_ARG(double, dropout) = 0.1;
  TENON_ARG(TransformerActivation, activation) = kReLU;
  TENON_ARG(double, layer_norm_eps) = 1e-5;
  TENON_ARG(bool, batch_first) = false;
  TENON_ARG(bool, norm_first) = false;
  TENON_ARG(bool, bias) = true;
};

/// Encoder and decoder, each with a norm at its end; weights start Xavier-uniform.
class TransformerImpl : public Cloneable<TransformerImpl> {
public:
  TransformerImpl(int64_t d_model = 512, int64_t nhead = 8) : TransformerImpl(TransformerOptions(d_model, nhead)) {}
  explicit TransformerImpl(const TransformerOptions &options);
  void reset() override;
  void reset_parameters();
  /// src [S, N, E], tgt [T, N, E] -> [T, N, E]
  Tensor forward(const Tensor &src, const Tensor &tgt, const Tensor &src_mask = {}, const Tensor &tgt_mask = {}, const Tensor &memory_mask = {},
                 const Tensor &src_key_padding_mask = {}, const Tensor &tgt_key_padding_mask = {}, const Tensor &memory_key_padding_mask = {},
                 Location loc = Location::current()) const;
  Tensor forward(const Tensor &src, const Tensor &tgt, Location loc) const { return forward(src, tgt, {}, {}, {}, {}, {}, {}, loc); }
  /// [size, size]: 0 for what a position may see (itself and those before), -infinity for the rest. Throws Error unless size is positive.
  static Tensor generate_square_subsequent_mask(int64_t size, Location loc = Location::current());

  TransformerOptions options;
  TransformerEncoder encoder{nullptr};
  TransformerDecoder decoder{nullptr};
};
TENON_MODULE(Transformer);

} // namespace tenon::nn
