// 784-128-128-10, uniform initial weights, Adam, on Fashion-MNIST; the whole step is compiled once and replayed.
#include "example.h"

#include <cmath>

using namespace tenon;
namespace F = nn::functional;

struct NetImpl : nn::Module {
  nn::Sequential layers{nn::Linear(784, 128), nn::ReLU(), nn::Linear(128, 128), nn::ReLU(), nn::Linear(128, 10)};
  NetImpl() { register_module("layers", layers); }
  Tensor forward(Tensor x) { return layers->forward(x.flatten(1)); }
};
TENON_MODULE(Net);

int main(int argc, char **argv) {
  const char *folder = argc > 1 ? argv[1] : "/usr/share/datasets/fashion-mnist";
  using Mode = data::datasets::MNIST::Mode;
  manual_seed(0);
  Net net;
  net->apply([](nn::Module &module) {
    if (auto *linear = module.as<nn::Linear>()) {
      NoGradGuard no_grad;
      double bound = 1 / std::sqrt(linear->weight.size(1));
      linear->weight.uniform_(-bound, bound);
      linear->bias.zero_();
    }
  });
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(1e-3));
  auto step = compile([&](Tensor x, Tensor y) {
    optimizer.zero_grad();
    auto loss = F::cross_entropy(net(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  });

  auto train = data::make_data_loader(data::datasets::MNIST(folder).map(data::transforms::Stack<>()), 64);
  for (int epoch = 0; epoch < 5; ++epoch) {
    double total = 0;
    int batches = 0;
    for (auto &batch : *train) {
      total += step(batch.data, batch.target).item<float>();
      ++batches;
    }
    std::printf("epoch %d: loss %.4f\n", epoch + 1, total / batches);
  }

  NoGradGuard no_grad;
  auto test = data::make_data_loader(data::datasets::MNIST(folder, Mode::kTest).map(data::transforms::Stack<>()), 1000);
  int64_t correct = 0;
  for (auto &batch : *test)
    correct += net(batch.data).argmax(1).eq(batch.target).sum().item<int64_t>();
  std::printf("test accuracy %.4f\n", correct / 10000.0);
  example::save_onnx("mlp3", net, [](int64_t n) { return TensorList{rand({n, 1, 28, 28})}; });
}
