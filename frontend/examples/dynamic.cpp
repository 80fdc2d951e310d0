// A network whose graph depends on the data: Collatz-like depth and branches are C++ `if` and `for` on numbers of the batch,
// define-by-run. Every path is a program of its own, compiled when it is first taken; as ONNX leaves the path that is named.
#include "example.h"

using namespace tenon;

struct DynamicNetImpl : nn::Module {
  nn::Linear input, middle, output;
  DynamicNetImpl(int64_t in = 8, int64_t hidden = 32) : input(in, hidden), middle(hidden, hidden), output(hidden, 1) {
    register_module("input", input);
    register_module("middle", middle);
    register_module("output", output);
  }
  Tensor forward(Tensor x) {
    int64_t depth = x.abs().sum().item<float>() > double(x.numel()) * 0.8 ? 3 : 1; // large inputs are looked at longer
    auto h = look(x, depth);
    if (h.mean().item<float>() > 1)
      h = h / h.mean();
    return output(h);
  }
  Tensor look(Tensor x, int64_t depth) {
    auto h = relu(input(x));
    for (int64_t i = 0; i < depth; ++i)
      h = relu(middle(h)) + h;
    return h;
  }
};
TENON_MODULE(DynamicNet);

int main() {
  manual_seed(0);
  DynamicNet net;
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(3e-3));
  double last = 0;
  int64_t steps = example::steps(1500, 30);
  for (int64_t i = 0; i < steps; ++i) {
    auto x = randn({64, 8}), y = (x * x).sum(1, /*keepdim=*/true) / 8;
    optimizer.zero_grad();
    auto loss = F::mse_loss(net(x), y);
    loss.backward();
    optimizer.step();
    if (i >= steps - 10)
      last += loss.item<float>() / 10;
  }
  std::printf("mean of the last losses %.4f\n", last);

  auto longer = [&](Tensor x) { return net->output(net->look(x, 3)); };
  example::save_onnx("dynamic", compile(longer), [](int64_t n) { return TensorList{2 * randn({n, 8})}; });
}
