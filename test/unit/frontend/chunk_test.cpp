// scan in chunks: the numbers and gradients of the plain scan with less memory, whatever the chunk.
#include "arena.h"
#include "expect_error.h"

#include <tenon/tensor/control.h>

using namespace tenon;

namespace {

std::vector<double> numbers(const Tensor &t) {
  auto flat = t.detach().to(kDouble).contiguous().reshape({-1});
  return std::vector<double>(flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel());
}

ScanOptions options(int64_t chunk, bool reverse) {
  ScanOptions o;
  o.reverse(reverse);
  if (chunk)
    o.chunk(chunk);
  return o;
}

/// h' = tanh(dropout(h) * w + x) + x over 7 steps: its results and gradients.
TensorList elementwise(int64_t chunk, bool reverse, bool compiled, bool second = false) {
  manual_seed(2);
  auto w = randn({2, 3}).requires_grad_(), h = randn({2, 3}).requires_grad_(), x = randn({7, 2, 3}).requires_grad_(), weight = randn({7, 2, 3});
  auto step = [&](Tensor w, Tensor h, Tensor x) {
    auto [last, all] = scan([&](const TensorList &c, const TensorList &s) {
      auto kept = nn::functional::dropout(c[0], nn::functional::DropoutFuncOptions().p(0.3).training(true));
      auto next = tanh(kept * w + s[0]) + s[0];
      return std::pair(TensorList{next}, TensorList{next * w});
    }, {h}, {x}, options(chunk, reverse));
    auto result = grad((all[0] * weight).sum() + last[0].square().sum(), {w, h, x}, /*create_graph=*/second);
    if (second)
      result = grad(result[0].square().sum() + result[1].square().sum(), {w, h, x});
    result.push_back(last[0].detach());
    result.push_back(all[0].detach());
    return result;
  };
  manual_seed(3);
  if (!compiled)
    return step(w, h, x);
  auto f = compile(step);
  f(w, h, x), f(w, h, x);
  manual_seed(3);
  return f(w, h, x);
}

TEST(Chunk, NumbersOfThePlainScan) {
  for (bool reverse : {false, true})
    for (bool compiled : {false, true}) {
      auto plain = elementwise(0, reverse, compiled);
      for (int64_t chunk : {1, 2, 3, 6, 7, 9}) {
        auto chunked = elementwise(chunk, reverse, compiled);
        for (size_t i = 0; i < plain.size(); ++i)
          EXPECT_EQ(numbers(chunked[i]), numbers(plain[i])) << "chunk " << chunk << ", reverse " << reverse << ", compiled " << compiled << ", result " << i;
      }
    }
}

TEST(Chunk, SecondDerivatives) {
  auto plain = elementwise(0, false, false, true);
  for (int64_t chunk : {1, 3}) {
    auto chunked = elementwise(chunk, false, false, true);
    for (size_t i = 0; i < plain.size(); ++i)
      for (size_t k = 0; k < numbers(plain[i]).size(); ++k)
        EXPECT_NEAR(numbers(chunked[i])[k], numbers(plain[i])[k], 2e-4 * (1 + std::abs(numbers(plain[i])[k]))) << "chunk " << chunk << ", result " << i;
  }
}

/// An LSTM's step over T steps: gradients of its weights, its inputs and its first state.
TensorList recurrent(int64_t chunk, int64_t T) {
  manual_seed(4);
  auto u = (randn({8, 32}, kDouble) * 0.3).requires_grad_(), v = (randn({5, 32}, kDouble) * 0.3).requires_grad_(), b = randn({32}, kDouble).requires_grad_();
  auto x = randn({T, 3, 5}, kDouble).requires_grad_(), h = randn({3, 8}, kDouble).requires_grad_();
  auto [last, all] = scan([&](const TensorList &c, const TensorList &s) {
    auto g = (c[0].matmul(u) + s[0].matmul(v) + b).chunk(4, 1);
    auto cell = sigmoid(g[0]) * c[1] + sigmoid(g[1]) * tanh(g[2]);
    auto next = sigmoid(g[3]) * tanh(cell);
    return std::pair(TensorList{next, cell}, TensorList{next});
  }, {h, zeros({3, 8}, kDouble)}, {x}, options(chunk, false));
  auto result = grad(all[0].square().sum() + last[1].sum(), {x, h, u, v, b});
  result.push_back(all[0].detach());
  return result;
}

TEST(Chunk, Recurrent) {
  auto plain = recurrent(0, 23);
  for (int64_t chunk : {4, 5, 22}) {
    auto chunked = recurrent(chunk, 23);
    for (size_t i : {size_t(0), size_t(1), size_t(5)})
      EXPECT_EQ(numbers(chunked[i]), numbers(plain[i])) << "chunk " << chunk << ", result " << i;
    bool ordered = std::getenv("TENON_EVALUATE"); // compiled, sums over all steps are made chunk by chunk
    for (size_t i : {size_t(2), size_t(3), size_t(4)})
      for (size_t k = 0; k < numbers(plain[i]).size(); ++k)
        EXPECT_NEAR(numbers(chunked[i])[k], numbers(plain[i])[k], ordered ? 0 : 1e-11) << "chunk " << chunk << ", result " << i;
  }
}

/// Bytes of the arena of a training step over T steps.
int64_t arena(int64_t chunk, int64_t T) {
  manual_seed(5);
  auto u = (randn({32, 32}) * 0.1).requires_grad_();
  auto x = randn({T, 4, 32});
  auto step = compile([&](Tensor x) {
    auto [last, all] = scan([&](const TensorList &c, const TensorList &s) {
      return std::pair(TensorList{tanh(sigmoid(c[0].matmul(u)) * s[0]) + c[0].sin()}, TensorList{});
    }, {zeros({4, 32})}, {x}, options(chunk, false));
    return grad(last[0].square().sum(), {u})[0];
  });
  step(x), step(x);
  return arena_bytes(step);
}

TEST(Chunk, Memory) {
  if (std::getenv("TENON_EVALUATE"))
    GTEST_SKIP() << "nothing is compiled";
  auto plain = arena(0, 2048), chunked = arena(32, 2048);
  EXPECT_LT(chunked * 10, plain);
  std::printf("scratch memory: %lld of %lld bytes\n", (long long)chunked, (long long)plain);
}

} // namespace
