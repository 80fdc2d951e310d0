// Sequence to sequence with attention (Bahdanau et al., 2014): a GRU reads digits, a second one writes them in reverse, looking back at
// the first one's states. The task is made here; the best possible accuracy is 1.
#include "example.h"

using namespace tenon;

struct Seq2SeqImpl : nn::Module {
  nn::Embedding source, target;
  nn::GRU encoder;
  nn::GRUCell decoder;
  nn::Linear query, key, score, out;
  Seq2SeqImpl(int64_t symbols, int64_t size)
      : source(symbols, size), target(symbols + 1, size), encoder(nn::GRUOptions(size, size).batch_first(true)), decoder(2 * size, size), query(size, size),
        key(size, size), score(size, 1), out(2 * size, symbols) {
    register_module("source", source);
    register_module("target", target);
    register_module("encoder", encoder);
    register_module("decoder", decoder);
    register_module("query", query);
    register_module("key", key);
    register_module("score", score);
    register_module("out", out);
  }
  /// source symbols [N, S] and the target's previous symbols [N, T] (0 is the start): logits [N, T, symbols]
  Tensor forward(Tensor x, Tensor previous) {
    auto [states, last] = encoder(source(x));
    auto keys = key(states);
    auto write = [&, states = states](const TensorList &carry, const TensorList &in) {
      auto weights = score(tanh(keys + query(carry[0]).unsqueeze(1))).softmax(1);   // [N, S, 1]
      auto context = (weights * states).sum(1);
      auto h = decoder(cat({in[0], context}, 1), carry[0]);
      return std::pair{TensorList{h}, TensorList{out(cat({h, context}, 1))}};
    };
    auto [carry, logits] = scan(write, {last.select(0, 0)}, {target(previous).transpose(0, 1)});
    return logits[0].transpose(0, 1);
  }
};
TENON_MODULE(Seq2Seq);

int main() {
  manual_seed(0);
  constexpr int64_t symbols = 10, length = 8, batch = 64;
  Seq2Seq net(symbols, 64);
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(2e-3));
  auto shifted = [](Tensor y) { return cat({zeros({y.size(0), 1}, kLong), y.narrow(1, 0, y.size(1) - 1) + 1}, 1); };
  auto step = compile([&](Tensor x) {
    auto y = x.flip({1});
    optimizer.zero_grad();
    auto loss = F::cross_entropy(net(x, shifted(y)).flatten(0, 1), y.flatten());
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (int64_t i = 0; i < example::steps(1500, 5); ++i)
    if (auto loss = step(randint(symbols, {batch, length})); i % 250 == 249)
      std::printf("step %lld: loss %.4f\n", (long long)i + 1, loss.item<float>());

  // Written one symbol after the other, each from those before.
  NoGradGuard no_grad;
  auto x = randint(symbols, {500, length}), y = x.flip({1}), written = zeros({500, length}, kLong);
  for (int64_t t = 0; t < length; ++t)
    written.select(1, t).copy_(net(x, shifted(written)).select(1, t).argmax(1));
  std::printf("sequence accuracy %.4f\n", written.eq(y).to(kFloat).amin(1).mean().item<float>());
  example::save_onnx("seq2seq", net, [](int64_t n) { return TensorList{randint(symbols, {n, length}), randint(symbols + 1, {n, length})}; });
}
