// Gradients: leaves, accumulation, cuts, tapes that outlive a run, and second derivatives.
#include "expect_error.h"

#include <cmath>

using namespace tenon;

namespace {

double number(const Tensor &t) { return t.item<double>(); }
Tensor leaf(double value) { return full({2}, value, kDouble).requires_grad_(); }

TEST(AutogradTest, LeavesGetTheirGradients) {
  auto x = leaf(3), y = leaf(4), other = leaf(1);
  auto loss = (x * x * y).sum();
  EXPECT_TRUE(loss.requires_grad());
  EXPECT_FALSE(loss.is_leaf());
  loss.backward();
  EXPECT_EQ(number(x.grad()[0]), 24);
  EXPECT_EQ(number(y.grad()[1]), 9);
  EXPECT_FALSE(other.grad().defined());
}

TEST(AutogradTest, GradientsAddUpUntilReset) {
  auto x = leaf(3);
  (x * 2).sum().backward();
  auto held = x.grad();
  (x * 5).sum().backward();
  EXPECT_EQ(number(x.grad()[0]), 7);
  EXPECT_EQ(number(held[0]), 7) << "the same tensor, as in PyTorch";
  x.reset_grad();
  EXPECT_FALSE(x.grad().defined());
  (x * 5).sum().backward();
  EXPECT_EQ(number(x.grad()[0]), 5);
  x.mutable_grad().zero_();
  (x * x).sum().backward();
  EXPECT_EQ(number(x.grad()[0]), 6);
}

TEST(AutogradTest, NothingFlowsThroughCuts) {
  auto x = leaf(3);
  auto cut = (x * 2).detach();
  EXPECT_FALSE(cut.requires_grad());
  (x * cut).sum().backward();
  EXPECT_EQ(number(x.grad()[0]), 6);
  x.reset_grad();
  Tensor silent;
  {
    NoGradGuard no_grad;
    silent = x * x;
    EXPECT_FALSE(GradMode::is_enabled());
  }
  EXPECT_FALSE(silent.requires_grad());
  (silent * x).sum().backward();
  EXPECT_EQ(number(x.grad()[0]), 9);
  EXPECT_TRUE(GradMode::is_enabled());
  EXPECT_FALSE((x > 0).requires_grad());
}

TEST(AutogradTest, ViewsCarryGradients) {
  auto x = tensor({{1.0, 2.0}, {3.0, 4.0}}, kDouble).requires_grad_();
  (x.t()[0] * x.view(-1).slice(0, 1, 3)).sum().backward();
  EXPECT_TRUE(equal(x.grad(), tensor({{2.0, 1.0}, {6.0, 0.0}}, kDouble))) << x.grad();
}

TEST(AutogradTest, ALossMayBeReadBeforeBackward) {
  auto run = [](bool read) {
    manual_seed(3);
    auto w = rand({4, 4}).requires_grad_();
    auto x = rand({5, 4});
    std::vector<Tensor> grads;
    for (int i = 0; i < 3; ++i) {
      w.reset_grad();
      auto hidden = x.matmul(w).tanh();
      auto loss = (hidden.matmul(w) * rand({5, 4})).square().mean();
      if (read) {
        EXPECT_GT(loss.item<float>(), 0);
        if (i == 1)
          hidden.data_ptr();
      }
      loss.backward();
      NoGradGuard no_grad;
      w.sub_(w.grad() * 0.1);
    }
    return w;
  };
  EXPECT_TRUE(equal(run(false), run(true))) << "bit for bit";
}

TEST(AutogradTest, WhatWasReadInTheMiddleStillCarriesGradients) {
  auto w = leaf(2);
  auto h = w * w; // 4
  EXPECT_EQ(number(h[0]), 4);
  auto loss = (h * w).sum(); // w^3
  EXPECT_EQ(number(loss), 16);
  loss.backward();
  EXPECT_EQ(number(w.grad()[0]), 12);
}

TEST(AutogradTest, OldValuesServeBackwardAfterAWrite) {
  auto w = leaf(2);
  auto loss = (w * w).sum();
  loss.item<double>();
  {
    NoGradGuard no_grad;
    w.fill_(100);
  }
  loss.backward();
  EXPECT_EQ(number(w.grad()[0]), 4);
}

TEST(AutogradTest, UpdatesBetweenStepsStartAnew) {
  auto w = leaf(1);
  for (int i = 0; i < 3; ++i) { // no number is asked for in between
    w.reset_grad();
    (w * w).sum().backward();
    NoGradGuard no_grad;
    w.sub_(w.grad() * 0.25);
  }
  EXPECT_EQ(number(w[0]), 0.125);
}

TEST(AutogradTest, GradAsAFunction) {
  auto x = leaf(2), unused = leaf(1);
  auto y = (x * x * x).sum();
  auto g = grad(y, {x}, /*create_graph=*/true)[0];
  EXPECT_EQ(number(g[0]), 12);
  EXPECT_FALSE(x.grad().defined());
  auto second = grad(g.sum(), {x})[0];
  EXPECT_EQ(number(second[0]), 12);
  auto h = x * 3;
  EXPECT_EQ(number(grad((h * h).sum(), {h})[0][0]), 12) << "an intermediate value";
  auto pair = grad((x * 2).sum(), {x, unused});
  EXPECT_EQ(number(pair[1][0]), 0);
  EXPECT_ERROR(autograd::grad({(x * 2).sum()}, {unused}), "was not used");
  EXPECT_FALSE(autograd::grad({(x * 2).sum()}, {unused}, {}, {}, false, true)[0].defined());
}

TEST(AutogradTest, GradientPenaltyIsDifferentiable) {
  auto x = leaf(0.5);
  auto y = x.sin().sum();
  auto g = grad(y, {x}, true)[0];
  (g * g).sum().backward(); // d cos^2 = -sin 2x
  EXPECT_NEAR(number(x.grad()[0]), -std::sin(1.0), 1e-12);
}

TEST(AutogradTest, AGradientMayBeGiven) {
  auto x = leaf(3);
  (x * x).backward(tensor({1.0, 10.0}, kDouble));
  EXPECT_EQ(number(x.grad()[1]), 60);
  auto y = x * 2;
  EXPECT_ERROR(y.backward(), "backward: expected a loss of one element, or a gradient of its shape, got float64[2]");
  EXPECT_ERROR(y.backward(zeros({3}, kDouble)), "expected a gradient of float64[2], got float64[3]");
}

TEST(AutogradTest, RetainedGraphsServeTwice) {
  auto x = leaf(3);
  auto y = (x * x).sum();
  y.backward({}, true);
  y.backward();
  EXPECT_EQ(number(x.grad()[0]), 12);
  EXPECT_ERROR(y.backward(), "backward: a second time");
  auto z = (x * x).sum();
  z.item<double>();
  z.backward({}, true);
  z.backward();
  EXPECT_ERROR(z.backward(), "backward: a second time");
  auto trunk = x * x;
  trunk.sum().backward();
  EXPECT_ERROR((trunk * 2).sum().backward(), "backward: a second time");
}

TEST(AutogradTest, DetachedTensorsMayBeWritten) {
  auto x = leaf(3);
  x.data().fill_(5);
  x.detach()[0].mul_(2);
  EXPECT_EQ(number(x[0]), 10);
  (x * x).sum().backward();
  EXPECT_EQ(number(x.grad()[0]), 20);
}

TEST(AutogradTest, MistakesAreErrors) {
  auto x = leaf(3);
  EXPECT_ERROR(zeros({1}).backward(), "backward: expected a tensor computed from one that requires grad");
  EXPECT_ERROR(x.add_(1), "add_: a leaf that requires grad is written in place");
  EXPECT_ERROR(x[0].zero_(), "zero_: a leaf that requires grad is written in place");
  EXPECT_ERROR(x.uniform_(), "uniform_: a leaf that requires grad is written in place");
  EXPECT_ERROR(grad((x * 2).sum(), {zeros({2})}), "grad: expected values that require grad");
  auto y = x * 2;
  EXPECT_ERROR(y.set_requires_grad(false), "detach() it");
  y.add_(1); // not a leaf
  y.sum().backward();
  EXPECT_EQ(number(x.grad()[0]), 2);
}

TEST(AutogradTest, InPlaceOpsCarryGradients) {
  auto x = leaf(3);
  auto h = x * 2;
  h.mul_(x);
  h[0].mul_(10);
  h.sum().backward();
  EXPECT_EQ(number(x.grad()[0]), 120);
  EXPECT_EQ(number(x.grad()[1]), 12);
}

} // namespace
