// Normal draws are normal: moments, tails and the whole distribution, each within what a million draws allow.
#include <tenon/tenon.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace tenon;

namespace {

template <class T> void expect_normal(ScalarType dtype) {
  constexpr int64_t n = 1 << 20;
  manual_seed(2026);
  Tensor draws = randn({n}, TensorOptions().dtype(dtype));
  const T *p = draws.data_ptr<T>();
  std::vector<double> x(p, p + n);
  double mean = 0, variance = 0, third = 0, fourth = 0, neighbours = 0;
  int64_t beyond3 = 0, beyond4 = 0;
  for (double v : x)
    mean += v / n;
  for (int64_t i = 0; i < n; ++i) {
    double d = x[i] - mean;
    variance += d * d / n, third += d * d * d / n, fourth += d * d * d * d / n;
    neighbours += x[i] * x[(i + 1) % n] / n;
    beyond3 += std::fabs(x[i]) > 3, beyond4 += std::fabs(x[i]) > 4;
  }
  // Four deviations of each statistic.
  EXPECT_NEAR(mean, 0, 4 / std::sqrt(n));
  EXPECT_NEAR(variance, 1, 4 * std::sqrt(2.0 / n));
  EXPECT_NEAR(third, 0, 4 * std::sqrt(15.0 / n));
  EXPECT_NEAR(fourth, 3, 4 * std::sqrt(96.0 / n));
  EXPECT_NEAR(neighbours, 0, 4 / std::sqrt(n));
  for (auto [count, limit] : {std::pair(beyond3, 3.0), std::pair(beyond4, 4.0)}) {
    double wanted = std::erfc(limit / std::sqrt(2.0)) * n;
    EXPECT_NEAR(count, wanted, 4 * std::sqrt(wanted)) << "beyond " << limit;
  }
  std::sort(x.begin(), x.end());
  double distance = 0; // of Kolmogorov and Smirnov: 1.95 / sqrt(n) is passed once in a thousand
  for (int64_t i = 0; i < n; ++i) {
    double below = 0.5 * std::erfc(-x[i] / std::sqrt(2.0));
    distance = std::max({distance, std::fabs(below - double(i) / n), std::fabs(below - double(i + 1) / n)});
  }
  EXPECT_LE(distance, 1.95 / std::sqrt(n));
}

TEST(Normal, IsDistributedAsSuchF32) { expect_normal<float>(kFloat32); }
TEST(Normal, IsDistributedAsSuchF64) { expect_normal<double>(kFloat64); }

} // namespace
