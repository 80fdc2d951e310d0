// Bad data in a step: the error comes with the user's line, and state is as before.
#include "expect_error.h"

using namespace tenon;

namespace {

struct Net {
  Tensor w = full({3, 4}, 0.25f).requires_grad_();
  Tensor step(const Tensor &x, const Tensor &y) const {
    w.reset_grad();
    auto loss = F::cross_entropy(x.matmul(w.t()), y);
    loss.backward();
    NoGradGuard no_grad;
    w.sub_(w.grad() * 0.5);
    return loss;
  }
};

TEST(StepErrorsTest, ALabelOutOfRangeLeavesDefineByRunStateAlone) {
  Net net;
  auto x = ones({2, 4}), good = tensor({0, 2}), bad = tensor({0, 3});
  auto loss = net.step(x, bad);
  EXPECT_ERROR_TEXT(loss.item<float>(), "cross_entropy", "step_errors_test.cpp:12");
  EXPECT_TRUE(equal(net.w, full({3, 4}, 0.25f)));
  EXPECT_ERROR_TEXT(loss + 1, "its step failed");
  EXPECT_GT(net.step(x, good).item<float>(), 0);
  EXPECT_FALSE(equal(net.w, full({3, 4}, 0.25f)));
}

TEST(StepErrorsTest, ALabelOutOfRangeLeavesACompiledStepsStateAlone) {
  Net net;
  auto x = ones({2, 4}), good = tensor({0, 2}), bad = tensor({0, -1});
  auto step = compile([&](Tensor x, Tensor y) { return net.step(x, y); });
  EXPECT_ERROR_TEXT(step(x, bad), "cross_entropy", "step_errors_test.cpp:12");
  EXPECT_TRUE(equal(net.w, full({3, 4}, 0.25f)));
  for (int i = 0; i < 3; ++i)
    step(x, good);
  auto before = net.w.clone();
  before.data_ptr();
  EXPECT_ERROR_TEXT(step(x, bad), "cross_entropy", "step_errors_test.cpp:12");
  EXPECT_TRUE(equal(net.w, before));
  step(x, good);
  EXPECT_FALSE(equal(net.w, before));
}

TEST(StepErrorsTest, ShapesAndDtypesAreCheckedWhereTheyAreWritten) {
  Net net;
  EXPECT_ERROR_TEXT(net.step(ones({2, 5}), tensor({0, 1})), "matmul: expected shapes that fit, got float32[2, 5] and float32[4, 3]", "step_errors_test.cpp:12");
  EXPECT_ERROR_TEXT(net.step(ones({2, 4}), tensor({0, 1, 2})), "cross_entropy", "step_errors_test.cpp:12");
  EXPECT_ERROR_TEXT(net.step(ones({2, 4}), tensor({0.f, 1.f})), "cross_entropy", "step_errors_test.cpp:12");
}

TEST(StepErrorsTest, ProgramsOfOneStructureNameTheirOwnLines) {
  auto x = ones({3, 5}), bad = tensor({0, 5, 1});
  EXPECT_ERROR(F::cross_entropy(x, bad).item<float>(), "a label is not in [0, 5)");
  EXPECT_ERROR(F::cross_entropy(x, bad).item<float>(), "a label is not in [0, 5)");
  auto line = std::to_string(__LINE__ + 1);
  auto first = compile([](Tensor x, Tensor y) { return F::cross_entropy(x * 2, y); });
  auto other_line = std::to_string(__LINE__ + 1);
  auto other = compile([](Tensor x, Tensor y) { return F::cross_entropy(x * 2, y); });
  for (int call = 0; call < 3; ++call) {
    EXPECT_ERROR_TEXT(first(x, bad), "a label is not in [0, 5)", "(step_errors_test.cpp:" + line + ")");
    EXPECT_ERROR_TEXT(other(x, bad), "a label is not in [0, 5)", "(step_errors_test.cpp:" + other_line + ")");
  }
}

} // namespace
