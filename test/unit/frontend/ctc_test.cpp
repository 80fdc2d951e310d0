// ctc_loss against the sum over all alignments, written out.
#include "expect_error.h"

#include <cmath>
#include <limits>

using namespace tenon;

namespace {

/// -log of the sum over all paths of `steps` symbols that say `labels`.
double paths(const Tensor &log_probs, int64_t n, int64_t steps, const std::vector<int64_t> &labels, int64_t blank) {
  auto p = log_probs.accessor<double, 3>();
  int64_t classes = log_probs.size(2);
  double total = 0;
  std::vector<int64_t> path(size_t(steps), 0);
  for (bool more = true; more;) {
    std::vector<int64_t> said;
    double sum = 0;
    for (int64_t t = 0; t < steps; ++t) {
      int64_t symbol = path[size_t(t)];
      sum += p[t][n][symbol];
      if (symbol != blank && (t == 0 || symbol != path[size_t(t - 1)]))
        said.push_back(symbol);
    }
    if (said == labels)
      total += std::exp(sum);
    more = false;
    for (auto &symbol : path) {
      if (++symbol < classes) {
        more = true;
        break;
      }
      symbol = 0;
    }
  }
  return -std::log(total);
}

struct Ctc {
  Tensor logits, targets, inputs = tensor({5, 5, 4}), lengths = tensor({2, 2, 0});
  F::CTCLossFuncOptions options = F::CTCLossFuncOptions().reduction(kNone);
  Ctc() {
    manual_seed(5);
    logits = randn({5, 3, 3}, kDouble);
    targets = tensor({1, 2, 9, 2, 2, 9, 9, 9, 9}).view({3, 3}); // beyond a length nothing is looked at
  }
  Tensor operator()(const Tensor &x) const { return F::ctc_loss(x.log_softmax(2), targets, inputs, lengths, options); }
};

TEST(CtcTest, AllAlignments) {
  Ctc ctc;
  auto losses = ctc(ctc.logits), p = ctc.logits.log_softmax(2).contiguous();
  EXPECT_NEAR(losses[0].item<double>(), paths(p, 0, 5, {1, 2}, 0), 1e-12);
  EXPECT_NEAR(losses[1].item<double>(), paths(p, 1, 5, {2, 2}, 0), 1e-12) << "equal labels";
  EXPECT_NEAR(losses[2].item<double>(), paths(p, 2, 4, {}, 0), 1e-12) << "nothing said";
  ctc.targets = tensor({0, 1, 9, 0, 0, 9, 1, 9, 9}).view({3, 3});
  ctc.lengths = tensor({2, 2, 1});
  ctc.options.blank(2);
  losses = ctc(ctc.logits);
  EXPECT_NEAR(losses[0].item<double>(), paths(p, 0, 5, {0, 1}, 2), 1e-12);
  EXPECT_NEAR(losses[1].item<double>(), paths(p, 1, 5, {0, 0}, 2), 1e-12);
  EXPECT_NEAR(losses[2].item<double>(), paths(p, 2, 4, {1}, 2), 1e-12);
  EXPECT_TRUE(equal(F::ctc_loss(p, tensor({0, 1, 0, 0, 1}), ctc.inputs, ctc.lengths, ctc.options), losses)) << "joined";
  auto alone = F::ctc_loss(p.select(1, 0), tensor({0, 1}), tensor(5), tensor(2), ctc.options);
  EXPECT_EQ(alone.dim(), 0);
  EXPECT_NEAR(alone.item<double>(), losses[0].item<double>(), 1e-12);
}

TEST(CtcTest, DerivativesOfFirstAndSecondOrder) {
  Ctc ctc;
  auto x = ctc.logits.clone().requires_grad_(), direction = randn({5, 3, 3}, kDouble);
  auto first = [&](const Tensor &at, bool again) { return grad(ctc(at).square().sum(), {at}, again)[0]; };
  auto slope = (first(x, true) * direction).sum();
  auto second = grad(slope, {x})[0];
  auto moved = [&](double by) { return (ctc.logits + direction * by).requires_grad_(); };
  double h = 1e-5;
  EXPECT_NEAR(slope.item<double>(), (ctc(moved(h)).square().sum().item<double>() - ctc(moved(-h)).square().sum().item<double>()) / (2 * h), 1e-7);
  auto difference = (first(moved(h), false) - first(moved(-h), false)) / (2 * h);
  EXPECT_TRUE(allclose(second, difference, 1e-6, 1e-7));
}

TEST(CtcTest, WhatDoesNotFit) {
  Ctc ctc;
  ctc.lengths = tensor({3, 2, 0});
  ctc.targets = tensor({1, 1, 1, 2, 2, 9, 9, 9, 9}).view({3, 3});
  ctc.inputs = tensor({4, 5, 4}); // 1 1 1 needs five steps
  auto x = ctc.logits.clone().requires_grad_();
  EXPECT_EQ(ctc(x)[0].item<double>(), std::numeric_limits<double>::infinity());
  ctc.options.zero_infinity(true);
  auto losses = ctc(x);
  EXPECT_EQ(losses[0].item<double>(), 0);
  auto g = grad(ctc(x).sum(), {x})[0];
  EXPECT_TRUE(g.isfinite().all().item<bool>());
  EXPECT_EQ(g.select(1, 0).abs().sum().item<double>(), 0);
  EXPECT_GT(g.select(1, 1).abs().sum().item<double>(), 0);
  auto certain = x.detach().log_softmax(2).masked_fill(tensor({false, false, true}), -std::numeric_limits<double>::infinity()).requires_grad_();
  auto dy = grad(F::ctc_loss(certain, tensor({1, 1, 1}).view({3, 1}), ctc.inputs, tensor({1, 1, 1})), {certain})[0];
  EXPECT_TRUE(dy.isfinite().all().item<bool>()) << "symbols of probability 0";
}

TEST(CtcTest, ModuleAndReductions) {
  Ctc ctc;
  auto p = ctc.logits.log_softmax(2);
  auto each = ctc(ctc.logits);
  EXPECT_NEAR(nn::CTCLoss()(p, ctc.targets, ctc.inputs, ctc.lengths).item<double>(), (each / tensor({2.0, 2.0, 1.0}, kDouble)).mean().item<double>(), 1e-12);
  nn::CTCLoss sum(nn::CTCLossOptions().reduction(kSum));
  EXPECT_NEAR(sum(p, ctc.targets, ctc.inputs, ctc.lengths).item<double>(), each.sum().item<double>(), 1e-12);
}

TEST(CtcTest, Mistakes) {
  Ctc ctc;
  auto p = ctc.logits.log_softmax(2);
  EXPECT_LT(p.sum().item<double>(), 0); // a step of its own: those below fail
  auto &t = ctc.targets;
  EXPECT_ERROR(F::ctc_loss(p.to(kLong), t, ctc.inputs, ctc.lengths), "ctc_loss", "log_probs", "int64[5, 3, 3]");
  EXPECT_ERROR(F::ctc_loss(p, t.to(kDouble), ctc.inputs, ctc.lengths), "ctc_loss", "targets of int64 or int32", "float64[3, 3]");
  EXPECT_ERROR(F::ctc_loss(p, t.slice(0, 0, 2), ctc.inputs, ctc.lengths), "ctc_loss", "targets [N, S]", "int64[2, 3]");
  EXPECT_ERROR(F::ctc_loss(p, t, tensor({5, 5}), ctc.lengths), "ctc_loss", "one input length");
  EXPECT_ERROR(F::ctc_loss(p, t, ctc.inputs, ctc.lengths, F::CTCLossFuncOptions().blank(3)), "ctc_loss", "blank in [0, 3)", "came 3");
  EXPECT_ERROR(F::ctc_loss(Tensor(), t, ctc.inputs, ctc.lengths), "ctc_loss", "undefined");
  EXPECT_ERROR_TEXT(F::ctc_loss(p, t, ctc.inputs, tensor({3, 2, 0})).item<double>(), "ctc_loss: targets", "ctc_test.cpp");
  EXPECT_ERROR_TEXT(F::ctc_loss(p, t, tensor({6, 5, 4}), ctc.lengths).item<double>(), "ctc_loss: input_lengths", "ctc_test.cpp");
  EXPECT_ERROR_TEXT(F::ctc_loss(p, t, ctc.inputs, tensor({2, 4, 0})).item<double>(), "ctc_loss: target_lengths", "ctc_test.cpp");
}

} // namespace
