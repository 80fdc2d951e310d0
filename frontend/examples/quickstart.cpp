// From a C++ program to an artifact: trains on Fashion-MNIST with a compiled step, then saves step, evaluation and
// prediction as one shared library, from which quickstart.c trains on.
#include "example.h"

#include <string>

using namespace tenon;
namespace F = nn::functional;

struct NetImpl : nn::Module {
  nn::Linear fc1{784, 128}, fc2{128, 10};
  NetImpl() {
    register_module("fc1", fc1);
    register_module("fc2", fc2);
  }
  Tensor forward(Tensor x) { return fc2(relu(fc1(x))); }
};
TENON_MODULE(Net);

int main(int argc, char **argv) {
  std::string folder = argc > 1 ? argv[1] : "/usr/share/datasets/fashion-mnist", artifact = argc > 2 ? argv[2] : "mlp.so";
  using Mode = data::datasets::MNIST::Mode;
  manual_seed(0);
  Net net;
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(1e-3));

  auto train_step = compile([&](Tensor x, Tensor y) {
    optimizer.zero_grad();
    auto loss = F::cross_entropy(net(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  });
  auto evaluate = compile([&](Tensor x, Tensor y) {
    NoGradGuard no_grad;
    return net(x).argmax(1).eq(y).sum();
  });
  auto predict = compile([&](Tensor x) {
    NoGradGuard no_grad;
    return softmax(net(x), 1);
  });

  auto train = data::make_data_loader(data::datasets::MNIST(folder).map(data::transforms::Stack<>()), 64);
  for (int epoch = 0; epoch < 3; ++epoch) {
    double total = 0;
    int batches = 0;
    for (auto &batch : *train) { // the last batch has 32 images: a second variant of the step, which the artifact keeps
      total += train_step(batch.data.flatten(1), batch.target).item<float>();
      ++batches;
    }
    std::printf("epoch %d: loss %.4f\n", epoch + 1, total / batches);
  }

  auto test = data::make_data_loader(data::datasets::MNIST(folder, Mode::kTest).map(data::transforms::Stack<>()), 1000);
  int64_t correct = 0;
  for (auto &batch : *test)
    correct += evaluate(batch.data.flatten(1), batch.target).item<int64_t>();
  predict(zeros({1, 784})); // a shape is captured by calling with it

  save_artifact(artifact, {{"train_step", train_step}, {"evaluate", evaluate}, {"predict", predict}});
  std::printf("saved %s\n", artifact.c_str());
  std::printf("test accuracy %.4f\n", correct / 10000.0);
  example::save_onnx("quickstart", predict, [](int64_t n) { return TensorList{rand({n, 784})}; });
}
