// A convolutional network 1-32-64 with pooling, 3136-128-10, Adam at a rate that halves by epoch, three epochs of Fashion-MNIST.
#include "example.h"

using namespace tenon;

struct CnnImpl : nn::Module {
  nn::Conv2d conv1, conv2;
  nn::Linear fc1, fc2;
  explicit CnnImpl(int64_t width = 32, int64_t side = 28)
      : conv1(nn::Conv2dOptions(1, width, 3).padding(1)), conv2(nn::Conv2dOptions(width, 2 * width, 3).padding(1)),
        fc1(2 * width * (side / 4) * (side / 4), 4 * width), fc2(4 * width, 10) {
    register_module("conv1", conv1);
    register_module("conv2", conv2);
    register_module("fc1", fc1);
    register_module("fc2", fc2);
  }
  Tensor forward(Tensor x) {
    x = max_pool2d(relu(conv1(x)), 2);
    x = max_pool2d(relu(conv2(x)), 2);
    return fc2(relu(fc1(x.flatten(1))));
  }
};
TENON_MODULE(Cnn);

int main() {
  manual_seed(0);
  Cnn net;
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(2e-3));
  optim::StepLR scheduler(optimizer, /*step_size=*/1, /*gamma=*/0.5);
  auto step = compile([&](Tensor x, Tensor y) {
    optimizer.zero_grad();
    auto loss = F::cross_entropy(net(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int epoch = 0; epoch < (example::small() ? 1 : 3); ++epoch) {
    example::train(step, 1);
    scheduler.step();
  }
  std::printf("test accuracy %.4f\n", example::accuracy(net));
  example::save_onnx("cnn", net, [](int64_t n) { return TensorList{rand({n, 1, 28, 28})}; });
}
