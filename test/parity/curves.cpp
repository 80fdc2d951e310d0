// Loss curves equal PyTorch's (curves.json): every optimizer, with its options and schedulers, define-by-run and compiled.
#include "cases.h"

#include <cmath>
#include <functional>

using namespace tenon;
namespace F = nn::functional;

namespace {

struct Curve {
  Json test;
  Dtype dtype;
  bool compiled;
  std::string name() const {
    return test["name"].get<std::string>() + (dtype == kFloat64 ? "_f64" : "_f32") + (compiled ? "_compiled" : "");
  }
};

void PrintTo(const Curve &curve, std::ostream *out) {
  *out << curve.name();
}

/// Every option that a stored case names, set on LibTorch's options of the same name.
template <class Options> Options options_from(const Json &json) {
  Options o(json.at("lr").get<double>());
#define OPTION(name, T)                                                                                                                    \
  if constexpr (requires { o.name(std::declval<T>()); })                                                                                   \
    if (json.contains(#name))                                                                                                              \
      o.name(json[#name].get<T>());
  OPTION(momentum, double)
  OPTION(dampening, double)
  OPTION(nesterov, bool)
  OPTION(weight_decay, double)
  OPTION(eps, double)
  OPTION(amsgrad, bool)
  OPTION(alpha, double)
  OPTION(centered, bool)
  OPTION(lr_decay, double)
  OPTION(initial_accumulator_value, double)
  OPTION(maximize, bool)
  OPTION(decoupled_weight_decay, bool)
  OPTION(momentum_decay, double)
  OPTION(rho, double)
  OPTION(lambd, double)
  OPTION(t0, double)
  OPTION(ns_steps, int64_t)
  OPTION(adjust_lr_fn, std::string)
  OPTION(beta2_decay, double)
  OPTION(d, double)
  OPTION(max_iter, int64_t)
  OPTION(history_size, size_t)
  OPTION(line_search_fn, std::string)
#undef OPTION
#define PAIR(name)                                                                                                                         \
  if constexpr (requires { o.name(std::tuple<double, double>()); })                                                                        \
    if (json.contains(#name))                                                                                                              \
      o.name(std::tuple<double, double>(json[#name][0].get<double>(), json[#name][1].get<double>()));
  PAIR(betas)
  PAIR(etas)
  PAIR(step_sizes)
  PAIR(eps)
#undef PAIR
  return o;
}

std::shared_ptr<optim::Optimizer> make_optimizer(const Json &json, std::vector<Tensor> parameters) {
  std::string type = json.at("type");
#define OPTIMIZER(name)                                                                                                                    \
  if (type == #name)                                                                                                                       \
    return std::make_shared<optim::name>(parameters, options_from<optim::name##Options>(json));
  OPTIMIZER(SGD)
  OPTIMIZER(Adam)
  OPTIMIZER(AdamW)
  OPTIMIZER(RMSprop)
  OPTIMIZER(Adagrad)
  OPTIMIZER(Adamax)
  OPTIMIZER(NAdam)
  OPTIMIZER(RAdam)
  OPTIMIZER(Adadelta)
  OPTIMIZER(ASGD)
  OPTIMIZER(Rprop)
  OPTIMIZER(Lion)
  OPTIMIZER(LAMB)
  OPTIMIZER(Muon)
  OPTIMIZER(Adafactor)
  OPTIMIZER(LBFGS)
#undef OPTIMIZER
  throw std::runtime_error("unknown optimizer " + type);
}

std::shared_ptr<optim::LRScheduler> make_scheduler(const Json &test, optim::Optimizer &optimizer) {
  if (!test.contains("scheduler"))
    return nullptr;
  const Json &json = test["scheduler"];
  if (json["type"] == "StepLR")
    return std::make_shared<optim::StepLR>(optimizer, json["step_size"].get<unsigned>(), json["gamma"].get<double>());
  return std::make_shared<optim::ExponentialLR>(optimizer, json["gamma"].get<double>());
}

class Curves : public testing::TestWithParam<Curve> {};

TEST_P(Curves, EqualPyTorch) {
  const auto &[test, dtype, compiled] = GetParam();
  auto widths = test["model"].get<std::vector<int64_t>>();
  bool classify = test["loss"] == "cross_entropy";
  Sequence sequence{1};
  nn::Sequential net;
  for (size_t i = 0; i + 1 < widths.size(); ++i) {
    nn::Linear layer(widths[i], widths[i + 1]);
    layer->to(dtype);
    NoGradGuard no_grad;
    double scale = 1 / std::sqrt(widths[i]);
    layer->weight.copy_(make(sequence, {widths[i + 1], widths[i]}, scale, dtype));
    layer->bias.copy_(make(sequence, {widths[i + 1]}, scale, dtype));
    if (i)
      net->push_back(nn::ReLU());
    net->push_back(layer);
  }
  std::vector<std::pair<Tensor, Tensor>> batches;
  int64_t size = test["batch"];
  for (int b = 0; b < test["batches"].get<int>(); ++b) {
    Tensor x = make(sequence, {size, widths.front()}, 1, dtype);
    batches.emplace_back(x, classify ? tensor(sequence.labels(size, widths.back())) : make(sequence, {size, widths.back()}, 1, dtype));
  }
  std::vector<Tensor> parameters = net->parameters();
  std::string type = test["optimizer"]["type"];
  if (type == "Muon")
    std::erase_if(parameters, [](const Tensor &p) { return p.dim() != 2; });
  auto optimizer = make_optimizer(test["optimizer"], parameters);
  auto scheduler = make_scheduler(test, *optimizer);
  auto step = [&](Tensor x, Tensor y) {
    optimizer->zero_grad();
    Tensor prediction = net->forward(x), loss = classify ? F::cross_entropy(prediction, y) : F::mse_loss(prediction, y);
    loss.backward();
    if (type != "LBFGS")
      optimizer->step();
    return loss;
  };
  std::function<Tensor(Tensor, Tensor)> run = step;
  if (compiled)
    run = compile(step);

  auto expected = test[dtype == kFloat64 ? "f64" : "f32"].get<std::vector<double>>();
  double tolerance = dtype == kFloat64 ? 1e-9 : 1e-4;
  for (size_t i = 0; i < expected.size(); ++i) {
    auto &[x, y] = batches[i % batches.size()];
    Tensor value = type == "LBFGS" ? optimizer->step([&] { return step(x, y); }) : run(x, y);
    double loss = value.item<double>();
    if (scheduler)
      scheduler->step();
    ASSERT_LE(std::abs(loss - expected[i]), tolerance * std::abs(expected[i]))
        << "step " << i << ": " << loss << ", PyTorch " << expected[i];
  }
}

std::vector<Curve> all_curves() {
  std::vector<Curve> all;
  for (Json &test : read_cases("curves.json"))
    for (Dtype dtype : {kFloat64, kFloat32})
      for (bool compiled : {false, true})
        if (test["optimizer"]["type"] != "LBFGS" || (dtype == kFloat64 && !compiled)) // which decides on the host, by comparisons
          all.push_back({test, dtype, compiled});
  return all;
}

INSTANTIATE_TEST_SUITE_P(PyTorch, Curves, testing::ValuesIn(all_curves()), [](const auto &info) { return info.param.name(); });

} // namespace
