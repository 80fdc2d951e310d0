// Tensors: numbers, shapes, promotion, views and writes, against numbers worked out by hand.
#include "expect_error.h"

#include <cmath>
#include <sstream>

using namespace tenon;

namespace {

std::vector<double> numbers(const Tensor &t) {
  auto flat = t.to(kDouble).contiguous();
  auto *p = flat.data_ptr<double>();
  return {p, p + flat.numel()};
}
using Numbers = std::vector<double>;

TEST(TensorTest, IsMadeFromNumbers) {
  EXPECT_EQ(tensor({1, 2, 3}).dtype(), kLong);
  EXPECT_EQ(tensor({1.5, 2.0}).dtype(), kFloat);
  EXPECT_EQ(tensor(true).dtype(), kBool);
  EXPECT_EQ(tensor({{1.f, 2.f, 3.f}, {4.f, 5.f, 6.f}}).sizes(), IntArrayRef({2, 3}));
  EXPECT_EQ(tensor(3.5).dim(), 0);
  EXPECT_EQ(numbers(tensor(std::vector<float>{1, 2})), (Numbers{1, 2}));
  EXPECT_EQ(numbers(arange(4)), (Numbers{0, 1, 2, 3}));
  EXPECT_EQ(numbers(arange(1, 2, 0.25)), (Numbers{1, 1.25, 1.5, 1.75}));
  EXPECT_EQ(numbers(linspace(0, 1, 3)), (Numbers{0, 0.5, 1}));
  EXPECT_EQ(numbers(eye(2)), (Numbers{1, 0, 0, 1}));
  EXPECT_EQ(numbers(full({2}, 7)), (Numbers{7, 7}));
  EXPECT_EQ(full({2}, 7).dtype(), kLong);
  EXPECT_EQ(zeros({2, 0, 3}).numel(), 0);
}

TEST(TensorTest, ComputesPointwise) {
  auto x = tensor({-1.5, 0.0, 2.0});
  EXPECT_EQ(numbers(x * 2 + 1), (Numbers{-2, 1, 5}));
  EXPECT_EQ(numbers(1 - x), (Numbers{2.5, 1, -1}));
  EXPECT_EQ(numbers(x.relu()), (Numbers{0, 0, 2}));
  EXPECT_EQ(numbers(x.abs().neg().floor()), (Numbers{-2, 0, -2}));
  EXPECT_EQ(numbers(x.ceil()), (Numbers{-1, 0, 2}));
  EXPECT_EQ(numbers(x.clamp(-1, 1)), (Numbers{-1, 0, 1}));
  EXPECT_EQ(numbers(x.pow(2)), (Numbers{2.25, 0, 4}));
  EXPECT_EQ(numbers(where(x > 0, x, 9)), (Numbers{9, 9, 2}));
  EXPECT_EQ(numbers(x.masked_fill(x < 0, 5)), (Numbers{5, 0, 2}));
  EXPECT_EQ(numbers(tensor({5, -5}).remainder(3)), (Numbers{2, 1}));
  EXPECT_EQ(numbers((x == 0) | (x > 1)), (Numbers{0, 1, 1}));
  EXPECT_EQ(numbers(~(x > 0)), (Numbers{1, 1, 0}));
  EXPECT_EQ(numbers(x.addcmul(x, x, 2)), (Numbers{3, 0, 10}));
  EXPECT_NEAR(x.exp().sum().item<float>(), std::exp(-1.5) + 1 + std::exp(2.0), 1e-5);
}

TEST(TensorTest, PromotesAsPyTorch) {
  auto b = tensor({true, false}), i = tensor({1, 2}).to(kInt), l = tensor({1, 2}), f = tensor({1.f, 2.f}), d = f.to(kDouble), h = f.to(kBFloat16);
  EXPECT_EQ((b + b).dtype(), kBool) << "PyTorch: logical or";
  EXPECT_EQ((i + l).dtype(), kLong);
  EXPECT_EQ((i + 1).dtype(), kInt);
  EXPECT_EQ((i + 1.5).dtype(), kFloat);
  EXPECT_EQ((l + f).dtype(), kFloat);
  EXPECT_EQ((f + d).dtype(), kDouble);
  EXPECT_EQ((f * 2.0).dtype(), kFloat);
  EXPECT_EQ((f + tensor(1.0, kDouble)).dtype(), kFloat);
  EXPECT_EQ((l + tensor(1.0, kDouble)).dtype(), kDouble);
  EXPECT_EQ((h + f).dtype(), kFloat);
  EXPECT_EQ((b * 2).dtype(), kLong);
  EXPECT_EQ((l / l).dtype(), kFloat);
  EXPECT_EQ(l.sum().dtype(), kLong);
  EXPECT_EQ(b.sum().dtype(), kLong);
  EXPECT_EQ((l == f).dtype(), kBool);
  EXPECT_EQ(l.exp().dtype(), kFloat);
  EXPECT_EQ(numbers((l + tensor(0.5)) * i), (Numbers{1.5, 5}));
}

TEST(TensorTest, Broadcasts) {
  auto a = tensor({{1.f}, {2.f}}), b = tensor({10.f, 20.f, 30.f});
  EXPECT_EQ(numbers(a + b), (Numbers{11, 21, 31, 12, 22, 32}));
  EXPECT_EQ(a.expand({2, 3}).sizes(), IntArrayRef({2, 3}));
  EXPECT_EQ(numbers(a.expand({-1, 2})), (Numbers{1, 1, 2, 2}));
  EXPECT_ERROR(tensor({1.f, 2.f}) + b, "add: expected shapes that broadcast, got [2] and [3]");
}

TEST(TensorTest, Reduces) {
  auto x = tensor({{1.f, 5.f, 3.f}, {4.f, 2.f, 6.f}});
  EXPECT_EQ(x.sum().item<float>(), 21);
  EXPECT_EQ(numbers(x.sum(0)), (Numbers{5, 7, 9}));
  EXPECT_EQ(x.sum({0, 1}, true).sizes(), IntArrayRef({1, 1}));
  EXPECT_EQ(numbers(x.mean(1)), (Numbers{3, 4}));
  EXPECT_EQ(x.max().item<float>(), 6);
  EXPECT_EQ(numbers(std::get<0>(x.max(1))), (Numbers{5, 6}));
  EXPECT_EQ(numbers(std::get<1>(x.max(1))), (Numbers{1, 2}));
  EXPECT_EQ(numbers(x.argmin(0)), (Numbers{0, 1, 0}));
  EXPECT_EQ(x.argmax().item<int64_t>(), 5);
  EXPECT_TRUE((x > 0).all().item<bool>());
  EXPECT_FALSE((x > 6).any().item<bool>());
  EXPECT_NEAR(x.var().item<float>(), 3.5, 1e-6);
  EXPECT_NEAR(x.norm().item<float>(), std::sqrt(91.0), 1e-5);
  EXPECT_TRUE(allclose(x.softmax(1).sum(1), ones({2})));
}

TEST(TensorTest, Multiplies) {
  auto a = tensor({{1.f, 2.f}, {3.f, 4.f}}), v = tensor({1.f, 10.f});
  EXPECT_EQ(numbers(a.mm(a)), (Numbers{7, 10, 15, 22}));
  EXPECT_EQ(numbers(a.matmul(v)), (Numbers{21, 43}));
  EXPECT_EQ(numbers(v.matmul(a)), (Numbers{31, 42}));
  EXPECT_EQ(v.dot(v).item<float>(), 101);
  EXPECT_EQ(numbers(v.outer(v)), (Numbers{1, 10, 10, 100}));
  auto batch = stack({a, a * 2});
  EXPECT_EQ(numbers(batch.matmul(a)), (Numbers{7, 10, 15, 22, 14, 20, 30, 44}));
  EXPECT_EQ(numbers(batch.bmm(batch)), (Numbers{7, 10, 15, 22, 28, 40, 60, 88}));
  EXPECT_EQ(a.matmul(batch).sizes(), IntArrayRef({2, 2, 2}));
  EXPECT_EQ(numbers(a.addmm(a, a)), (Numbers{8, 12, 18, 26}));
  EXPECT_ERROR(a.matmul(tensor({{1.f}, {2.f}, {3.f}})), "matmul: expected shapes that fit, got float32[2, 2] and float32[3, 1]");
  EXPECT_ERROR(a.mm(v), "mm: expected a tensor of rank 2, got float32[2]");
  EXPECT_ERROR(a.mm(a.to(kDouble)), "one dtype, got float32[2, 2] and float64[2, 2]");
}

TEST(TensorTest, Shapes) {
  auto x = arange(6).view({2, 3});
  EXPECT_EQ(numbers(x.t()), (Numbers{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(x.unsqueeze(-1).sizes(), IntArrayRef({2, 3, 1}));
  EXPECT_EQ(x.unsqueeze(0).squeeze().sizes(), IntArrayRef({2, 3}));
  EXPECT_EQ(numbers(x[1]), (Numbers{3, 4, 5}));
  EXPECT_EQ(numbers(x.slice(1, 0, 3, 2)), (Numbers{0, 2, 3, 5}));
  EXPECT_EQ(numbers(x.narrow(1, 1, 1)), (Numbers{1, 4}));
  EXPECT_EQ(numbers(cat({x, x.slice(0, 0, 1)})), (Numbers{0, 1, 2, 3, 4, 5, 0, 1, 2}));
  EXPECT_EQ(numbers(x.flip(1)), (Numbers{2, 1, 0, 5, 4, 3}));
  EXPECT_EQ(x.split(2, 1)[1].sizes(), IntArrayRef({2, 1}));
  EXPECT_EQ(x.chunk(2).size(), 2u);
  EXPECT_EQ(x.flatten().sizes(), IntArrayRef(6));
  EXPECT_EQ(x.permute({1, 0}).transpose(0, 1)[1][2].item<int64_t>(), 5);
  EXPECT_ERROR(x.view({4, -1}), "view: expected sizes of 6 elements for int64[2, 3], got [4, -1]");
  EXPECT_ERROR(x[2], "select: expected an index in [-2, 1]");
  EXPECT_ERROR(x.sum(2), "sum: dimension out of range: expected one in [-2, 1], got 2");
  EXPECT_ERROR(x.permute({0, 0}), "permute: expected each dimension of int64[2, 3] once");
}

TEST(TensorTest, WritesAreSeenByEveryHandleAndView) {
  auto x = zeros({2, 3});
  auto same = x;
  auto row = x[1];
  auto column = x.t()[0];
  auto flat = x.view(-1);
  x.add_(1);
  EXPECT_EQ(numbers(same), (Numbers{1, 1, 1, 1, 1, 1}));
  row.mul_(2);
  EXPECT_EQ(numbers(x), (Numbers{1, 1, 1, 2, 2, 2}));
  column.fill_(7);
  EXPECT_EQ(numbers(flat), (Numbers{7, 1, 1, 7, 2, 2}));
  flat.slice(0, 1, 3).copy_(tensor({8.f, 9.f}));
  EXPECT_EQ(numbers(same), (Numbers{7, 8, 9, 7, 2, 2}));
  auto copy = x.clone();
  x.zero_();
  EXPECT_EQ(numbers(copy), (Numbers{7, 8, 9, 7, 2, 2}));
  EXPECT_EQ(numbers(row), (Numbers{0, 0, 0}));
  EXPECT_ERROR(x.slice(0, 0, 1).expand({2, 3}).add_(1), "expanded tensor cannot be written in place");
  EXPECT_ERROR(arange(3).add_(0.5), "a floating-point result does not fit into int64[3]");
}

TEST(TensorTest, OldValuesStay) {
  auto x = ones({2});
  auto y = x * 2; // not run yet
  x.add_(10);
  x.data_ptr<float>()[0] = 100;
  EXPECT_EQ(numbers(y), (Numbers{2, 2}));
  EXPECT_EQ(numbers(x), (Numbers{100, 11}));
}

TEST(TensorTest, TheCallersMemoryIsRead) {
  float memory[] = {1, 2, 3, 4};
  auto x = from_blob(memory, {2, 2});
  auto y = x + 1;
  memory[0] = 50;
  EXPECT_EQ(numbers(y), (Numbers{2, 3, 4, 5})) << "its value when the op was written";
  EXPECT_EQ(numbers(x + 1), (Numbers{51, 3, 4, 5}));
  x.mul_(2);
  EXPECT_EQ(x[0][0].item<float>(), 100);
  EXPECT_EQ(memory[0], 100);
}

TEST(TensorTest, OutlivesWhatItWasMadeFrom) {
  Tensor y;
  {
    auto x = ones({3});
    y = x.view({3, 1}) * 2;
  }
  EXPECT_EQ(numbers(y), (Numbers{2, 2, 2}));
}

TEST(TensorTest, EveryDtypeHasNumbers) {
  for (auto d : {kBool, kInt, kLong, kHalf, kBFloat16, kFloat, kDouble}) {
    auto t = tensor({0, 1, 1}).to(d);
    EXPECT_EQ(numbers(t), (Numbers{0, 1, 1})) << name(d);
    EXPECT_EQ(numbers(cat({t, t})), (Numbers{0, 1, 1, 0, 1, 1})) << name(d);
    EXPECT_EQ(t.element_size(), element_size(d));
  }
  EXPECT_EQ(float(BFloat16(1.00390625f)), 1.0f) << "ties to even";
  EXPECT_EQ(float(Half(1.00048828125f)), 1.0f) << "ties to even";
  EXPECT_EQ(float(Half(65519.0f)), 65504.0f);
  EXPECT_EQ(float(Half(-65520.0f)), -INFINITY);
  EXPECT_EQ(float(Half(0x1p-24f)), 0x1p-24f);
  EXPECT_EQ(float(Half(0x1p-25f)), 0.0f) << "ties to even";
  for (float x : {65504.0f, 65520.0f, 1e-7f, 6.1e-5f, 0.1f, -3.14159f}) // as compiled code rounds
    EXPECT_EQ((tensor({x}).half() + 0).to(kFloat).item<float>(), float(Half(x)));
  EXPECT_EQ((tensor({1.f}).half() + tensor({1.f}).bfloat16()).dtype(), kFloat);
  EXPECT_EQ((tensor({1.f}).half() + 1.5).dtype(), kHalf);
  EXPECT_ERROR(tensor({1.f}).data_ptr<double>(), "data_ptr: expected float64, as the template argument says, got float32[1]");
}

TEST(TensorTest, Prints) {
  std::ostringstream out;
  out << tensor({{1.f, 2.5f}, {3.f, 4.f}}) << ones({50, 50}) << Tensor();
  EXPECT_NE(out.str().find("[[1, 2.5],\n [3, 4]]\n[ float32[2, 2] ]"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("..."), std::string::npos);
  EXPECT_NE(out.str().find("undefined"), std::string::npos);
}

TEST(TensorTest, RandomNumbersFollowSeedAndOrder) {
  manual_seed(5);
  auto a = rand({100}), b = randn({100});
  manual_seed(5);
  auto unused = rand({100});
  auto c = randn({100});
  EXPECT_TRUE(equal(b, c)) << "draws that nobody uses take their counters";
  EXPECT_TRUE(equal(a, unused));
  EXPECT_FALSE(equal(rand({100}), rand({100})));
  EXPECT_GE(a.min().item<float>(), 0);
  EXPECT_LT(a.max().item<float>(), 1);
  auto k = randint(3, 6, {200});
  EXPECT_EQ(k.dtype(), kLong);
  EXPECT_EQ(k.min().item<int64_t>(), 3);
  EXPECT_EQ(k.max().item<int64_t>(), 5);
  EXPECT_NEAR(zeros({10000}).normal_(2, 3).mean().item<float>(), 2, 0.15);
}

TEST(TensorTest, MistakesNameOpAndLine) {
  Tensor nothing;
  EXPECT_ERROR(nothing + 1, "expected a tensor, got an undefined one");
  EXPECT_ERROR(zeros({2}).item<float>(), "item: expected a tensor of one element, got float32[2]");
  EXPECT_ERROR(zeros({2}, kCUDA), "zeros: expected device cpu");
  setenv("TENON_LIBCUDA", "/nowhere/libcuda.so.1", 1); // whatever this machine has
  EXPECT_ERROR(zeros({2}).to(Device("cuda:0")), "to: expected device cpu, got cuda:0: CUDA: there is no NVIDIA driver here");
  EXPECT_ERROR(tensor({{1, 2}, {3}}), "tensor: expected lists of equal lengths");
  EXPECT_ERROR(cat({zeros({2}), zeros({2, 2})}), "concat");
  EXPECT_ERROR(where(zeros({2}), 1, 2), "where: expected a condition of bool, got float32[2]");
  EXPECT_ERROR(tensor({1, 2}).mean(), "mean: expected a floating-point tensor, got int64[2]");
  EXPECT_ERROR(zeros({2}) & zeros({2}), "and: expected integers or bool, got float32");
  EXPECT_ERROR(tensor({1, 2}).set_requires_grad(true), "only floating-point tensors can require grad");
  EXPECT_ERROR(zeros({-1}), "zeros: expected sizes that are not negative");
}

} // namespace
