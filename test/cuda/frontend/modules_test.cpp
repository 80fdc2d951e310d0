// Modules and steps on GPUs: net->to(kCUDA) is all that a program changes.
#include "test/unit/frontend/expect_error.h"

using namespace tenon;

namespace {
struct NetImpl : nn::Module {
  nn::Linear first{nn::LinearOptions(6, 8).bias(false)}, last{8, 3}; // before a norm a bias has a gradient of rounding errors only
  nn::BatchNorm1d norm{8};
  nn::Dropout drop{0.2};
  NetImpl() { register_module("first", first), register_module("norm", norm), register_module("drop", drop), register_module("last", last); }
  Tensor forward(Tensor x) { return last(drop(relu(norm(first(x))))); }
};
TENON_MODULE(Net);

struct Run {
  std::vector<float> losses;
  OrderedDict<std::string, Tensor> state;
};
/// A few steps on a device; from the `move`th step on, on the GPU.
Run train(Device device, bool compiled, int move = -1) {
  manual_seed(1);
  Net net;
  net->to(device);
  optim::Adam adam(net->parameters(), optim::AdamOptions(1e-2));
  optim::StepLR schedule(adam, 2, 0.5);
  auto step = [&](Tensor x, Tensor y) {
    adam.zero_grad();
    auto loss = nn::functional::cross_entropy(net(x), y);
    loss.backward();
    adam.step();
    return loss;
  };
  auto fast = tenon::compile(step);
  Run run;
  for (int i = 0; i < 6; ++i) {
    if (i == move)
      net->to(device = kCUDA);
    auto x = rand({4, 6}).to(device), y = randint(0, 3, {4}).to(device);
    auto loss = compiled ? fast(x, y) : step(x, y);
    EXPECT_EQ(loss.device().type(), device.type());
    run.losses.push_back(loss.item<float>());
    schedule.step();
  }
  for (auto &p : net->parameters())
    EXPECT_EQ(p.device().type(), device.type());
  run.state = net->state_dict();
  return run;
}
void expect_same(const Run &a, const Run &b) {
  for (size_t i = 0; i < a.losses.size(); ++i)
    EXPECT_NEAR(a.losses[i], b.losses[i], 1e-5 * std::abs(a.losses[i]) + 1e-6) << "step " << i;
  for (auto &item : a.state)
    EXPECT_TRUE(allclose(item.value().cpu().to(kDouble), b.state[item.key()].cpu().to(kDouble), 1e-4, 1e-5)) << item.key();
}
} // namespace

TEST(CudaModules, TrainAsOnTheCpu) { expect_same(train(kCPU, false), train(kCUDA, false)); }
TEST(CudaModules, TrainCompiled) { expect_same(train(kCPU, false), train(kCUDA, true)); }
TEST(CudaModules, TrainOnTheSecondGpu) { expect_same(train(kCPU, false), train("cuda:1", true)); }

TEST(CudaModules, MoveBetweenSteps) {
  Net net;
  net->to(kCUDA);
  net->eval();
  auto predict = tenon::compile([&](Tensor x) { return net(x); });
  auto x = rand({2, 6});
  auto there = predict(x.to(kCUDA)).cpu();
  EXPECT_ERROR_TEXT(predict(x), "on one device");
  net->to(kCPU);
  auto here = predict(x);
  EXPECT_EQ(here.device(), Device(kCPU));
  EXPECT_TRUE(allclose(here, there, 1e-5, 1e-6)) << "another variant";
}

TEST(CudaModules, CheckpointsGoBetweenDevices) {
  Net one, two;
  one->to(kCUDA);
  std::string path = testing::TempDir() + "cuda.safetensors";
  save(one, path);
  two->to("cuda:1");
  load(two, path);
  for (auto &item : two->state_dict()) {
    EXPECT_EQ(item.value().device().str(), "cuda:1") << item.key();
    EXPECT_TRUE(equal(item.value().cpu(), one->state_dict()[item.key()].cpu())) << item.key();
  }
}

TEST(CudaModules, MoveWhole) {
  struct WithBufferImpl : nn::Module {
    Tensor weight, position;
    WithBufferImpl() {
      weight = register_parameter("weight", ones({3}));
      position = register_buffer("position", arange(3, kFloat).unsqueeze(0));
    }
    Tensor forward(Tensor x) { return x * weight + position; }
  };
  auto net = std::make_shared<WithBufferImpl>();
  net->forward(ones({2, 3})).sum().backward();
  net->to(kCUDA);
  EXPECT_EQ(net->weight.grad().device().str(), "cuda:0") << "a gradient that was pending";
  EXPECT_EQ(net->forward(ones({2, 3}, kCUDA)).sum().item<float>(), 12) << "a buffer that is a view";
  net->to(kCUDA, kFloat64);
  EXPECT_EQ(net->weight.dtype(), kFloat64);
  EXPECT_EQ(net->weight.device().str(), "cuda:0");
}

TEST(CudaModules, CopiesAndOptimizersFollow) {
  Net net;
  net->to(kCUDA);
  auto copy = std::dynamic_pointer_cast<nn::LinearImpl>(net->last->clone());
  EXPECT_EQ(copy->weight.device().str(), "cuda:0");
  auto other = std::dynamic_pointer_cast<nn::LinearImpl>(net->last->clone(Device("cuda:1")));
  EXPECT_EQ(other->weight.device().str(), "cuda:1");
  optim::Adam adam(net->parameters(), optim::AdamOptions(1e-2));
  amp::GradScaler scaler(4);
  for (int i = 0; i < 2; ++i) {
    adam.zero_grad();
    scaler.scale(net(ones({4, 6}, kCUDA)).square().sum()).backward();
    scaler.step(adam);
    scaler.update();
  }
  EXPECT_TRUE(net->first->weight.isfinite().all().item<bool>());
}
