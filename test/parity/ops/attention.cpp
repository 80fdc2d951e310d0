// How the ops of the family `attention` are called.
#include "../family.h"

using namespace tenon;

namespace {

Json options_of(const Json &o) { return o.contains("options") ? o["options"] : Json::object(); }

// A layer's own tensors become the inputs from `next` on, in the order of PyTorch's named_parameters().
void set(nn::MultiheadAttentionImpl &m, const TensorList &in, size_t &next) {
  for (Tensor *t : {&m.in_proj_weight, &m.q_proj_weight, &m.k_proj_weight, &m.v_proj_weight, &m.in_proj_bias, &m.bias_k, &m.bias_v})
    if (t->defined())
      *t = in.at(next++);
  m.out_proj->weight = in.at(next++);
  if (m.out_proj->bias.defined())
    m.out_proj->bias = in.at(next++);
}
template <class M> void set(M &m, const TensorList &in, size_t &next) {
  for (Tensor *t : {&m.weight, &m.bias})
    if (t->defined())
      *t = in.at(next++);
}

auto multihead = [](const TensorList &in, const Json &o) {
  Json p = options_of(o);
  nn::MultiheadAttention m(nn::MultiheadAttentionOptions(in[0].size(-1), 2).bias(p.value("bias", true)).add_bias_kv(p.value("add_bias_kv", false))
                               .add_zero_attn(p.value("add_zero_attn", false)).kdim(p.value("kdim", 0)).vdim(p.value("vdim", 0)).batch_first(p.value("batch_first", false)));
  std::string masks = o.value("masks", "");
  size_t next = 3;
  Tensor padding = masks.find("key_padding_mask") != std::string::npos ? in[next++] : Tensor();
  Tensor mask = masks.find("attn_mask") != std::string::npos ? in[next++] : Tensor();
  set(*m, in, next);
  bool weights = o.value("weights", true);
  auto [y, w] = m->forward(in[0], in[1], in[2], padding, weights, mask, o.value("average", true));
  return weights ? TensorList{y, w} : TensorList{y};
};

nn::TransformerEncoderLayerOptions layer_options(const TensorList &in, const Json &o) {
  Json p = options_of(o);
  return nn::TransformerEncoderLayerOptions(in[0].size(-1), 2).dim_feedforward(6).dropout(0).norm_first(p.value("norm_first", false)).batch_first(p.value("batch_first", false))
      .activation(p.value("activation", "relu") == "gelu" ? kGELU : kReLU).layer_norm_eps(p.value("layer_norm_eps", 1e-5));
}

const parity::Family family("attention", {
    {"attention",
     [](auto &in, auto &o) {
       return F::scaled_dot_product_attention(in[0], in[1], in[2], in.size() > 3 ? in[3] : Tensor(), 0, o.value("is_causal", false),
                                              o.contains("scale") ? std::optional<double>(o["scale"].template get<double>()) : std::nullopt, o.value("enable_gqa", false));
     }},
    {"multihead", multihead},
    {"encoder_layer",
     [](auto &in, auto &o) {
       nn::TransformerEncoderLayer m(layer_options(in, o));
       size_t next = 1;
       set(*m->self_attn, in, next), set(*m->linear1, in, next), set(*m->linear2, in, next), set(*m->norm1, in, next), set(*m->norm2, in, next);
       return m(in[0]);
     }},
    {"decoder_layer",
     [](auto &in, auto &o) {
       nn::TransformerDecoderLayer m(layer_options(in, o));
       size_t next = 2;
       set(*m->self_attn, in, next), set(*m->multihead_attn, in, next), set(*m->linear1, in, next), set(*m->linear2, in, next);
       set(*m->norm1, in, next), set(*m->norm2, in, next), set(*m->norm3, in, next);
       return m(in[0], in[1]);
     }},
    {"matmul", [](auto &in, auto &) { return matmul(in[0], in[1]); }},
});

} // namespace
