// Tensors of modules that are computed of parameters before every call. Internal.
#pragma once
#include "frontend/nn/module.h"

#include <functional>
#include <memory>

namespace tenon::nn::detail {

struct Computed {
  std::string name;
  const char *by; // the function of nn::utils
  Tensor tensor;  // the layer's own handle: it is written before every call, and has a history during it
  std::vector<std::string> parts; // the parameters and buffers that stand for it
  std::function<Tensor(bool training, Location loc)> value;
  std::vector<RemovableHandle> hooks;

  /// The parameter `name`, which is none from now on.
  static Tensor take(const char *by, Module &module, const std::string &name, Location loc);
  static void add(Module &module, std::shared_ptr<Computed> computed, Location loc);
  /// Its last value becomes the parameter again.
  static void remove(const char *by, Module &module, const std::string &name, Location loc);
  /// Null: no parameter of this name is computed.
  static const Tensor *find(const Module &module, const std::string &name) {
    for (auto &c : module.computed_)
      if (c->name == name)
        return &c->tensor;
    return nullptr;
  }
  /// Those of a module and of all below it.
  static void add_to(TensorList &list, const Module &module) {
    for (auto &c : module.computed_)
      list.push_back(c->tensor);
    for (auto &child : module.children_)
      add_to(list, *child.value());
  }
};

} // namespace tenon::nn::detail
