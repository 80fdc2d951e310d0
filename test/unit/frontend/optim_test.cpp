// Optimizers against formulas written out in host doubles; their state, groups, schedulers and mistakes. (Curves against PyTorch: test/parity.)
#include "expect_error.h"

#include <cmath>
#include <limits>

using namespace tenon;

namespace {

double number(const Tensor &t) { return t.item<double>(); }

/// One step with this gradient.
void step_with(optim::Optimizer &optimizer, const Tensor &parameter, double gradient) {
  optimizer.zero_grad();
  (parameter * gradient).sum().backward();
  optimizer.step();
}

struct Scalar64 {
  Tensor p;
  explicit Scalar64(double value = 1) : p(full({1}, value, kFloat64).requires_grad_()) {}
};

TEST(SGDTest, MomentumDampeningAndWeightDecay) {
  Scalar64 x(2);
  optim::SGD optimizer({x.p}, optim::SGDOptions(0.1).momentum(0.9).dampening(0.5).weight_decay(0.01));
  double p = 2, buffer = 0;
  for (int i = 0; i < 5; ++i) {
    double d = (i + 1.0) + 0.01 * p;
    buffer = i == 0 ? d : 0.9 * buffer + 0.5 * d;
    p -= 0.1 * buffer;
    step_with(optimizer, x.p, i + 1.0);
    ASSERT_NEAR(number(x.p), p, 1e-14) << i;
  }
}

TEST(SGDTest, Nesterov) {
  Scalar64 x(2);
  optim::SGD optimizer({x.p}, optim::SGDOptions(0.1).momentum(0.9).nesterov(true));
  double p = 2, buffer = 0;
  for (int i = 0; i < 5; ++i) {
    double d = i + 1.0;
    buffer = 0.9 * buffer + d;
    p -= 0.1 * (d + 0.9 * buffer);
    step_with(optimizer, x.p, d);
    ASSERT_NEAR(number(x.p), p, 1e-14) << i;
  }
}

void adam_formula(bool decoupled, bool amsgrad) {
  Scalar64 x(2);
  std::unique_ptr<optim::Optimizer> optimizer;
  if (decoupled)
    optimizer = std::make_unique<optim::AdamW>(std::vector<Tensor>{x.p}, optim::AdamWOptions(0.1).weight_decay(0.1).amsgrad(amsgrad));
  else
    optimizer = std::make_unique<optim::Adam>(std::vector<Tensor>{x.p}, optim::AdamOptions(0.1).weight_decay(0.1).amsgrad(amsgrad));
  double p = 2, m = 0, v = 0, largest = 0;
  for (int t = 1; t <= 6; ++t) {
    double g = t == 4 ? 0.01 : t;
    step_with(*optimizer, x.p, g);
    if (decoupled)
      p *= 1 - 0.1 * 0.1;
    else
      g += 0.1 * p;
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    largest = amsgrad ? std::max(largest, v) : v;
    p -= 0.1 / (1 - std::pow(0.9, t)) * m / (std::sqrt(largest) / std::sqrt(1 - std::pow(0.999, t)) + 1e-8);
    ASSERT_NEAR(number(x.p), p, 1e-12) << t;
  }
}
TEST(AdamTest, Formula) { adam_formula(false, false); }
TEST(AdamTest, Amsgrad) { adam_formula(false, true); }
TEST(AdamWTest, Formula) { adam_formula(true, false); }
TEST(AdamWTest, Amsgrad) { adam_formula(true, true); }

TEST(RMSpropTest, CenteredWithMomentum) {
  Scalar64 x(2);
  optim::RMSprop optimizer({x.p}, optim::RMSpropOptions(0.1).centered(true).momentum(0.9).weight_decay(0.01));
  double p = 2, v = 0, mean = 0, buffer = 0;
  for (int i = 0; i < 5; ++i) {
    double g = i + 1.0 + 0.01 * p;
    v = 0.99 * v + 0.01 * g * g;
    mean += 0.01 * (g - mean);
    buffer = 0.9 * buffer + g / (std::sqrt(v - mean * mean) + 1e-8);
    p -= 0.1 * buffer;
    step_with(optimizer, x.p, i + 1.0);
    ASSERT_NEAR(number(x.p), p, 1e-11) << i;
  }
}

TEST(AdagradTest, DecayAndInitialValue) {
  Scalar64 x(2);
  optim::Adagrad optimizer({x.p}, optim::AdagradOptions(0.1).lr_decay(0.5).initial_accumulator_value(0.3));
  double p = 2, sum = 0.3;
  for (int i = 0; i < 5; ++i) {
    double g = i + 1.0;
    sum += g * g;
    p -= 0.1 / (1 + i * 0.5) * g / (std::sqrt(sum) + 1e-10);
    step_with(optimizer, x.p, g);
    ASSERT_NEAR(number(x.p), p, 1e-13) << i;
  }
}

TEST(OptimizerTest, BFloat16IsUpdatedInFloat32) {
  Tensor p = full({4}, 1.0, kBFloat16).requires_grad_(), q = full({4}, 1.0, kFloat32).requires_grad_();
  optim::Adam a({p}, 0.003), b({q}, 0.003);
  for (int i = 0; i < 3; ++i) {
    a.zero_grad();
    b.zero_grad();
    (p * 2.0).sum().backward();
    (q * 2.0).sum().backward();
    a.step();
    b.step();
  }
  EXPECT_EQ(p.dtype(), kBFloat16);
  EXPECT_NEAR(p.to(kFloat64)[0].item<double>(), q[0].item<double>(), 0.008); // three roundings to 8 bits
  EXPECT_LT(p.to(kFloat64)[0].item<double>(), 1.0);
}

TEST(OptimizerTest, MixedDtypesStepTogether) {
  Tensor p = full({2}, 1.0, kFloat32).requires_grad_(), q = full({2}, 1.0, kFloat64).requires_grad_();
  optim::SGD optimizer({p, q}, optim::SGDOptions(0.25).momentum(0.5));
  for (int i = 0; i < 2; ++i) {
    optimizer.zero_grad();
    (p.to(kFloat64) + q).sum().backward();
    optimizer.step();
  }
  EXPECT_EQ(p[1].item<float>(), 0.375f);
  EXPECT_EQ(q[1].item<double>(), 0.375);
}

TEST(OptimizerTest, SkipsParametersWithoutGradientAndKeepsTheirAge) {
  Scalar64 a, b, alone_a, alone_b;
  optim::Adam both({a.p, b.p}, 0.1), only_a({alone_a.p}, 0.1), only_b({alone_b.p}, 0.1);
  for (int i = 0; i < 4; ++i) { // b joins every other time
    both.zero_grad();
    (i % 2 ? a.p * 3.0 + b.p : a.p * 3.0).sum().backward();
    both.step();
    step_with(only_a, alone_a.p, 3);
    if (i % 2)
      step_with(only_b, alone_b.p, 1);
  }
  EXPECT_EQ(number(a.p), number(alone_a.p));
  EXPECT_EQ(number(b.p), number(alone_b.p));
}

TEST(OptimizerTest, GroupsHaveOptionsOfTheirOwn) {
  Scalar64 a, b;
  std::vector<optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<Tensor>{a.p});
  groups.emplace_back(std::vector<Tensor>{b.p}, std::make_unique<optim::SGDOptions>(optim::SGDOptions(0.5)));
  optim::SGD optimizer(groups, optim::SGDOptions(0.1));
  (a.p + b.p).sum().backward();
  optimizer.step();
  EXPECT_NEAR(number(a.p), 0.9, 1e-15);
  EXPECT_NEAR(number(b.p), 0.5, 1e-15);
  EXPECT_EQ(optimizer.size(), 2u);
  EXPECT_EQ(optimizer.state_dict().keys(), (std::vector<std::string>{"lr", "lr/1"}));
}

TEST(OptimizerTest, GroupsInheritWhatTheyLeaveUnset) {
  Scalar64 a, b, c;
  std::vector<optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<Tensor>{a.p}, std::make_unique<optim::AdamOptions>(optim::AdamOptions().eps(1e-3)));
  groups.emplace_back(std::vector<Tensor>{b.p}, std::make_unique<optim::AdamOptions>(optim::AdamOptions(1e-3).weight_decay(0).maximize(false)));
  optim::Adam optimizer(groups, optim::AdamOptions(0.5).weight_decay(0.25).maximize(true));
  auto late = optim::AdamOptions();
  late.weight_decay() = 0.125;
  optimizer.add_param_group({{c.p}, late.clone()});
  auto of = [&](size_t group) -> const optim::AdamOptions & { return static_cast<const optim::AdamOptions &>(optimizer.param_groups()[group].options()); };
  EXPECT_EQ(of(0).lr(), 0.5);
  EXPECT_EQ(of(0).eps(), 1e-3);
  EXPECT_EQ(of(0).weight_decay(), 0.25);
  EXPECT_TRUE(of(0).maximize());
  EXPECT_EQ(of(1).lr(), 1e-3) << "what is set to its initial value is set";
  EXPECT_EQ(of(1).weight_decay(), 0);
  EXPECT_FALSE(of(1).maximize());
  EXPECT_EQ(of(2).lr(), 0.5);
  EXPECT_EQ(of(2).weight_decay(), 0.125);
  Scalar64 d;
  EXPECT_ERROR(optimizer.add_param_group({{d.p}, optim::SGDOptions(0.1).clone()}), "options of another optimizer");
}

TEST(OptimizerTest, ZeroGrad) {
  Scalar64 a;
  optim::SGD optimizer({a.p}, 0.1);
  a.p.sum().backward();
  optimizer.zero_grad(/*set_to_none=*/false);
  EXPECT_EQ(number(a.p.grad()), 0);
  optimizer.zero_grad();
  EXPECT_FALSE(a.p.grad().defined());
}

TEST(OptimizerTest, ClosureIsCalledWithGradientsOn) {
  Scalar64 a(3);
  optim::SGD optimizer({a.p}, 0.25);
  NoGradGuard no_grad;
  Tensor loss = optimizer.step([&] {
    optimizer.zero_grad();
    Tensor square = (a.p * a.p).sum();
    square.backward();
    return square;
  });
  EXPECT_EQ(number(loss), 9);
  EXPECT_EQ(number(a.p), 1.5);
}

TEST(OptimizerTest, LearningRateIsState) {
  Scalar64 a(0);
  optim::SGD optimizer({a.p}, 0.5);
  auto &options = static_cast<optim::SGDOptions &>(optimizer.param_groups()[0].options());
  EXPECT_EQ(options.lr(), 0.5);
  step_with(optimizer, a.p, 1);
  options.lr(options.lr() * 0.5).momentum(0);
  step_with(optimizer, a.p, 1);
  EXPECT_EQ(number(a.p), -0.75);
  EXPECT_EQ(number(optimizer.state_dict()["lr"]), 0.25);
  optim::SGDOptions copy = options;
  copy.lr(1);
  EXPECT_EQ(options.lr(), 0.25);
}

TEST(OptimizerTest, SaveAndLoadContinueTheSameRun) {
  std::string path = testing::TempDir() + "/tenon-optim-test.safetensors";
  Scalar64 a, b;
  optim::Adam first({a.p}, 0.1);
  for (int i = 0; i < 3; ++i)
    step_with(first, a.p, i + 1.0);
  save(first, path);
  {
    NoGradGuard no_grad;
    b.p.copy_(a.p);
  }
  optim::Adam second({b.p}, 0.7);
  load(second, path);
  EXPECT_EQ(second.param_groups()[0].options().get_lr(), 0.1);
  for (int i = 0; i < 3; ++i) {
    step_with(first, a.p, 2);
    step_with(second, b.p, 2);
  }
  EXPECT_EQ(number(a.p), number(b.p));

  optim::SGD other({b.p}, 0.1);
  EXPECT_ERROR(load(other, path), "unexpected step/0", "unexpected exp_avg/0");
  OrderedDict<std::string, Tensor> state{{"exp_avg/0", zeros({2}, kFloat64)}};
  EXPECT_ERROR(second.load_state_dict(state), "exp_avg/0: expected [1], came [2]", "missing lr");
}

TEST(OptimizerTest, MistakesNameTheLine) {
  Scalar64 a;
  double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_ERROR(optim::SGD({a.p}, optim::SGDOptions(0.1).momentum(-1)), "SGD: momentum is -1");
  EXPECT_ERROR(optim::SGD({a.p}, optim::SGDOptions(0.1).nesterov(true)), "nesterov");
  EXPECT_ERROR(optim::SGD({a.p}, optim::SGDOptions(-0.1)), "lr is -0.1");
  EXPECT_ERROR(optim::Adam({a.p}, optim::AdamOptions(nan)), "lr is nan");
  EXPECT_ERROR(optim::Adam({a.p}, optim::AdamOptions(0.1).betas({0.9, 1.0})), "Adam: betas[1] is 1");
  EXPECT_ERROR(optim::AdamW({a.p}, optim::AdamWOptions(0.1).eps(-1)), "AdamW: eps is -1");
  EXPECT_ERROR(optim::RMSprop({a.p}, optim::RMSpropOptions(0.1).alpha(-1)), "RMSprop: alpha is -1");
  EXPECT_ERROR(optim::Adagrad({a.p}, optim::AdagradOptions(0.1).lr_decay(-1)), "Adagrad: lr_decay is -1");
  EXPECT_ERROR(optim::SGD({a.p, a.p}, 0.1), "parameter 1", "there already");
  EXPECT_ERROR(optim::SGD({a.p * 2.0}, 0.1), "parameter 0", "leaf");
  EXPECT_ERROR(optim::SGD({Tensor()}, 0.1), "undefined");
  optim::SGD optimizer({a.p}, 0.1);
  EXPECT_ERROR(optimizer.param_groups()[0].options().set_lr(nan), "lr is nan");
  EXPECT_EQ(optimizer.param_groups()[0].options().get_lr(), 0.1);
  EXPECT_ERROR(optim::StepLR(optimizer, 0), "step_size is 0");
  EXPECT_ERROR(optim::ExponentialLR(optimizer, nan), "gamma is nan");
}

TEST(SchedulerTest, StepLRAndExponentialLR) {
  Scalar64 a;
  optim::SGD optimizer({a.p}, 0.8);
  optim::StepLR step(optimizer, 2, 0.5);
  std::vector<double> rates;
  for (int i = 0; i < 5; ++i) {
    step.step();
    rates.push_back(optimizer.param_groups()[0].options().get_lr());
  }
  EXPECT_EQ(rates, (std::vector<double>{0.8, 0.4, 0.4, 0.2, 0.2})); // as PyTorch in Python
  optim::ExponentialLR exponential(optimizer, 0.9);
  exponential.step();
  exponential.step();
  EXPECT_EQ(optimizer.param_groups()[0].options().get_lr(), 0.2 * 0.9 * 0.9);
}

TEST(SchedulerTest, AScheduleOfTheProgram) {
  struct Halving : optim::LRScheduler {
    using LRScheduler::LRScheduler;
    std::vector<double> get_lrs() override { return {get_current_lrs()[0] / 2}; }
  };
  Scalar64 a;
  optim::SGD optimizer({a.p}, 0.8);
  Halving(optimizer).step();
  EXPECT_EQ(optimizer.param_groups()[0].options().get_lr(), 0.4);
}

} // namespace
