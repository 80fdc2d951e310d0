// Attention: a character model of GPT's form. It has 4 layers, or TENON_GPT_LAYERS: to see how compile time and memory grow.
#include "../models.h"

#include <cstdlib>

using namespace tenon;

namespace {

struct BlockImpl : nn::Module {
  int64_t heads;
  nn::LayerNorm l1, l2;
  nn::Linear qkv, o, u, dn;
  BlockImpl(int64_t d, int64_t heads)
      : heads(heads), l1(std::vector<int64_t>{d}), l2(std::vector<int64_t>{d}), qkv(d, 3 * d), o(d, d), u(d, 4 * d), dn(4 * d, d) {
    register_module("l1", l1);
    register_module("qkv", qkv);
    register_module("o", o);
    register_module("l2", l2);
    register_module("u", u);
    register_module("dn", dn);
  }
  Tensor forward(Tensor x) {
    int64_t B = x.size(0), T = x.size(1), D = x.size(2);
    Tensor all = qkv(l1(x)).view({B, T, 3, heads, D / heads}).permute({2, 0, 3, 1, 4});
    Tensor y = F::scaled_dot_product_attention(all[0], all[1], all[2], {}, 0, /*is_causal=*/true);
    x = x + o(y.transpose(1, 2).reshape({B, T, D}));
    return x + dn(gelu(u(l2(x)), "tanh"));
  }
};
TENON_MODULE(Block);

struct GPTImpl : nn::Module {
  int64_t vocabulary, length;
  Tensor te, pe;
  nn::Sequential blocks;
  nn::LayerNorm ln;
  nn::Linear head;
  GPTImpl(int64_t vocabulary, int64_t length, int64_t d, int64_t layers, int64_t heads)
      : vocabulary(vocabulary), length(length), ln(std::vector<int64_t>{d}), head(nn::LinearOptions(d, vocabulary).bias(false)) {
    te = register_parameter("te", randn({vocabulary, d}));
    pe = register_parameter("pe", randn({length, d}));
    for (int64_t i = 0; i < layers; ++i)
      blocks->push_back(Block(d, heads));
    register_module("b", blocks);
    register_module("ln", ln);
    register_module("head", head);
  }
  Tensor forward(Tensor i) { return head(ln(blocks(F::one_hot(i, vocabulary).to(kFloat).matmul(te) + pe))).flatten(0, 1); }
};
TENON_MODULE(GPT);

Training gpt(std::optional<Dtype> low = {}) {
  const char *layers = std::getenv("TENON_GPT_LAYERS");
  GPT net(96, 128, 128, layers ? std::atoi(layers) : 4, 4);
  return training(net, optim::AdamW(net->parameters(), optim::AdamWOptions(3e-4).weight_decay(0.1)), cross_entropy, randint(96, {16, 128}), randint(96, {16 * 128}), low);
}

Register registered[] = {{"gpt_b16", [] { return gpt(); }}, {"gpt_b16_bfloat16", [] { return gpt(kBFloat16); }}, {"gpt_b16_float16", [] { return gpt(kHalf); }}};

} // namespace
