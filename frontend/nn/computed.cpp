// nn::utils::weight_norm and spectral_norm: hooks write the layer's tensor before a call, and take its history away after it.
#include "frontend/nn/computed.h"
#include "frontend/functional/vectors.h"
#include "frontend/nn/conv.h"
#include "frontend/nn/utils.h"
#include "frontend/tensor/record.h"

#include <algorithm>

namespace tenon::nn {
namespace detail {

Tensor Computed::take(const char *by, Module &module, const std::string &name, Location loc) {
  for (auto &c : module.computed_)
    if (c->name == name)
      throw Error(std::string(by) + ": the parameter '" + name + "' of " + module.name() + " is computed by " + c->by + " already", loc);
  Tensor *found = module.parameters_.find(name);
  if (!found || !found->defined())
    throw Error(std::string(by) + ": " + module.name() + " has no parameter '" + name + "'", loc);
  if (record::is_capturing())
    throw Error(std::string(by) + ": inside tenon::compile a module's parameters stay what they are", loc);
  return *found;
}

void Computed::add(Module &module, std::shared_ptr<Computed> computed, Location loc) {
  Tensor tensor = computed->tensor;
  module.parameters_.erase(computed->name);
  tensor.reset_grad();
  tensor.set_requires_grad(false, loc);
  auto write = [computed](bool training, Location line) {
    computed->tensor.detach_(line);
    computed->tensor.copy_(computed->value(training, line), false, line);
  };
  {
    NoGradGuard no_grad;
    write(false, loc);
  }
  computed->hooks.push_back(module.register_forward_pre_hook([write, loc](Module &m, const TensorList &) { write(m.is_training(), loc); }));
  computed->hooks.push_back(module.register_forward_hook([weak = std::weak_ptr(computed), loc](Module &, const TensorList &, const TensorList &) {
    if (auto c = weak.lock())
      c->tensor.detach_(loc);
  }));
  module.computed_.push_back(std::move(computed));
}

void Computed::remove(const char *by, Module &module, const std::string &name, Location loc) {
  auto at = std::find_if(module.computed_.begin(), module.computed_.end(), [&](auto &c) { return c->name == name && std::string(c->by) == by; });
  if (at == module.computed_.end())
    throw Error("remove_" + std::string(by) + ": the parameter '" + name + "' of " + module.name() + " is not computed by it", loc);
  auto computed = *at;
  {
    NoGradGuard no_grad;
    computed->tensor.detach_(loc);
    computed->tensor.copy_(computed->value(false, loc), false, loc);
  }
  for (auto &hook : computed->hooks)
    hook.remove();
  module.computed_.erase(at);
  for (auto &part : computed->parts) {
    auto &dict = module.parameters_.contains(part) ? module.parameters_ : module.buffers_;
    dict.erase(part);
  }
  computed->tensor.set_requires_grad(true, loc);
  module.parameters_.insert(name, computed->tensor);
}

} // namespace detail

namespace utils::detail {

using nn::detail::Computed;

/// A leaf of its own with these numbers.
static Tensor own(const Tensor &x, Location loc) {
  NoGradGuard no_grad;
  return x.detach(loc).clone(loc);
}

void weight_norm(Module &module, const std::string &name, int64_t dim, Location loc) {
  Tensor weight = Computed::take("weight_norm", module, name, loc);
  Shape others;
  if (dim != -1)
    dim = record::wrap_dim("weight_norm", dim, weight.dim(), loc);
  for (int64_t d = 0; d < weight.dim(); ++d)
    if (d != dim)
      others.push_back(d);
  auto size = [others, dim](const Tensor &v, Location line) { return dim == -1 ? v.norm(2, line) : others.empty() ? v.abs(line) : v.norm(2, others, true, line); };
  Tensor v = own(weight, loc), g = own(size(v, loc), loc);
  auto computed = std::make_shared<Computed>(Computed{name, "weight_norm", weight, {name + "_g", name + "_v"}, {}, {}});
  computed->value = [v, g, size](bool, Location line) { return v.mul({g.div({size(v, line), line}), line}); };
  Computed::add(module, computed, loc);
  module.register_parameter(name + "_g", g, true, loc);
  module.register_parameter(name + "_v", v, true, loc);
}

void spectral_norm(Module &module, const std::string &name, int64_t n_power_iterations, double eps, std::optional<int64_t> dim, Location loc) {
  Tensor weight = Computed::take("spectral_norm", module, name, loc);
  if (n_power_iterations < 1)
    throw Error("spectral_norm: expected n_power_iterations at least 1, came " + std::to_string(n_power_iterations), loc);
  bool transposed = module.as<ConvTranspose1dImpl>() || module.as<ConvTranspose2dImpl>() || module.as<ConvTranspose3dImpl>();
  int64_t rows = record::wrap_dim("spectral_norm", dim.value_or(transposed ? 1 : 0), weight.dim(), loc);
  if (!weight.numel())
    throw Error("spectral_norm: expected a parameter with elements, '" + name + "' is " + record::text(weight), loc);
  auto matrix = [rows](const Tensor &w, Location line) { return w.movedim({rows}, {0}, line).reshape({w.size(rows), w.numel() / w.size(rows)}, line); };
  auto unit = [eps](const Tensor &x, Location line) { return functional::normalize(x, functional::NormalizeFuncOptions().dim(0).eps(eps), line); };
  Tensor original = own(weight, loc), u, v;
  {
    NoGradGuard no_grad;
    u = unit(empty({weight.size(rows)}, weight.options(), loc).normal_(0, 1, loc), loc);
    v = unit(empty({weight.numel() / weight.size(rows)}, weight.options(), loc).normal_(0, 1, loc), loc);
  }
  auto computed = std::make_shared<Computed>(Computed{name, "spectral_norm", weight, {name + "_orig", name + "_u", name + "_v"}, {}, {}});
  computed->value = [=](bool training, Location line) {
    Tensor w = matrix(original, line);
    if (training) {
      NoGradGuard no_grad;
      for (int64_t i = 0; i < n_power_iterations; ++i) {
        v.copy_(unit(w.t(line).mv(u, line), line), false, line);
        u.copy_(unit(w.mv(v, line), line), false, line);
      }
    }
    return original.div({u.dot(w.mv(v, line), line), line});
  };
  Computed::add(module, computed, loc);
  module.register_parameter(name + "_orig", original, true, loc);
  module.register_buffer(name + "_u", u, loc);
  module.register_buffer(name + "_v", v, loc);
}

void remove(const char *function, Module &module, const std::string &name, Location loc) { Computed::remove(function, module, name, loc); }

} // namespace utils::detail
} // namespace tenon::nn
