// Random programs on three roads: written out, with numbers asked for in between, and compiled. The bits are one's.
#include "expect_error.h"

#include <random>

using namespace tenon;

namespace {

/// Two training steps of a random graph over views, writes, cuts, draws and second derivatives.
struct Program {
  unsigned seed;
  bool cut; // ask for numbers now and then
  Tensor w, v;
  std::mt19937 cuts;

  Program(unsigned seed, bool cut) : seed(seed), cut(cut), cuts(seed * 7 + 1) {
    manual_seed(seed);
    w = rand({4, 4}, kDouble).requires_grad_();
    v = rand({4}, kDouble).requires_grad_();
  }
  void maybe(const Tensor &t) {
    if (cut && cuts() % 4 == 0)
      t.sum().item<double>();
  }
  Tensor apply(unsigned op, const Tensor &a, const Tensor &b) const {
    switch (op) {
    case 0: return a * b;
    case 1: return a.tanh() + b;
    case 2: return a.matmul(w) * 0.3;
    case 3: return a - b.detach();
    case 4: return a.slice(1, 0, 2).sum(1, true) * b;
    case 5: {
      NoGradGuard no_grad;
      return a * 2;
    }
    case 6: return a * rand({3, 4}, kDouble);
    case 7: {
      auto r = a.clone();
      r[1].mul_(b[0]);
      return r;
    }
    default: return a.t().view({3, 4}) * b;
    }
  }
  Tensor step(const Tensor &x) {
    std::mt19937 choose(seed);
    Tensor total;
    for (int s = 0; s < 2; ++s) {
      w.reset_grad();
      v.reset_grad();
      TensorList pool{x, x.matmul(w), v.expand({3, 4})};
      for (int i = 0; i < 8; ++i) {
        auto a = choose() % pool.size(), b = choose() % pool.size();
        pool.push_back(apply(choose() % 9, pool[a], pool[b]));
        maybe(pool.back());
      }
      auto loss = (pool.back() + pool[pool.size() - 2] + pool[1] * 0.1).tanh().square().mean();
      maybe(loss);
      if (choose() % 2) {
        auto g = grad(loss, {w}, /*create_graph=*/true)[0];
        maybe(g);
        loss = loss + (g * g).sum() * 0.01;
        maybe(loss);
      }
      loss.backward();
      maybe(loss);
      NoGradGuard no_grad;
      w.sub_(w.grad() * 0.1);
      if (v.grad().defined())
        v.sub_(v.grad() * 0.1);
      total = total.defined() ? total + loss.detach() : loss.detach();
    }
    return total;
  }
};

std::vector<double> run(unsigned seed, bool cut, bool compiled) {
  Program program(seed, cut);
  auto x = rand({3, 4}, kDouble);
  auto step = compile([&](Tensor x) { return program.step(x); });
  std::vector<double> numbers;
  for (int i = 0; i < 4; ++i)
    numbers.push_back((compiled ? step(x) : program.step(x)).item<double>());
  numbers.push_back(program.w.sum().item<double>());
  numbers.push_back(program.v.sum().item<double>());
  return numbers;
}

TEST(CutTest, EveryRoadGivesTheSameBits) {
  for (unsigned seed : {9u, 16u, 32u, 60u, 105u}) {
    auto written = run(seed, false, false);
    EXPECT_EQ(run(seed, true, false), written) << "numbers asked for in between, seed " << seed;
    EXPECT_EQ(run(seed, false, true), written) << "compiled, seed " << seed;
  }
}

} // namespace
