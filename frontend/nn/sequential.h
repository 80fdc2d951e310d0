// Sequential: modules in a row, each given what the one before it gave.
#pragma once
#include <tenon/nn/holder.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

namespace tenon::nn {

class SequentialImpl;

/// A module with the name that it shall have in a Sequential: Sequential({{"fc", Linear(784, 10)}, {"softmax", Softmax(1)}}).
class NamedModule {
public:
  template <typename M> NamedModule(std::string name, M module);

private:
  friend class SequentialImpl;
  std::string name_;
  std::function<void(SequentialImpl &, const std::string &)> push_;
};

class SequentialImpl : public Module {
public:
  SequentialImpl() = default;
  explicit SequentialImpl(std::initializer_list<NamedModule> modules) {
    for (const NamedModule &module : modules)
      module.push_(*this, module.name_);
  }
  /// Holders, shared pointers or modules by value: Sequential(Linear(784, 128), ReLU(), Linear(128, 10)).
  template <typename... Modules> explicit SequentialImpl(Modules &&...modules) { (push_back(std::forward<Modules>(modules)), ...); }

  template <typename M> void push_back(std::shared_ptr<M> module) { push_back(std::to_string(size()), std::move(module)); }
  template <typename M> void push_back(std::string name, std::shared_ptr<M> module) {
    register_module(std::move(name), module);
    modules_.push_back(module);
    forwards_.push_back([m = module.get()](const Tensor &x, Location loc) -> Tensor {
      return detail::call(*m, loc, x);
    });
  }
  template <typename H>
    requires requires { typename std::decay_t<H>::ContainedType; }
  void push_back(H &&holder) {
    push_back(holder.ptr());
  }
  template <typename H>
    requires requires { typename std::decay_t<H>::ContainedType; }
  void push_back(std::string name, H &&holder) {
    push_back(std::move(name), holder.ptr());
  }
  template <typename M>
    requires std::is_base_of_v<Module, std::decay_t<M>>
  void push_back(M &&module) {
    push_back(std::make_shared<std::decay_t<M>>(std::forward<M>(module)));
  }
  template <typename M>
    requires std::is_base_of_v<Module, std::decay_t<M>>
  void push_back(std::string name, M &&module) {
    push_back(std::move(name), std::make_shared<std::decay_t<M>>(std::forward<M>(module)));
  }

  Tensor forward(const Tensor &x, Location loc = Location::current()) const {
    if (is_empty())
      throw Error("Sequential: it is empty, expected at least one module", loc);
    Tensor value = x;
    for (const auto &forward : forwards_)
      value = forward(value, loc);
    return value;
  }

  std::shared_ptr<Module> operator[](size_t index) const { return ptr(index); }
  std::shared_ptr<Module> ptr(size_t index) const {
    if (index >= size())
      throw Error("Sequential: index " + std::to_string(index) + " is out of range, it has " + std::to_string(size()) + " modules");
    return modules_[index];
  }
  /// The module as a LinearImpl (or Linear). Throws Error when it is of another type.
  template <typename M> auto &at(size_t index) const {
    auto *module = ptr(index)->template as<M>();
    if (!module)
      throw Error("Sequential: module " + std::to_string(index) + " is a " + ptr(index)->name() + ", another type was asked for");
    return *module;
  }
  auto begin() const { return modules_.begin(); }
  auto end() const { return modules_.end(); }
  size_t size() const noexcept { return modules_.size(); }
  bool is_empty() const noexcept { return modules_.empty(); }

private:
  std::vector<std::shared_ptr<Module>> modules_;
  std::vector<std::function<Tensor(const Tensor &, Location)>> forwards_; // keep the types that modules_ forgets
};

template <typename M>
NamedModule::NamedModule(std::string name, M module)
    : name_(std::move(name)), push_([module](SequentialImpl &to, const std::string &name) { to.push_back(name, module); }) {}

class Sequential : public ModuleHolder<SequentialImpl> {
public:
  using ModuleHolder<SequentialImpl>::ModuleHolder;
  using Impl = SequentialImpl;
  Sequential() = default;
  Sequential(std::initializer_list<NamedModule> modules) : ModuleHolder(std::make_shared<SequentialImpl>(modules)) {}
};

} // namespace tenon::nn
