// The models that are measured: each makes its network, optimizer and one fixed batch.
#pragma once
#include <tenon/tenon.h>

#include <functional>
#include <map>
#include <optional>
#include <string>

/// One training: a batch, and the step on it as a user writes it (zero_grad, forward, loss, backward, the optimizer's step).
struct Training {
  tenon::Tensor x, y;
  std::function<tenon::Tensor(tenon::Tensor, tenon::Tensor)> step;
};

using Models = std::vector<std::pair<std::string, std::function<Training()>>>;
/// All models, in the order of their registration.
inline Models &models() {
  static Models all;
  return all;
}
struct Register {
  Register(std::string name, std::function<Training()> make) { models().push_back({std::move(name), std::move(make)}); }
};

/// `loss(network(x), y)`, minimised by `optimizer`; all are kept alive by the step. `low`: forward and loss run under autocast.
template <class Network, class Optimizer, class Loss>
Training training(Network net, Optimizer optimizer, Loss loss, tenon::Tensor x, tenon::Tensor y, std::optional<tenon::Dtype> low = {}) {
  auto kept = std::make_shared<Optimizer>(std::move(optimizer));
  return {x, y, [=](tenon::Tensor x, tenon::Tensor y) mutable {
            kept->zero_grad();
            tenon::Tensor l;
            {
              tenon::AutocastGuard autocast(low.value_or(tenon::kBFloat16), low.has_value());
              l = loss(net->forward(x), y);
            }
            l.backward();
            kept->step();
            return l;
          }};
}

inline auto cross_entropy = [](tenon::Tensor x, tenon::Tensor y) { return tenon::F::cross_entropy(x, y); };
inline auto mean_squared_error = [](tenon::Tensor x, tenon::Tensor y) { return tenon::F::mse_loss(x, y); };
