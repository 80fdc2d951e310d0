// Where a gradient flows after writes in place, through views and hooks, cut by reads or not; PyTorch 2.13 gives these numbers.
#include "expect_error.h"
#include <cmath>
#include <limits>

using namespace tenon;

namespace {

Tensor three() { return full({}, 3.f).set_requires_grad(true); }
std::vector<float> numbers(const Tensor &t) {
  auto *data = t.const_data_ptr<float>();
  return {data, data + t.numel()};
}
using Floats = std::vector<float>;
constexpr float infinity = std::numeric_limits<float>::infinity();

TEST(History, AWriteIsNotTakenForAnOutput) {
  auto x = ones({3});
  x.fill_(3);
  x.mul_(2.0);
  EXPECT_EQ(x[0].item<float>(), 6);
  auto y = x * 2.0;
  EXPECT_EQ(y[0].item<float>(), 12);
  EXPECT_EQ(x[0].item<float>(), 6);
  auto a = ones({5}), b = a * 3.0;
  EXPECT_EQ(b[0].item<float>(), 3);
  a.mul_(3.0);
  EXPECT_EQ(a[0].item<float>(), 3);
}

TEST(History, ViewsHaveTheirBasesHistory) {
  auto w = three();
  auto o = zeros({3, 2}), row = o.select(0, 0);
  row.add_(w);
  EXPECT_TRUE(row.requires_grad());
  EXPECT_FALSE(row.is_leaf());
  (row * w).sum().backward(); // 2 w^2
  EXPECT_EQ(w.grad().item<float>(), 12);
  auto u = three();
  auto v = zeros({2}), a = v.view({2, 1});
  v.add_(u);
  (a * u).sum().backward();
  EXPECT_EQ(u.grad().item<float>(), 12);
  auto n = zeros({2});
  auto detached = n.detach();
  Tensor made_without;
  {
    NoGradGuard no_grad;
    made_without = n.view({2, 1});
  }
  n.add_(three());
  EXPECT_FALSE(detached.requires_grad());
  EXPECT_FALSE(made_without.requires_grad());
}

TEST(History, NumbersWrittenUnderNoGradKeepIt) {
  for (bool cut : {false, true}) {
    auto w = three();
    auto y = w * 2;
    if (cut)
      EXPECT_EQ(y.item<float>(), 6);
    {
      NoGradGuard no_grad;
      y.add_(1);
    }
    EXPECT_TRUE(y.requires_grad());
    if (cut)
      EXPECT_EQ(y.item<float>(), 7);
    (y * w).backward(); // y + 2 w
    EXPECT_EQ(w.grad().item<float>(), 13) << cut;
    auto u = three();
    auto z = u * 2;
    z.data().mul_(0.5);
    (z * u).backward();
    EXPECT_EQ(u.grad().item<float>(), 9);
  }
}

TEST(History, AHookSeesNoGradientOfBefore) {
  auto x = full({}, 2.f).set_requires_grad(true), w = three();
  auto y = x * 2;
  (y * w).backward({}, true);
  y.register_hook([](Tensor g) { return g * 0.5; });
  (y * w).backward({}, true);
  EXPECT_EQ(x.grad().item<float>(), 9); // 6 + 3
}

TEST(History, ABodyThatThrewLeavesNothing) {
  auto x = ones({2}).set_requires_grad(true);
  auto y = x * 2;
  EXPECT_ERROR_TEXT(scan([](TensorList c, TensorList) -> std::pair<TensorList, TensorList> { auto z = c[0] * 2; z = z.matmul(ones({5, 5})); return {{z}, {}}; }, {y}, {}, ScanOptions().length(3)), "matmul");
  y.register_hook([](Tensor g) { return g * 10; });
  (y * y).sum().backward();
  EXPECT_EQ(numbers(x.grad()), (Floats{80, 80}));
}

TEST(History, DerivativesAtKinks) {
  auto at = [](Floats values, auto f) {
    auto x = tensor(values).set_requires_grad(true);
    f(x).sum().backward();
    return numbers(x.grad());
  };
  EXPECT_EQ(at({0, 0.5f, 1, 2}, [](Tensor x) { return x.clamp(0, 1); }), (Floats{1, 1, 1, 0}));
  EXPECT_EQ(at({-1, 0, 1}, [](Tensor x) { return x.clamp_min(0); }), (Floats{0, 1, 1}));
  EXPECT_EQ(at({2, 2, 2}, [](Tensor x) { return x.std(); }), (Floats{0, 0, 0}));
  EXPECT_EQ(at({-1, -1}, [](Tensor x) { return F::margin_ranking_loss(x, zeros({2}), ones({2}), F::MarginRankingLossFuncOptions().margin(-1).reduction(kSum)); }), (Floats{-1, -1}));
  EXPECT_TRUE(std::isnan(full({}, NAN).clamp(0, 1).item<float>()));
  EXPECT_EQ(full({}, 0.5f).clamp(2, 1).item<float>(), 1) << "the upper bound wins";
}

TEST(History, InfinitiesInLogsumexp) {
  EXPECT_EQ(full({3}, -infinity).logsumexp(0).item<float>(), -infinity);
  EXPECT_EQ(tensor({1.f, infinity}).logsumexp(0).item<float>(), infinity);
}

TEST(History, DrawsOfNarrowTypes) {
  manual_seed(4);
  auto mean = full({1 << 16}, 0.001, kBFloat16).bernoulli().to(kFloat).mean().item<float>();
  EXPECT_NEAR(mean, 0.001, 0.0005);
  auto drawn = empty({1 << 16}, kBFloat16).exponential_().to(kFloat);
  EXPECT_GT(drawn.min().item<float>(), 0);
  EXPECT_GT(drawn.max().item<float>(), 7);
}

TEST(History, TheDiagonalOfThreeAxes) {
  EXPECT_EQ(zeros({2, 2, 2}).fill_diagonal_(1).sum().item<float>(), 2);
  EXPECT_EQ(zeros({2, 3}).fill_diagonal_(1).sum().item<float>(), 2);
  EXPECT_ERROR(zeros({2, 3, 2}).fill_diagonal_(1), "fill_diagonal_: expected two axes, or more of one extent");
}

} // namespace
