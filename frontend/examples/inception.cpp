// A small Inception network (Szegedy et al., 2014): branches of 1x1, 3x3, 5x5 and pooling, concatenated, on Fashion-MNIST.
#include "example.h"

using namespace tenon;

/// Appends convolution, normalisation and relu.
static void add_conv(nn::Sequential &to, int64_t in, int64_t out, int64_t kernel) {
  to->push_back(nn::Conv2d(nn::Conv2dOptions(in, out, kernel).padding(kernel / 2).bias(false)));
  to->push_back(nn::BatchNorm2d(out));
  to->push_back(nn::ReLU());
}

struct InceptionBlockImpl : nn::Module {
  nn::Sequential one, three, five, pool;
  /// 4 x `width` channels out.
  InceptionBlockImpl(int64_t in, int64_t width) {
    add_conv(one, in, width, 1);
    add_conv(three, in, width, 1);
    add_conv(three, width, width, 3);
    add_conv(five, in, width, 1);
    add_conv(five, width, width, 5);
    add_conv(pool, in, width, 1);
    register_module("one", one);
    register_module("three", three);
    register_module("five", five);
    register_module("pool", pool);
  }
  Tensor forward(Tensor x) {
    auto pooled = F::max_pool2d(x, F::MaxPool2dFuncOptions(3).stride(1).padding(1));
    return cat({one->forward(x), three->forward(x), five->forward(x), pool->forward(pooled)}, 1);
  }
};
TENON_MODULE(InceptionBlock);

struct InceptionImpl : nn::Module {
  nn::Sequential stem, blocks;
  nn::Linear fc;
  explicit InceptionImpl(int64_t width = 16) : fc(8 * width, 10) {
    add_conv(stem, 1, width, 3);
    blocks->push_back(InceptionBlock(width, width));
    blocks->push_back(nn::MaxPool2d(2));
    blocks->push_back(InceptionBlock(4 * width, 2 * width));
    blocks->push_back(nn::MaxPool2d(2));
    blocks->push_back(InceptionBlock(8 * width, 2 * width));
    register_module("stem", stem);
    register_module("blocks", blocks);
    register_module("fc", fc);
  }
  Tensor forward(Tensor x) { return fc(F::adaptive_avg_pool2d(blocks->forward(stem->forward(x)), F::AdaptiveAvgPool2dFuncOptions(1)).flatten(1)); }
};
TENON_MODULE(Inception);

int main() {
  manual_seed(0);
  Inception net(example::steps(16, 2));
  optim::AdamW optimizer(net->parameters(), optim::AdamWOptions(2e-3).weight_decay(1e-2));
  auto step = compile([&](Tensor x, Tensor y) {
    optimizer.zero_grad();
    auto loss = F::cross_entropy(net(x), y, F::CrossEntropyFuncOptions().label_smoothing(0.1));
    loss.backward();
    optimizer.step();
    return loss;
  });
  example::train(step, 3, 128);
  net->eval();
  std::printf("test accuracy %.4f\n", example::accuracy(net));
  example::save_onnx("inception", net, [](int64_t n) { return TensorList{rand({n, 1, 28, 28})}; });
}
