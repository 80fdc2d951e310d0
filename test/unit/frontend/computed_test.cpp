// Parameters that are computed of others: weight_norm and spectral_norm, define-by-run, compiled and taken away again.
#include "expect_error.h"

using namespace tenon;
namespace F = nn::functional;

namespace {

nn::Linear linear() {
  nn::Linear fc(3, 2);
  NoGradGuard no_grad;
  fc->weight.copy_(tensor({{0.5f, -1.f, 2.f}, {1.f, 0.25f, -0.5f}}));
  fc->bias.zero_();
  return fc;
}
Tensor input() { return tensor({{1.f, 2.f, -1.f}, {0.5f, -0.5f, 3.f}}); }
std::vector<std::string> names(const nn::Module &m) { return m.named_parameters().keys(); }
void expect_near(const Tensor &x, const std::vector<float> &expected) {
  ASSERT_EQ(x.numel(), int64_t(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(x.flatten()[i].item<float>(), expected[i], 2e-6 * (1 + std::abs(expected[i]))) << i;
}

TEST(WeightNorm, EqualsPyTorch) {
  auto fc = nn::utils::weight_norm(linear(), "weight");
  EXPECT_EQ(names(*fc), (std::vector<std::string>{"bias", "weight_g", "weight_v"}));
  auto parameters = fc->named_parameters();
  EXPECT_EQ(parameters["weight_g"].sizes(), IntArrayRef({2, 1}));
  {
    NoGradGuard no_grad;
    parameters["weight_g"].mul_(2);
  }
  auto y = fc(input());
  expect_near(y, {-7.f, 4.f, 13.5f, -2.25f});
  y.square().sum().backward();
  expect_near(parameters["weight_g"].grad(), {100.92577f, 18.384857f});
  expect_near(parameters["weight_v"].grad(), {-45.047619f, 5.0952381f, 13.809524f, -20.595238f, 28.47619f, -26.952381f});
  EXPECT_FALSE(fc->weight.requires_grad()); // its history ends with the call
}

TEST(WeightNorm, TrainsDefineByRunAndCompiledAlike) {
  std::vector<float> losses[2];
  for (bool compiled : {false, true}) {
    nn::Sequential net(nn::utils::weight_norm(linear()), nn::Tanh(), nn::utils::weight_norm(nn::Linear(2, 1), "weight", -1));
    {
      NoGradGuard no_grad;
      for (auto &p : net->parameters())
        p.copy_(arange(p.numel(), kFloat).view(p.sizes()).mul(0.3).add(0.2));
    }
    optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.05).momentum(0.9));
    auto step = [&](Tensor x) {
      optimizer.zero_grad();
      auto loss = net->forward(x).square().mean();
      loss.backward();
      optimizer.step();
      return loss;
    };
    std::function<Tensor(Tensor)> run = step;
    if (compiled)
      run = compile(step);
    for (int i = 0; i < 6; ++i)
      losses[compiled].push_back(run(input()).item<float>());
    EXPECT_LT(losses[compiled].back(), losses[compiled].front());
  }
  EXPECT_EQ(losses[0], losses[1]);
}

TEST(WeightNorm, FollowsDtypesModesAndRemoval) {
  auto fc = nn::utils::weight_norm(linear());
  fc->to(kFloat64);
  EXPECT_EQ(fc(input().to(kDouble)).scalar_type(), kDouble);
  NoGradGuard no_grad;
  auto before = fc(input().to(kDouble));
  nn::utils::remove_weight_norm(fc);
  EXPECT_EQ(names(*fc), (std::vector<std::string>{"bias", "weight"}));
  EXPECT_TRUE(fc->weight.requires_grad());
  EXPECT_TRUE(allclose(fc(input().to(kDouble)), before));
}

TEST(WeightNorm, OfARecurrentLayersWeight) {
  nn::GRU gru(2, 3);
  auto x = randn({4, 1, 2});
  auto before = std::get<0>(gru(x)).detach();
  nn::utils::weight_norm(gru, "weight_hh_l0");
  auto y = std::get<0>(gru(x));
  EXPECT_TRUE(allclose(y, before));
  y.sum().backward();
  EXPECT_TRUE(gru->named_parameters()["weight_hh_l0_g"].grad().defined());
}

TEST(SpectralNorm, ComesToTheLargestSingularValue) {
  auto fc = nn::utils::spectral_norm(linear(), "weight", 5);
  EXPECT_EQ(names(*fc), (std::vector<std::string>{"bias", "weight_orig"}));
  EXPECT_EQ(fc->named_buffers().keys(), (std::vector<std::string>{"weight_u", "weight_v"}));
  for (int i = 0; i < 8; ++i)
    fc(input());
  auto y = fc(input());
  expect_near(y, {-1.5078338f, 0.86161932f, 2.9079652f, -0.48466087f});
  y.square().sum().backward();
  expect_near(fc->named_parameters()["weight_orig"].grad(), {-1.3745224f, 0.54550224f, 0.022577299f, 0.77799996f, 0.88447797f, -0.37697873f});
  auto u = fc->named_buffers()["weight_u"].clone();
  fc->eval();
  fc(input());
  EXPECT_TRUE(equal(u, fc->named_buffers()["weight_u"]));
  nn::utils::remove_spectral_norm(fc);
  EXPECT_TRUE(fc->named_buffers().is_empty());
  auto transposed = nn::utils::spectral_norm(nn::ConvTranspose1d(2, 5, 3));
  EXPECT_EQ(transposed->named_buffers()["weight_u"].size(0), 5);
}

TEST(SpectralNorm, CompiledStepsMoveItsVectors) {
  Tensor u[2];
  for (bool compiled : {false, true}) {
    manual_seed(3);
    auto fc = nn::utils::spectral_norm(linear());
    auto step = [&](Tensor x) { return fc(x).sum(); };
    std::function<Tensor(Tensor)> run = step;
    if (compiled)
      run = compile(step);
    for (int i = 0; i < 5; ++i)
      run(input()).item<float>();
    u[compiled] = fc->named_buffers()["weight_u"].clone();
  }
  EXPECT_TRUE(equal(u[0], u[1]));
}

TEST(Computed, Errors) {
  auto fc = nn::utils::weight_norm(linear());
  EXPECT_ERROR(nn::utils::weight_norm(fc), "weight_norm: the parameter 'weight' of Linear is computed by weight_norm already");
  EXPECT_ERROR(nn::utils::spectral_norm(fc, "bias_g"), "spectral_norm: Linear has no parameter 'bias_g'");
  EXPECT_ERROR(nn::utils::spectral_norm(linear(), "weight", 0), "spectral_norm: expected n_power_iterations at least 1, came 0");
  struct Hollow : nn::Module {
    Hollow() { register_parameter("weight", zeros({0, 4})); }
  } hollow;
  EXPECT_ERROR(nn::utils::spectral_norm(hollow), "spectral_norm: expected a parameter with elements, 'weight' is float32[0, 4]");
  EXPECT_ERROR(nn::utils::remove_spectral_norm(fc), "remove_spectral_norm: the parameter 'weight' of Linear is not computed by it");
  EXPECT_ERROR(nn::utils::weight_norm(linear(), "weight", 2), "weight_norm: dimension out of range");
}

TEST(ClipGrads, InTwoSteps) {
  auto a = tensor({3.f, 4.f}).requires_grad_(), b = tensor({12.f}).requires_grad_();
  (a.square().sum() / 2 + b.square().sum() / 2).backward();
  auto norm = nn::utils::get_total_norm({a.grad(), b.grad()});
  EXPECT_FLOAT_EQ(norm.item<float>(), 13);
  nn::utils::clip_grads_with_norm_({a, b}, 6.5, norm);
  EXPECT_NEAR(b.grad().item<float>(), 6, 1e-5);
}

TEST(LinearCrossEntropyLoss, IsALayerWithWeights) {
  nn::LinearCrossEntropyLoss loss(nn::LinearCrossEntropyLossOptions(3, 4).out_features({2}).bias(true));
  EXPECT_EQ(names(*loss), (std::vector<std::string>{"linear.weight", "linear.bias"}));
  EXPECT_EQ(loss->linear->weight.sizes(), IntArrayRef({8, 3}));
  auto target = tensor({{0, 3}, {1, 2}});
  auto scores = loss->linear(input()).view({2, 4, 2});
  EXPECT_FLOAT_EQ(loss(input(), target).item<float>(), F::cross_entropy(scores, target).item<float>());
}

TEST(FractionalMaxPool, DrawsItsWindows) {
  manual_seed(1);
  nn::FractionalMaxPool2d pool(nn::FractionalMaxPool2dOptions(2).output_size(ExpandingArray<2>(3)));
  auto x = randn({2, 3, 9, 9});
  auto [y, at] = pool->forward_with_indices(x);
  EXPECT_EQ(y.sizes(), IntArrayRef({2, 3, 3, 3}));
  EXPECT_TRUE(equal(x.flatten(2).gather(2, at.flatten(2)).view(y.sizes()), y));
  EXPECT_FALSE(equal(pool(x), pool(x)));
  EXPECT_ERROR_TEXT(nn::FractionalMaxPool3d(nn::FractionalMaxPool3dOptions(2)), "FractionalMaxPool3d: expected an output_size or an output_ratio, came neither");
}

TEST(Rare, WhatDependsOnDataIsRefusedInsideCompile) {
  auto f = compile([](Tensor x) { return std::get<0>(unique_consecutive(x)); });
  EXPECT_ERROR_TEXT(f(arange(3)), "unique_consecutive: the result's shape would depend on data");
}

} // namespace
