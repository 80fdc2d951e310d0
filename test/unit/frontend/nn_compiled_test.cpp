// Modules and optimizers inside tenon::compile and in artifacts: modes are guarded, state has its names.
#include "expect_error.h"
#include "runtime/tenon.h"

#include <algorithm>

using namespace tenon;

namespace {

struct NetImpl : nn::Module {
  nn::Linear fc1{4, 3}, fc2{3, 2};
  NetImpl() {
    register_module("fc1", fc1);
    register_module("fc2", fc2);
  }
  Tensor forward(Tensor x) { return fc2(relu(fc1(x))); }
};
TENON_MODULE(Net);

TEST(CompiledModuleTest, TheModeIsGuarded) {
  nn::Dropout drop(0.5);
  auto f = compile([&](Tensor x) { return drop(x); });
  Tensor x = ones({1000});
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(equal(f(x), x));
  drop->eval();
  EXPECT_TRUE(equal(f(x), x));
  drop->train();
  EXPECT_FALSE(equal(f(x), x));
}

TEST(CompiledModuleTest, EveryDrawOfDropoutDiffers) {
  nn::Dropout drop(0.5);
  auto f = compile([&](Tensor x) { return drop(x); });
  Tensor x = ones({1000});
  std::vector<Tensor> seen;
  for (int i = 0; i < 4; ++i) {
    Tensor y = f(x).clone();
    for (const Tensor &before : seen)
      EXPECT_FALSE(equal(y, before));
    seen.push_back(y);
  }
}

TEST(CompiledModuleTest, ReplaysEqualStepsWrittenOut) {
  auto run = [](bool compiled) {
    manual_seed(7);
    Net net;
    optim::AdamW optimizer(net->parameters(), optim::AdamWOptions(0.01));
    optim::ExponentialLR scheduler(optimizer, 0.9);
    auto written = [&](Tensor x, Tensor y) {
      optimizer.zero_grad();
      Tensor loss = F::cross_entropy(dropout(net(x), 0.2, net->is_training()), y);
      loss.backward();
      optimizer.step();
      return loss;
    };
    auto step = compile(written);
    Tensor x = randn({8, 4}), y = randint(2, {8});
    x.data_ptr(), y.data_ptr();
    std::vector<double> losses;
    for (int i = 0; i < 6; ++i) {
      losses.push_back((compiled ? step(x, y) : written(x, y)).item<double>());
      scheduler.step();
    }
    return losses;
  };
  EXPECT_EQ(run(true), run(false));
}

std::vector<std::string> state_names(const std::string &path) {
  tenon_model *model = nullptr;
  EXPECT_EQ(tenon_model_load(path.c_str(), &model), TENON_OK) << tenon_last_error();
  tenon_model_info info{};
  tenon_model_describe(model, &info);
  std::vector<std::string> names;
  for (uint32_t i = 0; i < info.states; ++i) {
    tenon_state_info state{};
    tenon_state_describe(model, i, &state);
    names.push_back(state.tensor.name);
  }
  tenon_model_free(model);
  std::sort(names.begin(), names.end());
  return names;
}

/// What the state of a compiled step is called.
template <class Optimizer, class Scheduler> std::vector<std::string> names_of_a_step(Net &net, Optimizer &optimizer, Scheduler &scheduler) {
  auto step = compile([&](Tensor x) {
    optimizer.zero_grad();
    Tensor loss = net(x).sum();
    loss.backward();
    optimizer.step();
    scheduler.step();
    return loss;
  });
  step(ones({2, 4}));
  std::string path = testing::TempDir() + "/tenon-names.so";
  save_artifact(path, {{"step", step}});
  return state_names(path);
}

TEST(ArtifactNamesTest, ParametersMomentsAndSchedules) {
  Net net;
  optim::Adam optimizer(net->parameters(), 0.01);
  optim::StepLR scheduler(optimizer, 2);
  std::vector<std::string> names = names_of_a_step(net, optimizer, scheduler), expected{"optimizer.lr", "optimizer.step", "scheduler.last_epoch"};
  for (const std::string &parameter : net->named_parameters().keys())
    for (const char *prefix : {"", "optimizer.exp_avg/", "optimizer.exp_avg_sq/"})
      expected.push_back(prefix + parameter);
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(names, expected);
}

TEST(ArtifactNamesTest, AMomentumThatAScheduleMoves) {
  Net net;
  auto all = net->parameters();
  optim::SGD optimizer({optim::OptimizerParamGroup({all[0]}), optim::OptimizerParamGroup({all[1]})}, optim::SGDOptions(0.1).momentum(0.9));
  optim::OneCycleLR scheduler(optimizer, optim::OneCycleLROptions(0.1, 10));
  std::vector<std::string> names = names_of_a_step(net, optimizer, scheduler);
  for (const char *name : {"optimizer.momentum", "optimizer.momentum/1"})
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name << " in " << testing::PrintToString(names);
}

TEST(ArtifactNamesTest, TwoModelsDoNotCollide) {
  struct OtherImpl : NetImpl {};
  Net net;
  auto other = std::make_shared<OtherImpl>();
  optim::SGD a(net->parameters(), 0.1), b(other->parameters(), 0.1);
  auto step = compile([&](Tensor x) {
    a.zero_grad();
    b.zero_grad();
    Tensor loss = (net(x) * other->forward(x)).sum();
    loss.backward();
    a.step();
    b.step();
    return loss;
  });
  step(ones({2, 4}));
  std::string path = testing::TempDir() + "/tenon-two.so";
  save_artifact(path, {{"step", step}});
  std::vector<std::string> names = state_names(path);
  EXPECT_EQ(names.size(), 10u);
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

} // namespace
