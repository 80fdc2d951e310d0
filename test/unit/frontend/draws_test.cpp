// Draws of the other distributions: means and spreads within what 200 thousand draws allow, ranges, repetition by seed, bad parameters.
#include "expect_error.h"
#include <tenon/tenon.h>

#include <gtest/gtest.h>

#include <cmath>

using namespace tenon;

namespace {

constexpr int64_t count = 200000;
double average(const Tensor &x) { return x.to(kDouble).mean().item<double>(); }
double deviation(const Tensor &x) { return x.to(kDouble).std().item<double>(); }

TEST(Draws, HaveTheirMeansAndSpreads) {
  manual_seed(3);
  auto x = empty({count}, kDouble);
  double error = 5 / std::sqrt(double(count)); // five standard errors of a unit deviation
  x.exponential_(2);
  EXPECT_NEAR(average(x), 0.5, 0.5 * error);
  EXPECT_NEAR(deviation(x), 0.5, error);
  EXPECT_GE(x.min().item<double>(), 0);
  x.log_normal_(0.5, 0.25);
  EXPECT_NEAR(average(x.log()), 0.5, 0.25 * error);
  EXPECT_NEAR(deviation(x.log()), 0.25, 0.25 * error);
  x.geometric_(0.25);
  EXPECT_NEAR(average(x), 4, 3.5 * error);
  EXPECT_EQ(x.min().item<double>(), 1);
  EXPECT_EQ((x - x.round()).abs().max().item<double>(), 0);
  x.cauchy_(1, 2);
  EXPECT_NEAR(x.median().item<double>(), 1, 4 * error);
  EXPECT_NEAR(average(x.gt(3).to(kDouble)), 0.25, error); // a quarter lies above median + sigma
  x.random_(-3, 5);
  EXPECT_NEAR(average(x), 0.5, 2.3 * error);
  EXPECT_EQ(x.min().item<double>(), -3);
  EXPECT_EQ(x.max().item<double>(), 4);
  EXPECT_NEAR(average(bernoulli(full({count}, 0.3))), 0.3, 0.5 * error);
  EXPECT_NEAR(average(normal(2.0, 3.0, {count})), 2, 3 * error);
  EXPECT_NEAR(deviation(normal(zeros({count}), full({1}, 2.0))), 2, 2 * error);
  auto whole = randint_like(zeros({count}), 2, 5);
  EXPECT_EQ(whole.scalar_type(), kFloat);
  EXPECT_EQ(whole.min().item<float>() + whole.max().item<float>(), 6);
}

TEST(Draws, RepeatBySeed) {
  auto draw = [] {
    manual_seed(7);
    return empty({8}).exponential_().clone();
  };
  auto first = draw();
  EXPECT_TRUE(first.equal(draw()));
}

TEST(Draws, RefuseBadParameters) {
  auto x = empty({4});
  EXPECT_ERROR(x.exponential_(0), "exponential_: expected lambd > 0");
  EXPECT_ERROR(x.cauchy_(0, -1), "cauchy_: expected sigma > 0");
  EXPECT_ERROR(x.geometric_(1), "geometric_: expected 0 < p < 1");
  EXPECT_ERROR(x.random_(3, 3), "randint: expected low < high");
}

} // namespace
