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
