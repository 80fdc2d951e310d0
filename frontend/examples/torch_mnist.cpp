// A LibTorch program in which only this include differs: there it says <torch/torch.h>.
#include <tenon/torch.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

struct Net : torch::nn::Module {
  Net() {
    fc1 = register_module("fc1", torch::nn::Linear(784, 64));
    fc2 = register_module("fc2", torch::nn::Linear(64, 32));
    fc3 = register_module("fc3", torch::nn::Linear(32, 10));
  }
  torch::Tensor forward(torch::Tensor x) {
    x = torch::relu(fc1->forward(x.reshape({x.size(0), 784})));
    x = torch::relu(fc2->forward(x));
    return fc3->forward(x);
  }
  torch::nn::Linear fc1{nullptr}, fc2{nullptr}, fc3{nullptr};
};

int main(int argc, char **argv) {
  std::string folder = argc > 1 ? argv[1] : "/usr/share/datasets/fashion-mnist";
  torch::manual_seed(1);
  auto net = std::make_shared<Net>();
  auto train = torch::data::make_data_loader(
      torch::data::datasets::MNIST(folder).map(torch::data::transforms::Normalize<>(0.5, 0.5)).map(torch::data::transforms::Stack<>()),
      /*batch_size=*/64);
  torch::optim::SGD optimizer(net->parameters(), torch::optim::SGDOptions(0.01).momentum(0.9));
  for (size_t epoch = 1; epoch <= 3; ++epoch) {
    size_t batch_index = 0;
    for (auto &batch : *train) {
      optimizer.zero_grad();
      torch::Tensor loss = torch::nn::functional::cross_entropy(net->forward(batch.data), batch.target);
      loss.backward();
      optimizer.step();
      if (++batch_index % 300 == 0)
        std::cout << "epoch " << epoch << ", batch " << batch_index << ": loss " << loss.item<float>() << std::endl;
    }
  }

  net->eval();
  torch::NoGradGuard no_grad;
  auto test = torch::data::make_data_loader<torch::data::samplers::SequentialSampler>(
      torch::data::datasets::MNIST(folder, torch::data::datasets::MNIST::Mode::kTest)
          .map(torch::data::transforms::Normalize<>(0.5, 0.5))
          .map(torch::data::transforms::Stack<>()),
      torch::data::DataLoaderOptions().batch_size(1000));
  int64_t correct = 0;
  for (auto &batch : *test)
    correct += net->forward(batch.data).argmax(1).eq(batch.target).sum().item<int64_t>();
  std::printf("test accuracy %.4f\n", static_cast<double>(correct) / 10000.0);
}
