// ResNet-18 (He et al., 2015) in its form for 32x32 images, SGD with momentum and a cosine schedule, on Fashion-MNIST.
#include "example.h"

using namespace tenon;

struct BasicBlockImpl : nn::Module {
  nn::Conv2d conv1, conv2;
  nn::BatchNorm2d bn1, bn2;
  nn::Sequential shortcut;
  BasicBlockImpl(int64_t in, int64_t out, int64_t stride)
      : conv1(nn::Conv2dOptions(in, out, 3).stride(stride).padding(1).bias(false)), conv2(nn::Conv2dOptions(out, out, 3).padding(1).bias(false)), bn1(out), bn2(out) {
    register_module("conv1", conv1);
    register_module("bn1", bn1);
    register_module("conv2", conv2);
    register_module("bn2", bn2);
    if (stride != 1 || in != out) {
      shortcut->push_back(nn::Conv2d(nn::Conv2dOptions(in, out, 1).stride(stride).bias(false)));
      shortcut->push_back(nn::BatchNorm2d(out));
    }
    register_module("shortcut", shortcut);
  }
  Tensor forward(Tensor x) {
    auto y = bn2(conv2(relu(bn1(conv1(x)))));
    return relu(y + (shortcut->is_empty() ? x : shortcut->forward(x)));
  }
};
TENON_MODULE(BasicBlock);

struct ResNet18Impl : nn::Module {
  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Sequential layers;
  nn::Linear fc;
  explicit ResNet18Impl(int64_t width = 64, int64_t channels = 1)
      : conv1(nn::Conv2dOptions(channels, width, 3).padding(1).bias(false)), bn1(width), fc(8 * width, 10) {
    int64_t in = width;
    for (int64_t k : {1, 2, 4, 8}) {
      layers->push_back(BasicBlock(in, k * width, k == 1 ? 1 : 2));
      layers->push_back(BasicBlock(k * width, k * width, 1));
      in = k * width;
    }
    register_module("conv1", conv1);
    register_module("bn1", bn1);
    register_module("layers", layers);
    register_module("fc", fc);
  }
  Tensor forward(Tensor x) { return fc(layers->forward(relu(bn1(conv1(x)))).mean({2, 3})); }
};
TENON_MODULE(ResNet18);

int main() {
  manual_seed(0);
  ResNet18 net(example::steps(64, 4));
  optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.05).momentum(0.9).weight_decay(5e-4).nesterov(true));
  optim::CosineAnnealingLR scheduler(optimizer, 2);
  auto step = compile([&](Tensor x, Tensor y) {
    optimizer.zero_grad();
    auto loss = F::cross_entropy(net(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int epoch = 0; epoch < example::steps(2, 1); ++epoch) {
    example::train(step, 1, 128);
    scheduler.step();
  }
  net->eval();
  std::printf("test accuracy %.4f\n", example::accuracy(net));
  example::save_onnx("resnet18", net, [](int64_t n) { return TensorList{rand({n, 1, 28, 28})}; });
}
