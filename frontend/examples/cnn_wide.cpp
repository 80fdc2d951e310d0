// A convolutional network 1-32-32 without pooling, 25088-128-10, Adam.
#include "example.h"

using namespace tenon;

struct CnnWideImpl : nn::Module {
  nn::Conv2d conv1, conv2;
  nn::Linear fc1, fc2;
  explicit CnnWideImpl(int64_t width = 32, int64_t side = 28)
      : conv1(nn::Conv2dOptions(1, width, 3).padding(1)), conv2(nn::Conv2dOptions(width, width, 3).padding(1)), fc1(width * side * side, 128), fc2(128, 10) {
    register_module("conv1", conv1);
    register_module("conv2", conv2);
    register_module("fc1", fc1);
    register_module("fc2", fc2);
  }
  Tensor forward(Tensor x) { return fc2(relu(fc1(relu(conv2(relu(conv1(x)))).flatten(1)))); }
};
TENON_MODULE(CnnWide);

int main() {
  manual_seed(0);
  CnnWide net;
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(1e-3));
  auto step = compile([&](Tensor x, Tensor y) {
    optimizer.zero_grad();
    auto loss = F::cross_entropy(net(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  });
  example::train(step, 2);
  std::printf("test accuracy %.4f\n", example::accuracy(net));
  example::save_onnx("cnn_wide", net, [](int64_t n) { return TensorList{rand({n, 1, 28, 28})}; });
}
