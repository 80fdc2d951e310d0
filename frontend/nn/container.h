// Containers that hold modules or parameters and compute nothing: ModuleList, ModuleDict, ParameterList, ParameterDict.
#pragma once
#include <tenon/nn/holder.h>

#include <string>
#include <utility>
#include <vector>

namespace tenon::nn {
namespace detail {
/// Holders, shared pointers and modules by value as a shared pointer.
template <typename M> auto shared_module(M &&module) {
  using T = std::decay_t<M>;
  if constexpr (requires { typename T::ContainedType; })
    return module.ptr();
  else if constexpr (std::is_base_of_v<Module, T>)
    return std::make_shared<T>(std::forward<M>(module));
  else
    return std::forward<M>(module);
}
} // namespace detail

/// Modules by number: register it in a module, and theirs are its parameters ("layers.0.weight").
class ModuleListImpl : public Module {
public:
  ModuleListImpl() = default;
  template <typename... Modules> explicit ModuleListImpl(Modules &&...modules) { (push_back(std::forward<Modules>(modules)), ...); }

  template <typename M> void push_back(M &&module) { modules_.push_back(register_module(std::to_string(size()), detail::shared_module(std::forward<M>(module)))); }
  template <typename Container> void extend(const Container &container) {
    for (const auto &module : container)
      push_back(module);
  }
  std::shared_ptr<Module> ptr(size_t index) const { return modules_[checked(index)]; }
  std::shared_ptr<Module> operator[](size_t index) const { return ptr(index); }
  /// The module as a LinearImpl (or Linear). Throws Error when it is of another type or there is none.
  template <typename M> auto &at(size_t index) const {
    auto *module = ptr(index)->template as<M>();
    if (!module)
      throw Error("ModuleList: module " + std::to_string(index) + " is a " + ptr(index)->name() + ", another type was asked for");
    return *module;
  }
  auto begin() const { return modules_.begin(); }
  auto end() const { return modules_.end(); }
  size_t size() const noexcept { return modules_.size(); }
  bool is_empty() const noexcept { return modules_.empty(); }

private:
  size_t checked(size_t index) const {
    if (index >= size())
      throw Error("ModuleList: index " + std::to_string(index) + " is out of range, it has " + std::to_string(size()) + " modules");
    return index;
  }
  std::vector<std::shared_ptr<Module>> modules_;
};
TENON_MODULE(ModuleList);

/// Modules by name, in the order of insertion.
class ModuleDictImpl : public Module {
public:
  ModuleDictImpl() = default;
  explicit ModuleDictImpl(const std::vector<std::pair<std::string, std::shared_ptr<Module>>> &modules) { update(modules); }

  /// A new module, or another in the place of one.
  template <typename M> void insert(const std::string &key, M &&module) {
    auto pointer = detail::shared_module(std::forward<M>(module));
    contains(key) ? replace_module(key, pointer) : register_module(key, pointer);
  }
  void update(const std::vector<std::pair<std::string, std::shared_ptr<Module>>> &modules) {
    for (const auto &[key, module] : modules)
      insert(key, module);
  }
  bool contains(const std::string &key) const { return items().contains(key); }
  std::shared_ptr<Module> operator[](const std::string &key) const {
    auto all = items();
    if (!all.contains(key))
      throw Error("ModuleDict: it has no module '" + key + "'");
    return all[key];
  }
  template <typename M> auto &at(const std::string &key) const {
    auto *module = (*this)[key]->template as<M>();
    if (!module)
      throw Error("ModuleDict: module '" + key + "' is a " + (*this)[key]->name() + ", another type was asked for");
    return *module;
  }
  std::shared_ptr<Module> pop(const std::string &key) {
    auto module = (*this)[key];
    unregister_module(key);
    return module;
  }
  void clear() {
    for (const auto &key : keys())
      unregister_module(key);
  }
  OrderedDict<std::string, std::shared_ptr<Module>> items() const { return named_children(); }
  std::vector<std::string> keys() const { return items().keys(); }
  std::vector<std::shared_ptr<Module>> values() const { return items().values(); }
  size_t size() const { return items().size(); }
  bool empty() const { return size() == 0; }
};
TENON_MODULE(ModuleDict);

/// Parameters by number.
class ParameterListImpl : public Module {
public:
  ParameterListImpl() = default;
  template <typename... Tensors>
    requires(std::is_convertible_v<Tensors, Tensor> && ...)
  explicit ParameterListImpl(Tensors &&...tensors) {
    (append(tensors), ...);
  }
  void append(const Tensor &tensor, Location loc = Location::current()) { register_parameter(std::to_string(size()), tensor, tensor.defined() && tensor.is_floating_point(), loc); }
  template <typename Container> void extend(const Container &tensors, Location loc = Location::current()) {
    for (const Tensor &tensor : tensors)
      append(tensor, loc);
  }
  Tensor at(size_t index) const {
    if (index >= size())
      throw Error("ParameterList: index " + std::to_string(index) + " is out of range, it has " + std::to_string(size()) + " parameters");
    return parameters(false)[index];
  }
  Tensor operator[](size_t index) const { return at(index); }
  size_t size() const { return parameters(false).size(); }
  bool is_empty() const { return size() == 0; }
};
TENON_MODULE(ParameterList);

/// Parameters by name.
class ParameterDictImpl : public Module {
public:
  ParameterDictImpl() = default;
  void insert(const std::string &key, const Tensor &tensor, Location loc = Location::current()) {
    register_parameter(key, tensor, tensor.defined() && tensor.is_floating_point(), loc);
  }
  bool contains(const std::string &key) const { return named_parameters(false).contains(key); }
  Tensor operator[](const std::string &key) const {
    auto all = named_parameters(false);
    if (!all.contains(key))
      throw Error("ParameterDict: it has no parameter '" + key + "'");
    return all[key];
  }
  std::vector<std::string> keys() const { return named_parameters(false).keys(); }
  std::vector<Tensor> values() const { return parameters(false); }
  size_t size() const { return keys().size(); }
};
TENON_MODULE(ParameterDict);

} // namespace tenon::nn
