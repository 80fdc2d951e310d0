// 784-128-10 with SGD on Fashion-MNIST, define-by-run: five epochs, then the accuracy on the test images.
#include "example.h"

using namespace tenon;
namespace F = nn::functional;

struct NetImpl : nn::Module {
  nn::Linear fc1{784, 128}, fc2{128, 10};
  NetImpl() {
    register_module("fc1", fc1);
    register_module("fc2", fc2);
  }
  Tensor forward(Tensor x) { return fc2(relu(fc1(x.flatten(1)))); }
};
TENON_MODULE(Net);

int main(int argc, char **argv) {
  const char *folder = argc > 1 ? argv[1] : "/usr/share/datasets/fashion-mnist";
  using Mode = data::datasets::MNIST::Mode;
  manual_seed(1);
  Net net;
  optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.1));
  // Without the last 32 images: every step has one shape, and no epoch ends on a noisier one.
  auto train = data::make_data_loader(data::datasets::MNIST(folder).map(data::transforms::Stack<>()),
                                      data::DataLoaderOptions(64).drop_last(true));
  for (int epoch = 0; epoch < 5; ++epoch) {
    double total = 0;
    int batches = 0;
    for (auto &batch : *train) {
      optimizer.zero_grad();
      auto loss = F::cross_entropy(net(batch.data), batch.target);
      loss.backward();
      optimizer.step();
      total += loss.item<float>();
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
  example::save_onnx("mlp", net, [](int64_t n) { return TensorList{rand({n, 1, 28, 28})}; });
}
