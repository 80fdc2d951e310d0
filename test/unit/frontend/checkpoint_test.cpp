// utils::checkpoint: the same numbers with less memory.
#include "expect_error.h"

using namespace tenon;

namespace {

struct Small {
  nn::Linear a{nn::LinearOptions(6, 24)}, b{nn::LinearOptions(24, 6)};
  Tensor operator()(const Tensor &x) { return x + dropout(b(gelu(a(x)))); }
  Tensor dropout(const Tensor &x) { return nn::functional::dropout(x, nn::functional::DropoutFuncOptions().p(0.3).training(true)); }
};

TensorList run(bool checkpointed, bool number_first, bool compiled) {
  manual_seed(7);
  std::vector<Small> blocks(3);
  auto x = randn({5, 6}).requires_grad_();
  auto forward = [&](Tensor x) {
    x = x * 2;
    for (auto &block : blocks)
      x = checkpointed ? utils::checkpoint([&](Tensor x) { return block(x); }, x) : block(x);
    return (x * x).sum();
  };
  TensorList leaves{x};
  for (auto &block : blocks)
    for (auto *layer : {&block.a, &block.b}) {
      leaves.push_back((*layer)->weight);
      leaves.push_back((*layer)->bias);
    }
  auto step = [&](Tensor in) {
    auto loss = forward(in);
    auto with = leaves;
    with[0] = in;
    auto result = grad(loss, with);
    result.push_back(loss.detach());
    return result;
  };
  manual_seed(11);
  if (compiled) {
    auto f = compile(step);
    f(x), f(x), f(x);
    return f(x);
  }
  if (!number_first) {
    step(x), step(x), step(x);
    return step(x);
  }
  for (int i = 0; i < 3; ++i)
    step(x);
  auto loss = forward(x);
  (void)loss.item<float>();
  loss.backward();
  TensorList result;
  for (auto &t : leaves)
    result.push_back(t.grad());
  result.push_back(loss.detach());
  return result;
}

TEST(CheckpointTest, TheSameBits) {
  auto plain = run(false, false, false);
  for (auto &other : {run(true, false, false), run(true, true, false), run(true, false, true)})
    for (size_t i = 0; i < plain.size(); ++i)
      EXPECT_TRUE(equal(plain[i], other[i])) << i;
}

TEST(CheckpointTest, SecondDerivativesNestingSeveralResultsAndNoInputs) {
  auto x = tensor({0.5, 1.0, -2.0}, kDouble).requires_grad_(), w = tensor({2.0}, kDouble).requires_grad_();
  auto inner = [&](Tensor x) { return utils::checkpoint([&](Tensor y) { return y.sin() * w; }, x); };
  auto outer = [&](Tensor x, Tensor k) { return TensorList{inner(x).exp(), x * k}; };
  auto plain = [&](Tensor x, Tensor k) { return TensorList{(x.sin() * w).exp(), x * k}; };
  auto k = tensor({3.0}, kDouble);
  auto loss = [](const TensorList &y) { return (y[0] * y[1]).sum(); };
  auto a = grad(loss(utils::checkpoint(outer, x, k)), {x, w}, true), b = grad(loss(plain(x, k)), {x, w}, true);
  EXPECT_TRUE(allclose(a[0], b[0], 1e-13, 1e-14));
  EXPECT_TRUE(allclose(a[1], b[1], 1e-13, 1e-14));
  auto c = grad(a[0].sum(), {x, w}), d = grad(b[0].sum(), {x, w});
  EXPECT_TRUE(allclose(c[0], d[0], 1e-12, 1e-13));
  EXPECT_TRUE(allclose(c[1], d[1], 1e-12, 1e-13));
  NoGradGuard no_grad;
  EXPECT_FALSE(utils::checkpoint([&](Tensor y) { return y * w; }, x).requires_grad());
}

TEST(CheckpointTest, Mistakes) {
  auto x = tensor({0.5, 1.0}, kDouble).requires_grad_();
  int calls = 0;
  auto grows = [&](Tensor y) { return cat(TensorList(size_t(++calls), y * 2), 0); };
  EXPECT_ERROR_TEXT(utils::checkpoint(grows, x).sum().backward(), "checkpoint", "float64[2] again", "got float64[4]");
  int more = 0;
  auto draws = [&](Tensor y) { return more++ ? y * rand({2}, kDouble) * rand({2}, kDouble) : y * rand({2}, kDouble); };
  EXPECT_ERROR_TEXT(utils::checkpoint(draws, x).sum().backward(), "checkpoint", "more random numbers");
  EXPECT_ERROR_TEXT(utils::checkpoint([](Tensor y) { return y; }, Tensor()), "checkpoint", "undefined");
  EXPECT_ERROR_TEXT(utils::checkpoint([](Tensor y) { return y * y.sum().item<double>(); }, x).sum().backward(), "no numbers yet");
}

} // namespace
