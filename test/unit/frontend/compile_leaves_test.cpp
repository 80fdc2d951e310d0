// Leaves that are made inside a compiled function, and gradients that it does not keep.
#include "expect_error.h"
#include <tenon/tenon.h>

#include <gtest/gtest.h>

using namespace tenon;

namespace {

Tensor slope(const Tensor &w, const Tensor &x) { return grad((w * x * x).sum(), {x}, /*create_graph=*/true)[0]; } // 2 w x

TEST(CompileLeaves, DetachedArgument) {
  auto w = tensor({2.0f, 3.0f}).requires_grad_();
  auto f = compile([&](Tensor x) { return slope(w, x.detach().requires_grad_()); });
  for (float v : {1.0f, 2.0f, 4.0f}) {
    auto y = f(tensor({v, -v}));
    EXPECT_EQ(y[0].item<float>(), 4 * v);
    EXPECT_EQ(y[1].item<float>(), -6 * v);
  }
}

TEST(CompileLeaves, ArgumentItself) {
  auto w = tensor({2.0f}).requires_grad_();
  auto f = compile([&](Tensor x) { return slope(w, x.requires_grad_()); });
  for (float v : {1.0f, 2.0f, 4.0f})
    EXPECT_EQ(f(tensor({v})).item<float>(), 4 * v);
}

TEST(CompileLeaves, ComputedAndView) {
  auto w = tensor({2.0f}).requires_grad_();
  auto f = compile([&](Tensor x) {
    auto computed = (x + 1).detach().requires_grad_(), part = x.slice(0, 1, 2).requires_grad_();
    return slope(w, computed).sum() * 100 + slope(w, part).sum();
  });
  for (float v : {1.0f, 2.0f, 4.0f})
    EXPECT_EQ(f(tensor({v, v})).item<float>(), 100 * 2 * 4 * (v + 1) + 4 * v);
}

// A generator's step adds to the critic's gradients, which the critic's own step clears before it reads them.
TEST(CompileLeaves, AddsToAGradientThatWasNotKept) {
  auto critic = tensor({1.0f}).requires_grad_(), generator = tensor({1.0f}).requires_grad_();
  optim::SGD critic_optimizer({critic}, optim::SGDOptions(0.5)), generator_optimizer({generator}, optim::SGDOptions(0.25));
  auto train_critic = compile([&] {
    critic_optimizer.zero_grad();
    (critic * generator.detach()).sum().backward();
    critic_optimizer.step();
  });
  auto train_generator = compile([&] {
    generator_optimizer.zero_grad();
    (critic * generator).sum().backward();
    generator_optimizer.step();
  });
  double c = 1, g = 1;
  for (int i = 0; i < 4; ++i) {
    train_critic();
    train_generator();
    c -= 0.5 * g;
    g -= 0.25 * c;
    EXPECT_EQ(critic.item<float>(), c);
    EXPECT_EQ(generator.item<float>(), g);
  }
  EXPECT_ERROR_TEXT(critic.grad().sum().item<float>(), "was not kept by the compiled function", "keep_grads");
}

} // namespace
