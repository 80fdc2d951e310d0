// What PyTorch 2.13 gives at zeros, infinities, NaN, rank 0 and for 16 bits: its numbers stand here.
#include "expect_error.h"
#include <cmath>

using namespace tenon;
namespace F = tenon::nn::functional;

namespace {

const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

void expect(const Tensor &got, std::vector<double> wanted, double tolerance = 1e-6) {
  ASSERT_EQ(got.numel(), int64_t(wanted.size()));
  auto flat = got.detach().to(kDouble).reshape({-1});
  for (size_t i = 0; i < wanted.size(); ++i) {
    double value = flat[int64_t(i)].item<double>();
    EXPECT_TRUE(value == wanted[i] || (std::isnan(value) && std::isnan(wanted[i])) || std::abs(value - wanted[i]) <= tolerance) << "number " << i << " is " << value << ", PyTorch has " << wanted[i];
  }
}
/// The gradient of the sum of what f makes of these numbers.
Tensor slope(std::vector<double> at, const std::function<Tensor(const Tensor &)> &f) {
  auto x = tensor(at, kFloat);
  x.set_requires_grad(true);
  f(x).sum().backward();
  return x.grad();
}

TEST(Corners, ExponentialUnitsHaveOneSlopeAtZero) {
  const std::vector<double> at{-1, 0, 1, -0.0};
  expect(slope(at, [](auto &x) { return F::elu(x, F::ELUFuncOptions().alpha(2)); }), {0.7357589, 2, 1, 2});
  expect(slope(at, [](auto &x) { return F::celu(x, F::CELUFuncOptions().alpha(2)); }), {0.6065307, 1, 1, 1});
  expect(slope(at, [](auto &x) { return F::selu(x); }), {0.6467686, 1.7580993, 1.0507010, 1.7580993});
  expect(F::elu(tensor({nan, -inf, inf})), {nan, -1, inf});
}

TEST(Corners, Atan2AtTheOrigin) {
  auto a = tensor({0.0, 1.0, 0.0}), b = tensor({0.0, 0.0, -1.0});
  a.set_requires_grad(true), b.set_requires_grad(true);
  atan2(a, b).sum().backward();
  expect(a.grad(), {0, 0, -1});
  expect(b.grad(), {0, -1, 0});
}

TEST(Corners, InfiniteMaximaArePutBack) {
  auto x = tensor({1.0, inf, 2.0, 3.0}).view({1, 1, 4});
  auto [maxima, places] = F::max_pool1d_with_indices(x, F::MaxPool1dFuncOptions(2).stride(1));
  expect(F::max_unpool1d(maxima, places, F::MaxUnpool1dFuncOptions(2).stride(1)), {0, inf, 0, 3});
  auto finite = tensor({5.0, 5.0, 3.0}).view({1, 1, 3});
  finite.set_requires_grad(true);
  (F::max_unpool1d(finite, places, F::MaxUnpool1dFuncOptions(2).stride(1)) * tensor({1.0, 2.0, 3.0, 4.0})).sum().backward();
  expect(finite.grad(), {2, 2, 4});
}

TEST(Corners, QuantileBesideInfinity) {
  expect(tensor({1.0, 2.0, inf}).quantile(0.5), {2});
  expect(tensor({1.0, 2.0, inf}).quantile(0.25), {1.5});
  expect(tensor({-inf, 2.0, 3.0}).quantile(0.5), {2});
  expect(tensor({-inf, 2.0, 3.0}).quantile(0.25), {-inf});
  expect(tensor({1.0, 2.0, inf}).quantile(1.0), {inf}); // the element itself; PyTorch: NaN
  expect(tensor({1.0, 2.0, nan}).quantile(0.5), {nan});
  expect(slope({1, 2, inf}, [](auto &x) { return x.quantile(0.5); }), {0, 1, 0});
  expect(slope({1, 2, 4}, [](auto &x) { return x.quantile(0.25); }), {0.5, 0.5, 0});
}

TEST(Corners, CopysignPromotes) {
  auto single = tensor({1.0, 2.0}, kFloat), whole = tensor({1, 2}), half = single.to(kHalf);
  EXPECT_EQ(single.copysign(tensor({-1.0, 2.0}, kDouble)).scalar_type(), kDouble);
  EXPECT_EQ(whole.copysign(tensor({-1, 2})).scalar_type(), kFloat);
  EXPECT_EQ(whole.copysign(-half).scalar_type(), kHalf);
  EXPECT_EQ(half.copysign(tensor({-1.0, 2.0}, kBFloat16)).scalar_type(), kFloat);
  EXPECT_EQ(half.copysign(-1.0).scalar_type(), kHalf);
  expect(single.copysign(tensor({-0.0, 2.0}, kDouble)), {-1, 2});
  expect(whole.copysign(tensor({-1, 2})), {-1, 2});
}

TEST(Corners, UnfoldOfOneNumber) {
  auto one = scalar_tensor(3.0, kFloat);
  EXPECT_EQ(one.unfold(0, 1, 1).sizes(), (IntArrayRef{1}));
  EXPECT_EQ(one.unfold(-1, 0, 2).sizes(), (IntArrayRef{0}));
  expect(one.unfold(0, 1, 1), {3});
  EXPECT_ERROR(one.unfold(0, 2, 1), "unfold: expected 0 <= size <= 1");
}

TEST(Corners, CovarianceOfWholeNumbers) {
  auto c = cov(tensor({1, 2, 4, 4, 5, 9}).view({2, 3}));
  EXPECT_EQ(c.scalar_type(), kFloat);
  expect(c, {2.3333333, 4, 4, 7});
  EXPECT_ERROR(cov(tensor({1, 0}).to(kBool)), "cov: expected numbers, got bool");
}

TEST(Corners, NormsOfSixteenBits) {
  auto x = full({2}, 300, kHalf);
  EXPECT_EQ(x.norm().scalar_type(), kHalf);
  expect(x.norm(), {424.25});
  expect(x.norm(3), {378});
  expect(x.norm(2, {0}, true), {424.25});
  expect(x.to(kBFloat16).norm(), {424});
  x.set_requires_grad(true);
  x.norm().backward();
  EXPECT_EQ(x.grad().scalar_type(), kHalf);
  expect(x.grad(), {0.70703125, 0.70703125}, 1e-3);
}

TEST(Corners, ClippingOfSixteenBits) {
  auto x = full({2}, 300, kHalf);
  x.set_requires_grad(true);
  (x * x).sum().backward(); // 600, 600
  auto norm = nn::utils::clip_grad_norm_(x, 1.0);
  EXPECT_EQ(norm.scalar_type(), kHalf);
  expect(norm, {848.5});
  expect(x.grad(), {0.70703125, 0.70703125}, 1e-3);
}

TEST(Corners, NearestSamplesHaveZeroGradients) {
  auto image = (arange(9, kFloat) + 1).view({1, 1, 3, 3});
  auto grid = zeros({1, 2, 2, 2});
  grid.set_requires_grad(true);
  auto y = F::grid_sample(image, grid, F::GridSampleFuncOptions().mode(kNearest).align_corners(false));
  EXPECT_TRUE(y.requires_grad());
  y.sum().backward();
  ASSERT_TRUE(grid.grad().defined());
  expect(grid.grad(), {0, 0, 0, 0, 0, 0, 0, 0});
}

TEST(Corners, SamplesAtNoPlace) {
  auto image = (arange(9, kFloat) + 1).view({1, 1, 3, 3});
  auto grid = tensor({nan, 0.0, nan, nan, inf, 0.0, -inf, 1.0}, kFloat).view({1, 2, 2, 2});
  auto at = [&](auto mode, auto padding) { return F::grid_sample(image, grid, F::GridSampleFuncOptions().mode(mode).padding_mode(padding).align_corners(true)); };
  expect(at(kNearest, kBorder), {4, 1, 6, 7});
  expect(at(kBilinear, kBorder), {4, 1, 6, 7});
  expect(at(kNearest, kReflection), {4, 1, 4, 7});
  expect(at(kNearest, kZeros), {0, 0, 0, 0});
  expect(at(kBicubic, kBorder), {nan, nan, nan, nan});
}

} // namespace
