// A `while` in the graph: a layer is applied until its values settle (a deep equilibrium model, Bai et al., 2019, with a bound on the
// number of passes, through which the gradient flows). How often depends on the data, and no number is read on the host.
#include "example.h"

using namespace tenon;

struct EquilibriumImpl : nn::Module {
  nn::Linear input, inner, output;
  int64_t bound;
  EquilibriumImpl(int64_t in = 8, int64_t hidden = 16, int64_t bound = 20) : input(in, hidden), inner(hidden, hidden), output(hidden, 1), bound(bound) {
    register_module("input", input);
    register_module("inner", inner);
    register_module("output", output);
  }
  Tensor forward(Tensor x) {
    auto injected = input(x);
    auto settle = [&](const TensorList &s) { return TensorList{tanh(0.5 * inner(s[0]) + injected), s[0]}; };
    auto moving = [&](const TensorList &s) { return (s[0] - s[1]).abs().max().gt(1e-3); };
    auto start = zeros_like(injected);
    return output(while_loop(moving, settle, {start, start + 1}, WhileOptions().bound(bound))[0]);
  }
};
TENON_MODULE(Equilibrium);

int main() {
  manual_seed(0);
  Equilibrium net;
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(3e-3));
  auto step = compile([&](Tensor x, Tensor y) {
    optimizer.zero_grad();
    auto loss = F::mse_loss(net(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  });
  double last = 0;
  int64_t steps = example::steps(2000, 10);
  for (int64_t i = 0; i < steps; ++i) {
    auto x = randn({64, 8}), y = (x.sum(1, /*keepdim=*/true) / 3).sin();
    auto loss = step(x, y);
    if (i >= steps - 10)
      last += loss.item<float>() / 10;
  }
  std::printf("mean of the last losses %.4f\n", last);
  example::save_onnx("graph_while", net, [](int64_t n) { return TensorList{randn({n, 8})}; });
}
