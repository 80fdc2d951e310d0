// Pooling layers: what they print, refuse, and do inside of networks; parity has the numbers.
#include "expect_error.h"
#include "printed.h"

#include <cmath>
#include <limits>

using namespace tenon;

namespace {

TEST(Pooling, LayersPrintTheirOptions) {
  EXPECT_EQ(printed(*nn::MaxPool2d(nn::MaxPool2dOptions(3).stride(2).padding({1, 0}))),
            "MaxPool2d(kernel_size=[3, 3], stride=[2, 2], padding=[1, 0], dilation=[1, 1], ceil_mode=false)");
  EXPECT_EQ(printed(*nn::AvgPool1d(3)), "AvgPool1d(kernel_size=[3], stride=[3], padding=[0])");
  EXPECT_EQ(printed(*nn::AdaptiveAvgPool2d(nn::AdaptiveAvgPool2dOptions({3, std::nullopt}))), "AdaptiveAvgPool2d(output_size=[3, None])");
  EXPECT_EQ(printed(*nn::LPPool2d(2, 3)), "LPPool2d(norm_type=2, kernel_size=[3, 3], stride=[3, 3], ceil_mode=false)");
}

TEST(Pooling, LayersAndFunctionsAgree) {
  Tensor x = arange(32, kFloat).view({1, 2, 4, 4});
  nn::MaxPool2d pool(2);
  EXPECT_TRUE(equal(pool(x), max_pool2d(x, 2)));
  auto [values, places] = pool->forward_with_indices(x);
  EXPECT_EQ(places.dtype(), kLong);
  EXPECT_TRUE(equal(places[0][1], tensor({{5, 7}, {13, 15}})));
  EXPECT_TRUE(equal(values[0][0], tensor({{5.0, 7.0}, {13.0, 15.0}})));
  EXPECT_TRUE(equal(nn::AdaptiveAvgPool2d(1)(x).flatten(), tensor({7.5, 23.5})));
  EXPECT_TRUE(equal(nn::Sequential(nn::MaxPool2d(2), nn::AvgPool2d(2))->forward(x).flatten(), tensor({10.0, 26.0})));
  EXPECT_EQ(F::adaptive_max_pool2d(x, F::AdaptiveMaxPool2dFuncOptions({2, std::nullopt})).sizes(), IntArrayRef({1, 2, 2, 4}));
}

TEST(Pooling, TheFirstMaximumGetsTheGradient) {
  Tensor x = zeros({1, 1, 4, 4}, TensorOptions().requires_grad(true));
  max_pool2d(x, 2).sum().backward();
  EXPECT_TRUE(equal(x.grad()[0][0], tensor({{1.0, 0.0, 1.0, 0.0}, {0.0, 0.0, 0.0, 0.0}, {1.0, 0.0, 1.0, 0.0}, {0.0, 0.0, 0.0, 0.0}})));
}

TEST(Pooling, PaddingIsNeverTheMaximum) {
  Tensor x = full({1, 2, 2}, -std::numeric_limits<double>::infinity());
  auto [values, places] = max_pool2d_with_indices(x, 3, 2, 1);
  EXPECT_EQ(places.item<int64_t>(), 0);
  EXPECT_EQ(values.item<float>(), -std::numeric_limits<float>::infinity());
}

TEST(Pooling, NotANumberPasses) {
  Tensor x = tensor({1.0, std::numeric_limits<double>::quiet_NaN(), 3.0, 4.0}).view({1, 4});
  Tensor y = max_pool1d(x, 2);
  EXPECT_TRUE(std::isnan(y[0][0].item<float>()));
  EXPECT_EQ(y[0][1].item<float>(), 4);
}

TEST(Pooling, BadInputNamesTheUsersLine) {
  Tensor x = zeros({2, 3, 8, 8});
  EXPECT_ERROR(max_pool2d(x, {2, 2, 2}), "max_pool2d: expected 2 numbers or one as kernel_size, came [2, 2, 2]");
  EXPECT_ERROR(max_pool2d(x, 2, 0), "expected a positive kernel_size, stride and dilation, came 2, 0 and 1");
  EXPECT_ERROR(max_pool2d(x, 4, 1, 3), "expected a padding of at most half of the window of 4, came 3");
  EXPECT_ERROR(avg_pool2d(x, 9), "avg_pool2d: no window of 9 fits into float32[2, 3, 8, 8] with a padding of 0");
  EXPECT_ERROR(max_pool3d(x.to(kLong), 2), "max_pool3d: expected input of floating point, came int64[2, 3, 8, 8]");
  EXPECT_ERROR(avg_pool2d(x, 2, 2, 0, false, true, 0), "expected a positive divisor_override, came 0");
  EXPECT_ERROR(max_pool2d(Tensor(), 2), "the input is an undefined tensor");
  EXPECT_ERROR(max_pool2d(zeros({2, 3, 0, 8}), 2), "with channels and elements, came float32[2, 3, 0, 8]");
  EXPECT_ERROR(adaptive_avg_pool2d(x, {0, 1}), "adaptive_avg_pool2d: expected positive output sizes, came [0, 1]");
  nn::MaxPool2d pool(9);
  EXPECT_ERROR(pool(x), "max_pool2d: no window of 9 fits");
  EXPECT_THROW(nn::MaxPool2dOptions(std::vector<int64_t>{1, 2, 3}), Error);
}

} // namespace
