// Rates and momenta under every scheduler equal PyTorch's (schedules.json), stepped between steps and inside a compiled one.
#include "cases.h"

#include <cmath>

using namespace tenon;
using namespace tenon::optim;

namespace {

std::shared_ptr<LRScheduler> make_scheduler(const Json &test, Optimizer &optimizer);

std::shared_ptr<FormulaLR> make_formula(const Json &test, Optimizer &optimizer) {
  std::string type = test["type"];
  const Json &o = test["options"];
  auto number = [&](const char *name, double otherwise) { return o.value(name, otherwise); };
  auto count = [&](const char *name, int64_t otherwise) { return o.value(name, otherwise); };
  if (type == "StepLR")
    return std::make_shared<StepLR>(optimizer, count("step_size", 1), number("gamma", 0.1));
  if (type == "MultiStepLR")
    return std::make_shared<MultiStepLR>(optimizer, o["milestones"].get<std::vector<int64_t>>(), number("gamma", 0.1));
  if (type == "ConstantLR")
    return std::make_shared<ConstantLR>(optimizer, number("factor", 1.0 / 3), count("total_iters", 5));
  if (type == "LinearLR")
    return std::make_shared<LinearLR>(optimizer, number("start_factor", 1.0 / 3), number("end_factor", 1), count("total_iters", 5));
  if (type == "ExponentialLR")
    return std::make_shared<ExponentialLR>(optimizer, number("gamma", 1));
  if (type == "PolynomialLR")
    return std::make_shared<PolynomialLR>(optimizer, count("total_iters", 5), number("power", 1));
  if (type == "CosineAnnealingLR")
    return std::make_shared<CosineAnnealingLR>(optimizer, count("T_max", 1), number("eta_min", 0));
  if (type == "CosineAnnealingWarmRestarts")
    return std::make_shared<CosineAnnealingWarmRestarts>(optimizer, count("T_0", 1), count("T_mult", 1), number("eta_min", 0));
  if (type == "SWALR")
    return std::make_shared<SWALR>(optimizer, number("swa_lr", 0), count("anneal_epochs", 10), o.value("anneal_strategy", "cos"));
  if (type == "CyclicLR") {
    CyclicLROptions c(number("base_lr", 0), number("max_lr", 0));
    c.step_size_up(count("step_size_up", 2000))
        .step_size_down(count("step_size_down", 0))
        .mode(o.value("mode", "triangular"))
        .gamma(number("gamma", 1));
    c.cycle_momentum(o.value("cycle_momentum", true)).base_momentum(number("base_momentum", 0.8)).max_momentum(number("max_momentum", 0.9));
    return std::make_shared<CyclicLR>(optimizer, c);
  }
  if (type == "OneCycleLR") {
    OneCycleLROptions c(number("max_lr", 0), count("total_steps", 1));
    c.pct_start(number("pct_start", 0.3)).anneal_strategy(o.value("anneal_strategy", "cos")).three_phase(o.value("three_phase", false));
    c.cycle_momentum(o.value("cycle_momentum", true))
        .base_momentum(number("base_momentum", 0.85))
        .max_momentum(number("max_momentum", 0.95));
    c.div_factor(number("div_factor", 25)).final_div_factor(number("final_div_factor", 1e4));
    return std::make_shared<OneCycleLR>(optimizer, c);
  }
  return nullptr;
}

std::shared_ptr<LRScheduler> make_scheduler(const Json &test, Optimizer &optimizer) {
  std::string type = test["type"];
  if (type == "LambdaLR")
    return std::make_shared<LambdaLR>(optimizer, [](int64_t epoch) { return std::pow(0.95, epoch); });
  if (type == "MultiplicativeLR")
    return std::make_shared<MultiplicativeLR>(optimizer, [](int64_t epoch) { return 1 - 0.5 / (epoch + 1); });
  if (type == "ChainedScheduler") {
    std::vector<std::shared_ptr<LRScheduler>> parts;
    for (const Json &part : test["parts"])
      parts.push_back(make_scheduler(part, optimizer));
    return std::make_shared<ChainedScheduler>(parts);
  }
  if (type == "SequentialLR") {
    std::vector<std::shared_ptr<FormulaLR>> parts;
    for (const Json &part : test["parts"])
      parts.push_back(make_formula(part, optimizer));
    return std::make_shared<SequentialLR>(optimizer, parts, test["milestones"].get<std::vector<int64_t>>());
  }
  return make_formula(test, optimizer);
}

struct Schedule {
  Json test;
  size_t number;
  bool compiled;
};
void PrintTo(const Schedule &s, std::ostream *out) {
  *out << s.test["type"];
}

class Schedules : public testing::TestWithParam<Schedule> {};

TEST_P(Schedules, EqualPyTorch) {
  const auto &[test, number, compiled] = GetParam();
  Tensor p = zeros({1}, kFloat64).requires_grad_(), q = zeros({1}, kFloat64).requires_grad_();
  bool adam = test.value("optimizer", "SGD") == "Adam";
  std::vector<OptimizerParamGroup> groups;
  for (auto [parameter, lr] : {std::pair(p, 0.8), std::pair(q, 0.05)})
    groups.emplace_back(TensorList{parameter}, adam ? AdamOptions(lr).clone() : SGDOptions(lr).momentum(0.9).clone());
  std::shared_ptr<Optimizer> optimizer;
  if (adam)
    optimizer = std::make_shared<Adam>(groups);
  else
    optimizer = std::make_shared<SGD>(groups);

  std::shared_ptr<ReduceLROnPlateau> plateau;
  std::shared_ptr<LRScheduler> scheduler;
  if (test["type"] == "ReduceLROnPlateau") {
    const Json &o = test["options"];
    ReduceLROnPlateauOptions options;
    options.mode(o.value("mode", "min"))
        .factor(o.value("factor", 0.1))
        .patience(o.value("patience", 10))
        .threshold(o.value("threshold", 1e-4));
    options.threshold_mode(o.value("threshold_mode", "rel")).cooldown(o.value("cooldown", 0)).min_lr(o.value("min_lr", 0.0));
    plateau = std::make_shared<ReduceLROnPlateau>(*optimizer, options);
  } else {
    scheduler = make_scheduler(test, *optimizer);
  }
  auto step = compile([&](Tensor x) {
    optimizer->zero_grad();
    Tensor loss = (p * x + q * x).sum();
    loss.backward();
    optimizer->step();
    scheduler->step();
    return loss;
  });
  Tensor x = ones({1}, kFloat64);
  for (size_t i = 0; i < test["numbers"].size(); ++i) {
    auto expected = test["numbers"][i].get<std::vector<double>>();
    for (size_t g = 0; g < 2; ++g) {
      double lr = optimizer->param_groups()[g].options().get_lr();
      ASSERT_LE(std::abs(lr - expected[g]), 1e-9 * std::max(std::abs(expected[g]), 1e-3))
          << "call " << i << ", group " << g << ": " << lr << ", PyTorch " << expected[g];
    }
    OptimizerOptions &options = optimizer->param_groups()[0].options();
    double momentum = options.momentum_state().defined() ? options.momentum_state().item<double>() : *options.momentum_number();
    ASSERT_NEAR(momentum, expected[2], 1e-9) << "call " << i;
    if (i + 1 == test["numbers"].size())
      break;
    if (plateau)
      plateau->step(test["metrics"][i].get<double>());
    else if (compiled)
      step(x);
    else
      scheduler->step();
    if (i == 10 && scheduler && !compiled) { // saved and loaded into one that has just been made
      auto copy_of = [](const OrderedDict<std::string, Tensor> &state) {
        OrderedDict<std::string, Tensor> copy("State");
        for (const auto &item : state)
          copy.insert(item.key(), item.value().clone());
        return copy;
      };
      auto rates = copy_of(optimizer->state_dict()), calls = copy_of(scheduler->state_dict());
      scheduler = make_scheduler(test, *optimizer);
      optimizer->load_state_dict(rates);
      scheduler->load_state_dict(calls);
    }
  }
}

std::vector<Schedule> all_schedules() {
  std::vector<Schedule> all;
  size_t number = 0;
  for (Json &test : read_cases("schedules.json")) {
    for (bool compiled : {false, true})
      if (!compiled ||
          (test["type"] != "LambdaLR" && test["type"] != "MultiplicativeLR" && test["type"] != "ReduceLROnPlateau")) // of the host
        all.push_back({test, number, compiled});
    ++number;
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(PyTorch, Schedules, testing::ValuesIn(all_schedules()), [](const auto &info) {
  return info.param.test["type"].template get<std::string>() + "_" + std::to_string(info.param.number) +
         (info.param.compiled ? "_compiled" : "");
});

} // namespace
