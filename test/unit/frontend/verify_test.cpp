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
Tensor chaos(int64_t n) {
  auto x = arange(n, kFloat) / 67 + 0.01;
  return scan([](const TensorList &c, const TensorList &) { return std::pair(TensorList{(c[0] * 3.14159).sin() * 0.95}, TensorList{}); }, {x}, {}, ScanOptions().length(60)).first[0];
}

TEST_F(Verify, WhatRoundingGrowsTo) {
  auto last = chaos(64);
  EXPECT_NO_THROW((void)last.sum().item<float>()); // it is the evaluator's then
  unsetenv("TENON_VERIFY");
  auto compiled = chaos(65); // another program
  (void)compiled.sum().item<float>();
  EXPECT_GT((compiled.slice(0, 0, 64) - last).abs().max().item<float>(), 0.01) << "what is verified has to differ";
}

} // namespace
