// Attention, Transformer layers and containers: masks, options, state, compiled steps, and what is refused. Values: test/parity.
#include "expect_error.h"

#include <cmath>
#include <sstream>

using namespace tenon;

namespace {

Tensor attention(const Tensor &q, const Tensor &k, const Tensor &v, const Tensor &added = {}) {
  Tensor scores = q.matmul(k.transpose(-2, -1)) / std::sqrt(double(q.size(-1)));
  return (added.defined() ? scores + added : scores).softmax(-1).matmul(v);
}
constexpr float inf = std::numeric_limits<float>::infinity();

TEST(AttentionTest, IsSoftmaxOfScoresTimesValues) {
  Tensor q = randn({2, 3, 5, 4}), k = randn({2, 3, 6, 4}), v = randn({2, 3, 6, 7});
  EXPECT_TRUE(allclose(scaled_dot_product_attention(q, k, v), attention(q, k, v), 1e-4, 1e-5));
  Tensor later = nn::TransformerImpl::generate_square_subsequent_mask(6);
  EXPECT_EQ(later[0][1].item<float>(), -inf);
  EXPECT_EQ(later[1][0].item<float>(), 0);
  Tensor square = randn({2, 3, 6, 4});
  EXPECT_TRUE(allclose(scaled_dot_product_attention(square, k, v, {}, 0, true), attention(square, k, v, later), 1e-4, 1e-5));
  EXPECT_TRUE(allclose(scaled_dot_product_attention(square, k, v, later.eq(0)), attention(square, k, v, later), 1e-4, 1e-5));
  EXPECT_TRUE(allclose(scaled_dot_product_attention(square, k, v, later), attention(square, k, v, later), 1e-4, 1e-5));
  EXPECT_TRUE(allclose(scaled_dot_product_attention(q, k, v, {}, 0, false, 0.1), attention(q * 0.2, k, v), 1e-4, 1e-5));
}

TEST(AttentionTest, HeadsShareKeysAndMaskedRowsAreZero) {
  Tensor q = randn({2, 4, 5, 3}), k = randn({2, 2, 6, 3}), v = randn({2, 2, 6, 3});
  auto twice = [](const Tensor &t) { return stack({t, t}, 2).reshape({2, 4, 6, 3}); };
  EXPECT_TRUE(allclose(scaled_dot_product_attention(q, k, v, {}, 0, false, std::nullopt, true), attention(q, twice(k), twice(v)), 1e-4, 1e-5));
  Tensor leaf = randn({5, 3}).requires_grad_();
  Tensor y = scaled_dot_product_attention(leaf, randn({6, 3}), randn({6, 3}), zeros({5, 6}, kBool));
  EXPECT_TRUE(equal(y, zeros({5, 3})));
  y.sum().backward();
  EXPECT_TRUE(equal(leaf.grad(), zeros({5, 3})));
}

TEST(AttentionTest, DropoutDropsKeys) {
  manual_seed(1);
  Tensor q = randn({1, 64, 4}), k = randn({1, 64, 4}), v = ones({1, 64, 2});
  Tensor y = scaled_dot_product_attention(q, k, v, {}, 0.5);
  EXPECT_NEAR(y.mean().item<float>(), 1, 0.1);
  EXPECT_FALSE(allclose(y, ones({1, 64, 2})));
}

TEST(AttentionTest, MatmulBroadcastsBatchesWithoutCopies) {
  auto loop = [](const Tensor &a, const Tensor &b, int64_t i, int64_t j) { return a[a.size(0) == 1 ? 0 : i][a.size(1) == 1 ? 0 : j].matmul(b[b.size(0) == 1 ? 0 : i][b.size(1) == 1 ? 0 : j]); };
  for (auto [s, t] : {std::pair(Shape{2, 3, 4, 5}, Shape{2, 3, 5, 6}), {Shape{2, 1, 4, 5}, Shape{1, 3, 5, 6}}, {Shape{1, 1, 4, 5}, Shape{2, 3, 5, 6}}, {Shape{1, 1, 4, 5}, Shape{1, 1, 5, 6}}}) {
    Tensor a = randn(s), b = randn(t), y = a.matmul(b);
    ASSERT_EQ(y.dim(), 4);
    for (int64_t i = 0; i < y.size(0); ++i)
      for (int64_t j = 0; j < y.size(1); ++j)
        EXPECT_TRUE(allclose(y[i][j], loop(a, b, i, j), 1e-4, 1e-5));
  }
  EXPECT_EQ(randn({5}).matmul(randn({2, 3, 5, 6})).sizes().vec(), (Shape{2, 3, 6}));
  EXPECT_EQ(randn({3, 4, 5}).matmul(randn({2, 1, 5, 6})).sizes().vec(), (Shape{2, 3, 4, 6}));
  EXPECT_EQ(randn({2, 3, 4, 5}).matmul(randn({5})).sizes().vec(), (Shape{2, 3, 4}));
  EXPECT_ERROR(randn({2, 4, 5}).matmul(randn({3, 5, 6})), "matmul");
}

TEST(MultiheadAttentionTest, WeightsSumToOneAndFormsAgree) {
  nn::MultiheadAttention layer(nn::MultiheadAttentionOptions(8, 2).batch_first(true));
  EXPECT_EQ(layer->named_parameters().keys(), (std::vector<std::string>{"in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"}));
  Tensor x = randn({3, 5, 8});
  auto [y, w] = layer(x, x, x);
  EXPECT_EQ(w.sizes().vec(), (Shape{3, 5, 5}));
  EXPECT_TRUE(allclose(w.sum(-1), ones({3, 5}), 1e-5, 1e-5));
  auto [plain, none] = layer->forward(x, x, x, {}, false);
  EXPECT_FALSE(none.defined());
  EXPECT_TRUE(allclose(y, plain, 1e-4, 1e-5));
  Tensor other = x.clone();
  EXPECT_TRUE(allclose(std::get<0>(layer(x, other, other)), y, 1e-4, 1e-5));
  EXPECT_EQ(std::get<1>(layer->forward(x, x, x, {}, true, {}, false)).sizes().vec(), (Shape{3, 2, 5, 5}));
  EXPECT_TRUE(allclose(std::get<0>(layer(x[0], x[0], x[0])), y[0], 1e-4, 1e-5));
  // Padding: keys that are ignored might as well not be there.
  Tensor padding = tensor({0, 0, 0, 1, 1}).to(kBool), part = x.slice(1, 0, 3);
  auto [padded, pw] = layer->forward(x, x, x, padding.expand({3, 5}), true);
  EXPECT_TRUE(allclose(padded, std::get<0>(layer(x, part, part)), 1e-4, 1e-5));
  EXPECT_TRUE(equal(pw.slice(2, 3, 5), zeros({3, 5, 2})));
}

TEST(MultiheadAttentionTest, BadInput) {
  nn::MultiheadAttention layer(8, 2);
  Tensor x = randn({5, 3, 8});
  EXPECT_ERROR_TEXT(nn::MultiheadAttention(8, 3), "MultiheadAttention: expected an embed_dim that is a multiple of num_heads, came 8 and 3");
  EXPECT_ERROR(layer(x, x, randn({5, 3, 6})), "expected features of 8, 8 and 8");
  EXPECT_ERROR(layer(x, Tensor(), x), "came an undefined tensor");
  EXPECT_ERROR(layer->forward(x, x, x, zeros({5, 3}, kBool)), "expected a key_padding_mask [3, 5], came bool[5, 3]");
  EXPECT_ERROR(layer->forward(x, x, x, {}, true, zeros({4, 5})), "expected an attn_mask [5, 5] or [6, 5, 5]");
  EXPECT_ERROR(layer->forward(x, x, x, {}, true, {}, true, true), "expected an attn_mask with is_causal");
  Tensor q = randn({2, 3, 4}), k = randn({2, 5, 4});
  EXPECT_ERROR(scaled_dot_product_attention(q, randn({2, 5, 3}), k), "scaled_dot_product_attention: expected a query [..., H, L, E] and a key [..., H, S, E]");
  EXPECT_ERROR(scaled_dot_product_attention(q, k, randn({2, 4, 4})), "expected a value with the key's dtype, batch and number");
  EXPECT_ERROR(scaled_dot_product_attention(q, k, k, zeros({2, 3, 4})), "expected a mask that broadcasts to the scores [2, 3, 5]");
  EXPECT_ERROR(scaled_dot_product_attention(q, k, k, zeros({3, 5}, kLong)), "expected a mask of bool or of the query's dtype");
  EXPECT_ERROR(scaled_dot_product_attention(q, k, k, zeros({3, 5}), 0, true), "expected a mask or is_causal, came both");
  EXPECT_ERROR(scaled_dot_product_attention(q, k, k, {}, 1.5), "dropout_p in [0, 1]");
  EXPECT_ERROR(scaled_dot_product_attention(randn({1, 3, 4, 2}), randn({1, 2, 4, 2}), randn({1, 2, 4, 2}), {}, 0, false, std::nullopt, true), "the key's heads divide the query's");
  EXPECT_ERROR(nn::TransformerImpl::generate_square_subsequent_mask(0), "expected a positive size, came 0");
  EXPECT_ERROR_TEXT(nn::TransformerEncoderLayer(nn::TransformerEncoderLayerOptions(8, 2).activation(kTanh)), "expected the activation kReLU, kGELU or a function");
  EXPECT_ERROR_TEXT(nn::TransformerEncoder(nn::TransformerEncoderLayer(8, 2), 0), "positive number of layers, came 0");
}

TEST(TransformerTest, TrainsCompiledAsWrittenOut) {
  auto run = [](bool compiled) {
    manual_seed(5);
    nn::Transformer net(nn::TransformerOptions(8, 2, 1, 2).dim_feedforward(16).dropout(0.1).norm_first(true).batch_first(true).activation(kGELU));
    optim::Adam optimizer(net->parameters(), optim::AdamOptions(1e-2));
    Tensor mask = nn::TransformerImpl::generate_square_subsequent_mask(4);
    auto written = [&](Tensor src, Tensor tgt) {
      optimizer.zero_grad();
      Tensor loss = (net->forward(src, tgt, {}, mask) - tgt).square().mean();
      loss.backward();
      optimizer.step();
      return loss;
    };
    auto step = compile(written);
    Tensor src = randn({2, 5, 8}), tgt = randn({2, 4, 8});
    std::vector<float> losses;
    for (int i = 0; i < 4; ++i)
      losses.push_back((compiled ? step(src, tgt) : written(src, tgt)).item<float>());
    EXPECT_LT(losses.back(), losses.front());
    return losses;
  };
  EXPECT_EQ(run(false), run(true));
}

TEST(TransformerTest, NamesAndCopies) {
  nn::TransformerEncoder net(nn::TransformerEncoderOptions(nn::TransformerEncoderLayerOptions(4, 2).dim_feedforward(6), 2).norm(nn::LayerNorm(std::vector<int64_t>{4})));
  auto names = net->named_parameters().keys();
  EXPECT_EQ(names.size(), 2u * 12 + 2);
  EXPECT_EQ(names[0], "layers.0.self_attn.in_proj_weight");
  EXPECT_EQ(names.back(), "norm.bias");
  auto state = net->named_parameters();
  EXPECT_TRUE(equal(state["layers.0.linear1.weight"], state["layers.1.linear1.weight"]));
  EXPECT_FALSE(state["layers.0.linear1.weight"].is_same(state["layers.1.linear1.weight"]));
  net->eval();
  EXPECT_EQ(net(randn({3, 2, 4})).sizes().vec(), (Shape{3, 2, 4}));
  EXPECT_EQ(net(randn({3, 4}), zeros({3, 3})).sizes().vec(), (Shape{3, 4}));
}

TEST(ContainerTest, HoldModulesAndParameters) {
  struct Net : nn::Module {
    nn::ModuleList list{nn::Linear(2, 3), nn::ReLU()};
    nn::ModuleDict dict;
    nn::ParameterList parameters;
    Net() {
      list->push_back(nn::Linear(3, 2));
      dict->insert("a", nn::Linear(nn::LinearOptions(2, 2).bias(false)));
      parameters->append(ones({2}));
      register_module("list", list);
      register_module("dict", dict);
      register_module("parameters", parameters);
    }
  } net;
  EXPECT_EQ(net.named_parameters().keys(), (std::vector<std::string>{"list.0.weight", "list.0.bias", "list.2.weight", "list.2.bias", "dict.a.weight", "parameters.0"}));
  EXPECT_EQ(net.list->size(), 3u);
  EXPECT_EQ(net.list->at<nn::Linear>(2).options.out_features(), 2);
  EXPECT_ERROR_TEXT(net.list->at<nn::Linear>(1), "ModuleList: module 1 is a ReLU");
  EXPECT_ERROR_TEXT(net.list[3], "index 3 is out of range, it has 3 modules");
  EXPECT_TRUE(net.dict->contains("a"));
  EXPECT_ERROR_TEXT(net.dict["b"], "ModuleDict: it has no module 'b'");
  net.dict->pop("a");
  EXPECT_TRUE(net.dict->empty());
  EXPECT_TRUE(equal(net.parameters[0], ones({2})));
  EXPECT_ERROR_TEXT(net.parameters[1], "ParameterList: index 1 is out of range");
  EXPECT_EQ(nn::Unflatten(1, Shape{2, -1})(zeros({3, 6, 2})).sizes().vec(), (Shape{3, 2, 3, 2}));
  EXPECT_EQ(nn::Unflatten(-1, Shape{2, 1})(zeros({3, 2})).sizes().vec(), (Shape{3, 2, 1}));
  EXPECT_ERROR(nn::Unflatten(1, Shape{4, -1})(zeros({3, 6})), "Unflatten: a dimension of 6 cannot become the sizes asked for");
  EXPECT_ERROR(nn::Unflatten(2, Shape{4, -1})(zeros({3, 6})), "Unflatten: dimension 2 does not exist");
}

struct TiedImpl : nn::Module {
  nn::Linear in{6, 4};
  Tensor table;
  TiedImpl() {
    register_module("in", in);
    table = register_parameter("table", in->weight);
  }
  Tensor forward(Tensor x) { return in(x).matmul(table); }
};
TENON_MODULE(Tied);

TEST(ContainerTest, TiedWeightsAreOneParameterWithTheSumOfTheirGradients) {
  Tied net;
  EXPECT_EQ(net->parameters().size(), 2u);
  Tensor x = randn({3, 6});
  net(x).square().sum().backward();
  Tensor tied = net->in->weight.grad().clone();
  Tensor a = net->in->weight.detach().clone().requires_grad_(), b = a.detach().clone().requires_grad_();
  F::linear(x, a, net->in->bias.detach()).matmul(b).square().sum().backward();
  EXPECT_TRUE(allclose(tied, a.grad() + b.grad(), 1e-4, 1e-4));
}

TEST(AnyModuleTest, ForgetsTheClassButForItsForward) {
  nn::Linear fc(3, 2);
  nn::AnyModule any(fc), lstm(nn::LSTM(3, 2)), none;
  auto x = ones({1, 3});
  EXPECT_TRUE(equal(any.forward(x), fc(x)));
  EXPECT_EQ(any.ptr(), fc.ptr());
  EXPECT_EQ(any.get<nn::Linear>().weight.sizes(), (Shape{2, 3}));
  using Result = std::tuple<Tensor, std::tuple<Tensor, Tensor>>;
  EXPECT_EQ(std::get<0>(lstm.forward<Result>(ones({4, 1, 3}))).sizes(), (Shape{4, 1, 2}));
  EXPECT_ERROR_TEXT(lstm.forward(ones({4, 1, 3})), "AnyModule: forward of LSTM returns another type");
  EXPECT_ERROR_TEXT(any.forward(x, x), "AnyModule: forward of Linear does not take 2 tensors");
  EXPECT_ERROR_TEXT(none.forward(x), "AnyModule: it is empty");
  EXPECT_ERROR_TEXT(any.get<nn::ReLU>(), "AnyModule: it holds a Linear, another type was asked for");
}

} // namespace
