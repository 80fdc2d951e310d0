// Multi-layer perceptrons.
#include "../models.h"

using namespace tenon;

/// Linear layers of these widths, relu between them.
static nn::Sequential mlp(std::vector<int64_t> widths) {
  nn::Sequential net;
  for (size_t i = 0; i + 1 < widths.size(); ++i) {
    if (i)
      net->push_back(nn::ReLU());
    net->push_back(nn::Linear(widths[i], widths[i + 1]));
  }
  return net;
}

static Training tiny() {
  nn::Sequential net = mlp({10, 5, 1});
  return training(net, optim::SGD(net->parameters(), optim::SGDOptions(0.01)), mean_squared_error, randn({1, 10}), ones({1, 1}));
}

static Training wide(int64_t batch) {
  nn::Sequential net = mlp({784, 128, 10});
  return training(net, optim::SGD(net->parameters(), optim::SGDOptions(0.01)), cross_entropy, randn({batch, 784}), randint(10, {batch}));
}

static Training deep() {
  nn::Sequential net = mlp({784, 128, 128, 10});
  return training(net, optim::Adam(net->parameters(), optim::AdamOptions(1e-3)), cross_entropy, randn({64, 784}), randint(10, {64}));
}

/// Little to compute: what tracing a step costs, by depth.
template <class Optimizer, class Options> static Training depth(int layers) {
  nn::Sequential net = mlp(std::vector<int64_t>(size_t(layers) + 1, 8));
  return training(net, Optimizer(net->parameters(), Options(1e-3)), cross_entropy, randn({4, 8}), randint(8, {4}));
}

static Register registered[] = {{"tiny_mlp_b1", tiny}, {"mlp_b64", [] { return wide(64); }}, {"mlp3_b64_adam", deep}, {"mlp_b1024", [] { return wide(1024); }}};

static bool depths = [] {
  for (int layers : {1, 2, 4, 8, 16}) {
    Register("depth_" + std::to_string(layers), [=] { return depth<optim::SGD, optim::SGDOptions>(layers); });
    Register("depth_" + std::to_string(layers) + "_adam", [=] { return depth<optim::Adam, optim::AdamOptions>(layers); });
  }
  return true;
}();
