// TENON_VERIFY=1: what parts compiled code and the evaluator by rounding alone is no error, however much a program makes of it.
#include "expect_error.h"

#include <tenon/tensor/control.h>

using namespace tenon;

namespace {

struct Verify : testing::Test {
  Verify() { setenv("TENON_VERIFY", "1", 1); }
  ~Verify() override { unsetenv("TENON_VERIFY"); }
};

/// Each step of the sine map doubles a difference: after 60 of them nothing is left of a float32's.
Tensor chaos(int64_t n, Dtype dtype) {
  auto x = (arange(n, kFloat) / 67 + 0.01).to(dtype);
  return scan([](const TensorList &c, const TensorList &) { return std::pair(TensorList{(c[0] * 3.14159).sin() * 0.95}, TensorList{}); }, {x}, {}, ScanOptions().length(60)).first[0];
}

TEST_F(Verify, WhatRoundingGrowsTo) {
  for (auto dtype : {kFloat, kHalf}) {
    auto last = chaos(64, dtype);
    EXPECT_NO_THROW((void)last.sum().item<float>());
    unsetenv("TENON_VERIFY");
    auto compiled = chaos(65, dtype).to(kDouble).clone(); // another program
    (void)compiled.sum().item<double>();
    setenv("TENON_VERIFY", "1", 1);
    EXPECT_GT((compiled.slice(0, 0, 64) - last.to(kDouble)).abs().max().item<double>(), 0.01) << "what is verified has to differ";
  }
}

} // namespace
