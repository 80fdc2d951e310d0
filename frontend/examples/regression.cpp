// 10-5-1 with a mean squared error: 1000 steps on one batch of random numbers.
#include "example.h"

using namespace tenon;
namespace F = nn::functional;

int main() {
  manual_seed(0);
  nn::Sequential net(nn::Linear(10, 5), nn::ReLU(), nn::Linear(5, 1));
  optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.05));
  auto x = randn({32, 10}), y = x.sum(1, /*keepdim=*/true).tanh();
  for (int step = 0; step < 1000; ++step) {
    optimizer.zero_grad();
    auto loss = F::mse_loss(net->forward(x), y);
    loss.backward();
    optimizer.step();
    if (step % 100 == 99)
      std::printf("step %4d: loss %.6f\n", step + 1, loss.item<float>());
  }
  example::save_onnx("regression", net, [](int64_t n) { return TensorList{randn({n, 10})}; });
}
