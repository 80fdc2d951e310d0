// Models of PyTorch loaded from ONNX: they run, name their parameters, fine-tune as in PyTorch, and are saved.
#include "expect_error.h"
#include <filesystem>
#include <gtest/gtest.h>
#include <tenon/tenon.h>

using namespace tenon;

namespace {

const std::string data = TENON_SOURCE_DIR "/test/onnx/data/";

void expect_close(const Tensor &a, const Tensor &b, double tolerance) {
  ASSERT_EQ(a.sizes(), b.sizes());
  EXPECT_LE((a - b).abs().max().item<double>(), tolerance * b.abs().max().item<double>());
}

TEST(OnnxLoad, RunsAtAnyBatch) {
  auto net = onnx::load(data + "cnn.onnx");
  auto known = load_tensors(data + "finetune.safetensors");
  net->eval();
  NoGradGuard no_grad;
  expect_close(net(known["x"]), known["y"], 1e-5);
  expect_close(net(known["x"].slice(0, 0, 3)), known["y"].slice(0, 0, 3), 1e-5);
}

TEST(OnnxLoad, Names) {
  auto net = onnx::load(data + "cnn.onnx");
  EXPECT_EQ(net->named_parameters().keys(), (std::vector<std::string>{"features.0.weight", "features.0.bias", "features.1.weight", "features.1.bias", "fc.weight", "fc.bias"}));
  EXPECT_EQ(net->named_buffers().keys(), (std::vector<std::string>{"features.1.running_mean", "features.1.running_var"}));
  EXPECT_EQ(net->input_names(), std::vector<std::string>{"x"});
  EXPECT_EQ(net->output_names(), std::vector<std::string>{"y"});
  EXPECT_NE(net->graph().find("MaxPool"), std::string::npos);
}

TEST(OnnxLoad, FineTunesAsPyTorch) {
  auto known = load_tensors(data + "finetune.safetensors");
  auto net = onnx::load(data + "cnn.onnx");
  net->train();
  optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.05).momentum(0.9));
  auto step = compile([&](Tensor x, Tensor target) {
    optimizer.zero_grad();
    auto loss = nn::functional::cross_entropy(net(x), target);
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int i = 0; i < 50; ++i)
    EXPECT_NEAR(step(known["x"], known["target"]).item<double>(), known["losses"][i].item<double>(), 1e-4) << "step " << i;
  expect_close(net->named_buffers()["features.1.running_mean"], known["running_mean"], 1e-4);
  expect_close(net->named_buffers()["features.1.running_var"], known["running_var"], 1e-4);
  expect_close(net->named_parameters()["features.0.weight"], known["weight"], 1e-3);
}

/// Three steps in which no number is read, of a model that uses its weight in a loop or branch and after it; and the same with ops.
void trains(const std::string &file, const std::function<Tensor(const Tensor &x, const TensorList &weights)> &twin) {
  auto net = onnx::load(data + file);
  auto x = tensor({0.5, 1.0, -1.0, 0.25, 2.0, -0.5}, kFloat).view({3, 2});
  TensorList weights;
  for (auto &p : net->parameters())
    weights.push_back(p.detach().clone().set_requires_grad(true));
  optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.01)), other(weights, optim::SGDOptions(0.01));
  for (int i = 0; i < 3; ++i) {
    optimizer.zero_grad();
    net(x).square().sum().backward();
    ASSERT_TRUE(net->named_parameters()["w"].grad().defined()) << "step " << i;
    optimizer.step();
    other.zero_grad();
    twin(x, weights).square().sum().backward();
    (void)weights[0].sum().item<float>();
    other.step();
  }
  for (size_t i = 0; i < weights.size(); ++i)
    expect_close(net->parameters()[i], weights[i], 1e-6);
}
TEST(OnnxLoad, TrainsThroughLoops) {
  trains("scan.onnx", [](const Tensor &x, const TensorList &weights) {
    TensorList rows;
    auto h = weights[1];
    for (int64_t i = 0; i < 3; ++i)
      rows.push_back(h = h * weights[0] + x[i]);
    return stack(rows) * weights[0];
  });
}
TEST(OnnxLoad, TrainsThroughBranches) {
  trains("if.onnx", [](const Tensor &x, const TensorList &weights) { return x * weights[0] * weights[0]; });
}

TEST(OnnxLoad, DropoutLivesInTraining) {
  auto net = onnx::load(data + "dropout.onnx");
  auto x = ones({1000});
  net->eval();
  EXPECT_EQ(net(x).sum().item<double>(), 1000);
  net->train();
  auto y = net(x);
  auto zeros = (y == 0).sum().item<double>();
  EXPECT_GT(zeros, 400);
  EXPECT_LT(zeros, 600);
  EXPECT_EQ(y.max().item<double>(), 2);
}

TEST(OnnxLoad, Artifact) {
  auto net = onnx::load(data + "cnn.onnx");
  net->eval();
  auto predict = compile([&](Tensor x) {
    NoGradGuard no_grad;
    return net(x);
  });
  auto x = load_tensors(data + "finetune.safetensors")["x"];
  predict(x);
  predict(x);
  auto path = std::filesystem::path(testing::TempDir()) / ("onnx_load_" + std::to_string(getpid()) + ".so");
  save_artifact(path.string(), {{"predict", predict}});
  EXPECT_TRUE(std::filesystem::exists(path));
  std::filesystem::remove(path);
}

TEST(OnnxLoad, Errors) {
  EXPECT_ERROR(onnx::load("/nowhere/net.onnx"), "onnx::load: /nowhere/net.onnx: ");
  EXPECT_ERROR(onnx::load(data + "finetune.safetensors"), "no ONNX model");
  auto net = onnx::load(data + "cnn.onnx");
  EXPECT_ERROR(net->forward(TensorList{}), "takes 1 inputs, got 0");
  EXPECT_ERROR(net(zeros({2, 1, 6, 6}, kDouble)), "input 'x' is of float, which another element type was given for");
  EXPECT_ERROR(net(zeros({2, 2, 6, 6})), "input 'x' has another shape than the file declares");
  EXPECT_ERROR(net(Tensor()), "input 'x' is an undefined tensor");
}

} // namespace
