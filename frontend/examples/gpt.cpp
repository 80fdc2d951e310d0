// A character model of GPT's form (4 layers) on the licence texts of Debian's base-files: AdamW, warm-up, cosine decay.
#include "example.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace tenon;

struct Config {
  int64_t vocabulary, length = 128, width = 128, layers = 4, heads = 4;
};

struct BlockImpl : nn::Module {
  int64_t heads;
  nn::LayerNorm norm1, norm2;
  nn::Linear qkv, out, up, down;
  explicit BlockImpl(const Config &c)
      : heads(c.heads), norm1(std::vector<int64_t>{c.width}), norm2(std::vector<int64_t>{c.width}), qkv(c.width, 3 * c.width), out(c.width, c.width),
        up(c.width, 4 * c.width), down(4 * c.width, c.width) {
    register_module("norm1", norm1);
    register_module("qkv", qkv);
    register_module("out", out);
    register_module("norm2", norm2);
    register_module("up", up);
    register_module("down", down);
  }
  Tensor forward(Tensor x) {
    int64_t n = x.size(0), t = x.size(1), d = x.size(2);
    auto parts = qkv(norm1(x)).view({n, t, 3, heads, d / heads}).permute({2, 0, 3, 1, 4});
    auto y = F::scaled_dot_product_attention(parts[0], parts[1], parts[2], {}, 0, /*is_causal=*/true);
    x = x + out(y.transpose(1, 2).reshape({n, t, d}));
    return x + down(gelu(up(norm2(x)), "tanh"));
  }
};
TENON_MODULE(Block);

/// Tokens [N, T] to logits [N, T, vocabulary]. Positions are learned; the output layer's weight is the token table.
struct GptImpl : nn::Module {
  Config config;
  Tensor tokens, positions;
  nn::Sequential blocks;
  nn::LayerNorm norm;
  explicit GptImpl(const Config &c) : config(c), norm(std::vector<int64_t>{c.width}) {
    tokens = register_parameter("tokens", randn({c.vocabulary, c.width}) * 0.02);
    positions = register_parameter("positions", randn({c.length, c.width}) * 0.02);
    for (int64_t i = 0; i < c.layers; ++i)
      blocks->push_back(Block(c));
    register_module("blocks", blocks);
    register_module("norm", norm);
  }
  Tensor forward(Tensor x) {
    auto embedded = F::one_hot(x, config.vocabulary).to(tokens.scalar_type()).matmul(tokens);
    return F::linear(norm(blocks(embedded + positions.slice(0, 0, x.size(1)))), tokens);
  }
  Tensor loss(Tensor x, Tensor y) { return F::cross_entropy(forward(x).flatten(0, 1), y.flatten()); }
};
TENON_MODULE(Gpt);

/// The licences in alphabetical order as numbers of characters: the last tenth of every text is for validation.
struct Text {
  std::string characters; // sorted
  std::vector<int64_t> train, validation;
  Text() {
    std::vector<std::string> texts;
    std::vector<std::filesystem::path> files;
    for (auto &file : std::filesystem::directory_iterator("/usr/share/common-licenses"))
      if (file.is_regular_file() && !file.is_symlink())
        files.push_back(file.path());
    std::sort(files.begin(), files.end());
    std::string all;
    for (auto &path : files) {
      std::ifstream in(path, std::ios::binary);
      texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
      all += texts.back();
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    characters = all;
    for (auto &text : texts)
      for (size_t i = 0; i < text.size(); ++i)
        (i < text.size() - text.size() / 10 ? train : validation).push_back(int64_t(characters.find(text[i])));
  }
};

/// Starts of windows: a linear congruential generator (Knuth's MMIX), the same in every language.
struct Windows {
  uint64_t state = 1;
  size_t next(size_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return size_t((state >> 33) % below);
  }
  /// Batches of windows [n, t] and of what follows each of their characters.
  std::pair<Tensor, Tensor> batch(const std::vector<int64_t> &text, int64_t n, int64_t t) {
    std::vector<int64_t> x, y;
    for (int64_t i = 0; i < n; ++i) {
      auto at = text.begin() + std::ptrdiff_t(next(text.size() - size_t(t)));
      x.insert(x.end(), at, at + t);
      y.insert(y.end(), at + 1, at + 1 + t);
    }
    return {tensor(x).view({n, t}), tensor(y).view({n, t})};
  }
};

int main() {
  manual_seed(0);
  Text text;
  Config config{.vocabulary = int64_t(text.characters.size()), .length = example::steps(128, 32)};
  Gpt net(config);
  const int64_t steps = example::steps(1000, 12), warm_up = steps / 10;
  const double peak = 1e-3;
  optim::AdamW optimizer(net->parameters(), optim::AdamWOptions(peak).weight_decay(0.1));
  auto step = compile([&](Tensor x, Tensor y) {
    optimizer.zero_grad();
    auto loss = net->loss(x, y);
    loss.backward();
    optimizer.step();
    return loss;
  });
  Windows windows;
  double mean = 0;
  for (int64_t i = 0; i < steps; ++i) {
    // The rate is state of the optimizer: writing it changes nothing of the compiled step.
    double rate = i < warm_up ? double(i + 1) / double(warm_up) : 0.5 * (1 + std::cos(M_PI * double(i - warm_up) / double(steps - warm_up)));
    optimizer.param_groups()[0].options().set_lr(peak * rate);
    auto [x, y] = windows.batch(text.train, 16, config.length);
    auto loss = step(x, y);
    if ((i + 1) % 100 == 0)
      std::printf("step %ld: loss %.4f\n", long(i + 1), loss.item<float>()), std::fflush(stdout);
  }
  NoGradGuard no_grad;
  auto evaluate = compile([&](Tensor x, Tensor y) { return net->loss(x, y); });
  Windows held_out;
  const int64_t batches = example::steps(40, 4);
  for (int64_t i = 0; i < batches; ++i) {
    auto [x, y] = held_out.batch(text.validation, 16, config.length);
    mean += evaluate(x, y).item<float>() / double(batches);
  }
  std::printf("validation loss %.4f\n", mean);
  example::save_onnx("gpt", net, [&](int64_t n) { return TensorList{randint(config.vocabulary, {n, config.length})}; });
}
