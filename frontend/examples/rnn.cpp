// nn::RNN (batch first) and a linear layer with a mean squared error: the next value of a sine wave of unknown frequency and phase.
#include "example.h"

#include <cmath>

using namespace tenon;

struct SineRnnImpl : nn::Module {
  nn::RNN rnn;
  nn::Linear fc;
  explicit SineRnnImpl(int64_t hidden = 32) : rnn(nn::RNNOptions(1, hidden).batch_first(true)), fc(hidden, 1) {
    register_module("rnn", rnn);
    register_module("fc", fc);
  }
  /// [N, T, 1]: the prediction after every step, [N, T, 1]
  Tensor forward(Tensor x) { return fc(std::get<0>(rnn(x))); }
};
TENON_MODULE(SineRnn);

/// N waves of T + 1 values, [N, T + 1, 1].
static Tensor waves(int64_t n, int64_t t) {
  auto frequency = rand({n, 1}) * 0.4 + 0.1, phase = rand({n, 1}) * (2 * M_PI);
  return (arange(0, t + 1).to(kFloat).view({1, t + 1}) * frequency + phase).sin().unsqueeze(2);
}

int main() {
  manual_seed(0);
  constexpr int64_t length = 40;
  SineRnn net;
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(3e-3));
  auto step = compile([&](Tensor wave) {
    optimizer.zero_grad();
    auto loss = F::mse_loss(net(wave.narrow(1, 0, length)), wave.narrow(1, 1, length));
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int64_t i = 0; i < example::steps(2000, 10); ++i)
    if (auto loss = step(waves(64, length)); i % 500 == 499)
      std::printf("step %lld: loss %.5f\n", (long long)i + 1, loss.item<float>());
  NoGradGuard no_grad;
  auto wave = waves(500, length);
  auto error = (net(wave.narrow(1, 0, length)) - wave.narrow(1, 1, length)).select(1, length - 1);
  std::printf("error of the last prediction %.5f\n", error.pow(2).mean().sqrt().item<float>());
  example::save_onnx("rnn", net, [](int64_t n) { return TensorList{waves(n, length - 1)}; });
}
