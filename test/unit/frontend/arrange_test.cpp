// Functions that put elements elsewhere, and padding layers: views that write through, layers' names, bad input. Parity has the numbers.
#include "expect_error.h"

#include <sstream>

using namespace tenon;

namespace {

TEST(Arrange, ADiagonalIsAView) {
  Tensor x = zeros({3, 4});
  x.diagonal().fill_(2);
  x.diagonal(2).fill_(5);
  EXPECT_TRUE(equal(x, tensor({{2.0, 0.0, 5.0, 0.0}, {0.0, 2.0, 0.0, 5.0}, {0.0, 0.0, 2.0, 0.0}})));
}

TEST(Arrange, IntegersBecomeRealWhereTheFunctionIs) {
  EXPECT_EQ(tensor({1, 2}).tan().dtype(), kFloat);
  EXPECT_EQ(tensor({1, 2}).round().dtype(), kLong);
  EXPECT_EQ(tensor({7, -7}).floor_divide(2).dtype(), kLong);
  EXPECT_TRUE(equal(tensor({7, -7}).floor_divide(2), tensor({3, -4})));
  EXPECT_TRUE(equal(logspace(0, 3, 4), tensor({1.0, 10.0, 100.0, 1000.0})));
  EXPECT_TRUE(equal(eye(2, 3), tensor({{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}})));
}

TEST(Arrange, EmptyAndScalar) {
  EXPECT_EQ(zeros({0, 3}).repeat({2, 2}).sizes(), IntArrayRef({0, 6}));
  EXPECT_EQ(scalar_tensor(3.0).roll(1).item<double>(), 3);
  EXPECT_EQ(zeros({0}).prod().item<double>(), 1);
  EXPECT_TRUE(zeros({2, 0}).all(1).all().item<bool>());
  EXPECT_FALSE(zeros({2, 0}).any(1).any().item<bool>());
  EXPECT_EQ(zeros({0}).diag_embed().sizes(), IntArrayRef({0, 0}));
}

TEST(Arrange, PaddingLayers) {
  std::ostringstream out;
  out << *nn::ReflectionPad2d(1) << *nn::ConstantPad1d(nn::ConstantPad1dOptions({1, 2}, 3.5)) << *nn::ZeroPad2d(2);
  EXPECT_EQ(out.str(), "ReflectionPad2d(padding=[1, 1, 1, 1])ConstantPad1d(padding=[1, 2], value=3.5)ZeroPad2d(padding=[2, 2, 2, 2])");
  Tensor x = tensor({{1.0, 2.0, 3.0}});
  EXPECT_TRUE(equal(nn::ReflectionPad1d(2)(x), tensor({{3.0, 2.0, 1.0, 2.0, 3.0, 2.0, 1.0}})));
  EXPECT_TRUE(equal(nn::ConstantPad1d(ExpandingArray<2>({-1, 1}), 9.0)(x), tensor({{2.0, 3.0, 9.0}})));
  EXPECT_TRUE(equal(nn::Upsample(nn::UpsampleOptions().scale_factor(std::vector<double>{2.0}))(x.unsqueeze(0)).flatten(), tensor({1.0, 1.0, 2.0, 2.0, 3.0, 3.0})));
}

TEST(Arrange, BadInputNamesTheUsersLine) {
  Tensor x = zeros({2, 3, 4});
  EXPECT_ERROR(x.roll({1, 2}, {0}), "roll: expected a shift for each dimension, got [1, 2] and [0]");
  EXPECT_ERROR(x.repeat({2}), "repeat: expected a number for each dimension of float32[2, 3, 4]");
  EXPECT_ERROR(x.movedim({0, 0}, {1, 2}), "movedim: expected each dimension once");
  EXPECT_ERROR(x.unflatten(1, {2, 2}), "unflatten: expected sizes whose product is the 3 of dimension 1");
  EXPECT_ERROR(x.split(IntArrayRef({1, 2}), 0), "split: expected sizes that add up to the 2 of dimension 0");
  EXPECT_ERROR(x.diagonal(0, 1, 1), "diagonal: expected two different dimensions");
  EXPECT_ERROR(x.diag(), "diag: expected a vector or a matrix");
  EXPECT_ERROR(zeros({3}).tril(), "tril: expected rank 2 at least");
  EXPECT_ERROR(x.repeat_interleave(-1, 0), "repeat_interleave: expected repeats that are not negative");
  EXPECT_ERROR(meshgrid({x}), "meshgrid: expected vectors and scalars");
  EXPECT_ERROR(einsum("ij->", {x}), "einsum: the indices \"ij\" do not fit float32[2, 3, 4]");
  EXPECT_ERROR(tensordot(x, x, 1), "tensordot: expected dimensions of equal extents");
  EXPECT_ERROR(x.clamp(Tensor(), Tensor()), "clamp: expected a bound");
  EXPECT_ERROR(F::pad(x, F::PadFuncOptions({1, 1, 1, 1, 1, 1}).mode(kReflect)), "pad: expected two amounts for each spatial dimension");
  EXPECT_ERROR(channel_shuffle(x, 2), "channel_shuffle: expected a positive factor that divides");
  EXPECT_ERROR(F::fold(zeros({1, 7, 4}), F::FoldFuncOptions(4, 2)), "fold: expected columns of a multiple of 4");
}

} // namespace
