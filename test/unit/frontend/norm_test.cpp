// Normalisation: running statistics against their formulas, modes, compiled steps, state, and what is refused. Values: test/parity.
#include "expect_error.h"

#include <sstream>

using namespace tenon;

namespace {

/// Mean and variance over a matrix's rows.
std::pair<Tensor, Tensor> moments(const Tensor &x, bool unbiased) { return {x.mean(0), x.var(IntArrayRef(0), unbiased)}; }

TEST(NormTest, BatchNormStandardizesAndTracks) {
  nn::BatchNorm1d norm(3);
  EXPECT_EQ(norm->named_parameters().keys(), (std::vector<std::string>{"weight", "bias"}));
  EXPECT_EQ(norm->named_buffers().keys(), (std::vector<std::string>{"running_mean", "running_var", "num_batches_tracked"}));
  Tensor x = randn({5, 3}) * 2 + 1;
  Tensor y = norm(x);
  auto [mean, biased] = moments(x, false);
  EXPECT_TRUE(allclose(y, (x - mean) / (biased + 1e-5).sqrt(), 1e-5, 1e-5));
  EXPECT_TRUE(allclose(norm->running_mean, mean * 0.1, 1e-5, 1e-6));
  EXPECT_TRUE(allclose(norm->running_var, moments(x, true).second * 0.1 + 0.9, 1e-5, 1e-6));
  EXPECT_EQ(norm->num_batches_tracked.item<int64_t>(), 1);
  norm->eval();
  EXPECT_TRUE(allclose(norm(x), (x - norm->running_mean) / (norm->running_var + 1e-5).sqrt(), 1e-5, 1e-5));
  EXPECT_EQ(norm->num_batches_tracked.item<int64_t>(), 1);
  norm->reset_running_stats();
  EXPECT_TRUE(equal(norm->running_var, ones({3})));
  EXPECT_EQ(norm->num_batches_tracked.item<int64_t>(), 0);
}

TEST(NormTest, WithoutMomentumTheAverageOverAllBatches) {
  nn::BatchNorm2d norm(nn::BatchNorm2dOptions(2).momentum(std::nullopt));
  auto step = compile([&](Tensor x) { return norm(x).sum(); });
  Tensor sum = zeros({2});
  for (int i = 0; i < 5; ++i) {
    Tensor x = randn({3, 2, 2, 2}) + i;
    step(x);
    sum = sum + x.mean({0, 2, 3});
  }
  EXPECT_EQ(norm->num_batches_tracked.item<int64_t>(), 5);
  EXPECT_TRUE(allclose(norm->running_mean, sum / 5, 1e-5, 1e-5));
}

TEST(NormTest, WithoutTrackingEvaluationUsesTheBatch) {
  nn::BatchNorm1d norm(nn::BatchNormOptions(3).track_running_stats(false).affine(false));
  EXPECT_TRUE(norm->parameters().empty());
  EXPECT_TRUE(norm->buffers().empty());
  Tensor x = randn({4, 3});
  Tensor y = norm(x);
  norm->eval();
  EXPECT_TRUE(equal(norm(x), y));
}

TEST(NormTest, InstanceNormTracksTheMeanOfItsSamples) {
  nn::InstanceNorm2d norm(nn::InstanceNorm2dOptions(2).track_running_stats(true).affine(true));
  Tensor x = randn({3, 2, 4, 5});
  norm(x);
  EXPECT_TRUE(allclose(norm->running_mean, x.mean({0, 2, 3}) * 0.1, 1e-5, 1e-6));
  EXPECT_TRUE(allclose(norm->running_var, x.var({2, 3}).mean(0) * 0.1 + 0.9, 1e-5, 1e-6));
  EXPECT_TRUE(allclose(nn::InstanceNorm1d(4)(x[0].reshape({8, 5}).slice(0, 0, 4)), nn::InstanceNorm1d(4)(x[0].reshape({8, 5}).slice(0, 0, 4).unsqueeze(0))[0]));
}

struct NetImpl : nn::Module {
  nn::Linear fc{4, 6};
  nn::BatchNorm1d norm{6};
  nn::LayerNorm layer{std::vector<int64_t>{6}};
  nn::GroupNorm group{2, 6};
  nn::RMSNorm rms{std::vector<int64_t>{6}};
  NetImpl() {
    register_module("fc", fc);
    register_module("norm", norm);
    register_module("layer", layer);
    register_module("group", group);
    register_module("rms", rms);
  }
  Tensor forward(Tensor x) { return rms(group(layer(norm(fc(x)).tanh()).tanh()).tanh()); }
};
TENON_MODULE(Net);

TEST(NormTest, ReplaysEqualStepsWrittenOutAndClonesAreDeep) {
  auto run = [](bool compiled) {
    manual_seed(3);
    Net net;
    optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.1));
    auto written = [&](Tensor x) {
      optimizer.zero_grad();
      Tensor loss = (net(x) - 1).square().mean();
      loss.backward();
      optimizer.step();
      return loss;
    };
    auto step = compile(written);
    for (int i = 0; i < 6; ++i)
      compiled ? step(randn({8, 4})).item<float>() : written(randn({8, 4})).item<float>();
    return net;
  };
  Net a = run(false), b = run(true);
  auto state = a->state_dict(), other = b->state_dict();
  EXPECT_EQ(state.size(), 2u + 5 + 2 + 2 + 1);
  for (const auto &item : state)
    EXPECT_TRUE(equal(item.value(), other[item.key()])) << item.key();
  auto copy = std::dynamic_pointer_cast<nn::BatchNorm1dImpl>(a->norm->clone());
  EXPECT_TRUE(equal(copy->running_mean, a->norm->running_mean));
  EXPECT_FALSE(copy->running_mean.is_same(a->norm->running_mean));
}

TEST(NormTest, PenaltiesOnGradientsHaveGradients) {
  nn::BatchNorm1d norm(3);
  Tensor x = randn({5, 3}).requires_grad_();
  Tensor g = grad((norm(x) * randn({5, 3})).tanh().sum(), TensorList{x}, /*create_graph=*/true)[0];
  g.square().sum().backward();
  EXPECT_GT(x.grad().abs().sum().item<float>(), 0);
  EXPECT_GT(norm->weight.grad().abs().sum().item<float>(), 0);
}

TEST(NormTest, BFloat16IsNormalisedInSinglePrecision) {
  Tensor x = (randn({4, 64}) + 100).to(kBFloat16);
  Tensor y = layer_norm(x, {64}).to(kFloat32), exact = layer_norm(x.to(kFloat32), {64});
  EXPECT_TRUE(allclose(y, exact, 1e-2, 1e-2));
}

TEST(NormTest, Prints) {
  std::ostringstream out;
  out << nn::BatchNorm2d(4) << nn::LayerNorm(std::vector<int64_t>{2, 3}) << nn::GroupNorm(2, 4) << nn::RMSNorm(std::vector<int64_t>{3});
  EXPECT_EQ(out.str(), "BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=true, track_running_stats=true)LayerNorm([2, 3], eps=1e-05, elementwise_affine=true)"
                       "GroupNorm(2, 4, eps=1e-05, affine=true)RMSNorm([3], eps=None, elementwise_affine=true)");
}

TEST(NormTest, BadInput) {
  Tensor x = randn({4, 6}), image = randn({1, 6, 1, 1});
  EXPECT_ERROR(nn::BatchNorm1d(6)(randn({1, 6})), "batch_norm: expected more than 1 value per channel when training, came float32[1, 6]");
  EXPECT_ERROR(nn::BatchNorm2d(6)(image), "expected more than 1 value per channel");
  EXPECT_ERROR(nn::BatchNorm2d(6)(x), "BatchNorm2d: expected an input of 4 dimensions, came float32[4, 6]");
  EXPECT_ERROR(nn::BatchNorm1d(5)(x), "BatchNorm1d: expected 5 channels, came float32[4, 6]");
  EXPECT_ERROR(nn::BatchNorm1d(6)(Tensor()), "BatchNorm1d", "undefined");
  EXPECT_ERROR(nn::BatchNorm1d(6)(x.to(kFloat64)), "expected a running mean float64[6]", "float32[6]");
  EXPECT_ERROR(F::batch_norm(x, Tensor(), Tensor()), "batch_norm: expected both a running mean and a running variance");
  EXPECT_ERROR(F::batch_norm(x, zeros({6}), ones({6}), F::BatchNormFuncOptions().training(true).momentum(std::nullopt)), "expected a momentum");
  EXPECT_ERROR(F::batch_norm(x, zeros({6}), ones({6}), F::BatchNormFuncOptions().weight(ones({5}))), "expected a weight float32[6]", "came float32[5]");
  EXPECT_ERROR(F::batch_norm(x.to(kLong), zeros({6}), ones({6})), "batch_norm: expected input of floating point");
  EXPECT_ERROR(F::batch_norm(x, zeros({6}), ones({6}), F::BatchNormFuncOptions().eps(-1)), "eps that is not negative");
  EXPECT_ERROR(nn::InstanceNorm2d(6)(image), "instance_norm: expected more than 1 value per channel of a sample");
  EXPECT_ERROR(F::layer_norm(x, F::LayerNormFuncOptions({4})), "layer_norm: expected an input that ends in the normalized shape [4], came float32[4, 6]");
  EXPECT_ERROR(F::layer_norm(x, F::LayerNormFuncOptions({6}).weight(ones({4}))), "expected a weight float32[6]");
  EXPECT_ERROR(rms_norm(x, {}), "rms_norm: expected an input that ends in the normalized shape []");
  EXPECT_ERROR(F::group_norm(x, F::GroupNormFuncOptions(4)), "group_norm: expected a number of groups that divides the channels", "came 4");
  EXPECT_ERROR(nn::GroupNorm(2, 4)(x), "GroupNorm: expected 4 channels");
  EXPECT_ERROR_TEXT(nn::GroupNorm(4, 6), "GroupNorm: expected a number of channels that is a multiple");
  EXPECT_ERROR_TEXT(nn::LayerNorm(std::vector<int64_t>{}), "LayerNorm: expected a normalized_shape of positive sizes, came []");
  EXPECT_ERROR_TEXT(nn::BatchNorm1d(0), "BatchNorm1d: expected a positive num_features, came 0");
}

} // namespace
