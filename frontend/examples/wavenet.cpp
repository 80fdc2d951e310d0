// WaveNet (van den Oord et al., 2016): gated causal convolutions of growing dilation, residual and skip connections; it predicts the next
// of 64 levels of a sum of two sines. Its result is the mean error of the predicted level.
#include "example.h"

#include <cmath>

using namespace tenon;

struct WaveBlockImpl : nn::Module {
  nn::Conv1d filter, gate, residual, skip;
  int64_t past;
  WaveBlockImpl(int64_t width, int64_t dilation)
      : filter(nn::Conv1dOptions(width, width, 2).dilation(dilation)), gate(nn::Conv1dOptions(width, width, 2).dilation(dilation)), residual(width, width, 1),
        skip(width, width, 1), past(dilation) {
    register_module("filter", filter);
    register_module("gate", gate);
    register_module("residual", residual);
    register_module("skip", skip);
  }
  /// [N, width, T]: what goes on, and what is skipped to the end
  std::pair<Tensor, Tensor> forward(Tensor x) {
    auto padded = F::pad(x, F::PadFuncOptions({past, 0}));
    auto h = tanh(filter(padded)) * sigmoid(gate(padded));
    return {x + residual(h), skip(h)};
  }
};
TENON_MODULE(WaveBlock);

struct WaveNetImpl : nn::Module {
  nn::Conv1d input, hidden, output;
  std::vector<WaveBlock> blocks;
  WaveNetImpl(int64_t levels, int64_t width, int64_t depth) : input(levels, width, 1), hidden(width, width, 1), output(width, levels, 1) {
    register_module("input", input);
    for (int64_t i = 0; i < depth; ++i)
      blocks.push_back(register_module("block" + std::to_string(i), WaveBlock(width, int64_t(1) << i)));
    register_module("hidden", hidden);
    register_module("output", output);
  }
  /// levels one-hot [N, levels, T]: logits [N, levels, T] of the next level
  Tensor forward(Tensor x) {
    x = input(x);
    Tensor total;
    for (auto &block : blocks) {
      auto [next, skipped] = block->forward(x);
      x = next;
      total = total.defined() ? total + skipped : skipped;
    }
    return output(relu(hidden(relu(total))));
  }
};
TENON_MODULE(WaveNet);

constexpr int64_t levels = 64;

/// Levels [N, T] of sums of two sines.
static Tensor record_waves(int64_t n, int64_t t) {
  auto time = arange(0, t).to(kFloat).view({1, t});
  auto sine = [&] { return (time * (rand({n, 1}) * 0.3 + 0.05) + rand({n, 1}) * (2 * M_PI)).sin(); };
  return ((sine() + sine() + 2) * (levels / 4.0)).floor().clamp(0, levels - 1).to(kLong);
}

int main() {
  manual_seed(0);
  constexpr int64_t length = 128;
  WaveNet net(levels, example::steps(32, 4), 6);
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(2e-3));
  auto logits = [&](Tensor wave) { return net(F::one_hot(wave.narrow(1, 0, length - 1), levels).to(kFloat).transpose(1, 2)).transpose(1, 2); };
  auto step = compile([&](Tensor wave) {
    optimizer.zero_grad();
    auto loss = F::cross_entropy(logits(wave).flatten(0, 1), wave.narrow(1, 1, length - 1).flatten());
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int64_t i = 0; i < example::steps(1000, 3); ++i)
    if (auto loss = step(record_waves(16, length)); i % 200 == 199)
      std::printf("step %lld: loss %.4f\n", (long long)i + 1, loss.item<float>());
  NoGradGuard no_grad;
  auto wave = record_waves(64, length);
  auto error = (logits(wave).argmax(2) - wave.narrow(1, 1, length - 1)).to(kFloat).abs();
  std::printf("mean error of the level %.3f of %lld\n", error.mean().item<float>(), (long long)levels);
  example::save_onnx("wavenet", logits, [](int64_t n) { return TensorList{record_waves(n, length)}; });
}
