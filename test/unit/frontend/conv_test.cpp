// Convolutions: shapes, options, layers, and what bad input says.
#include "expect_error.h"

#include <cmath>
#include <sstream>

using namespace tenon;

namespace {

std::vector<double> numbers(const Tensor &t) {
  Tensor d = t.detach().to(kFloat64);
  return {d.data_ptr<double>(), d.data_ptr<double>() + d.numel()};
}
std::vector<int64_t> shape(const Tensor &t) { return t.sizes().vec(); }
using Shape = std::vector<int64_t>;

TEST(Conv, SumsOverTheWindow) {
  Tensor x = arange(5, kFloat32).reshape({1, 1, 5}), w = tensor({1.0f, 10.0f, 100.0f}).reshape({1, 1, 3});
  EXPECT_EQ(numbers(F::conv1d(x, w)), (std::vector<double>{210, 321, 432}));
  EXPECT_EQ(numbers(F::conv1d(x, w, F::Conv1dFuncOptions().padding(1).stride(2))), (std::vector<double>{100, 321, 43}));
  EXPECT_EQ(numbers(F::conv_transpose1d(x, w, F::ConvTranspose1dFuncOptions().stride(2).padding(1))), (std::vector<double>{0, 1, 10, 102, 20, 203, 30, 304, 40}));
}

TEST(Conv, ShapesFollowTheOptions) {
  Tensor x = ones({2, 6, 9, 7});
  EXPECT_EQ(shape(conv2d(x, ones({4, 6, 3, 3}))), (Shape{2, 4, 7, 5}));
  EXPECT_EQ(shape(conv2d(x, ones({4, 3, 3, 2}), ones({4}), {3, 2}, {2, 1}, {1, 2}, 2)), (Shape{2, 4, 4, 4}));
  EXPECT_EQ(shape(conv2d(x, ones({6, 1, 4, 2}), {}, 1, kSame, {2, 1}, 6)), (Shape{2, 6, 9, 7}));
  EXPECT_EQ(shape(conv2d(x, ones({4, 6, 3, 3}), {}, 1, "valid")), (Shape{2, 4, 7, 5}));
  EXPECT_EQ(shape(conv2d(ones({6, 9, 7}), ones({4, 6, 3, 3}))), (Shape{4, 7, 5}));
  EXPECT_EQ(shape(conv2d(ones({0, 6, 9, 7}), ones({4, 6, 3, 3}))), (Shape{0, 4, 7, 5}));
  EXPECT_EQ(shape(conv3d(ones({1, 2, 4, 4, 4}), ones({3, 2, 2, 3, 1}), {}, {2, 1, 1})), (Shape{1, 3, 2, 2, 4}));
  EXPECT_EQ(shape(conv_transpose2d(x, ones({6, 2, 3, 3}), ones({4}), {3, 2}, {1, 0}, {2, 1}, 2, {1, 2})), (Shape{2, 4, 27, 18}));
}

TEST(Conv, LayersHavePyTorchsNamesWeightsAndText) {
  manual_seed(0);
  nn::Conv2d conv(nn::Conv2dOptions(4, 6, {3, 5}).stride(2).padding({1, 2}).groups(2).dilation({1, 2}));
  EXPECT_EQ(shape(conv->weight), (Shape{6, 2, 3, 5}));
  EXPECT_EQ(shape(conv->bias), (Shape{6}));
  double bound = 1 / std::sqrt(2 * 3 * 5.0);
  EXPECT_LE(conv->weight.detach().abs().max().item<double>(), bound);
  EXPECT_GT(conv->weight.detach().abs().max().item<double>(), 0.8 * bound);
  std::ostringstream text;
  text << conv << nn::ConvTranspose1d(nn::ConvTranspose1dOptions(2, 3, 4).stride(3).output_padding(1).bias(false));
  EXPECT_EQ(text.str(), "Conv2d(4, 6, kernel_size=(3, 5), stride=(2, 2), padding=(1, 2), dilation=(1, 2), groups=2)"
                        "ConvTranspose1d(2, 3, kernel_size=(4,), stride=(3,), output_padding=(1,), bias=False)");
  Tensor x = randn({2, 4, 6, 6});
  EXPECT_EQ(numbers(conv(x)), numbers(conv2d(x, conv->weight, conv->bias, 2, {1, 2}, {1, 2}, 2)));
  auto copy = std::dynamic_pointer_cast<nn::Conv2dImpl>(conv->clone());
  EXPECT_EQ(numbers(copy->forward(x)), numbers(conv(x)));
}

TEST(Conv, PaddingModes) {
  Tensor x = arange(4, kFloat32).reshape({1, 1, 4});
  auto run = [&](PaddingMode mode) {
    nn::Conv1d conv(nn::Conv1dOptions(1, 1, 5).padding(2).bias(false).padding_mode(mode));
    NoGradGuard guard;
    conv->weight.copy_(tensor({1.0f, 0.0f, 0.0f, 0.0f, 10.0f}).reshape({1, 1, 5}));
    return numbers(conv(x));
  };
  EXPECT_EQ(run(kZeros), (std::vector<double>{20, 30, 0, 1}));
  EXPECT_EQ(run(kReflect), (std::vector<double>{22, 31, 20, 11}));
  EXPECT_EQ(run(kReplicate), (std::vector<double>{20, 30, 30, 31}));
  EXPECT_EQ(run(kCircular), (std::vector<double>{22, 33, 0, 11}));
}

TEST(Conv, TrainsCompiled) {
  manual_seed(1);
  nn::Sequential net(nn::Conv2d(nn::Conv2dOptions(1, 8, 3).padding(1)), nn::ReLU(), nn::Conv2d(nn::Conv2dOptions(8, 4, 3).stride(2)), nn::ReLU(), nn::Flatten(), nn::Linear(36, 3));
  optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.1));
  auto step = compile([&](Tensor x, Tensor y) {
    optimizer.zero_grad();
    Tensor loss = F::cross_entropy(net(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  });
  Tensor x = randn({12, 1, 8, 8}), y = arange(12, kLong).remainder(3);
  double first = step(x, y).item<double>(), last = 0;
  for (int i = 0; i < 60; ++i)
    last = step(x, y).item<double>();
  EXPECT_LT(last, 0.5 * first);
}

TEST(ConvErrors, NameTheLayerAndTheLine) {
  nn::Sequential features(nn::Conv2d(3, 8, 3), nn::ReLU(), nn::Conv2d(4, 8, 3));
  struct NetImpl : nn::Module {
    explicit NetImpl(nn::Sequential f) { register_module("features", f); }
  } net(features);
  EXPECT_ERROR(features(ones({1, 3, 8, 8})), "features.2: conv2d: the weight float32[8, 4, 3, 3] takes 4 channels, the input float32[1, 8, 6, 6] has 8");
}

TEST(ConvErrors, SayWhatDoesNotFit) {
  Tensor x = ones({1, 4, 8, 8}), w = ones({6, 4, 3, 3});
  EXPECT_ERROR(conv2d(ones({8, 8}), w), "conv2d: expected an input [N, C, H, W] or [C, H, W], came float32[8, 8]");
  EXPECT_ERROR(conv2d(x, ones({6, 4, 3})), "conv2d: expected a weight [out, in / groups, kernel...] of rank 4, came float32[6, 4, 3]");
  EXPECT_ERROR(conv2d(x, w, {}, 1, 0, 1, 4), "conv2d: 4 groups do not divide the 6 output channels");
  EXPECT_ERROR(conv2d(x, w, {}, 1, 0, 1, 2), "conv2d: the weight float32[6, 4, 3, 3] in 2 groups takes 8 channels, the input float32[1, 4, 8, 8] has 4");
  EXPECT_ERROR(conv2d(x, w, {}, 1, 0, 1, 0), "expected at least one group, came 0");
  EXPECT_ERROR(conv2d(x, w, ones({5})), "conv2d: expected a bias [6]", "came float32[5]");
  EXPECT_ERROR(conv2d(x, w, {}, {1, 0}), "expected strides of at least 1, came [1, 0]");
  EXPECT_ERROR(conv2d(x, w, {}, 1, 0, 0), "expected dilations of at least 1, came [0, 0]");
  EXPECT_ERROR(conv2d(x, w, {}, 1, {-1, 0}), "expected padding of at least 0, came [-1, 0]");
  EXPECT_ERROR(conv2d(x, w, {}, 1, 0, 4), "a window of 9 (kernel 3, dilation 4) does not fit into 8 elements");
  EXPECT_ERROR(conv2d(x, w, {}, 2, kSame), "padding \"same\" needs stride 1, came [2, 2]");
  EXPECT_ERROR(conv2d(x, ones({6, 4, 0, 3})), "expected a kernel that is not empty");
  EXPECT_ERROR(conv2d(x.to(kLong), w), "conv2d: expected input of floating point, came int64[1, 4, 8, 8]");
  EXPECT_ERROR(conv2d(x, w.to(kFloat64)), "conv2d: expected one dtype");
  EXPECT_ERROR(conv2d(x, {}), "conv2d: the weight is an undefined tensor");
  EXPECT_ERROR(conv_transpose2d(x, w), "conv_transpose2d: the weight float32[6, 4, 3, 3] takes 6 channels, the input float32[1, 4, 8, 8] has 4");
  EXPECT_ERROR(conv_transpose2d(x, ones({4, 2, 3, 3}), {}, 2, 0, 2), "expected output_padding of at least 0 and below stride or dilation, came [2, 2]");
  EXPECT_ERROR(conv_transpose2d(ones({1, 4, 1, 1}), ones({4, 2, 1, 1}), {}, 1, 1), "the result would be empty");
  EXPECT_ERROR_TEXT(conv2d(x, w, {}, 1, "full"), "expected a padding \"same\" or \"valid\", or numbers, came \"full\"");
  EXPECT_ERROR_TEXT(conv2d(x, w, {}, {1, 2, 3}), "expected 2 values or one for all, got 3");
}

TEST(ConvErrors, LayersRefuseImpossibleOptions) {
  EXPECT_ERROR_TEXT(nn::Conv2d(0, 4, 3), "Conv2d: expected positive channels and groups, came in_channels 0");
  EXPECT_ERROR_TEXT(nn::Conv2d(nn::Conv2dOptions(4, 6, 3).groups(4)), "Conv2d: 4 groups do not divide in_channels 4 and out_channels 6");
  EXPECT_ERROR_TEXT(nn::Conv1d(2, 2, 0), "Conv1d: expected a positive kernel_size, came (0,)");
  EXPECT_ERROR_TEXT(nn::Conv2d(nn::Conv2dOptions(4, 4, 3).padding(kSame).stride(2)), "padding \"same\" needs stride 1, came (2, 2)");
  EXPECT_ERROR_TEXT(nn::Conv2d(nn::Conv2dOptions(4, 4, 3).output_padding(1)), "output_padding is for transposed convolutions");
  EXPECT_ERROR_TEXT(nn::ConvTranspose2d(nn::ConvTranspose2dOptions(4, 4, 3).padding_mode(kCircular)), "expected a padding of numbers and padding_mode zeros");
  nn::Conv1d reflect(nn::Conv1dOptions(1, 1, 3).padding(4).padding_mode(kReflect));
  EXPECT_ERROR(reflect(ones({1, 1, 4})), "conv1d: padding of 4 elements asks for more than dimension 2 of float32[1, 1, 4] has");
}

} // namespace
