// autograd::Function: derivatives that are code of the user.
#include "expect_error.h"

using namespace tenon;

namespace {

struct Cube : autograd::Function<Cube> {
  static Tensor forward(autograd::AutogradContext *ctx, Tensor x) {
    ctx->save_for_backward({x});
    return x * x * x;
  }
  static TensorList backward(autograd::AutogradContext *ctx, TensorList dy) { return {dy[0] * 3 * ctx->get_saved_variables()[0].square()}; }
};
/// exp, of its own result; the derivative is scaled by a host number, so that it is seen.
struct ScaledExp : autograd::Function<ScaledExp> {
  static Tensor forward(autograd::AutogradContext *ctx, Tensor x, double scale) {
    auto y = x.exp();
    ctx->saved_data["scale"] = scale;
    ctx->save_for_backward({y});
    return y;
  }
  static TensorList backward(autograd::AutogradContext *ctx, TensorList dy) {
    return {dy[0] * ctx->get_saved_variables()[0] * ctx->saved_data["scale"].toDouble(), Tensor()};
  }
};
struct Two : autograd::Function<Two> {
  static TensorList forward(autograd::AutogradContext *, Tensor a, Tensor b) { return {a + b, a * 2}; }
  static TensorList backward(autograd::AutogradContext *, TensorList dy) { return {dy[0] + dy[1] * 2, dy[0]}; }
};
/// A linear layer with a list among its arguments, as users write them.
struct Affine : autograd::Function<Affine> {
  static Tensor forward(autograd::AutogradContext *ctx, Tensor x, TensorList weights) {
    ctx->save_for_backward({x, weights[0]});
    EXPECT_TRUE(ctx->needs_input_grad(1));
    return matmul(x, weights[0].t()) + weights[1];
  }
  static TensorList backward(autograd::AutogradContext *ctx, TensorList dy) {
    auto saved = ctx->get_saved_variables();
    return {matmul(dy[0], saved[1]), matmul(dy[0].t(), saved[0]), dy[0].sum({0})};
  }
};
struct Wrong : autograd::Function<Wrong> {
  static Tensor forward(autograd::AutogradContext *, Tensor x) { return x * 2; } // line 44
  static TensorList backward(autograd::AutogradContext *, TensorList dy) { return {dy[0].sum()}; }
};
struct TooMany : autograd::Function<TooMany> {
  static Tensor forward(autograd::AutogradContext *, Tensor x) { return x * 2; } // line 48
  static TensorList backward(autograd::AutogradContext *, TensorList dy) { return {dy[0], dy[0]}; }
};
struct Asks : autograd::Function<Asks> {
  static Tensor forward(autograd::AutogradContext *, Tensor x) { return x * 2; }
  static TensorList backward(autograd::AutogradContext *, TensorList dy) { return {dy[0] * dy[0].sum().item<double>()}; }
};

Tensor leaf() { return tensor({1.0, 2.0, -3.0}, kDouble).requires_grad_(); }

TEST(FunctionTest, DerivativesOfFirstAndSecondOrder) {
  auto x = leaf();
  Cube::apply(x * 2).sum().backward();
  EXPECT_TRUE(equal(x.grad(), tensor({24.0, 96.0, 216.0}, kDouble)));
  auto first = grad(Cube::apply(x).sum(), {x}, true)[0];
  EXPECT_TRUE(equal(first, tensor({3.0, 12.0, 27.0}, kDouble)));
  EXPECT_TRUE(equal(grad(first.sum(), {x})[0], tensor({6.0, 12.0, -18.0}, kDouble)));
  auto chained = grad(Cube::apply(Cube::apply(x)).sum(), {x})[0]; // x^9
  EXPECT_TRUE(allclose(chained, 9 * x.detach().pow(8)));
  auto single = tensor({2.0}, kDouble).requires_grad_();
  Cube::apply(single).backward();
  EXPECT_EQ(single.grad().item<double>(), 12);
}

TEST(FunctionTest, OutputsAndNumbersAreSaved) {
  auto x = leaf();
  auto first = grad(ScaledExp::apply(x, 3.0).sum(), {x}, true)[0];
  EXPECT_TRUE(allclose(first, 3 * x.detach().exp()));
  EXPECT_TRUE(allclose(grad(first.sum(), {x})[0], 9 * x.detach().exp())) << "through the saved result";
}

TEST(FunctionTest, SeveralOutputs) {
  auto a = leaf(), b = leaf();
  auto y = Two::apply(a, b);
  y[1].sum().backward();
  EXPECT_TRUE(equal(a.grad(), full({3}, 2.0, kDouble)));
  EXPECT_TRUE(equal(b.grad(), zeros({3}, kDouble)));
}

TEST(FunctionTest, AgainstDifferences) {
  manual_seed(3);
  auto x = randn({4, 3}, kDouble), w = randn({2, 3}, kDouble).requires_grad_(), b = randn({2}, kDouble).requires_grad_();
  auto loss = [&](const Tensor &x) { return Affine::apply(x, TensorList{w, b}).tanh().square().sum(); };
  auto plain = [&](const Tensor &x) { return (matmul(x, w.t()) + b).tanh().square().sum(); };
  auto at = x.clone().requires_grad_();
  auto gradients = grad(loss(at), {at, w, b}), expected = grad(plain(at), {at, w, b});
  for (size_t i = 0; i < 3; ++i)
    EXPECT_TRUE(allclose(gradients[i], expected[i], 1e-12, 1e-14));
  NoGradGuard no_grad;
  for (int64_t k = 0; k < 12; ++k) {
    auto step = zeros({12}, kDouble);
    step.mutable_data_ptr<double>()[k] = 1e-6;
    auto difference = (loss(x + step.view({4, 3})) - loss(x - step.view({4, 3}))).item<double>() / 2e-6;
    EXPECT_NEAR(difference, gradients[0].flatten()[k].item<double>(), 1e-8);
  }
}

TEST(FunctionTest, ANumberBeforeBackwardAndCompiled) {
  auto step = [](Tensor x) { return grad((Cube::apply(x) * x).sum(), {x})[0]; };
  auto x = leaf();
  auto loss = (Cube::apply(x * 1) * x).sum();
  EXPECT_EQ(loss.item<double>(), 1 + 16 + 81);
  loss.backward();
  EXPECT_TRUE(equal(x.grad(), step(x)));
  auto compiled = compile(step);
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(equal(compiled(x), x.grad()));
}

TEST(FunctionTest, Mistakes) {
  auto x = leaf();
  EXPECT_ERROR(Wrong::apply(x).sum().backward(), "backward", "float64[3]", "float64[]", "function_test.cpp:44");
  EXPECT_ERROR(TooMany::apply(x).sum().backward(), "backward", "expected 1 gradients", "got 2", "function_test.cpp:48");
  EXPECT_ERROR_TEXT(Asks::apply(x).sum().backward(), "item", "no numbers yet", "function_test.cpp");
  auto y = Cube::apply(x).sum();
  y.backward();
  EXPECT_ERROR(y.backward(), "a second time");
  EXPECT_FALSE(Cube::apply(x.detach()).requires_grad());
}

} // namespace
