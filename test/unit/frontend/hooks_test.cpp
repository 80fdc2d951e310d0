// Hooks on gradients.
#include "expect_error.h"

using namespace tenon;

namespace {

Tensor leaf() { return tensor({1.0, 2.0, -3.0}, kDouble).requires_grad_(); }

TEST(HooksTest, OfALeaf) {
  auto x = leaf();
  Tensor seen;
  x.register_hook([&](const Tensor &g) { seen = g; });
  auto doubled = x.register_hook([](const Tensor &g) { return g * 2; });
  x.square().sum().backward();
  EXPECT_TRUE(equal(seen, tensor({2.0, 4.0, -6.0}, kDouble))) << "before the one that was registered later";
  EXPECT_TRUE(equal(x.grad(), tensor({4.0, 8.0, -12.0}, kDouble)));
  EXPECT_TRUE(equal(grad(x.sum(), {x})[0], full({3}, 2.0, kDouble)));
  x.remove_hook(doubled);
  EXPECT_TRUE(equal(grad(x.sum(), {x})[0], full({3}, 1.0, kDouble)));
}

TEST(HooksTest, OfAValueInItsUsesBeforeAndAfter) {
  auto x = leaf();
  auto y = x * 2;
  auto before = y.square().sum();
  int calls = 0;
  y.register_hook([&](const Tensor &g) { return ++calls, g * 10; });
  auto loss = before + y.sum();
  auto gradients = grad(loss, {x, y}, false, true);
  EXPECT_EQ(calls, 1) << "with the sum of what comes from all uses";
  EXPECT_TRUE(equal(gradients[1], 10 * (2 * y.detach() + 1)));
  EXPECT_TRUE(equal(gradients[0], 20 * (2 * y.detach() + 1)));
  loss.backward();
  EXPECT_EQ(calls, 2);
  EXPECT_TRUE(equal(x.grad(), gradients[0]));
}

TEST(HooksTest, AfterANumber) {
  auto x = leaf();
  auto y = x * 2, loss = y.square().sum();
  y.register_hook([](const Tensor &g) { return g * 3; });
  EXPECT_EQ(loss.item<double>(), 56);
  y.register_hook([](const Tensor &g) { return g + 1; });
  loss.backward({}, true);
  auto expected = 2 * (3 * (2 * y.detach()) + 1);
  EXPECT_TRUE(equal(x.grad(), expected));
  EXPECT_GT(loss.item<double>(), 0);
  loss.backward();
  EXPECT_TRUE(equal(x.grad(), 2 * expected)) << "once each time";
}

TEST(HooksTest, CompiledAndOfSecondOrder) {
  auto step = [](Tensor x) {
    auto y = x * x;
    y.register_hook([](const Tensor &g) { return g * 2; });
    auto first = grad((y * y).sum(), {x}, true)[0]; // 2 * 2 x^2 * 2 x = 8 x^3
    return TensorList{first, grad(first.sum(), {x})[0]};
  };
  auto x = leaf();
  auto plain = step(x);
  EXPECT_TRUE(allclose(plain[0], 8 * x.detach().pow(3)));
  auto compiled = compile(step);
  for (int i = 0; i < 3; ++i) {
    auto result = compiled(x);
    EXPECT_TRUE(equal(result[0], plain[0]));
    EXPECT_TRUE(equal(result[1], plain[1]));
  }
}

TEST(HooksTest, ClippedWhileItTrains) {
  auto w = tensor({5.0}, kDouble).requires_grad_();
  w.register_hook([](const Tensor &g) { return g.clamp(-1, 1); });
  optim::SGD optimizer({w}, 0.5);
  for (int i = 0; i < 4; ++i) {
    optimizer.zero_grad();
    auto loss = (w * 100).square().sum();
    EXPECT_GT(loss.item<double>(), 0);
    loss.backward();
    optimizer.step();
  }
  EXPECT_EQ(w.item<double>(), 3);
}

TEST(HooksTest, Mistakes) {
  auto x = leaf();
  EXPECT_ERROR(x.detach().register_hook([](const Tensor &) {}), "register_hook", "requires grad");
  EXPECT_ERROR(x.remove_hook(3), "remove_hook", "no hook number 3");
  auto y = x * 2;
  y.register_hook([](const Tensor &g) { return g.sum(); });
  EXPECT_ERROR_TEXT(y.sum().backward(), "hook", "float64[3]", "float64[]", "hooks_test.cpp");
  auto z = x * 2;
  z.register_hook([](const Tensor &g) { (void)g.sum().item<double>(); });
  EXPECT_ERROR_TEXT(z.sum().backward(), "no numbers yet", "hooks_test.cpp");
}

} // namespace
