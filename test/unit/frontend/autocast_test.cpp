// autocast: the dtypes that PyTorch's lists give, gradients in the parameters' dtype, and variants of compiled functions.
#include "expect_error.h"

using namespace tenon;

namespace {

Tensor x32(IntArrayRef sizes) { return rand(sizes, kFloat); }

TEST(AutocastTest, ClassesAreThoseOfPyTorch) {
  for (Dtype low : {kBFloat16, kHalf}) {
    Tensor x = x32({4, 6}), w = x32({3, 6}), l = x.to(low), image = x32({1, 2, 5, 5}), kernel = x32({3, 2, 3, 3}), q = x32({2, 4, 3});
    AutocastGuard autocast(low);
    EXPECT_TRUE(is_autocast_enabled());
    EXPECT_EQ(get_autocast_dtype(), low);
    EXPECT_EQ(linear(x, w).dtype(), low);
    EXPECT_EQ(linear(l, w, x32({3})).dtype(), low);
    EXPECT_EQ(x.matmul(w.t()).dtype(), low);
    EXPECT_EQ(q.bmm(q.transpose(1, 2)).dtype(), low);
    EXPECT_EQ(einsum("ij,kj->ik", {x, l}).dtype(), low);
    EXPECT_EQ(x32({3}).addmm(x, w.t()).dtype(), kFloat) << "a sum is in the widest";
    EXPECT_EQ(F::conv2d(image, kernel).dtype(), low);
    EXPECT_EQ(F::scaled_dot_product_attention(q, q, q.to(low)).dtype(), low);
    EXPECT_EQ(F::prelu(x, x32({1})).dtype(), low);
    EXPECT_EQ(std::get<0>(nn::GRU(6, 5)(x.unsqueeze(1))).dtype(), low);
    EXPECT_EQ(nn::GRUCell(6, 5)(x).dtype(), low);
    for (Tensor y : {l.softmax(1), l.log_softmax(1), l.exp(), l.log(), l.pow(3), l.pow(l), l.sum(), l.norm(), l.cumsum(0), l.rsqrt(), l.reciprocal(), l.tan(),
                     F::softplus(l), F::layer_norm(l, F::LayerNormFuncOptions({6}).weight(x32({6}))), F::group_norm(l, F::GroupNormFuncOptions(2)), F::mse_loss(l, x),
                     F::cross_entropy(l, tensor({0, 1, 2, 3}), F::CrossEntropyFuncOptions().weight(x32({6})))})
      EXPECT_EQ(y.dtype(), kFloat);
    EXPECT_EQ(l.relu().dtype(), low);
    EXPECT_EQ(l.tanh().dtype(), low);
    EXPECT_EQ(l.mean().dtype(), low);
    EXPECT_EQ(l.prod(1).dtype(), kFloat);
    EXPECT_EQ(l[0].dot(x[0]).dtype(), kFloat) << "the wider";
    EXPECT_EQ(l[0].outer(l[1]).dtype(), low);
    EXPECT_EQ(l.scatter_add(0, zeros({4, 6}, kLong), x).dtype(), kFloat);
    EXPECT_EQ((l + x).dtype(), kFloat);
    EXPECT_EQ(cat({l, x}).dtype(), kFloat);
    EXPECT_EQ(x.to(kDouble).matmul(w.t().to(kDouble)).dtype(), kDouble) << "float64 stays";
    EXPECT_EQ(nn::BatchNorm1d(6)(l).dtype(), low);
    {
      AutocastGuard off(low, false);
      EXPECT_EQ(linear(x, w).dtype(), kFloat);
    }
    EXPECT_EQ(linear(x, w).dtype(), low);
  }
  EXPECT_FALSE(is_autocast_enabled());
  EXPECT_ERROR(AutocastGuard autocast(kFloat), "autocast: expected bfloat16 or float16, came float32");
}

TEST(AutocastTest, ProductsAddUpInSinglePrecision) {
  Tensor x = ones({1, 4096}), w = ones({1, 4096}); // in steps of bfloat16 the sum would stay at 256
  EXPECT_EQ(autocast(kBFloat16, [&] { return linear(x, w); }).to(kFloat).item<float>(), 4096);
}

TEST(AutocastTest, GradientsHaveTheParametersDtype) {
  nn::Linear a(6, 5), b(5, 3);
  Tensor x = x32({4, 6});
  Tensor loss = autocast(kBFloat16, [&] { return F::cross_entropy(b(a(x).relu()), tensor({0, 1, 2, 0})); });
  EXPECT_EQ(loss.dtype(), kFloat);
  loss.backward();
  for (auto &p : {a->weight, a->bias, b->weight, b->bias}) {
    EXPECT_EQ(p.grad().dtype(), kFloat);
    EXPECT_TRUE(p.grad().abs().sum().item<float>() > 0);
  }
  // As without, up to bfloat16's digits.
  Tensor low = a->weight.grad().clone();
  a->zero_grad();
  b->zero_grad();
  F::cross_entropy(b(a(x).relu()), tensor({0, 1, 2, 0})).backward();
  EXPECT_TRUE(allclose(low, a->weight.grad(), 0.1, 0.01));
}

TEST(AutocastTest, BatchNormKeepsItsStatisticsInSinglePrecision) {
  nn::BatchNorm1d norm(6);
  Tensor x = x32({8, 6});
  norm(x.bfloat16());
  EXPECT_EQ(norm->running_mean.dtype(), kFloat);
  EXPECT_TRUE(allclose(norm->running_mean, x.bfloat16().to(kFloat).mean(0) * 0.1));
}

/// Forward under autocast, backward outside: what runs in which type must fit together everywhere.
void trains(const char *what, Dtype low, const std::function<Tensor(Tensor)> &f, IntArrayRef sizes) {
  SCOPED_TRACE(what);
  Tensor x = rand(sizes, kFloat).requires_grad_();
  try {
    Tensor loss = autocast(low, [&] {
      Tensor y = f(x);
      return y.dim() ? y.to(kFloat).square().mean() : y;
    });
    loss.to(kFloat).backward();
    EXPECT_EQ(x.grad().dtype(), kFloat);
    EXPECT_TRUE(x.grad().isfinite().all().item<bool>());
  } catch (const Error &error) {
    ADD_FAILURE() << error.what();
  }
}

TEST(AutocastTest, LayersAndLossesFitTogether) {
  manual_seed(1);
  for (Dtype low : {kBFloat16, kHalf}) {
    nn::Sequential image(nn::Conv2d(nn::Conv2dOptions(3, 4, 3).padding(1)), nn::BatchNorm2d(4), nn::ReLU(), nn::MaxPool2d(2), nn::GroupNorm(nn::GroupNormOptions(2, 4)), nn::GELU(),
                         nn::ConvTranspose2d(nn::ConvTranspose2dOptions(4, 2, 2).stride(2)), nn::InstanceNorm2d(nn::InstanceNorm2dOptions(2).affine(true)), nn::PReLU(), nn::AvgPool2d(2),
                         nn::Flatten(), nn::Linear(32, 5), nn::LogSoftmax(1));
    trains("image", low, [&](Tensor x) { return image->forward(x); }, {2, 3, 8, 8});
    nn::LSTM lstm(nn::LSTMOptions(6, 5).num_layers(2).bidirectional(true));
    nn::GRU gru(6, 5);
    nn::LSTMCell cell(6, 5);
    trains("lstm", low, [&](Tensor x) { return std::get<0>(lstm(x)); }, {4, 3, 6});
    trains("gru", low, [&](Tensor x) { return std::get<0>(gru(x, zeros({1, 3, 5}))); }, {4, 3, 6});
    trains("lstm cell", low, [&](Tensor x) { return std::get<1>(cell(x, std::tuple(zeros({3, 5}), zeros({3, 5})))); }, {3, 6});
    nn::TransformerEncoderLayer layer(nn::TransformerEncoderLayerOptions(8, 2).dim_feedforward(16));
    nn::MultiheadAttention heads(8, 2);
    trains("transformer", low, [&](Tensor x) { return layer(x); }, {4, 2, 8});
    trains("attention", low, [&](Tensor x) { return std::get<0>(heads(x, x, x)); }, {4, 2, 8});
    trains("resize", low, [&](Tensor x) { return F::interpolate(x, F::InterpolateFuncOptions().scale_factor(std::vector<double>{2.0, 2.0}).mode(kBilinear).align_corners(false)); }, {1, 2, 3, 3});
    trains("var", low, [&](Tensor x) { return x.to(low).var(IntArrayRef{1}); }, {3, 4});
    trains("normalize", low, [&](Tensor x) { return F::normalize(x.to(low)); }, {3, 4});
    trains("logsumexp", low, [&](Tensor x) { return x.to(low).logsumexp(1); }, {3, 4});
    trains("prod", low, [&](Tensor x) { return x.to(low).prod(1); }, {3, 4});
    trains("dot", low, [&](Tensor x) { return x.to(low).dot(ones({4})) + x.outer(x).sum(); }, {4});
    trains("bilinear", low, [&](Tensor x) { return F::bilinear(x.to(low), x.to(low), ones({2, 4, 4}), ones({2})); }, {3, 4});
    trains("lp_pool", low, [&](Tensor x) { return F::lp_pool2d(x.to(low) + 0.5, F::LPPool2dFuncOptions(3, 2)); }, {1, 2, 4, 4});
    Tensor t = rand({3, 4}), sign = tensor({1.f, -1.f, 1.f});
    auto both = [&](const char *what, const std::function<Tensor(Tensor)> &f) { trains(what, low, [&](Tensor x) { return f(x.to(low)); }, {3, 4}); };
    both("l1", [&](Tensor x) { return F::l1_loss(x, t); });
    both("smooth", [&](Tensor x) { return F::smooth_l1_loss(x, t); });
    both("huber", [&](Tensor x) { return F::huber_loss(x, t); });
    both("bce", [&](Tensor x) { return F::binary_cross_entropy(x, t); });
    both("bce logits", [&](Tensor x) { return F::binary_cross_entropy_with_logits(x, t, F::BinaryCrossEntropyWithLogitsFuncOptions().pos_weight(ones({4})).weight(ones({4}))); });
    both("kl", [&](Tensor x) { return F::kl_div(x.log_softmax(1), t); });
    both("soft", [&](Tensor x) { return F::cross_entropy(x, t.softmax(1), F::CrossEntropyFuncOptions().weight(ones({4}))); });
    both("poisson", [&](Tensor x) { return F::poisson_nll_loss(x, t); });
    both("gaussian", [&](Tensor x) { return F::gaussian_nll_loss(x, t, ones({3, 4})); });
    both("margin", [&](Tensor x) { return F::multi_margin_loss(x, tensor({0, 1, 2}), F::MultiMarginLossFuncOptions().weight(ones({4}))); });
    both("cosine", [&](Tensor x) { return F::cosine_embedding_loss(x, t, sign); });
    both("triplet", [&](Tensor x) { return F::triplet_margin_loss(x, t, t * 2); });
    both("hinge", [&](Tensor x) { return F::hinge_embedding_loss(x, where(t > 0.5, 1.0, -1.0)); });
  }
}

TEST(AutocastTest, CompiledFunctionsAreGuarded) {
  nn::Linear net(6, 3);
  Tensor x = x32({4, 6});
  auto f = compile([&](Tensor x) { return net(x); });
  auto in = [&](Dtype low) { return autocast(low, [&] { return f(x); }); };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(f(x).dtype(), kFloat);
    EXPECT_EQ(in(kBFloat16).dtype(), kBFloat16);
    EXPECT_EQ(in(kHalf).dtype(), kHalf);
  }
  AutocastGuard autocast(kBFloat16);
  EXPECT_TRUE(equal(f(x), net(x)));
}

TEST(AutocastTest, OptimizersStayExact) {
  Tensor p = x32({4, 4}).requires_grad_(), q = p.detach().clone().requires_grad_();
  optim::Muon a({p}, 0.1), b({q}, 0.1);
  (p * p).sum().backward();
  (q * q).sum().backward();
  a.step();
  AutocastGuard autocast(kBFloat16);
  b.step();
  EXPECT_TRUE(equal(p, q));
}

} // namespace
