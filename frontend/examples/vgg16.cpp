// VGG16 (Simonyan and Zisserman, 2014) on 32x32 images: SGD with momentum 0.9, weight decay 5e-4, StepLR(7, 0.1). The images are
// Fashion-MNIST's, padded to 32x32 and repeated in three channels.
#include "example.h"

using namespace tenon;

struct Vgg16Impl : nn::Module {
  nn::Sequential features, classifier;
  /// `width` channels in the first block; 64 is VGG16.
  explicit Vgg16Impl(int64_t width = 64, double dropout = 0.5) {
    int64_t in = 3;
    for (auto [channels, layers] : {std::pair{width, 2}, {2 * width, 2}, {4 * width, 3}, {8 * width, 3}, {8 * width, 3}}) {
      for (int i = 0; i < layers; ++i) {
        features->push_back(nn::Conv2d(nn::Conv2dOptions(in, channels, 3).padding(1)));
        features->push_back(nn::BatchNorm2d(channels));
        features->push_back(nn::ReLU());
        in = channels;
      }
      features->push_back(nn::MaxPool2d(2));
    }
    classifier = nn::Sequential(nn::Dropout(dropout), nn::Linear(in, 10));
    register_module("features", features);
    register_module("classifier", classifier);
  }
  Tensor forward(Tensor x) { return classifier->forward(features->forward(x).flatten(1)); }
};
TENON_MODULE(Vgg16);

/// [N, 1, 28, 28] as [N, 3, 32, 32].
static Tensor as_colour(Tensor x) { return F::pad(x, F::PadFuncOptions({2, 2, 2, 2})).expand({x.size(0), 3, 32, 32}); }

int main() {
  manual_seed(0);
  Vgg16 net(example::steps(64, 4));
  optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.01).momentum(0.9).weight_decay(5e-4));
  optim::StepLR scheduler(optimizer, 7, 0.1);
  auto step = compile([&](Tensor x, Tensor y) {
    optimizer.zero_grad();
    auto loss = F::cross_entropy(net(as_colour(x)), y);
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int epoch = 0; epoch < example::steps(2, 1); ++epoch) {
    example::train(step, 1, 128);
    scheduler.step();
  }
  net->eval();
  std::printf("test accuracy %.4f\n", example::accuracy([&](Tensor x) { return net(as_colour(x)); }));
  example::save_onnx("vgg16", [&](Tensor x) { return net(as_colour(x)); }, [](int64_t n) { return TensorList{rand({n, 1, 28, 28})}; });
}
