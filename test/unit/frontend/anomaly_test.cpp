// Anomaly mode names the op and the line of the first number that is none.
#include "expect_error.h"

#include <cmath>
#include <limits>

using namespace tenon;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

TEST(AnomalyTest, Forward) {
  autograd::DetectAnomalyGuard guard;
  auto x = tensor({1.0, -2.0, 4.0}, kDouble);
  auto y = x * 2;
  auto bad = y.sqrt(); // line 17
  auto z = (bad + 1).log();
  EXPECT_ERROR_TEXT(z.sum().item<double>(), "anomaly mode: sqrt gave the first NaN", "element 1 of float64[3]", "anomaly_test.cpp:17");
  auto divided = ones({2}) / zeros({2}); // line 20
  EXPECT_ERROR_TEXT(divided.sum().item<float>(), "div", "first Inf", "anomaly_test.cpp:20");
  auto fine = tensor({1.0, -2.0}, kDouble).abs().sqrt().sum();
  EXPECT_GT(fine.item<double>(), 0);
}

TEST(AnomalyTest, BackwardThroughWhatIsMasked) {
  autograd::DetectAnomalyGuard guard;
  auto x = tensor({0.0, 1.0}, kDouble).requires_grad_();
  auto root = x.sqrt(); // line 29
  auto loss = where(x.gt(0), root, zeros({2}, kDouble)).sum();
  EXPECT_EQ(loss.item<double>(), 1);
  loss.backward();
  EXPECT_ERROR_TEXT(x.grad().sum().item<double>(), "anomaly mode: the gradient of sqrt", "anomaly_test.cpp:29");
}

TEST(AnomalyTest, InfinitiesThatAreMeantAndWhatIsGiven) {
  autograd::DetectAnomalyGuard guard;
  auto scores = zeros({2, 3}, kDouble);
  auto masked = scores.masked_fill(tensor({0, 1, 1, 0, 0, 1}).view({2, 3}).to(kBool), -inf);
  EXPECT_EQ(masked.softmax(1).sum().item<double>(), 2);
  EXPECT_EQ(masked.amin({0, 1}).item<double>(), -inf) << "the program wrote it";
  auto all = scores.masked_fill(ones({2, 3}).to(kBool), -inf).softmax(1); // line 42
  EXPECT_ERROR_TEXT(all.sum().item<double>(), "softmax", "first NaN", "anomaly_test.cpp:42");
  auto given = tensor({std::nan("")}, kDouble);
  EXPECT_ERROR_TEXT((given * 2).item<double>(), "a tensor that the step was given", "NaN");
}

TEST(AnomalyTest, AStepThatFailsLeavesItsState) {
  auto w = tensor({2.0}, kDouble).requires_grad_();
  optim::SGD optimizer({w}, optim::SGDOptions(1).momentum(0.5));
  auto step = compile([&](Tensor x) {
    optimizer.zero_grad();
    auto loss = (w * x).log().sum(); // line 53
    loss.backward();
    optimizer.step();
    return loss;
  });
  auto good = tensor({1.0}, kDouble), bad = tensor({-1.0}, kDouble);
  EXPECT_NEAR(step(good).item<double>(), std::log(2.0), 1e-15);
  EXPECT_EQ(w.item<double>(), 1.5);
  autograd::AnomalyMode::set_enabled(true);
  EXPECT_ERROR_TEXT(step(bad).item<double>(), "log", "NaN", "anomaly_test.cpp:53");
  autograd::AnomalyMode::set_enabled(false);
  EXPECT_EQ(w.item<double>(), 1.5);
  EXPECT_FALSE(autograd::AnomalyMode::is_enabled());
  EXPECT_TRUE(std::isnan(step(bad).item<double>()));
}

TEST(AnomalyTest, WithoutChecks) {
  autograd::DetectAnomalyGuard guard(/*check_nan=*/false);
  EXPECT_TRUE(autograd::AnomalyMode::is_enabled());
  EXPECT_TRUE(std::isnan(tensor({-1.0}, kDouble).sqrt().item<double>()));
}

} // namespace
