// Convolutional networks: the peers' CNN, CNNWide, VGG11 and ResNet-18 (the latter two as for CIFAR-10).
#include "../models.h"

using namespace tenon;

static nn::Conv2d conv3x3(int64_t in, int64_t out) { return nn::Conv2d(nn::Conv2dOptions(in, out, 3).padding(1)); }

static Training cnn() {
  nn::Sequential net(conv3x3(1, 32), nn::ReLU(), nn::MaxPool2d(2), conv3x3(32, 64), nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(), nn::Linear(64 * 49, 128), nn::ReLU(),
                     nn::Linear(128, 10));
  return training(net, optim::SGD(net->parameters(), optim::SGDOptions(0.01)), cross_entropy, randn({64, 1, 28, 28}), randint(10, {64}));
}

static Training cnn_wide() {
  nn::Sequential net(conv3x3(1, 32), nn::ReLU(), conv3x3(32, 32), nn::ReLU(), nn::Flatten(), nn::Linear(32 * 784, 128), nn::ReLU(), nn::Linear(128, 10));
  return training(net, optim::Adam(net->parameters(), optim::AdamOptions(1e-3)), cross_entropy, randn({64, 1, 28, 28}), randint(10, {64}));
}

static optim::SGD momentum(const TensorList &parameters) { return optim::SGD(parameters, optim::SGDOptions(0.01).momentum(0.9).weight_decay(5e-4)); }

static Training vgg11() {
  nn::Sequential net;
  int64_t channels = 3;
  for (int64_t width : {64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0}) { // 0: a pool
    if (width == 0) {
      net->push_back(nn::MaxPool2d(2));
      continue;
    }
    net->push_back(conv3x3(channels, width));
    net->push_back(nn::ReLU());
    channels = width;
  }
  net->push_back(nn::Flatten());
  net->push_back(nn::Dropout(0.5));
  net->push_back(nn::Linear(512, 10));
  return training(net, momentum(net->parameters()), cross_entropy, randn({32, 3, 32, 32}), randint(10, {32}));
}

namespace {

nn::Conv2d plain(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

struct BasicBlockImpl : nn::Module {
  nn::Conv2d a, b;
  nn::BatchNorm2d an, bn;
  nn::Sequential shortcut;
  BasicBlockImpl(int64_t in, int64_t out, int64_t stride) : a(plain(in, out, 3, stride)), b(plain(out, out, 3, 1)), an(out), bn(out) {
    register_module("a", a), register_module("an", an), register_module("b", b), register_module("bn", bn);
    if (in != out || stride != 1) {
      shortcut = nn::Sequential(plain(in, out, 1, stride), nn::BatchNorm2d(out));
      register_module("short", shortcut);
    }
  }
  Tensor forward(const Tensor &x) {
    Tensor y = bn(b(relu(an(a(x)))));
    return relu(y + (shortcut->is_empty() ? x : shortcut(x)));
  }
};
TENON_MODULE(BasicBlock);

struct ResNet18Impl : nn::Module {
  nn::Sequential stem{plain(3, 64, 3, 1), nn::BatchNorm2d(64), nn::ReLU()}, body;
  nn::Linear fc{512, 10};
  ResNet18Impl() {
    int64_t in = 64;
    for (auto [out, stride] : {std::pair(64, 1), std::pair(128, 2), std::pair(256, 2), std::pair(512, 2)}) {
      body->push_back(BasicBlock(in, out, stride));
      body->push_back(BasicBlock(out, out, 1));
      in = out;
    }
    register_module("stem", stem), register_module("body", body), register_module("fc", fc);
  }
  Tensor forward(const Tensor &x) { return fc(body(stem(x)).mean({2, 3})); }
};
TENON_MODULE(ResNet18);

} // namespace

static Training resnet18() {
  ResNet18 net;
  return training(net, momentum(net->parameters()), cross_entropy, randn({16, 3, 32, 32}), randint(10, {16}));
}

static Register registered[] = {{"cnn_b64", cnn}, {"cnnwide_b64_adam", cnn_wide}, {"vgg11_b32", vgg11}, {"resnet18_b16", resnet18}};
