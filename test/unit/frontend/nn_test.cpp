// Modules: names, modes, state, printing, initial weights; functions and losses against their formulas.
#include "expect_error.h"

#include <cmath>
#include <sstream>

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

struct OuterImpl : nn::Module {
  nn::Sequential body{nn::Linear(2, 2), nn::ReLU(), nn::Dropout(0.5)};
  nn::Linear head{nullptr};
  Tensor scale, steps;
  OuterImpl() {
    register_module("body", body);
    head = register_module("head", nn::Linear(nn::LinearOptions(2, 1).bias(false)));
    scale = register_parameter("scale", ones({1}));
    steps = register_buffer("steps", zeros({}, kLong));
  }
  Tensor forward(Tensor x) { return head(body(x)) * scale; }
};
TENON_MODULE(Outer);

std::vector<double> numbers(const Tensor &t) {
  Tensor d = t.detach().to(kFloat64);
  return {d.data_ptr<double>(), d.data_ptr<double>() + d.numel()};
}

void expect_near(const Tensor &t, const std::vector<double> &expected, double tolerance = 1e-6) {
  std::vector<double> came = numbers(t);
  ASSERT_EQ(came.size(), expected.size());
  for (size_t i = 0; i < came.size(); ++i)
    EXPECT_NEAR(came[i], expected[i], tolerance) << "at " << i;
}

TEST(ModuleTest, NamesAreDottedAndInOrder) {
  Outer net;
  EXPECT_EQ(net->named_parameters().keys(), (std::vector<std::string>{"scale", "body.0.weight", "body.0.bias", "head.weight"}));
  EXPECT_EQ(net->named_parameters(false).keys(), (std::vector<std::string>{"scale"}));
  EXPECT_EQ(net->named_buffers().keys(), (std::vector<std::string>{"steps"}));
  EXPECT_EQ(net->named_modules().keys(), (std::vector<std::string>{"", "body", "body.0", "body.1", "body.2", "head"}));
  EXPECT_EQ(net->named_children().keys(), (std::vector<std::string>{"body", "head"}));
  EXPECT_EQ(net->parameters().size(), 4u);
  EXPECT_TRUE(net->parameters()[1].requires_grad());
  EXPECT_FALSE(net->buffers()[0].requires_grad());
  EXPECT_TRUE(net->named_parameters()["head.weight"].is_same(net->head->weight));
  EXPECT_ERROR_TEXT(net->named_parameters()["head.bias"], "Parameter 'head.bias' is not defined");
}

TEST(ModuleTest, ASharedModuleCountsOnce) {
  struct TiedImpl : nn::Module {
    nn::Linear a{2, 2};
    TiedImpl() {
      register_module("a", a);
      register_module("b", a);
    }
  };
  EXPECT_EQ(TiedImpl().named_parameters().keys(), (std::vector<std::string>{"a.weight", "a.bias"}));
}

TEST(ModuleTest, RegistrationMistakes) {
  struct M : nn::Module {};
  auto m = std::make_shared<M>();
  m->register_parameter("w", ones({1}));
  EXPECT_ERROR(m->register_parameter("w", ones({1})), "M", "'w' is taken");
  EXPECT_ERROR(m->register_buffer("w", ones({1})), "'w' is taken");
  EXPECT_ERROR(m->register_module("a.b", nn::ReLU()), "'a.b' holds a dot");
  EXPECT_ERROR(m->register_module("", nn::ReLU()), "empty");
  EXPECT_ERROR(m->register_parameter("i", ones({1}, kLong)), "int64");
  EXPECT_ERROR(m->unregister_module("x"), "no submodule 'x'");
  EXPECT_ERROR_TEXT(nn::Linear(nullptr)->reset(), "holder is empty");
  EXPECT_ERROR_TEXT(nn::Linear(0, 3), "in_features 0");
  EXPECT_ERROR_TEXT(nn::Dropout(1.5), "[0, 1]", "1.5");
}

TEST(ModuleTest, TrainAndEvalReachEverything) {
  Outer net;
  EXPECT_TRUE(net->is_training());
  net->eval();
  for (const auto &module : net->modules())
    EXPECT_FALSE(module->is_training());
  net->train();
  EXPECT_TRUE(net->body[2]->is_training());
}

TEST(ModuleTest, ApplyVisitsEveryModule) {
  Net net;
  int linears = 0;
  net->apply([&](nn::Module &module) {
    if (auto *linear = module.as<nn::Linear>()) {
      ++linears;
      nn::init::constant_(linear->weight, 0.5);
    }
  });
  EXPECT_EQ(linears, 2);
  EXPECT_EQ(numbers(net->fc2->weight), std::vector<double>(6, 0.5));
}

TEST(ModuleTest, StateDictRoundTrip) {
  Net a, b;
  EXPECT_FALSE(equal(a->fc1->weight, b->fc1->weight));
  b->load_state_dict(a->state_dict());
  EXPECT_TRUE(equal(a->fc1->weight, b->fc1->weight));
  std::string path = testing::TempDir() + "/tenon-nn-test.safetensors";
  Net c;
  save(a, path);
  load(c, path);
  EXPECT_TRUE(equal(a->fc2->bias, c->fc2->bias));
  EXPECT_ERROR(load(c, path + ".missing"), path + ".missing");
}

TEST(ModuleTest, LoadStateDictNamesEveryMistakeAndChangesNothing) {
  Net net;
  auto before = numbers(net->fc1->weight);
  OrderedDict<std::string, Tensor> state{{"fc1.weight", zeros({4, 3})}, {"fc1.bias", zeros({3})}, {"fc2.weight", zeros({2, 3})}, {"fc3.weight", zeros({1})}};
  EXPECT_ERROR(net->load_state_dict(state), "Net", "missing fc2.bias [2]", "unexpected fc3.weight", "fc1.weight: expected [3, 4], came [4, 3]");
  EXPECT_EQ(numbers(net->fc1->weight), before);
  state.erase("fc1.weight");
  net->load_state_dict(state, /*strict=*/false);
  EXPECT_EQ(numbers(net->fc2->weight), std::vector<double>(6, 0.0));
}

TEST(ModuleTest, ToChangesTheDtypeInPlace) {
  Net net;
  Tensor held = net->fc1->weight;
  auto before = numbers(held);
  net->to(kFloat64);
  EXPECT_EQ(held.dtype(), kFloat64);
  EXPECT_EQ(numbers(held), before);
  EXPECT_TRUE(held.requires_grad());
  EXPECT_EQ(net(ones({1, 4}, kFloat64)).dtype(), kFloat64);
  EXPECT_ERROR(net->to(kLong), "floating-point", "int64");
  setenv("TENON_LIBCUDA", "/nowhere/libcuda.so.1", 1); // whatever this machine has
  EXPECT_ERROR(net->to(kCUDA), "Module::to: expected device cpu, got cuda", "no NVIDIA driver");
}

TEST(ModuleTest, CloneableMakesDeepCopies) {
  nn::Linear linear(2, 2);
  auto copy = std::dynamic_pointer_cast<nn::LinearImpl>(linear->clone());
  EXPECT_TRUE(equal(copy->weight, linear->weight));
  nn::init::zeros_(copy->weight);
  EXPECT_FALSE(equal(copy->weight, linear->weight));
  EXPECT_ERROR_TEXT(Net()->clone(), "Net", "Cloneable");
}

TEST(ModuleTest, Prints) {
  std::ostringstream text;
  text << *Outer();
  EXPECT_EQ(text.str(), "Outer(\n"
                        "  (body): Sequential(\n"
                        "    (0): Linear(in_features=2, out_features=2, bias=true)\n"
                        "    (1): ReLU\n"
                        "    (2): Dropout(p=0.5)\n"
                        "  )\n"
                        "  (head): Linear(in_features=2, out_features=1, bias=false)\n"
                        ")");
}

TEST(SequentialTest, RunsInOrderAndIsIndexed) {
  nn::Sequential net(nn::Linear(2, 3), nn::ReLU());
  net->push_back("last", nn::Linear(3, 1));
  EXPECT_EQ(net->size(), 3u);
  EXPECT_EQ(net->forward(ones({5, 2})).sizes(), (IntArrayRef{5, 1}));
  EXPECT_EQ(net->at<nn::Linear>(2).options.in_features(), 3);
  EXPECT_ERROR_TEXT(net->at<nn::ReLUImpl>(0), "module 0 is a Linear");
  EXPECT_ERROR_TEXT(net->ptr(3), "index 3");
  EXPECT_ERROR(nn::Sequential()(ones({1})), "empty");
}

TEST(SequentialTest, TakesNames) {
  nn::Sequential net({{"fc", nn::Linear(2, 3)}, {"act", nn::Tanh()}});
  EXPECT_EQ(net->named_parameters().keys(), (std::vector<std::string>{"fc.weight", "fc.bias"}));
  EXPECT_EQ(net(ones({1, 2})).sizes(), (IntArrayRef{1, 3}));
}

TEST(InitTest, LinearStartsAsPyTorchs) {
  manual_seed(1);
  nn::Linear linear(100, 400);
  for (const Tensor &t : {linear->weight, linear->bias}) {
    std::vector<double> values = numbers(t);
    double bound = 0.1, sum = 0, squares = 0, largest = 0; // 1 / sqrt(100)
    for (double v : values) {
      sum += v;
      squares += v * v;
      largest = std::max(largest, std::abs(v));
    }
    double n = static_cast<double>(values.size());
    EXPECT_LE(largest, bound);
    EXPECT_GT(largest, 0.97 * bound);
    EXPECT_NEAR(sum / n, 0, 4 * bound / std::sqrt(3 * n));
    EXPECT_NEAR(squares / n, bound * bound / 3, 0.15 * bound * bound / 3);
  }
}

TEST(InitTest, Scales) {
  manual_seed(2);
  auto deviation = [](const Tensor &t) {
    double squares = 0;
    for (double v : numbers(t))
      squares += v * v;
    return std::sqrt(squares / static_cast<double>(t.numel()));
  };
  Tensor w = empty({200, 100});
  EXPECT_NEAR(deviation(nn::init::xavier_uniform_(w)), std::sqrt(2.0 / 300), 2e-3);
  EXPECT_NEAR(deviation(nn::init::xavier_normal_(w, 2.0)), 2 * std::sqrt(2.0 / 300), 3e-3);
  EXPECT_NEAR(deviation(nn::init::kaiming_uniform_(w, 0, kFanOut, kReLU)), std::sqrt(2.0 / 200), 2e-3);
  EXPECT_NEAR(deviation(nn::init::kaiming_normal_(w, 0, kFanIn, kReLU)), std::sqrt(2.0 / 100), 3e-3);
  EXPECT_NEAR(nn::init::calculate_gain(kTanh), 5.0 / 3, 1e-15);
  EXPECT_NEAR(nn::init::calculate_gain(kLeakyReLU, 0.2), std::sqrt(2 / 1.04), 1e-15);
  EXPECT_EQ(numbers(nn::init::eye_(empty({2, 3}))), (std::vector<double>{1, 0, 0, 0, 1, 0}));
  EXPECT_ERROR(nn::init::xavier_normal_(empty({3})), "at least 2 dimensions", "came 1");
}

TEST(FunctionalTest, Activations) {
  Tensor x = tensor({-2.0, -0.5, 0.0, 1.5}, kFloat64);
  expect_near(F::relu(x), {0, 0, 0, 1.5}, 0);
  expect_near(F::leaky_relu(x, F::LeakyReLUFuncOptions().negative_slope(0.1)), {-0.2, -0.05, 0, 1.5}, 1e-15);
  auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  expect_near(F::silu(x), {-2 * sigmoid(-2), -0.5 * sigmoid(-0.5), 0, 1.5 * sigmoid(1.5)}, 1e-14);
  auto phi = [](double v) { return v * 0.5 * (1 + std::erf(v / std::sqrt(2.0))); };
  expect_near(F::gelu(x), {phi(-2), phi(-0.5), 0, phi(1.5)}, 1e-13);
  auto approximate = [](double v) { return 0.5 * v * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v))); };
  expect_near(F::gelu(x, F::GELUFuncOptions().approximate("tanh")), {approximate(-2), approximate(-0.5), 0, approximate(1.5)}, 1e-13);
  Tensor y = x.clone();
  EXPECT_TRUE(F::relu(y, F::ReLUFuncOptions().inplace(true)).is_same(y));
  expect_near(y, {0, 0, 0, 1.5}, 0);
  EXPECT_ERROR(gelu(x, "fast"), "\"none\" or \"tanh\"", "fast");
  EXPECT_ERROR(silu(ones({2}, kLong)), "silu", "floating point", "int64[2]");
  EXPECT_ERROR(F::softmax(x, 1), "softmax", "[-1, 0]");
}

TEST(FunctionalTest, LinearAndItsErrors) {
  Tensor x = tensor({{1.0, 2.0}}, kFloat64), w = tensor({{1.0, 0.0}, {0.0, 3.0}, {1.0, 1.0}}, kFloat64), b = tensor({0.5, 0.0, -1.0}, kFloat64);
  expect_near(F::linear(x, w, b), {1.5, 6, 2}, 0);
  expect_near(F::linear(x, w), {1, 6, 3}, 0);
  nn::Linear fc(3, 2);
  EXPECT_ERROR(fc(ones({5, 4})), "linear", "[..., in]", "float32[5, 4]", "float32[2, 3]");
  EXPECT_ERROR(nn::Sequential{fc}(ones({5, 4})), "linear", "float32[5, 4]");
  EXPECT_ERROR(linear(x, w.to(kFloat32)), "linear", "one dtype", "float64[1, 2]", "float32[3, 2]");
  EXPECT_ERROR(linear(x, w, ones({2}, kFloat64)), "linear", "bias [3]", "float64[2]");
  EXPECT_ERROR(fc(Tensor()), "linear", "input is an undefined tensor");
  EXPECT_ERROR(fc(ones({1, 3}, kLong)), "linear", "floating point", "int64[1, 3]");
}

TEST(FunctionalTest, Dropout) {
  manual_seed(5);
  Tensor x = ones({100, 100});
  std::vector<double> kept = numbers(dropout(x, 0.25, true));
  int64_t zeros = std::count(kept.begin(), kept.end(), 0.0);
  EXPECT_NEAR(static_cast<double>(zeros), 2500, 200);
  for (double v : kept)
    EXPECT_TRUE(v == 0 || std::abs(v - 4.0 / 3) < 1e-6);
  EXPECT_TRUE(equal(dropout(x, 0.25, false), x));
  EXPECT_EQ(numbers(dropout(ones({3}), 1.0, true)), (std::vector<double>{0, 0, 0}));
  EXPECT_ERROR(dropout(x, -0.1, true), "[0, 1]", "-0.1");
  nn::Dropout layer(0.5);
  layer->eval();
  EXPECT_TRUE(equal(layer(x), x));
}

TEST(FunctionalTest, ClassLosses) {
  Tensor logits = tensor({{1.0, 2.0, 3.0}, {1.0, 1.0, 1.0}}, kFloat64), target = tensor({2, 0});
  double first = std::log(std::exp(-2.0) + std::exp(-1.0) + 1), second = std::log(3.0);
  expect_near(F::cross_entropy(logits, target), {(first + second) / 2}, 1e-14);
  expect_near(F::cross_entropy(logits, target, F::CrossEntropyFuncOptions().reduction(kSum)), {first + second}, 1e-14);
  expect_near(F::cross_entropy(logits, target, F::CrossEntropyFuncOptions().reduction(kNone)), {first, second}, 1e-14);
  expect_near(F::cross_entropy(logits, tensor({2, -100})), {first}, 1e-14);
  expect_near(F::cross_entropy(logits, target, F::CrossEntropyFuncOptions().weight(tensor({1.0, 1.0, 3.0}, kFloat64))), {(3 * first + second) / 4}, 1e-14);
  expect_near(F::nll_loss(F::log_softmax(logits, 1), target), {(first + second) / 2}, 1e-14);
  expect_near(nn::CrossEntropyLoss()(logits, target), {(first + second) / 2}, 1e-14);
  EXPECT_ERROR(F::cross_entropy(logits, tensor({1, 2, 0})), "[N, C, ...]", "float64[2, 3]", "int64[3]");
  EXPECT_ERROR(F::cross_entropy(logits, tensor({1.0, 2.0})), "int64 or int32", "float32[2]");
  EXPECT_ERROR(nn::NLLLoss()(logits, Tensor()), "undefined");
  EXPECT_ERROR(F::cross_entropy(logits, target, F::CrossEntropyFuncOptions().label_smoothing(2)), "[0, 1]");
  EXPECT_ERROR(F::cross_entropy(logits, target, F::CrossEntropyFuncOptions().weight(ones({2}))), "weight per class [3]", "float32[2]");
  EXPECT_ERROR(F::cross_entropy(logits, tensor({0, 3})).item<double>(), "a label is not in [0, 3)");
  EXPECT_ERROR(F::nll_loss(logits, tensor({0, -1})).item<double>(), "a label is not in [0, 3)");
}

TEST(FunctionalTest, ElementLosses) {
  Tensor x = tensor({0.2, 0.9}, kFloat64), t = tensor({0.0, 1.0}, kFloat64);
  expect_near(F::mse_loss(x, t), {(0.04 + 0.01) / 2}, 1e-15);
  expect_near(F::mse_loss(x, t, kSum), {0.05}, 1e-15);
  expect_near(F::l1_loss(x, t, F::L1LossFuncOptions().reduction(kNone)), {0.2, 0.1}, 1e-15);
  expect_near(F::binary_cross_entropy(x, t), {-(std::log(0.8) + std::log(0.9)) / 2}, 1e-14);
  auto softplus = [](double v) { return std::log1p(std::exp(v)); };
  expect_near(F::binary_cross_entropy_with_logits(x, t, F::BinaryCrossEntropyWithLogitsFuncOptions().reduction(kNone)), {softplus(0.2), softplus(-0.9)}, 1e-14);
  auto weighted = F::BinaryCrossEntropyWithLogitsFuncOptions().reduction(kNone).pos_weight(tensor({2.0, 3.0}, kFloat64)).weight(tensor({1.0, 0.5}, kFloat64));
  expect_near(F::binary_cross_entropy_with_logits(x, t, weighted), {softplus(0.2), 1.5 * softplus(-0.9)}, 1e-14);
  EXPECT_EQ(F::mse_loss(ones({2}), t).dtype(), kFloat64);
  EXPECT_ERROR(F::mse_loss(ones({2, 1}), ones({2})), "mse_loss", "float32[2, 1]", "float32[2]");
  EXPECT_ERROR(nn::BCELoss()(ones({2}), ones({3})), "binary_cross_entropy", "float32[3]");
}

TEST(FunctionalTest, OneHot) {
  EXPECT_EQ(numbers(F::one_hot(tensor({1, 0}), 3)), (std::vector<double>{0, 1, 0, 1, 0, 0}));
  EXPECT_ERROR(F::one_hot(tensor({1, 0}), 0), "at least one class");
}

} // namespace
