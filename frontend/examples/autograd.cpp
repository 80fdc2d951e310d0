// Gradients by hand: of a line, of a layer, of a gradient.
#include "example.h"

using namespace tenon;

/// d2(x^3)/dx2 = 6 x
static Tensor second_derivative(Tensor x) {
  x = x.detach().requires_grad_();
  auto first = grad(x.pow(3).sum(), {x}, /*create_graph=*/true)[0];
  return grad(first.sum(), {x})[0];
}

int main() {
  // y = w x + b
  auto x = tensor({1.0f}).requires_grad_(), w = tensor({2.0f}).requires_grad_(), b = tensor({3.0f}).requires_grad_();
  auto y = w * x + b;
  y.backward();
  std::printf("dy/dx %g, dy/dw %g, dy/db %g\n", x.grad().item<float>(), w.grad().item<float>(), b.grad().item<float>());

  // One step of gradient descent on a linear layer.
  manual_seed(0);
  auto inputs = randn({10, 3}), targets = randn({10, 2});
  nn::Linear linear(3, 2);
  optim::SGD optimizer(linear->parameters(), optim::SGDOptions(0.01));
  auto loss = mse_loss(linear(inputs), targets);
  loss.backward();
  optimizer.step();
  auto after = mse_loss(linear(inputs), targets);
  std::printf("loss before %.4f, after one step %.4f\n", loss.item<float>(), after.item<float>());

  std::printf("second derivative of x^3 at 2: %g\n", second_derivative(tensor({2.0f})).item<float>());
  example::save_onnx("autograd", compile(second_derivative), [](int64_t n) { return TensorList{randn({n})}; });
  example::save_onnx("autograd_linear", linear, [](int64_t n) { return TensorList{randn({n, 3})}; });
}
