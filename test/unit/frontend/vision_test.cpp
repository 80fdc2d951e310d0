// Images read at places, maxima put back, LSTM with a projection: what they refuse and how they print; parity has the numbers.
#include "expect_error.h"
#include "printed.h"

using namespace tenon;

namespace {

TEST(GridSample, RefusesWhatDoesNotFit) {
  using Options = F::GridSampleFuncOptions;
  auto x = ones({2, 3, 4, 5}), grid = zeros({2, 6, 7, 2});
  EXPECT_EQ(F::grid_sample(x, grid, Options().mode(kBicubic).padding_mode(kBorder).align_corners(true)).sizes().vec(), (std::vector<int64_t>{2, 3, 6, 7}));
  EXPECT_TRUE(equal(F::grid_sample(x, grid, Options().padding_mode(kZeros)), F::grid_sample(x, grid)));
  EXPECT_ERROR(F::grid_sample(x, zeros({2, 6, 7, 3})), "grid_sample: expected input [N, C, H, W] and grid [N, H', W', 2]", "float32[2, 6, 7, 3]");
  EXPECT_ERROR(F::grid_sample(x, zeros({1, 6, 7, 2})), "grid_sample: expected input [N, C, H, W]");
  EXPECT_ERROR(F::grid_sample(ones({2, 3, 4}), grid), "grid_sample: expected input [N, C, H, W]");
  EXPECT_ERROR(F::grid_sample(x, grid.to(kDouble)), "grid_sample: expected input and grid of one dtype");
  EXPECT_ERROR(F::grid_sample(x.to(kLong), grid), "grid_sample");
  EXPECT_ERROR(F::grid_sample(x, grid, Options().mode(kArea)), "grid_sample: expected a mode of kBilinear, kNearest");
  EXPECT_ERROR(F::grid_sample(ones({2, 3, 4, 5, 6}), zeros({2, 1, 1, 1, 3}), Options().mode(kBicubic)), "or in two dimensions kBicubic");
  EXPECT_ERROR(F::grid_sample(ones({2, 3, 0, 5}), grid), "grid_sample: expected spatial dimensions with elements");
  EXPECT_ERROR(Options().padding_mode(kReflect), "grid_sample: expected a padding_mode of kZeros, kBorder or kReflection");
  EXPECT_ERROR(F::affine_grid(zeros({2, 2, 3}), {2, 1, 4, 5, 6}), "affine_grid: expected theta [N, 2, 3] for a size [N, C, H, W], or [N, 3, 4]");
}

TEST(GridSample, PlacesFarOutsideAreNothing) {
  auto x = ones({1, 1, 3, 3}), grid = full({1, 1, 1, 2}, 1e30f);
  EXPECT_EQ(F::grid_sample(x, grid).item<float>(), 0);
  EXPECT_EQ(F::grid_sample(x, grid, F::GridSampleFuncOptions().padding_mode(kBorder)).item<float>(), 1);
}

TEST(MaxUnpool, UndoesPoolingAndRefusesWhatDoesNotFit) {
  auto x = arange(35, kFloat).view({1, 1, 5, 7});
  auto [y, places] = F::max_pool2d_with_indices(x, F::MaxPool2dFuncOptions(2));
  nn::MaxUnpool2d unpool(2);
  EXPECT_EQ(printed(*unpool), "MaxUnpool2d(kernel_size=[2, 2], stride=[2, 2], padding=[0, 0])");
  auto [even, even_places] = F::max_pool2d_with_indices(x.narrow(2, 0, 4).narrow(3, 0, 6), F::MaxPool2dFuncOptions(2));
  EXPECT_EQ(unpool(even, even_places).sizes().vec(), (std::vector<int64_t>{1, 1, 4, 6}));
  auto back = unpool->forward(y, places, std::vector<int64_t>{5, 7});
  EXPECT_TRUE(equal(back, where(back > 0, x, zeros_like(x))));
  EXPECT_EQ(back.sum().item<float>(), y.sum().item<float>());
  EXPECT_TRUE(equal(back, unpool->forward(y, places, std::vector<int64_t>{1, 1, 5, 7})));
  EXPECT_ERROR(unpool->forward(y, places, std::vector<int64_t>{6, 7}), "max_unpool2d: expected an output_size between 3 and 5 in spatial dimension 0, came 6");
  EXPECT_ERROR(unpool->forward(y, places, std::vector<int64_t>{5}), "max_unpool2d: expected an output_size of 2 or 4 numbers");
  EXPECT_ERROR(F::max_unpool2d(y, places.to(kFloat), F::MaxUnpool2dFuncOptions(2)), "max_unpool2d: expected indices of dtype int64");
  EXPECT_ERROR(F::max_unpool2d(y, places.select(2, 0), F::MaxUnpool2dFuncOptions(2)), "max_unpool2d: expected indices of dtype int64 and the input's shape");
  EXPECT_ERROR(F::max_unpool3d(y.select(0, 0), places.select(0, 0), F::MaxUnpool3dFuncOptions(2)), "max_unpool3d: expected [C, spatial...]");
  EXPECT_ERROR(F::max_unpool2d(y, places, F::MaxUnpool2dFuncOptions(2).stride(0)), "max_unpool2d: expected kernels and strides above");
  EXPECT_ERROR(unpool(y, places).sum().item<float>(), "scatter: an index is not in [0, 24)");
}

TEST(ProjectedLSTM, HasStatesOfTwoSizesAndRefusesWhatDoesNotFit) {
  nn::LSTM net(nn::LSTMOptions(3, 5).proj_size(2).num_layers(2).bidirectional(true));
  EXPECT_EQ(printed(*net), "LSTM(3, 5, num_layers=2, proj_size=2, bidirectional=true)");
  auto [y, last] = net->forward(ones({4, 6, 3}));
  EXPECT_EQ(y.sizes().vec(), (std::vector<int64_t>{4, 6, 4}));
  EXPECT_EQ(std::get<0>(last).sizes().vec(), (std::vector<int64_t>{4, 6, 2}));
  EXPECT_EQ(std::get<1>(last).sizes().vec(), (std::vector<int64_t>{4, 6, 5}));
  auto parameters = net->named_parameters();
  EXPECT_EQ(parameters["weight_hr_l1_reverse"].sizes().vec(), (std::vector<int64_t>{2, 5}));
  EXPECT_EQ(parameters["weight_ih_l1"].sizes().vec(), (std::vector<int64_t>{20, 4}));
  EXPECT_ERROR_TEXT(nn::LSTM(nn::LSTMOptions(3, 5).proj_size(5)), "LSTM: expected a proj_size from 0 to below hidden_size 5, came 5");
  EXPECT_ERROR(net->forward(ones({4, 6, 3}), std::tuple(zeros({4, 6, 5}), zeros({4, 6, 5}))), "LSTM: expected a first state of float32[4, 6, 2]");
}

} // namespace
