// What training needs around a network: initialisers, clipping, accumulation, freezing, averages, optimizers' bad input.
#include "expect_error.h"

#include <algorithm>
#include <cmath>

using namespace tenon;

namespace {

std::vector<double> numbers(const Tensor &t) {
  Tensor wide = t.detach().to(kFloat64);
  const double *data = wide.data_ptr<double>();
  return {data, data + t.numel()};
}

/// The largest distance between the numbers' distribution and `cdf`: below 1.95 / sqrt(n) with probability 0.999.
double kolmogorov(std::vector<double> x, const std::function<double(double)> &cdf) {
  std::sort(x.begin(), x.end());
  double worst = 0, n = static_cast<double>(x.size());
  for (size_t i = 0; i < x.size(); ++i)
    worst = std::max({worst, std::abs(cdf(x[i]) - i / n), std::abs(cdf(x[i]) - (i + 1) / n)});
  return worst * std::sqrt(n);
}
auto uniform(double bound) {
  return [bound](double x) { return std::clamp((x + bound) / (2 * bound), 0.0, 1.0); };
}
auto normal(double std) {
  return [std](double x) { return (1 + std::erf(x / std / std::sqrt(2.0))) / 2; };
}

TEST(InitTest, DefaultsAreDistributedAsPyTorchs) {
  manual_seed(3);
  nn::Linear linear(300, 40);
  EXPECT_LT(kolmogorov(numbers(linear->weight), uniform(1 / std::sqrt(300.0))), 1.95);
  EXPECT_LT(kolmogorov(numbers(linear->bias), uniform(1 / std::sqrt(300.0))), 1.95);
  nn::Bilinear bilinear(30, 20, 10);
  EXPECT_LT(kolmogorov(numbers(bilinear->weight), uniform(1 / std::sqrt(30.0))), 1.95);
  EXPECT_EQ(numbers(nn::PReLU(nn::PReLUOptions().num_parameters(3))->weight), std::vector<double>(3, 0.25));
}

TEST(InitTest, FamiliesOfInitialisers) {
  manual_seed(4);
  Tensor t = empty({60, 20, 3});
  EXPECT_LT(kolmogorov(numbers(nn::init::xavier_uniform_(t, 2)), uniform(2 * std::sqrt(6.0 / (60 + 180)))), 1.95);
  auto [in, out] = nn::init::_calculate_fan_in_and_fan_out(t);
  EXPECT_EQ(in, 60);
  EXPECT_EQ(out, 180);
  EXPECT_LT(kolmogorov(numbers(nn::init::xavier_normal_(t)), normal(std::sqrt(2.0 / (in + out)))), 1.95);
  EXPECT_LT(kolmogorov(numbers(nn::init::kaiming_normal_(t, 0, kFanOut, kReLU)), normal(std::sqrt(2.0 / out))), 1.95);
  EXPECT_LT(kolmogorov(numbers(nn::init::kaiming_uniform_(t, 0.2)), uniform(std::sqrt(3.0) * std::sqrt(2 / 1.04) / std::sqrt(in))), 1.95);
  std::vector<double> cut = numbers(nn::init::trunc_normal_(t, 0.5, 2, -1, 1.5));
  double low = normal(2)(-1.5), high = normal(2)(1.0);
  EXPECT_LT(kolmogorov(cut, [&](double x) { return (normal(2)(x - 0.5) - low) / (high - low); }), 1.95);
  EXPECT_GE(*std::min_element(cut.begin(), cut.end()), -1);
  EXPECT_LE(*std::max_element(cut.begin(), cut.end()), 1.5);
}

TEST(InitTest, OrthogonalSparseDiracEye) {
  manual_seed(5);
  for (auto shape : {Shape{5, 9}, Shape{9, 5}, Shape{4, 4}, Shape{3, 2, 2}}) {
    Tensor q = nn::init::orthogonal_(empty(shape, kFloat64), 2).view({shape[0], -1});
    Tensor gram = q.size(0) <= q.size(1) ? q.matmul(q.t()) : q.t().matmul(q);
    EXPECT_TRUE(allclose(gram, 4.0 * nn::init::eye_(empty(gram.sizes(), kFloat64)), 1e-10, 1e-10));
  }
  std::vector<double> s = numbers(nn::init::sparse_(empty({10, 7}, kFloat64), 0.25, 0.1));
  EXPECT_EQ(std::count(s.begin(), s.end(), 0.0), 3 * 7); // a quarter of 10, rounded up
  EXPECT_EQ(numbers(nn::init::dirac_(empty({2, 2, 3}, kFloat64))), (std::vector<double>{0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}));
  EXPECT_EQ(numbers(nn::init::dirac_(empty({2, 1, 3}, kFloat64), 2)), (std::vector<double>{0, 1, 0, 0, 1, 0}));
  EXPECT_ERROR(nn::init::orthogonal_(empty({3})), "orthogonal_: expected at least 2 dimensions");
  EXPECT_ERROR(nn::init::sparse_(empty({3}), 0.1), "sparse_: expected a matrix");
  EXPECT_ERROR(nn::init::sparse_(empty({3, 3}), 1.5), "sparse_: expected a sparsity in [0, 1]");
  EXPECT_ERROR(nn::init::dirac_(empty({3, 3})), "dirac_: expected 3 to 5 dimensions");
  EXPECT_ERROR(nn::init::dirac_(empty({3, 3, 3}), 2), "dirac_: expected groups that divide 3");
  EXPECT_ERROR(nn::init::trunc_normal_(empty({3}), 0, 1, 2, 1), "trunc_normal_: expected a not above b");
}

TEST(ClipTest, NormAndValue) {
  Tensor a = tensor({3.0, 0.0}, kFloat64).requires_grad_(), b = tensor({4.0}, kFloat64).requires_grad_(),
         none = zeros({2}, kFloat64).requires_grad_();
  auto gradients = [&] {
    for (const Tensor &t : {a, b})
      t.reset_grad();
    (a.square().sum() / 2.0 + b.square().sum() / 2.0).backward();
  };
  gradients();
  EXPECT_NEAR(nn::utils::clip_grad_norm_({a, b, none}, 1).item<double>(), 5, 1e-12);
  EXPECT_NEAR(numbers(a.grad())[0], 3 / (5 + 1e-6), 1e-12);
  EXPECT_NEAR(numbers(b.grad())[0], 4 / (5 + 1e-6), 1e-12);
  gradients();
  EXPECT_NEAR(nn::utils::clip_grad_norm_({a, b}, 10, 1).item<double>(), 7, 1e-12);
  EXPECT_EQ(numbers(b.grad())[0], 4);
  EXPECT_NEAR(nn::utils::clip_grad_norm_({a, b}, 10, INFINITY).item<double>(), 4, 1e-12);
  nn::utils::clip_grad_value_({a, b, none}, 3.5);
  EXPECT_EQ(numbers(b.grad())[0], 3.5);
  Tensor all = nn::utils::parameters_to_vector({a, b});
  EXPECT_EQ(numbers(all), (std::vector<double>{3, 0, 4}));
  nn::utils::vector_to_parameters(tensor({1.0, 2.0, 5.0}, kFloat64), {a, b});
  EXPECT_EQ(numbers(b)[0], 5);
  EXPECT_ERROR(nn::utils::vector_to_parameters(all, {a}), "vector_to_parameters: expected a vector of 2 numbers");
  EXPECT_ERROR(nn::utils::clip_grad_norm_({a}, -1), "clip_grad_norm_: expected max_norm at least 0");
  EXPECT_ERROR(nn::utils::clip_grad_norm_({a}, 1, 0), "clip_grad_norm_: expected norm_type above 0");
  EXPECT_ERROR(nn::utils::clip_grad_value_({a}, -1), "clip_grad_value_: expected clip_value at least 0");
}

/// Three batches a step, clipped: inside one compiled step, across compiled steps, and written out.
TEST(AccumulationTest, InsideOneStepAndAcrossSteps) {
  auto run = [](int mode) {
    manual_seed(7);
    nn::Linear net(4, 2);
    net->to(kFloat64);
    optim::Adam optimizer(net->parameters(), optim::AdamOptions(0.1));
    auto add = [&](Tensor x) { (net(x).square().mean() / 3.0).backward(); };
    auto finish = [&] {
      nn::utils::clip_grad_norm_(net->parameters(), 0.5);
      optimizer.step();
      optimizer.zero_grad();
    };
    auto whole = compile([&](Tensor x) {
      for (const Tensor &part : x.chunk(3))
        add(part);
      finish();
    });
    auto part = compile([&](Tensor x) { add(x); });
    auto last = compile([&](Tensor x) {
      add(x);
      finish();
    });
    Tensor data = linspace(-1, 1, 72, kFloat64).view({18, 4});
    for (int i = 0; i < 4; ++i) {
      if (mode == 0) {
        for (const Tensor &x : data.chunk(3))
          add(x);
        finish();
      } else if (mode == 1) {
        whole(data);
      } else {
        TensorList x = data.chunk(3);
        part(x[0]);
        part(x[1]);
        last(x[2]);
      }
    }
    return numbers(nn::utils::parameters_to_vector(net->parameters()));
  };
  EXPECT_EQ(run(1), run(0));
  EXPECT_EQ(run(2), run(0));
}

TEST(AverageTest, RunningStatisticsAnew) { // PyTorch's numbers
  nn::Sequential net(nn::BatchNorm1d(nn::BatchNorm1dOptions(2).momentum(0.3)));
  net->to(kFloat64);
  std::vector<Tensor> batches{tensor({{1.0, 2.0}, {3.0, 5.0}, {4.0, 1.0}}, kFloat64), tensor({{0.0, 1.0}, {7.0, 2.0}}, kFloat64)};
  net(batches[0]);
  net->eval();
  optim::swa_utils::update_bn(batches, net);
  auto &bn = *net->children()[0]->as<nn::BatchNorm1d>();
  EXPECT_NEAR(numbers(bn.running_mean)[0], 3.083333333333333, 1e-12);
  EXPECT_NEAR(numbers(bn.running_var)[0], 13.416666666666666, 1e-12);
  EXPECT_NEAR(numbers(bn.running_var)[1], 2.4166666666666665, 1e-12);
  EXPECT_EQ(bn.num_batches_tracked.item<int64_t>(), 2);
  EXPECT_EQ(bn.options.momentum(), 0.3);
  EXPECT_FALSE(bn.is_training());
}

TEST(AverageTest, ExponentialAndEqual) {
  for (bool compiled : {false, true}) {
    nn::Linear net(1, 1);
    net->to(kFloat64);
    optim::swa_utils::AveragedModel<nn::Linear> ema(net, 0.9), swa(net);
    auto body = [&](Tensor x) {
      {
        NoGradGuard no_grad;
        net->weight.copy_(x);
      }
      ema.update_parameters(net);
      swa.update_parameters(net);
    };
    auto step = compile(body);
    double e = 0, mean = 0;
    for (int i = 0; i < 5; ++i) {
      double value = 1 + i * i;
      Tensor x = full({1, 1}, value, kFloat64);
      compiled ? step(x) : body(x);
      e = i == 0 ? value : 0.9 * e + 0.1 * value;
      mean += (value - mean) / (i + 1);
      EXPECT_NEAR(numbers(ema.module()->weight)[0], e, 1e-12);
      EXPECT_NEAR(numbers(swa.module()->weight)[0], mean, 1e-12);
    }
    EXPECT_EQ(ema.n_averaged().item<int64_t>(), 5);
  }
  EXPECT_ERROR_TEXT(optim::swa_utils::AveragedModel<nn::Linear>(nn::Linear(1, 1), 1.5), "AveragedModel: expected a decay in [0, 1]");
}

TEST(OptimizersTest, BadInput) {
  Tensor p = zeros({2}, kFloat64).requires_grad_();
  optim::LBFGS lbfgs({p}, optim::LBFGSOptions(1));
  EXPECT_ERROR(lbfgs.step(), "LBFGS: step() needs a closure");
  EXPECT_ERROR(optim::LBFGS({p}, optim::LBFGSOptions(1).line_search_fn("armijo")), "LBFGS: line_search_fn is \"armijo\"");
  EXPECT_ERROR(optim::Adamax({p}, optim::AdamaxOptions(0.1).betas({1.0, 0.9})), "Adamax: betas[0] is 1");
  EXPECT_ERROR(optim::NAdam({p}, optim::NAdamOptions(0.1).momentum_decay(-1)), "NAdam: momentum_decay is -1");
  EXPECT_ERROR(optim::RAdam({p}, optim::RAdamOptions(0.1).eps(-1)), "RAdam: eps is -1");
  EXPECT_ERROR(optim::Adadelta({p}, optim::AdadeltaOptions(0.1).rho(1.5)), "Adadelta: rho is 1.5");
  EXPECT_ERROR(optim::ASGD({p}, optim::ASGDOptions(0.1).weight_decay(-1)), "ASGD: weight_decay is -1");
  EXPECT_ERROR(optim::Rprop({p}, optim::RpropOptions(0.1).etas({1.5, 2.0})), "Rprop: etas[0] is 1.5");
  EXPECT_ERROR(optim::Lion({p}, optim::LionOptions(0.1).betas({0.9, 2.0})), "Lion: betas[1] is 2");
  EXPECT_ERROR(optim::LAMB({p}, optim::LAMBOptions(0.1).eps(-1)), "LAMB: eps is -1");
  EXPECT_ERROR(optim::Muon({p}, optim::MuonOptions(0.1).adjust_lr_fn("none")), "Muon: adjust_lr_fn is \"none\"");
  optim::Muon muon({p}, optim::MuonOptions(0.1));
  p.sum().backward();
  EXPECT_ERROR(muon.step(), "Muon: expected matrices");
  std::vector<optim::OptimizerParamGroup> wrong;
  wrong.emplace_back(TensorList{p}, optim::SGDOptions(0.1).clone());
  EXPECT_ERROR(optim::Adam{wrong}, "a group has the options of another optimizer");
}

TEST(OptimizersTest, SaveAndLoadContinueTheSameRun) {
  auto gradient = [](const Tensor &p, int i) {
    p.reset_grad();
    (p * tensor({1.0 + i, -2.0}, kFloat64) + p.square()).sum().backward();
  };
  auto check = [&]<class O, class Options>(std::type_identity<O>, Options options) {
    Tensor p = tensor({1.0, 2.0}, kFloat64).requires_grad_(), q = tensor({1.0, 2.0}, kFloat64).requires_grad_();
    O first(TensorList{p}, options), second(TensorList{q}, options);
    for (int i = 0; i < 3; ++i)
      gradient(p, i), first.step();
    {
      NoGradGuard no_grad;
      q.copy_(p);
    }
    second.load_state_dict(first.state_dict());
    for (int i = 3; i < 6; ++i)
      gradient(p, i), first.step(), gradient(q, i), second.step();
    EXPECT_EQ(numbers(p), numbers(q));
  };
  check(std::type_identity<optim::NAdam>(), optim::NAdamOptions(0.1));
  check(std::type_identity<optim::ASGD>(), optim::ASGDOptions(0.1).t0(1));
  check(std::type_identity<optim::Rprop>(), optim::RpropOptions(0.1));
  check(std::type_identity<optim::RAdam>(), optim::RAdamOptions(0.1));
}

TEST(SchedulersTest, BadInput) {
  Tensor p = zeros({2}, kFloat64).requires_grad_();
  optim::SGD sgd({p}, 0.1);
  optim::Adagrad adagrad({p}, 0.1);
  EXPECT_ERROR(optim::LinearLR(sgd, 0), "LinearLR: start_factor is 0");
  EXPECT_ERROR(optim::ConstantLR(sgd, 2), "ConstantLR: factor is 2");
  EXPECT_ERROR(optim::PolynomialLR(sgd, 0), "PolynomialLR: total_iters is 0");
  EXPECT_ERROR(optim::CosineAnnealingLR(sgd, 0), "CosineAnnealingLR: T_max is 0");
  EXPECT_ERROR(optim::CosineAnnealingWarmRestarts(sgd, 0), "CosineAnnealingWarmRestarts: T_0 is 0");
  EXPECT_ERROR(optim::CyclicLR(adagrad, optim::CyclicLROptions(0.1, 1)), "no momentum to cycle");
  EXPECT_ERROR(optim::CyclicLR(sgd, optim::CyclicLROptions(0.1, 1).mode("square")), "CyclicLR: mode is \"square\"");
  EXPECT_ERROR(optim::OneCycleLR(sgd, optim::OneCycleLROptions(0.1, 0)), "OneCycleLR: total_steps is 0");
  EXPECT_ERROR(optim::ReduceLROnPlateau(sgd, optim::ReduceLROnPlateauOptions().factor(2)), "ReduceLROnPlateau: factor is 2");
  EXPECT_ERROR(optim::SequentialLR(sgd, {std::make_shared<optim::StepLR>(sgd, 1)}, {3}), "SequentialLR: expected one milestone less");
  EXPECT_ERROR(optim::ChainedScheduler({}), "ChainedScheduler: expected at least one scheduler");
  EXPECT_ERROR(optim::SWALR(sgd, 0.1, 3, "square"), "SWALR: anneal_strategy is \"square\"");
}

TEST(DropoutsTest, WholeChannelsAndStatistics) {
  manual_seed(9);
  Tensor x = ones({8, 16, 5, 5}, kFloat64);
  Tensor y = F::dropout2d(x, 0.25);
  Tensor sums = y.sum({2, 3});
  for (double s : numbers(sums))
    EXPECT_TRUE(s == 0 || std::abs(s - 25 / 0.75) < 1e-9) << s;
  double kept = numbers(sums.gt(0).to(kFloat64).mean())[0];
  EXPECT_NEAR(kept, 0.75, 0.15);
  Tensor z = F::alpha_dropout(randn({100, 200}, kFloat64), F::AlphaDropoutFuncOptions().p(0.3).training(true));
  EXPECT_NEAR(z.mean().item<double>(), 0, 0.03);
  EXPECT_NEAR(z.std().item<double>(), 1, 0.03);
  Tensor r = F::rrelu(full({2000}, -1.0, kFloat64), F::RReLUFuncOptions().training(true));
  EXPECT_LT(kolmogorov(numbers(r), [](double v) { return std::clamp((v + 1.0 / 3) / (1.0 / 3 - 1.0 / 8), 0.0, 1.0); }), 1.95);
  Tensor g = F::gumbel_softmax(zeros({500, 3}, kFloat64), F::GumbelSoftmaxFuncOptions().hard(true));
  for (double share : numbers(g.mean(0)))
    EXPECT_NEAR(share, 1.0 / 3, 0.1);
}

} // namespace
