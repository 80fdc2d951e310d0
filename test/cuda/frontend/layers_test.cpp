// Layers, losses and functions meet only tensors of the device that they are given: each runs forward and backward there, on the reference evaluator, and equals itself on the CPU.
#include "test/unit/frontend/expect_error.h"

#include <cstdlib>

using namespace tenon;
namespace F = nn::functional;

namespace {
/// A function of a module's parameters and of inputs, on one device: its result and all gradients, back on the CPU.
struct Case {
  const char *name;
  std::function<Tensor(Device)> run;
};
void PrintTo(const Case &c, std::ostream *out) { *out << c.name; }

TensorList all;

/// The module on a device; gradients of its parameters are compared later.
template <class Holder> Holder placed(Holder module, Device device) {
  module->to(device);
  for (auto &p : module->parameters())
    all.push_back(p);
  return module;
}
Tensor input(IntArrayRef sizes, Device device) {
  auto x = rand(sizes).to(device).requires_grad_();
  all.push_back(x);
  return x;
}
Tensor labels(int64_t classes, IntArrayRef sizes, Device device) { return randint(0, classes, sizes).to(device); }
struct Result {
  Tensor value;
  TensorList gradients;
};
Result on(const Case &c, Device device) {
  manual_seed(5);
  all.clear();
  auto y = c.run(device);
  EXPECT_EQ(y.device().type(), device.type());
  Result r{y.detach().cpu(), {}};
  if (y.requires_grad())
    y.square().sum().backward();
  for (auto &t : all)
    if (t.grad().defined()) {
      EXPECT_EQ(t.grad().device().type(), device.type());
      r.gradients.push_back(t.grad().cpu());
    }
  return r;
}

class Layers : public testing::TestWithParam<Case> {
protected:
  void SetUp() override { setenv("TENON_EVALUATE", "1", 1); }
  void TearDown() override { unsetenv("TENON_EVALUATE"); }
};
} // namespace

TEST_P(Layers, AreWhereTheirInputsAre) {
  auto here = on(GetParam(), kCPU), there = on(GetParam(), kCUDA);
  EXPECT_TRUE(equal(here.value, there.value));
  ASSERT_EQ(here.gradients.size(), there.gradients.size());
  for (size_t i = 0; i < here.gradients.size(); ++i)
    EXPECT_TRUE(equal(here.gradients[i], there.gradients[i])) << i;
}

#define CASE(name, ...) Case{name, [](Device d) -> Tensor { __VA_ARGS__ }}
INSTANTIATE_TEST_SUITE_P(
    Cuda, Layers,
    testing::Values(
        CASE("linear", return placed(nn::Linear(3, 2), d)(input({4, 3}, d));), CASE("bilinear", return placed(nn::Bilinear(2, 3, 2), d)(input({4, 2}, d), input({4, 3}, d));),
        CASE("conv", return placed(nn::Conv2d(nn::Conv2dOptions(2, 3, 3).padding(1).padding_mode(kCircular)), d)(input({1, 2, 4, 4}, d));),
        CASE("batch_norm", return placed(nn::BatchNorm1d(3), d)(input({4, 3}, d));), CASE("layer_norm", return placed(nn::LayerNorm(nn::LayerNormOptions({3})), d)(input({4, 3}, d));),
        CASE("group_norm", return placed(nn::GroupNorm(2, 4), d)(input({2, 4, 3}, d));),
        CASE("lstm", return std::get<0>(placed(nn::LSTM(nn::LSTMOptions(2, 3).num_layers(2).bidirectional(true).dropout(0.5)), d)(input({4, 2, 2}, d)));),
        CASE("gru_packed", auto net = placed(nn::GRU(2, 3), d); auto packed = nn::utils::rnn::pack_padded_sequence(input({4, 2, 2}, d), tensor({4, 2}));
             return std::get<0>(nn::utils::rnn::pad_packed_sequence(std::get<0>(net->forward_with_packed_input(packed))));),
        CASE("lstm_projected", return std::get<0>(placed(nn::LSTM(nn::LSTMOptions(2, 3).proj_size(2)), d)(input({3, 2, 2}, d)));),
        CASE("embedding", return placed(nn::Embedding(nn::EmbeddingOptions(5, 2).padding_idx(1)), d)(labels(5, {3, 2}, d));),
        CASE("embedding_bag", return placed(nn::EmbeddingBag(5, 2), d)(labels(5, {3, 2}, d));),
        CASE("embedding_bag_offsets", return placed(nn::EmbeddingBag(5, 2), d)(labels(5, {6}, d), tensor({0, 2}).to(d));),
        CASE("attention", auto x = input({3, 2, 4}, d);
             return std::get<0>(placed(nn::MultiheadAttention(nn::MultiheadAttentionOptions(4, 2).add_bias_kv(true).add_zero_attn(true)), d)(x, x, x, zeros({2, 3}, device(d).dtype(kBool))));),
        CASE("transformer", auto x = input({3, 2, 4}, d);
             return placed(nn::TransformerEncoderLayer(nn::TransformerEncoderLayerOptions(4, 2).dim_feedforward(4)), d)(x, nn::TransformerImpl::generate_square_subsequent_mask(3).to(d));),
        CASE("attention_causal", auto x = input({1, 2, 3, 4}, d); return F::scaled_dot_product_attention(x, x, x, {}, 0.0, true);),
        CASE("dropouts", auto x = input({2, 4, 3, 3}, d); return F::dropout2d(F::alpha_dropout(F::feature_alpha_dropout(x)));), CASE("rrelu", return F::rrelu(input({5}, d), F::RReLUFuncOptions().training(true));),
        CASE("gumbel", return F::gumbel_softmax(input({3, 4}, d), F::GumbelSoftmaxFuncOptions().hard(true).dim(1));),
        CASE("cross_entropy", return F::cross_entropy(input({3, 4}, d), labels(4, {3}, d), F::CrossEntropyFuncOptions().label_smoothing(0.1).weight(ones({4}, device(d))));),
        CASE("multi_margin", return F::multi_margin_loss(input({3, 4}, d), labels(4, {3}, d));), CASE("multilabel_margin", return F::multilabel_margin_loss(input({3, 4}, d), labels(4, {3, 4}, d));),
        CASE("ctc", return F::ctc_loss(F::log_softmax(input({5, 2, 4}, d), 2), labels(3, {2, 2}, d).add(1), tensor({5, 4}), tensor({2, 1}));),
        CASE("triplet", return F::triplet_margin_loss(input({3, 4}, d), input({3, 4}, d), input({3, 4}, d));), CASE("poisson", return F::poisson_nll_loss(input({3}, d), input({3}, d), F::PoissonNLLLossFuncOptions().full(true));),
        CASE("bce", return F::binary_cross_entropy_with_logits(input({3}, d), rand({3}).to(d), F::BinaryCrossEntropyWithLogitsFuncOptions().pos_weight(ones({3}, device(d))));),
        CASE("pools", return F::adaptive_avg_pool2d(F::max_pool2d(input({1, 2, 6, 6}, d), F::MaxPool2dFuncOptions(2)), F::AdaptiveAvgPool2dFuncOptions(2));),
        CASE("unpool", auto [y, places] = F::max_pool2d_with_indices(input({1, 2, 4, 4}, d), F::MaxPool2dFuncOptions(2)); return F::max_unpool2d(y, places, F::MaxUnpool2dFuncOptions(2));),
        CASE("interpolate", return F::interpolate(input({1, 1, 3, 3}, d), F::InterpolateFuncOptions().scale_factor(std::vector<double>{2., 2.}).mode(kBilinear).align_corners(false));),
        CASE("grid_sample", return F::grid_sample(input({1, 1, 3, 3}, d), F::affine_grid(input({1, 2, 3}, d), {1, 1, 3, 3}));),
        CASE("one_hot", return F::one_hot(labels(4, {3}, d), 4).to(kFloat);), CASE("cosine", return F::cosine_similarity(input({3, 4}, d), input({3, 4}, d));),
        CASE("index", auto x = input({4, 3}, d); return x.index({tensor({0, 2}).to(d), indexing::Slice()}).mul({2}) + x.masked_select(x.detach().gt({2})).sum();),
        CASE("unfold", return input({6}, d).unfold(0, 3, 2);), CASE("order", auto [v, i] = input({5}, d).sort(); return v * i.to(kFloat);), CASE("tril", return input({3, 3}, d).tril().cumsum(0);),
        CASE("scan", auto h = input({2}, d); return std::get<0>(scan([](TensorList c, TensorList x) { return std::pair(TensorList{c[0] * 0.5 + x[0]}, TensorList{c[0]}); }, {h}, {input({3, 2}, d)}))[0];),
        CASE("clip", auto net = placed(nn::Linear(3, 2), d); net(input({4, 3}, d)).sum().backward(); nn::utils::clip_grad_norm_(net->parameters(), 0.1);
             return net->weight.grad() * 2;)),
    [](auto &info) { return std::string(info.param.name); });
