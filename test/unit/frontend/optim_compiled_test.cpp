// Optimizers and schedulers inside tenon::compile: replays equal written-out steps, and numbers that change are caught.
#include "expect_error.h"

using namespace tenon;

namespace {

double number(const Tensor &t) { return t.item<double>(); }

struct Scalar64 {
  Tensor p;
  explicit Scalar64(double value = 1) : p(full({1}, value, kFloat64).requires_grad_()) {}
};

TEST(CompiledOptimizerTest, SchedulerInsideEqualsSchedulerBetween) {
  auto run = [](bool compiled) {
    Scalar64 a(1);
    optim::Adam optimizer({a.p}, 0.1);
    optim::StepLR scheduler(optimizer, 3, 0.5);
    auto written = [&](Tensor x) {
      optimizer.zero_grad();
      Tensor loss = ((a.p - x) * (a.p - x)).sum();
      loss.backward();
      optimizer.step();
      scheduler.step();
      return loss;
    };
    auto step = compile(written);
    std::vector<double> losses;
    for (int i = 0; i < 8; ++i)
      losses.push_back(number(compiled ? step(full({1}, 3.0, kFloat64)) : written(full({1}, 3.0, kFloat64))));
    losses.push_back(optimizer.param_groups()[0].options().get_lr());
    return losses;
  };
  EXPECT_EQ(run(true), run(false));
}

/// The step with an option that changes between calls is an error at the line of step().
template <typename Optimizer, typename Options> void expect_caught(Options options, const std::function<void(Options &, int)> &change) {
  Scalar64 a(1);
  Optimizer optimizer(std::vector<Tensor>{a.p}, options);
  int call = 0, line = 0;
  auto step = compile([&](Tensor x) {
    change(static_cast<Options &>(optimizer.param_groups()[0].options()), ++call);
    optimizer.zero_grad();
    Tensor loss = (a.p * x).sum();
    loss.backward();
    line = __LINE__ + 1;
    optimizer.step();
    return loss;
  });
  Tensor x = full({1}, 3.0, kFloat64);
  step(x);
  EXPECT_ERROR_TEXT(step(x), "optim_compiled_test.cpp:" + std::to_string(line));
}

TEST(CompiledOptimizerTest, AChangingNumberIsCaught) {
  expect_caught<optim::SGD, optim::SGDOptions>(optim::SGDOptions(0.1).momentum(0.5), [](auto &o, int call) { o.momentum(0.5 + 0.1 * call); });
  expect_caught<optim::Adam, optim::AdamOptions>(optim::AdamOptions(0.1), [](auto &o, int call) { o.betas({0.9, 0.99 + 0.001 * call}); });
  expect_caught<optim::AdamW, optim::AdamWOptions>(optim::AdamWOptions(0.1), [](auto &o, int call) { o.weight_decay(0.1 * call); });
  expect_caught<optim::RMSprop, optim::RMSpropOptions>(optim::RMSpropOptions(0.1), [](auto &o, int call) { o.alpha(0.9 + 0.01 * call); });
  expect_caught<optim::Adagrad, optim::AdagradOptions>(optim::AdagradOptions(0.1), [](auto &o, int call) { o.eps(1e-9 * call); });
}

TEST(CompiledOptimizerTest, AChangingRateIsCaughtWhereItIsSet) {
  Scalar64 a(1);
  optim::SGD optimizer({a.p}, 0.1);
  double rate = 0.1;
  int line = 0;
  auto step = compile([&](Tensor x) {
    line = __LINE__ + 1;
    optimizer.param_groups()[0].options().set_lr(rate);
    optimizer.zero_grad();
    Tensor loss = (a.p * x).sum();
    loss.backward();
    optimizer.step();
    return loss;
  });
  Tensor x = full({1}, 3.0, kFloat64);
  step(x).item<double>();
  rate = 0.05;
  EXPECT_ERROR_TEXT(step(x).item<double>(), "optim_compiled_test.cpp:" + std::to_string(line));
}

} // namespace
