// scan, while_loop, cond: the same numbers and gradients as the loop written out, define-by-run and compiled; errors at the user's line.
#include "expect_error.h"

#include <cmath>
#include <tenon/tensor/control.h>

using namespace tenon;

namespace {

struct Control : testing::Test {
  Control() { manual_seed(1); }
  static std::vector<double> numbers(const Tensor &t) {
    auto flat = t.detach().to(kDouble).contiguous().reshape({-1});
    return std::vector<double>(flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel());
  }
  static void same(const Tensor &a, const Tensor &b, double tolerance = 0) {
    ASSERT_EQ(a.sizes(), b.sizes());
    auto x = numbers(a), y = numbers(b);
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_NEAR(x[i], y[i], tolerance) << "element " << i;
  }
};

/// A recurrent layer over x [T, B, I], by scan or written out.
struct Rnn {
  Tensor w = randn({3, 4}, kDouble).mul_(0.3).requires_grad_(), u = randn({4, 4}, kDouble).mul_(0.3).requires_grad_(), b = randn({4}, kDouble).requires_grad_();
  Tensor step(const Tensor &h, const Tensor &x) const { return tanh(x.matmul(w) + h.matmul(u) + b); }
  std::pair<Tensor, Tensor> scanned(const Tensor &h, const Tensor &x, bool reverse) const {
    auto [last, all] = scan([&](const TensorList &c, const TensorList &s) {
      auto next = step(c[0], s[0]);
      return std::pair(TensorList{next}, TensorList{next});
    }, {h}, {x}, ScanOptions().reverse(reverse));
    return {last[0], all[0]};
  }
  std::pair<Tensor, Tensor> unrolled(Tensor h, const Tensor &x, bool reverse) const {
    TensorList all(size_t(x.size(0)));
    for (int64_t i = 0; i < x.size(0); ++i) {
      auto t = reverse ? x.size(0) - 1 - i : i;
      h = step(h, x[t]);
      all[size_t(t)] = h;
    }
    return {h, stack(all)};
  }
};

TEST_F(Control, ScanIsTheLoopWrittenOut) {
  for (bool reverse : {false, true}) {
    Rnn net;
    auto x = randn({5, 2, 3}, kDouble).requires_grad_(), h = randn({2, 4}, kDouble).requires_grad_(), weight = randn({5, 2, 4}, kDouble);
    auto gradients = [&](bool scans) {
      auto [last, all] = scans ? net.scanned(h, x, reverse) : net.unrolled(h, x, reverse);
      auto loss = (all * weight).sum() + last.square().sum();
      auto g = grad(loss, {net.w, net.u, net.b, x, h});
      g.push_back(last);
      g.push_back(all);
      return g;
    };
    auto a = gradients(true), b = gradients(false);
    for (size_t i = 0; i < a.size(); ++i)
      same(a[i], b[i], 1e-12);
  }
}

TEST_F(Control, SecondDerivatives) {
  Rnn net;
  auto x = randn({4, 2, 3}, kDouble), h = randn({2, 4}, kDouble);
  auto penalty = [&](bool scans) {
    auto [last, all] = scans ? net.scanned(h, x, false) : net.unrolled(h, x, false);
    auto g = grad(all.square().sum(), {net.w, net.u}, /*create_graph=*/true);
    return grad(g[0].square().sum() + g[1].square().sum(), {net.w, net.u, net.b});
  };
  auto a = penalty(true), b = penalty(false);
  for (size_t i = 0; i < a.size(); ++i)
    same(a[i], b[i], 1e-10);
}

TEST_F(Control, TrainsCompiledAsDefineByRun) {
  auto train = [&](bool compiled) {
    manual_seed(3);
    Rnn net;
    optim::Adam optimizer({net.w, net.u, net.b}, optim::AdamOptions(1e-2));
    auto step = [&](Tensor x) {
      optimizer.zero_grad();
      auto [last, all] = net.scanned(zeros({2, 4}, kDouble), x, false);
      auto loss = (all - 0.1).square().mean() + last.abs().mean();
      loss.backward();
      optimizer.step();
      return loss;
    };
    auto replay = compile(step);
    std::vector<double> losses;
    for (int i = 0; i < 5; ++i) {
      auto x = randn({6, 2, 3}, kDouble);
      losses.push_back((compiled ? replay(x) : step(x)).item<double>());
    }
    losses.push_back(net.u.detach().sum().item<double>());
    return losses;
  };
  EXPECT_EQ(train(true), train(false));
}

TEST_F(Control, NumberAskedForBeforeBackward) {
  Rnn net;
  auto x = randn({4, 2, 3}, kDouble), h = randn({2, 4}, kDouble);
  auto run = [&](bool asks) {
    net.u.mutable_grad() = Tensor();
    auto loss = net.scanned(h, x, false).second.square().sum();
    if (asks)
      loss.item<double>();
    loss.backward();
    return net.u.grad().clone();
  };
  same(run(true), run(false));
}

TEST_F(Control, ScanWithoutSlices) {
  auto x = full({3}, 2.0, kDouble);
  auto [last, all] = scan([&](const TensorList &c, const TensorList &) { return std::pair(TensorList{c[0] * x}, TensorList{c[0]}); }, {ones({3}, kDouble)}, {}, ScanOptions().length(3));
  EXPECT_EQ(numbers(last[0]), std::vector<double>(3, 8));
  EXPECT_EQ(numbers(all[0]), (std::vector<double>{1, 1, 1, 2, 2, 2, 4, 4, 4}));
  auto [none, empty] = scan([&](const TensorList &c, const TensorList &) { return std::pair(TensorList{c[0] * x}, TensorList{c[0]}); }, {x}, {}, ScanOptions().length(0));
  EXPECT_EQ(numbers(none[0]), std::vector<double>(3, 2));
  EXPECT_EQ(empty[0].sizes(), (Shape{0, 3}));
}

TEST_F(Control, ScanInsideScan) {
  auto w = randn({3}, kDouble).requires_grad_(), x = randn({2, 4, 3}, kDouble);
  auto nested = scan([&](const TensorList &c, const TensorList &s) {
    auto [inner, all] = scan([&](const TensorList &d, const TensorList &r) { return std::pair(TensorList{tanh(d[0] * w + r[0] * c[0])}, TensorList{}); }, {c[0]}, {s[0]});
    return std::pair(inner, TensorList{inner[0] * w});
  }, {ones({3}, kDouble)}, {x});
  auto h = ones({3}, kDouble);
  TensorList all;
  for (int i = 0; i < 2; ++i) {
    auto c = h;
    for (int k = 0; k < 4; ++k)
      h = tanh(h * w + x[i][k] * c);
    all.push_back(h * w);
  }
  same(nested.second[0], stack(all), 1e-12);
  same(grad(nested.second[0].square().sum() + nested.first[0].sum(), {w})[0], grad(stack(all).square().sum() + h.sum(), {w})[0], 1e-12);
}

TEST_F(Control, WhileLoop) {
  auto x = full({}, 1.5, kDouble).requires_grad_(), limit = full({}, 100.0, kDouble);
  auto run = [&](WhileOptions options) {
    return while_loop([&](const TensorList &c) { return c[0] < limit; }, [&](const TensorList &c) { return TensorList{c[0] * x, c[1] + 1}; }, {x * 1.0, zeros({}, kLong)}, options);
  };
  auto open = run({});
  EXPECT_NEAR(open[0].item<double>(), std::pow(1.5, 12), 1e-9);
  EXPECT_EQ(open[1].item<int64_t>(), 11);
  auto bounded = run(WhileOptions().bound(30));
  auto g = grad(bounded[0], {x})[0];
  EXPECT_NEAR(g.item<double>(), 12 * std::pow(1.5, 11), 1e-8);
  EXPECT_EQ(run(WhileOptions().bound(4))[1].item<int64_t>(), 4);
  EXPECT_ERROR_TEXT(grad(open[0], {x})[0].item<double>(), "has no derivative without a bound", "control_test.cpp");
}

TEST_F(Control, Cond) {
  auto x = randn({3}, kDouble).requires_grad_(), w = randn({3}, kDouble).requires_grad_();
  for (bool flag : {true, false}) {
    auto taken = [&](Tensor p) { return cond(p, [&] { return TensorList{x * w}; }, [&] { return TensorList{x.square()}; })[0]; };
    auto y = taken(full({}, flag, kBool));
    auto expected = flag ? x * w : x.square();
    same(y, expected);
    auto g = grad(y.sum(), {x, w}), e = grad(expected.sum(), {x});
    same(g[0], e[0]);
    same(g[1], flag ? x.detach() : zeros({3}, kDouble));
  }
  auto step = compile([&](Tensor p) { return cond(p, [&] { return TensorList{x * w}; }, [&] { return TensorList{x.square()}; })[0].sum(); });
  for (int i = 0; i < 4; ++i)
    EXPECT_NEAR(step(full({}, i % 2 == 0, kBool)).item<double>(), (i % 2 == 0 ? x * w : x.square()).sum().item<double>(), 1e-12);
}

TEST_F(Control, DrawsDifferFromStepToStep) {
  auto draws = [&] {
    manual_seed(5);
    auto [last, all] = scan([&](const TensorList &c, const TensorList &) {
      auto r = rand({2}, kDouble);
      return std::pair(TensorList{c[0] + r + rand({2}, kDouble)}, TensorList{r});
    }, {zeros({2}, kDouble)}, {}, ScanOptions().length(3));
    return stack({all[0].reshape({-1}), cat({last[0], rand({4}, kDouble)})});
  };
  auto a = draws();
  same(a, draws());
  auto n = numbers(a);
  for (size_t i = 0; i < 6; ++i)
    for (size_t k = 0; k < i; ++k)
      EXPECT_NE(n[i], n[k]);
  // The loop took the counters of its draws: the same as by hand.
  manual_seed(5);
  for (int i = 0; i < 3; ++i) {
    auto r = numbers(rand({2}, kDouble));
    EXPECT_EQ(r[0], n[size_t(2 * i)]);
    rand({2}, kDouble);
  }
  EXPECT_EQ(numbers(rand({4}, kDouble))[3], n.back());
}

TEST_F(Control, BadInput) {
  auto x = randn({4, 3}), h = randn({3});
  auto step = [&](const TensorList &c, const TensorList &s) { return std::pair(TensorList{c[0] + s[0]}, TensorList{}); };
  EXPECT_ERROR(scan(step, {h}, {x, randn({5, 3})}), "scan: expected tensors of a leading dimension of 4, got float32[5, 3]");
  EXPECT_ERROR(scan(step, {h}, {}), "scan: expected a tensor to scan, or options().length(n)");
  EXPECT_ERROR(scan(step, {h}, {}, ScanOptions().length(-1)), "scan: expected a length that is not negative, got -1");
  EXPECT_ERROR(scan(step, {h}, {x}, ScanOptions().chunk(0)), "scan: expected a chunk of at least 1 step, got 0");
  EXPECT_ERROR(scan(step, {h}, {x.to(kDouble)}), "carry 0 is float32[3], the body returns float64[3] for it");
  EXPECT_ERROR(scan([&](auto &c, auto &s) { return std::pair(TensorList{c[0].sum()}, TensorList{}); }, {h}, {x}), "carry 0 is float32[3], the body returns float32[] for it");
  EXPECT_ERROR(scan([&](auto &c, auto &s) { return std::pair(TensorList{}, TensorList{}); }, {h}, {x}), "expected 1 next carries of the body, got 0");
  EXPECT_ERROR_TEXT(scan([&](auto &c, auto &s) { c[0].sum().template item<float>(); return step(c, s); }, {h}, {x}), "item: inside the body of a scan tensors have no numbers yet");
  EXPECT_ERROR_TEXT(scan([&](auto &c, auto &s) { h.add_(s[0]); return step(c, s); }, {h}, {x}), "add_: inside the body of a scan no tensor from outside is written in place");
  auto w = randn({3}).requires_grad_();
  EXPECT_ERROR_TEXT(scan([&](auto &c, auto &s) { (s[0] * w).sum().backward(); return step(c, s); }, {h}, {x}), "backward: inside the body of a scan gradients are not kept");
  Tensor kept;
  scan([&](auto &c, auto &s) { kept = s[0] * 2; return step(c, s); }, {h}, {x});
  EXPECT_ERROR(kept + 1, "made inside the body of a loop or branch");
  EXPECT_ERROR(while_loop([&](auto &c) { return c[0]; }, [&](auto &c) { return c; }, {h}), "while_loop: expected a condition of dtype bool and one element, got float32[3]");
  EXPECT_ERROR(while_loop([&](auto &c) { return c[0].sum() < 1; }, [&](auto &c) { return c; }, {h}, WhileOptions().bound(-2)), "expected a bound that is not negative, got -2");
  EXPECT_ERROR(cond(h, [&] { return TensorList{h}; }, [&] { return TensorList{h}; }), "cond: expected a predicate of dtype bool");
  EXPECT_ERROR(cond(h.sum() < 1, [&] { return TensorList{h}; }, [&] { return TensorList{x}; }), "cond: result 0 is float32[3] in one branch, float32[4, 3] in the other");
}

} // namespace
