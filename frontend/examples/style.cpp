// A style-modulated generator (after StyleGAN2, Karras et al., 2019): each convolution's weights are scaled per sample by the style and
// normalised again, which is one grouped convolution over the whole batch. It learns to draw discs of given colour, size and place.
#include "example.h"

#include <cmath>

using namespace tenon;

struct ModulatedConvImpl : nn::Module {
  Tensor weight;
  nn::Linear style;
  ModulatedConvImpl(int64_t in, int64_t out, int64_t kernel, int64_t code) : style(code, in) {
    weight = register_parameter("weight", randn({out, in, kernel, kernel}) / std::sqrt(double(in * kernel * kernel)));
    register_module("style", style);
  }
  /// x [N, in, H, W], w [N, code]: [N, out, H, W]
  Tensor forward(Tensor x, Tensor w) {
    int64_t n = x.size(0), in = weight.size(1), out = weight.size(0), k = weight.size(2);
    auto scaled = weight.unsqueeze(0) * (style(w) + 1).view({n, 1, in, 1, 1});
    auto normal = scaled * (scaled.pow(2).sum({2, 3, 4}, /*keepdim=*/true) + 1e-8).rsqrt();
    auto y = F::conv2d(x.reshape({1, n * in, x.size(2), x.size(3)}), normal.reshape({n * out, in, k, k}), F::Conv2dFuncOptions().padding(k / 2).groups(n));
    return y.view({n, out, x.size(2), x.size(3)});
  }
};
TENON_MODULE(ModulatedConv);

struct StyleGeneratorImpl : nn::Module {
  nn::Sequential mapping;
  Tensor constant;
  ModulatedConv conv1, conv2, conv3, colour;
  StyleGeneratorImpl(int64_t attributes, int64_t code, int64_t width)
      : mapping(nn::Linear(attributes, code), nn::SiLU(), nn::Linear(code, code), nn::SiLU()), conv1(width, width, 3, code), conv2(width, width, 3, code),
        conv3(width, width, 3, code), colour(width, 3, 1, code) {
    register_module("mapping", mapping);
    constant = register_parameter("constant", randn({1, width, 4, 4}));
    register_module("conv1", conv1);
    register_module("conv2", conv2);
    register_module("conv3", conv3);
    register_module("colour", colour);
  }
  /// [N, attributes]: images [N, 3, 16, 16]
  Tensor forward(Tensor attributes) {
    auto w = mapping->forward(attributes);
    auto twice = [](Tensor x) { return F::interpolate(x, F::InterpolateFuncOptions().scale_factor(std::vector<double>{2, 2}).mode(kBilinear).align_corners(false)); };
    auto x = silu(conv1(constant.expand({attributes.size(0), -1, -1, -1}), w));
    x = silu(conv2(twice(x), w));
    x = silu(conv3(twice(x), w));
    return sigmoid(colour(x, w));
  }
};
TENON_MODULE(StyleGenerator);

/// Discs [N, 3, 16, 16] of attributes [N, 6] in [0, 1]: colour, place, radius.
static Tensor draw(Tensor a) {
  int64_t n = a.size(0);
  auto at = arange(0, 16).to(kFloat) / 15;
  auto part = [&](int64_t i) { return a.select(1, i).view({n, 1, 1}); };
  auto distance = ((at.view({1, 16, 1}) - part(3)).pow(2) + (at.view({1, 1, 16}) - part(4)).pow(2)).sqrt();
  auto inside = sigmoid((part(5) * 0.3 + 0.1 - distance) * 20).unsqueeze(1);
  return inside * a.narrow(1, 0, 3).view({n, 3, 1, 1});
}

int main() {
  manual_seed(0);
  StyleGenerator net(6, 32, example::steps(32, 4));
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(2e-3));
  auto step = compile([&] {
    auto a = rand({32, 6});
    optimizer.zero_grad();
    auto loss = F::mse_loss(net(a), draw(a));
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int64_t i = 0; i < example::steps(1500, 5); ++i)
    if (auto loss = step(); i % 500 == 499)
      std::printf("step %lld: loss %.5f\n", (long long)i + 1, loss.item<float>());
  NoGradGuard no_grad;
  auto a = rand({200, 6});
  std::printf("test error %.5f\n", F::mse_loss(net(a), draw(a)).item<float>());
  example::save_onnx("style", net, [](int64_t n) { return TensorList{rand({n, 6})}; });
}
