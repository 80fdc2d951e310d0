// utils::checkpoint: the same numbers with less memory.
#include "arena.h"
#include "expect_error.h"

using namespace tenon;

namespace {

struct Small {
  nn::Linear a{nn::LinearOptions(6, 24)}, b{nn::LinearOptions(24, 6)};
  Tensor operator()(const Tensor &x) { return x + dropout(b(gelu(a(x)))); }
  Tensor dropout(const Tensor &x) { return nn::functional::dropout(x, nn::functional::DropoutFuncOptions().p(0.3).training(true)); }
};

TensorList run(bool checkpointed, bool number_first, bool compiled) {
  manual_seed(7);
  std::vector<Small> blocks(3);
  auto x = randn({5, 6}).requires_grad_();
  auto forward = [&](Tensor x) {
    x = x * 2;
    for (auto &block : blocks)
      x = checkpointed ? utils::checkpoint([&](Tensor x) { return block(x); }, x) : block(x);
    return (x * x).sum();
  };
  TensorList leaves{x};
  for (auto &block : blocks)
    for (auto *layer : {&block.a, &block.b}) {
      leaves.push_back((*layer)->weight);
      leaves.push_back((*layer)->bias);
    }
  auto step = [&](Tensor in) {
    auto loss = forward(in);
    auto with = leaves;
    with[0] = in;
    auto result = grad(loss, with);
    result.push_back(loss.detach());
    return result;
  };
  manual_seed(11);
  if (compiled) {
    auto f = compile(step);
    f(x), f(x), f(x);
    return f(x);
  }
  if (!number_first) {
    step(x), step(x), step(x);
    return step(x);
  }
  for (int i = 0; i < 3; ++i)
    step(x);
  auto loss = forward(x);
  (void)loss.item<float>();
  loss.backward();
  TensorList result;
  for (auto &t : leaves)
    result.push_back(t.grad());
  result.push_back(loss.detach());
  return result;
}

TEST(CheckpointTest, TheSameBits) {
  auto plain = run(false, false, false);
  for (auto &other : {run(true, false, false), run(true, true, false), run(true, false, true)})
    for (size_t i = 0; i < plain.size(); ++i)
      EXPECT_TRUE(equal(plain[i], other[i])) << i;
}

TEST(CheckpointTest, SecondDerivativesNestingSeveralResultsAndNoInputs) {
  auto x = tensor({0.5, 1.0, -2.0}, kDouble).requires_grad_(), w = tensor({2.0}, kDouble).requires_grad_();
  auto inner = [&](Tensor x) { return utils::checkpoint([&](Tensor y) { return y.sin() * w; }, x); };
  auto outer = [&](Tensor x, Tensor k) { return TensorList{inner(x).exp(), x * k}; };
  auto plain = [&](Tensor x, Tensor k) { return TensorList{(x.sin() * w).exp(), x * k}; };
  auto k = tensor({3.0}, kDouble);
  auto loss = [](const TensorList &y) { return (y[0] * y[1]).sum(); };
  auto a = grad(loss(utils::checkpoint(outer, x, k)), {x, w}, true), b = grad(loss(plain(x, k)), {x, w}, true);
  EXPECT_TRUE(allclose(a[0], b[0], 1e-13, 1e-14));
  EXPECT_TRUE(allclose(a[1], b[1], 1e-13, 1e-14));
  auto c = grad(a[0].sum(), {x, w}), d = grad(b[0].sum(), {x, w});
  EXPECT_TRUE(allclose(c[0], d[0], 1e-12, 1e-13));
  EXPECT_TRUE(allclose(c[1], d[1], 1e-12, 1e-13));
  NoGradGuard no_grad;
  EXPECT_FALSE(utils::checkpoint([&](Tensor y) { return y * w; }, x).requires_grad());
}

TEST(CheckpointTest, UnderTheAutocastOfItsCall) {
  auto x = randn({4, 8}).requires_grad_(), w = randn({8, 8}).requires_grad_();
  auto gradient = [&](bool checkpointed) {
    auto f = [&](Tensor x) { return matmul(x, w).tanh().matmul(w).sum(); };
    auto loss = autocast(kBFloat16, [&] { return checkpointed ? utils::checkpoint(f, x) : f(x); });
    return grad(loss, {x, w});
  };
  auto plain = gradient(false), again = gradient(true);
  EXPECT_TRUE(equal(plain[0], again[0]));
  EXPECT_TRUE(equal(plain[1], again[1]));
}

TEST(CheckpointTest, Mistakes) {
  auto x = tensor({0.5, 1.0}, kDouble).requires_grad_();
  int calls = 0;
  auto grows = [&](Tensor y) { return cat(TensorList(size_t(++calls), y * 2), 0); };
  EXPECT_ERROR_TEXT(utils::checkpoint(grows, x).sum().backward(), "checkpoint", "float64[2] again", "got float64[4]");
  int more = 0;
  auto draws = [&](Tensor y) { return more++ ? y * rand({2}, kDouble) * rand({2}, kDouble) : y * rand({2}, kDouble); };
  EXPECT_ERROR_TEXT(utils::checkpoint(draws, x).sum().backward(), "checkpoint", "more random numbers");
  EXPECT_ERROR_TEXT(utils::checkpoint([](Tensor y) { return y; }, Tensor()), "checkpoint", "undefined");
  EXPECT_ERROR_TEXT(utils::checkpoint([](Tensor y) { return y * y.sum().item<double>(); }, x).sum().backward(), "no numbers yet");
}

} // namespace

namespace {

/// A model of GPT's form; small, but of the depth of the real one.
struct Block {
  static constexpr int64_t width = 16, heads = 2;
  nn::LayerNorm norm1{std::vector<int64_t>{width}}, norm2{std::vector<int64_t>{width}};
  nn::Linear qkv{width, 3 * width}, out{width, width}, up{width, 4 * width}, down{4 * width, width};
  Tensor operator()(Tensor x) {
    int64_t n = x.size(0), t = x.size(1);
    auto parts = qkv(norm1(x)).view({n, t, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
    auto y = F::scaled_dot_product_attention(parts[0], parts[1], parts[2], {}, 0, /*is_causal=*/true);
    x = x + F::dropout(out(y.transpose(1, 2).reshape({n, t, width})), F::DropoutFuncOptions().p(0.1).training(true));
    return x + down(gelu(up(norm2(x)), "tanh"));
  }
};

/// Losses and the last parameters of a few steps, and the bytes of scratch memory of one.
std::pair<TensorList, int64_t> train(bool checkpointed) {
  manual_seed(1);
  std::vector<Block> blocks(12);
  nn::Linear head(Block::width, 11);
  auto table = randn({11, Block::width}).requires_grad_();
  TensorList parameters{table, head->weight, head->bias};
  for (auto &b : blocks)
    for (auto &p : {b.norm1->weight, b.norm1->bias, b.norm2->weight, b.norm2->bias, b.qkv->weight, b.qkv->bias, b.out->weight, b.out->bias, b.up->weight, b.up->bias, b.down->weight, b.down->bias})
      parameters.push_back(p);
  optim::AdamW optimizer(parameters, optim::AdamWOptions(1e-3));
  auto step = compile([&](Tensor x, Tensor y) {
    optimizer.zero_grad();
    auto h = F::one_hot(x, 11).to(kFloat).matmul(table);
    for (auto &block : blocks)
      h = checkpointed ? utils::checkpoint([&](Tensor h) { return block(h); }, h) : block(h);
    auto loss = F::cross_entropy(head(h).flatten(0, 1), y.flatten());
    loss.backward();
    optimizer.step();
    return loss;
  });
  auto x = randint(0, 11, {8, 32}), y = randint(0, 11, {8, 32});
  TensorList result;
  for (int i = 0; i < 4; ++i)
    result.push_back(step(x, y));
  result.insert(result.end(), parameters.begin(), parameters.end());
  return {result, arena_bytes(step)};
}

TEST(CheckpointTest, TwelveLayersInAThirdOfTheMemory) {
  if (std::getenv("TENON_EVALUATE"))
    GTEST_SKIP() << "nothing is compiled";
  auto [plain, bytes] = train(false);
  auto [again, less] = train(true);
  for (size_t i = 0; i < plain.size(); ++i)
    EXPECT_TRUE(equal(plain[i], again[i])) << i;
  EXPECT_GT(less, 0);
  EXPECT_LT(double(less), 0.35 * double(bytes)) << less << " of " << bytes;
  std::printf("scratch memory: %lld of %lld bytes\n", (long long)less, (long long)bytes);
}

} // namespace
