// A speech network: convolutions, a bidirectional GRU, connectionist temporal classification (Graves et al., 2006). The speech is made
// here: each of 8 phonemes is a spectrum of 20 bands that lasts 3 to 6 frames, with noise, and the alignment is not told.
#include "example.h"

using namespace tenon;

struct SpeechImpl : nn::Module {
  nn::Sequential features;
  nn::GRU rnn;
  nn::Linear out;
  SpeechImpl(int64_t bands, int64_t phonemes, int64_t width)
      : features(nn::Conv1d(nn::Conv1dOptions(bands, width, 5).padding(2)), nn::ReLU(), nn::Conv1d(nn::Conv1dOptions(width, width, 3).stride(2).padding(1)), nn::ReLU()),
        rnn(nn::GRUOptions(width, width).bidirectional(true)), out(2 * width, phonemes + 1) {
    register_module("features", features);
    register_module("rnn", rnn);
    register_module("out", out);
  }
  /// [N, bands, T]: log probabilities [T / 2, N, phonemes + 1] of the blank (0) and the phonemes
  Tensor forward(Tensor x) { return out(std::get<0>(rnn(features->forward(x).permute({2, 0, 1})))).log_softmax(2); }
};
TENON_MODULE(Speech);

constexpr int64_t bands = 20, phonemes = 8, spoken = 6, frames = 40;

/// Sound [N, bands, frames] of phonemes [N, spoken], 1 to 8; durations [N, spoken] in frames.
static Tensor say(Tensor spectra, Tensor text, Tensor durations, Tensor noise) {
  auto end = durations.cumsum(1), begin = end - durations, time = arange(0, frames).view({1, 1, frames});
  auto sounding = time.ge(begin.unsqueeze(2)).logical_and(time.lt(end.unsqueeze(2))).to(kFloat); // [N, spoken, frames]
  auto spectrum = F::one_hot(text - 1, phonemes).to(kFloat).matmul(spectra);                     // [N, spoken, bands]
  return spectrum.transpose(1, 2).matmul(sounding) + 0.3 * noise;
}

int main() {
  manual_seed(0);
  auto spectra = randn({phonemes, bands});
  Speech net(bands, phonemes, example::steps(48, 8));
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(2e-3));
  constexpr int64_t batch = 32;
  auto lengths = [](int64_t n, int64_t value) { return full({n}, value, kLong); };
  auto step = compile([&](Tensor x, Tensor text) {
    optimizer.zero_grad();
    auto loss = F::ctc_loss(net(x), text, lengths(x.size(0), frames / 2), lengths(x.size(0), spoken));
    loss.backward();
    optimizer.step();
    return loss;
  });
  auto hear = [&](int64_t n) {
    auto text = randint(1, phonemes + 1, {n, spoken});
    return std::pair{say(spectra, text, randint(3, 7, {n, spoken}), randn({n, bands, frames})), text};
  };
  for (int64_t i = 0; i < example::steps(600, 3); ++i) {
    auto [x, text] = hear(batch);
    if (auto loss = step(x, text); i % 100 == 99)
      std::printf("step %lld: loss %.4f\n", (long long)i + 1, loss.item<float>());
  }

  // The best path: the most probable symbol of every frame, repetitions and blanks removed.
  NoGradGuard no_grad;
  auto [x, text] = hear(200);
  auto path = net(x).argmax(2).transpose(0, 1).contiguous();
  auto heard = path.accessor<int64_t, 2>(), said = text.accessor<int64_t, 2>();
  int right = 0;
  for (int64_t n = 0; n < 200; ++n) {
    std::vector<int64_t> symbols, wanted(&said[n][0], &said[n][0] + spoken);
    for (int64_t t = 0, last = 0; t < frames / 2; last = heard[n][t++])
      if (heard[n][t] != 0 && heard[n][t] != last)
        symbols.push_back(heard[n][t]);
    right += symbols == wanted;
  }
  std::printf("sequences right %.3f\n", right / 200.0);
  example::save_onnx("speech_ctc", net, [](int64_t n) { return TensorList{randn({n, bands, frames})}; });
}
