// A physics-informed network: u'' = -pi^2 sin(pi x) on [-1, 1], u(-1) = u(1) = 0, whose solution is sin(pi x). The loss holds
// the network's second derivative, so a step differentiates a gradient of a gradient.
#include "example.h"

#include <cmath>

using namespace tenon;

/// Mean squared residual of the equation at x [N, 1], plus that of the two boundary values.
static Tensor residual(nn::Sequential net, Tensor x) {
  x = x.detach().requires_grad_();
  auto first = grad(net->forward(x).sum(), {x}, /*create_graph=*/true)[0];
  auto second = grad(first.sum(), {x}, /*create_graph=*/true)[0];
  auto inside = second + M_PI * M_PI * (M_PI * x).sin();
  auto edge = net->forward(tensor({-1.0, 1.0}).to(x.dtype()).view({2, 1}));
  return inside.pow(2).mean() + 10 * edge.pow(2).mean();
}

int main() {
  manual_seed(0);
  nn::Sequential net(nn::Linear(1, 32), nn::Tanh(), nn::Linear(32, 32), nn::Tanh(), nn::Linear(32, 1));
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(2e-3));
  optim::StepLR scheduler(optimizer, 1000, 0.5);
  auto step = compile([&](Tensor x) {
    optimizer.zero_grad();
    auto loss = residual(net, x);
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int64_t i = 0; i < example::steps(5000, 20); ++i) {
    auto loss = step(rand({64, 1}) * 2 - 1);
    scheduler.step();
    if (i % 1000 == 999)
      std::printf("step %lld: loss %.6f\n", (long long)i + 1, loss.item<float>());
  }
  NoGradGuard no_grad;
  auto x = (arange(0, 201).to(kFloat) / 100 - 1).view({201, 1});
  std::printf("largest error %.5f\n", (net->forward(x) - (M_PI * x).sin()).abs().max().item<float>());
  example::save_onnx("pinn", net, [](int64_t n) { return TensorList{rand({n, 1}) * 2 - 1}; });
  example::save_onnx("pinn_residual", compile([&](Tensor x) { return residual(net, x); }), [](int64_t n) { return TensorList{rand({n, 1}) * 2 - 1}; });
}
