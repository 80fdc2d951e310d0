// A sequence-to-sequence Transformer learns to sort digits: encoder and decoder, teacher forcing, greedy decoding.
#include "example.h"

#include <cmath>

using namespace tenon;

constexpr int64_t digits = 10, start = 10, vocabulary = 11, length = 8;

/// Sines and cosines of the positions, [length, width], computed in float64.
Tensor positions(int64_t length, int64_t width) {
  auto at = arange(length).to(kDouble).unsqueeze(1);
  auto rate = (arange(width / 2).to(kDouble) * (-2 * std::log(10000.0) / double(width))).exp();
  return cat({(at * rate).sin(), (at * rate).cos()}, 1).to(kFloat);
}

struct SorterImpl : nn::Module {
  int64_t width = 64;
  Tensor table, places;
  nn::Transformer transformer{nn::TransformerOptions(64, 4, 2, 2).dim_feedforward(128).dropout(0).batch_first(true).norm_first(true)};
  nn::Linear head{64, digits};
  SorterImpl() {
    table = register_parameter("table", randn({vocabulary, width}));
    places = register_buffer("places", positions(length, width));
    register_module("transformer", transformer);
    register_module("head", head);
  }
  Tensor embed(Tensor x) { return F::one_hot(x, vocabulary).to(table.scalar_type()).matmul(table) + places; }
  /// Digits [N, T] and what was decoded so far, [N, T] behind a start mark: the logits of every next digit.
  Tensor forward(Tensor source, Tensor so_far) {
    auto mask = nn::TransformerImpl::generate_square_subsequent_mask(length).to(table.scalar_type());
    return head(transformer->forward(embed(source), embed(so_far), {}, mask));
  }
};
TENON_MODULE(Sorter);

/// Every digit by how many are smaller, or equal and before it: [N, T] sorted.
Tensor sorted(Tensor x) {
  auto a = x.unsqueeze(2), b = x.unsqueeze(1), index = arange(length);
  auto before = b.lt(a) | (b.eq(a) & index.unsqueeze(0).lt(index.unsqueeze(1)));
  auto rank = before.to(kLong).sum(2);
  return (rank.unsqueeze(1).eq(index.unsqueeze(1)).to(kLong) * x.unsqueeze(1)).sum(2);
}
Tensor behind_start(Tensor y) { return cat({full({y.size(0), 1}, start, kLong), y.slice(1, 0, length - 1)}, 1); }

int main() {
  manual_seed(0);
  Sorter net;
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(1e-3));
  auto step = compile([&] {
    auto x = randint(digits, {64, length}), y = sorted(x);
    optimizer.zero_grad();
    auto loss = F::cross_entropy(net(x, behind_start(y)).flatten(0, 1), y.flatten());
    loss.backward();
    optimizer.step();
    return loss;
  });
  const int64_t steps = example::steps(2000, 10);
  for (int64_t i = 1; i <= steps; ++i) {
    auto loss = step();
    if (i % 200 == 0)
      std::printf("step %ld: loss %.4f\n", long(i), loss.item<float>()), std::fflush(stdout);
  }
  net->eval();
  NoGradGuard no_grad;
  // Greedy: a digit a pass, each fed back.
  auto solved = compile([&] {
    auto x = randint(digits, {500, length}), y = full({500, length}, 0, kLong), index = arange(length);
    for (int64_t t = 0; t < length; ++t)
      y = where(index.eq(t), net(x, behind_start(y)).argmax(2), y);
    return y.eq(sorted(x)).to(kInt).amin(1).to(kFloat).mean();
  });
  std::printf("sequence accuracy %.4f\n", solved().item<float>());
  example::save_onnx("transformer", net, [](int64_t n) { return TensorList{randint(digits, {n, length}), randint(vocabulary, {n, length})}; });
}
