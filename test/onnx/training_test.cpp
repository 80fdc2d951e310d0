// Whole training steps leave as plain ONNX, and ONNX Runtime trains with them: our losses, step by step, for 100 steps.
#include "test/onnx/literals.h"
#include "gtest/gtest.h"

using namespace tenon;
namespace F = tenon::nn::functional;
namespace tenon::test {
namespace {

/// Saves a step of two inputs, then takes 100 of them on these batches.
template <class Step> void trains(const std::string &name, Step step, const std::vector<TensorList> &batches, double tolerance = 1e-4) {
  std::string folder = emptyFolder(name);
  onnx::save(step, folder + "/step.onnx", batches[0]);
  std::vector<double> losses;
  for (size_t i = 0; i < 100; ++i)
    losses.push_back(step(batches[i % batches.size()][0], batches[i % batches.size()][1]).template item<float>());
  EXPECT_LT(losses.back(), losses.front());
  std::vector<std::vector<NamedLiteral>> given;
  for (auto &b : batches)
    given.push_back(named("input", b));
  writeTraining(folder, name, "step", given, losses, tolerance);
  auto said = runCases(folder);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].second, "ok") << name;
}
std::vector<TensorList> classes(std::vector<int64_t> sizes, int64_t count) {
  std::vector<TensorList> batches;
  for (int64_t n : {sizes[0], sizes[0], sizes[0] + 3}) {
    sizes[0] = n;
    batches.push_back({randn(sizes), randint(0, count, {n}, kLong)});
  }
  return batches;
}

} // namespace

TEST(OnnxTraining, MlpAdam) {
  manual_seed(1);
  nn::Sequential net(nn::Linear(6, 16), nn::ReLU(), nn::Linear(16, 4));
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(1e-2));
  trains("mlp_adam", compile([&](Tensor x, Tensor y) {
           optimizer.zero_grad();
           auto loss = F::cross_entropy(net(x), y);
           loss.backward();
           optimizer.step();
           return loss;
         }),
         classes({8, 6}, 4));
}

TEST(OnnxTraining, CnnMomentum) {
  manual_seed(2);
  nn::Sequential net(nn::Conv2d(nn::Conv2dOptions(1, 4, 3).stride(2).padding(1)), nn::BatchNorm2d(4), nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(), nn::Linear(16, 3));
  optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.01).momentum(0.9));
  trains("cnn_momentum", compile([&](Tensor x, Tensor y) {
           optimizer.zero_grad();
           auto loss = F::cross_entropy(net(x), y);
           loss.backward();
           optimizer.step();
           return loss;
         }),
         classes({6, 1, 8, 8}, 3));
}

TEST(OnnxTraining, LstmAdam) {
  manual_seed(3);
  nn::LSTM lstm(nn::LSTMOptions(3, 6).batch_first(true));
  nn::Linear head(6, 2);
  auto parameters = lstm->parameters();
  for (auto &p : head->parameters())
    parameters.push_back(p);
  optim::Adam optimizer(parameters, optim::AdamOptions(1e-2));
  trains("lstm_adam", compile([&](Tensor x, Tensor y) {
           optimizer.zero_grad();
           auto loss = F::cross_entropy(head(std::get<0>(lstm(x)).select(1, -1)), y);
           loss.backward();
           optimizer.step();
           return loss;
         }),
         classes({4, 5, 3}, 2));
}

} // namespace tenon::test
