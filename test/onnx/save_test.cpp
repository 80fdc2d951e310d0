// onnx::save: modules and training steps leave, at any batch, and ONNX Runtime gives our numbers.
#include "test/onnx/literals.h"
#include "gtest/gtest.h"
#include <filesystem>
#include <fstream>

using namespace tenon;
namespace F = tenon::nn::functional;
namespace tenon::test {
namespace {

std::string text(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
std::string message(const std::function<void()> &f) {
  try {
    f();
  } catch (const Error &e) {
    return e.what();
  }
  return "";
}

/// Saves with the first inputs, and compares on all.
template <class M> void leaves(const std::string &name, M net, const std::vector<TensorList> &inputs, const onnx::SaveOptions &options = {}, double tolerance = 1e-5) {
  std::string folder = emptyFolder(name);
  onnx::save(net, folder + "/net.onnx", inputs[0], options);
  net->eval();
  NoGradGuard no_grad;
  for (size_t i = 0; i < inputs.size(); ++i)
    writeCase(folder, "at" + std::to_string(i), "net", named("input", inputs[i]), named("output", onnx::detail::call(net, inputs[i], Location::current())), tolerance);
  auto said = runCases(folder);
  EXPECT_EQ(said.size(), inputs.size());
  for (auto &[at, what] : said)
    EXPECT_EQ(what, "ok") << name << " " << at;
}
std::vector<TensorList> batches(std::vector<int64_t> sizes) {
  auto first = sizes, second = sizes, third = sizes;
  second[0] = 7, third[0] = 1;
  return {{randn(first)}, {randn(second)}, {randn(third)}};
}

} // namespace

TEST(OnnxSave, Mlp) {
  manual_seed(1);
  nn::Sequential net(nn::Linear(6, 8), nn::ReLU(), nn::Dropout(0.5), nn::Linear(8, 3));
  leaves("mlp", net, batches({4, 6}));
  EXPECT_TRUE(net->is_training() == false); // as the comparison left it
  auto model = text(TENON_BINARY_DIR "/test/onnx/mlp/net.onnx");
  for (auto *word : {"0.weight", "3.bias", "Gemm", "batch", "tenon"})
    EXPECT_NE(model.find(word), std::string::npos) << word;
  EXPECT_EQ(model.find("Dropout"), std::string::npos);
}

TEST(OnnxSave, Cnn) {
  manual_seed(2);
  nn::Sequential net(nn::Conv2d(nn::Conv2dOptions(1, 4, 3).padding(1)), nn::BatchNorm2d(4), nn::ReLU(), nn::MaxPool2d(2), nn::Conv2d(nn::Conv2dOptions(4, 6, 3).stride(2).groups(2)),
                     nn::GroupNorm(2, 6), nn::GELU(), nn::AdaptiveAvgPool2d(1), nn::Flatten(), nn::Linear(6, 5));
  net(randn({8, 1, 12, 12})); // running statistics move
  leaves("cnn", net, batches({3, 1, 12, 12}));
}

TEST(OnnxSave, BatchNormIsFoldedOnRequest) {
  manual_seed(2);
  struct NetImpl : nn::Module {
    nn::Conv2d bare{nn::Conv2dOptions(2, 4, 3).bias(false)}, grouped{nn::Conv2dOptions(4, 6, 3).groups(2)}, shared{nn::Conv2dOptions(6, 6, 1)};
    nn::ConvTranspose2d up{nn::ConvTranspose2dOptions(6, 4, 3).groups(2).stride(2)};
    nn::Linear linear{4, 3};
    nn::BatchNorm2d norm1{4}, norm2{nn::BatchNorm2dOptions(6).affine(false).eps(1e-3)}, norm3{6}, norm4{4}, first{2};
    nn::BatchNorm1d norm5{3};
    NetImpl() {
      register_module("bare", bare), register_module("grouped", grouped), register_module("shared", shared), register_module("up", up), register_module("linear", linear);
      register_module("norm1", norm1), register_module("norm2", norm2), register_module("norm3", norm3), register_module("norm4", norm4), register_module("norm5", norm5);
      register_module("first", first);
      NoGradGuard no_grad;
      for (auto &p : parameters())
        p.copy_(randn(p.sizes()));
    }
    Tensor forward(Tensor x) {
      x = norm2(grouped(relu(norm1(bare(first(x)))))); // nothing stands before `first`
      auto y = shared(x);
      x = norm3(y) + y; // the convolution is read twice: norm3 stays
      x = norm4(up(x)).mean({2, 3});
      return norm5(linear(x));
    }
  };
  TENON_MODULE(Net);
  Net net;
  for (int i = 0; i < 2; ++i)
    net(randn({8, 2, 8, 8}) * 2 + 1); // running statistics move
  auto count = [](const std::string &name, const std::string &word) {
    std::string model = text(TENON_BINARY_DIR "/test/onnx/" + name + "/net.onnx");
    int n = 0;
    for (size_t at = 0; (at = model.find(word, at)) != std::string::npos; at += word.size())
      ++n;
    return n;
  };
  leaves("batch_norm", net, batches({4, 2, 8, 8}));
  leaves("batch_norm_folded", net, batches({4, 2, 8, 8}), onnx::SaveOptions().fold_batch_norm(true));
  EXPECT_GT(count("batch_norm", "norm1.running_mean"), 0);
  for (auto *gone : {"norm1.", "norm2.", "norm4.", "norm5."})
    EXPECT_EQ(count("batch_norm_folded", gone), 0) << gone;
  for (auto *kept : {"bare.weight", "bare.bias", "linear.bias", "first.running_var", "norm3.running_var"})
    EXPECT_GT(count("batch_norm_folded", kept), 0) << kept;
}

/// A convolution whose weights are made for each sample has as many groups as the batch.
TEST(OnnxSave, AsManyGroupsAsSamples) {
  manual_seed(3);
  auto apply = [](Tensor x, Tensor w) {
    int64_t n = x.size(0);
    auto y = F::conv2d(x.reshape({1, n * 3, 7, 6}), (w + 1).reshape({n * 4, 3, 3, 2}), F::Conv2dFuncOptions().padding({2, 1}).stride({2, 1}).dilation({1, 2}).groups(n));
    return y.view({n, 4, y.size(2), y.size(3)});
  };
  std::vector<TensorList> inputs;
  for (int64_t n : {4, 7, 1})
    inputs.push_back({randn({n, 3, 7, 6}), randn({n, 4, 3, 3, 2})});
  for (int64_t opset : {13, 17}) {
    std::string folder = emptyFolder("groups" + std::to_string(opset));
    onnx::save(apply, folder + "/net.onnx", inputs[0], onnx::SaveOptions().opset(opset));
    for (size_t i = 0; i < inputs.size(); ++i)
      writeCase(folder, "at" + std::to_string(i), "net", named("input", inputs[i]), named("output", {apply(inputs[i][0], inputs[i][1])}), 1e-5);
    auto said = runCases(folder);
    EXPECT_EQ(said.size(), inputs.size());
    for (auto &[at, what] : said)
      EXPECT_EQ(what, "ok") << at;
  }
}

TEST(OnnxSave, EvaluationFormLeavesTheModeAsItWas) {
  nn::Sequential net(nn::Linear(2, 2), nn::Dropout(0.5));
  onnx::save(net, emptyFolder("mode") + "/net.onnx", {zeros({2, 2})});
  EXPECT_TRUE(net->is_training());
  EXPECT_TRUE((*net)[1]->is_training());
}

TEST(OnnxSave, StaticShape) {
  nn::Sequential net(nn::Linear(2, 2));
  auto path = emptyFolder("fixed") + "/net.onnx";
  onnx::save(net, path, {zeros({5, 2})}, onnx::SaveOptions().dynamic_batch(false).opset(13).input_names({"pixels"}).output_names({"scores"}).doc("a test").model_name("fixed"));
  auto model = text(path);
  for (auto *word : {"pixels", "scores", "a test", "fixed"})
    EXPECT_NE(model.find(word), std::string::npos) << word;
  EXPECT_EQ(model.find("batch"), std::string::npos);
}

TEST(OnnxSave, Recurrent) {
  manual_seed(3);
  leaves("lstm", nn::LSTM(nn::LSTMOptions(3, 4).num_layers(2).bidirectional(true).batch_first(true)), batches({2, 5, 3}));
  leaves("gru", nn::GRU(nn::GRUOptions(3, 4).batch_first(true)), batches({2, 5, 3}));
  leaves("rnn", nn::RNN(nn::RNNOptions(3, 4).nonlinearity(kReLU).batch_first(true)), batches({2, 5, 3}));
  leaves("lstm_projected", nn::LSTM(nn::LSTMOptions(3, 4).proj_size(2).batch_first(true)), batches({2, 5, 3}));
  auto model = text(TENON_BINARY_DIR "/test/onnx/lstm/net.onnx");
  EXPECT_NE(model.find("LSTM"), std::string::npos);
}

TEST(OnnxSave, Transformer) {
  manual_seed(4);
  nn::TransformerEncoderLayer layer(nn::TransformerEncoderLayerOptions(8, 2).dim_feedforward(16));
  onnx::SaveOptions options;
  options.dynamic_axes({{"input0", {{0, "length"}, {1, "batch"}}}});
  leaves("transformer", layer, {{randn({5, 2, 8})}, {randn({3, 4, 8})}, {randn({9, 1, 8})}}, options);
}

TEST(OnnxSave, OtherOpsetsAndTwoInputs) {
  manual_seed(5);
  struct NetImpl : nn::Module {
    nn::Embedding table{10, 4};
    nn::LayerNorm norm{nn::LayerNormOptions({4})};
    NetImpl() { register_module("table", table), register_module("norm", norm); }
    Tensor forward(Tensor words, Tensor shift) { return norm(table(words)).mean(1) + shift; }
  };
  TENON_MODULE(Net);
  for (int64_t opset = 13; opset <= 17; ++opset)
    leaves("opset" + std::to_string(opset), Net(), {{randint(0, 10, {3, 5}, kLong), randn({3, 4})}, {randint(0, 10, {6, 5}, kLong), randn({6, 4})}}, onnx::SaveOptions().opset(opset));
}

TEST(OnnxSave, ExternalData) {
  manual_seed(6);
  nn::Sequential net(nn::Linear(40, 50), nn::Tanh(), nn::Linear(50, 3));
  leaves("external", net, batches({4, 40}), onnx::SaveOptions().external_bytes(1000));
  EXPECT_EQ(std::filesystem::file_size(TENON_BINARY_DIR "/test/onnx/external/net.onnx.data"), 8192u);
}

TEST(OnnxSave, BadInput) {
  nn::Sequential net(nn::Linear(2, 2));
  auto path = emptyFolder("bad") + "/net.onnx";
  auto fails = [&](const TensorList &inputs, const onnx::SaveOptions &options, const std::string &said, const std::string &to = "") {
    auto got = message([&] { onnx::save(net, to.empty() ? path : to, inputs, options); });
    EXPECT_NE(got.find(said), std::string::npos) << got;
    EXPECT_NE(got.find("save_test.cpp"), std::string::npos) << got;
  };
  fails({}, {}, "expected at least one input");
  fails({zeros({2, 2})}, onnx::SaveOptions().opset(12), "expected an opset from 13 to 17, got 12");
  fails({zeros({2, 2})}, onnx::SaveOptions().opset(18), "got 18");
  fails({zeros({2, 3})}, {}, "linear");
  fails({zeros({2, 2}), zeros({2, 2})}, {}, "expected inputs that the module takes, got 2 tensors");
  fails({zeros({2, 2})}, onnx::SaveOptions().dynamic_axes({{"x", {{0, "batch"}}}}), "got one of 'x'");
  fails({zeros({2, 2})}, onnx::SaveOptions().dynamic_axes({{"input0", {{2, "batch"}}}}), "expected a dimension of 'input0', which has 2, got 2");
  fails({zeros({2, 2})}, {}, "No such file", "/nonexistent/net.onnx");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(OnnxSave, TheExampleIsComparedWithOtherSizes) {
  auto path = emptyFolder("example") + "/net.onnx";
  int64_t batch = 4;
  auto number = [&](const Tensor &x) { return x.mean(0) * (x.size(0) > batch ? 2.0 : 1.0); };
  for (int64_t given : {1, 2, 4}) {
    batch = given;
    auto got = message([&] { onnx::save(number, path, {zeros({batch, 3})}); });
    EXPECT_NE(got.find("other operations or numbers are recorded at the sizes given"), std::string::npos) << batch << ": " << got;
    EXPECT_NE(got.find("save_test.cpp:" + std::to_string(__LINE__ - 5)), std::string::npos) << got;
  }
  auto operation = [&](const Tensor &x) { return x.size(0) == 4 ? x.tanh() : x.sin(); };
  auto got = message([&] { onnx::save(operation, path, {zeros({4, 3})}); });
  EXPECT_NE(got.find("save_test.cpp:" + std::to_string(__LINE__ - 2)), std::string::npos) << got;
  EXPECT_FALSE(std::filesystem::exists(path));
  onnx::save(number, path, {zeros({4, 3})}, onnx::SaveOptions().dynamic_batch(false));
  // What only broadcasts otherwise, and numbers that follow from sizes, leave.
  auto row = ones({1, 3});
  for (int64_t given : {1, 2, 4, 8})
    onnx::save([&](const Tensor &x) { return (x + row) / double(x.size(0)) - x.mean(0, true) + x.var(0); }, path, {zeros({given, 3})});
}

TEST(OnnxSave, InputsKeepTheirGradients) {
  auto slope = compile([](Tensor x) {
    auto y = x.square().sum();
    y.backward();
    return x.grad() * 1;
  });
  auto x = tensor({1.0, 2.0, 3.0, 4.0}, kFloat).view({2, 2}).detach();
  x.set_requires_grad(true);
  std::string folder = emptyFolder("slope");
  onnx::save(slope, folder + "/net.onnx", {x});
  writeCase(folder, "case", "net", named("input", {x.detach()}), named("output", {x.detach() * 2}), 1e-6);
  auto said = runCases(folder);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].second, "ok");
}

TEST(OnnxSave, WhatCannotBeGeneralisedNamesTheLine) {
  auto path = emptyFolder("line") + "/net.onnx";
  auto by_size = [&](const Tensor &x) { return x.size(0) % 2 ? x.tanh() : x.sin(); };
  auto got = message([&] { onnx::save(by_size, path, {zeros({2, 2})}); });
  EXPECT_NE(got.find("other operations are recorded at another size of 'batch'"), std::string::npos) << got;
  EXPECT_NE(got.find("save_test.cpp"), std::string::npos) << got;
  got = message([&] { onnx::save([](const Tensor &x) { return x.reshape({x.size(0) / 2, 4}); }, path, {zeros({2, 2})}); });
  EXPECT_NE(got.find("cannot be traced at another size"), std::string::npos) << got;
  // 9, 10 and 11 rows become 3 each; more do not.
  nn::Conv2d steps(nn::Conv2dOptions(1, 1, 3).stride(4).padding(1));
  onnx::SaveOptions rows;
  rows.dynamic_axes({{"input0", {{2, "rows"}}}});
  got = message([&] { onnx::save([&](const Tensor &x) { return steps->forward(x).mean({2, 3}); }, path, {zeros({1, 1, 9, 8})}, rows); });
  EXPECT_NE(got.find("changes with 'rows' by no simple rule"), std::string::npos) << got;
  got = message([&] { onnx::save([](const Tensor &x) { return x * std::sin(double(x.size(0))); }, path, {zeros({2, 2})}); });
  EXPECT_NE(got.find("changes with 'batch' by no simple rule"), std::string::npos) << got;
  got = message([&] { onnx::save([](const Tensor &x) { return x * (int64_t(1) << 3) & 5; }, path, {zeros({2, 2}, kInt)}); });
  EXPECT_NE(got.find("from opset 18 on"), std::string::npos) << got;
  auto draws = [](const Tensor &x) {
    auto step = [](const TensorList &carry, const TensorList &row) { return std::pair{TensorList{carry[0] + row[0] * rand({2})}, TensorList{}}; };
    return scan(step, {zeros({2})}, {x}).first[0];
  };
  got = message([&] { onnx::save(draws, path, {zeros({5, 2})}, onnx::SaveOptions().dynamic_batch(false)); });
  EXPECT_NE(got.find("random numbers are drawn in a loop"), std::string::npos) << got;
  EXPECT_NE(got.find("save_test.cpp"), std::string::npos) << got;
}

} // namespace tenon::test
