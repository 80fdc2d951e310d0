// An example program as its twin in PyTorch runs it: programs/NAME.cpp includes the example and registers one Twin.
#pragma once
#include "test/parity/cases.h"

#include <functional>
#include <map>

namespace parity {

/// What 50 steps need. Parameters are named and ordered as PyTorch's; `step` is what the example compiles.
struct Training {
  std::vector<std::pair<std::string, tenon::Tensor>> parameters;
  std::function<tenon::TensorList(Sequence &)> batch;
  std::function<tenon::Tensor(const tenon::TensorList &)> step;
  bool traced = false; ///< define-by-run: the step asks for numbers
};

inline std::map<std::string, std::function<Training(tenon::Dtype)>> &twins() {
  static std::map<std::string, std::function<Training(tenon::Dtype)>> all;
  return all;
}
struct Twin {
  Twin(const std::string &name, std::function<Training(tenon::Dtype)> make) { twins()[name] = std::move(make); }
};

/// Parameters of a module under a prefix ("generator."), in `dtype` from now on.
template <class Net> void add(Training &training, Net &net, tenon::Dtype dtype, const std::string &prefix = "") {
  net->to(dtype);
  for (auto &item : net->named_parameters())
    training.parameters.push_back({prefix + item.key(), item.value()});
}

/// The usual step: zero_grad, loss(batch), backward, the optimizer's step. The optimizer is made after `add`.
template <class Optimizer, class Loss> auto minimise(std::shared_ptr<Optimizer> optimizer, Loss loss) {
  return [=](const tenon::TensorList &batch) mutable {
    optimizer->zero_grad();
    tenon::Tensor l = loss(batch);
    l.backward();
    optimizer->step();
    return l;
  };
}

inline tenon::Tensor labels(Sequence &s, const std::vector<int64_t> &shape, int64_t classes) { return tenon::tensor(s.labels(count(shape), classes)).view(shape); }

} // namespace parity
