// AnyModule: a module whose class is forgotten but for its forward().
#pragma once
#include <tenon/nn/container.h>

#include <any>
#include <functional>

namespace tenon::nn {

/// Holds any module whose forward takes one to three tensors. forward<R>() calls it, with its hooks, for an R (a Tensor by default).
/// Errors: it is empty; forward takes another number of tensors; it returns another type.
class AnyModule {
public:
  AnyModule() = default;
  /// A holder, a shared pointer or a module by value.
  template <typename M>
    requires(!std::is_same_v<std::decay_t<M>, AnyModule>)
  explicit AnyModule(M &&module) {
    hold(detail::shared_module(std::forward<M>(module)));
  }
  template <typename M> AnyModule &operator=(std::shared_ptr<M> module) {
    hold(std::move(module));
    return *this;
  }

  template <typename R = Tensor, typename... Inputs> R forward(const Inputs &...inputs) { return checked<R>(called({inputs...}, Location::current())); }
  bool is_empty() const noexcept { return !module_; }
  std::shared_ptr<Module> ptr() const { return module_; }
  /// The module as a LinearImpl (or Linear). Throws Error when it is of another type.
  template <typename M> auto &get() const {
    auto *module = module_ ? module_->as<M>() : nullptr;
    if (!module)
      throw Error(std::string("AnyModule: it ") + (module_ ? "holds a " + module_->name() + ", another type was asked for" : "is empty"));
    return *module;
  }

private:
  template <typename M> void hold(std::shared_ptr<M> module) {
    forward_ = [m = module.get()](const TensorList &x, Location loc) -> std::any {
      auto with = [&](const auto &...inputs) -> std::any {
        if constexpr (requires { m->forward(inputs..., loc); } || requires { m->forward(inputs...); })
          return detail::call(*m, loc, inputs...);
        else
          throw Error("AnyModule: forward of " + m->name() + " does not take " + std::to_string(sizeof...(inputs)) + " tensors", loc);
      };
      if (x.size() == 1)
        return with(x[0]);
      if (x.size() == 2)
        return with(x[0], x[1]);
      if (x.size() == 3)
        return with(x[0], x[1], x[2]);
      throw Error("AnyModule: expected one to three tensors, got " + std::to_string(x.size()), loc);
    };
    module_ = std::move(module);
  }
  std::any called(const TensorList &inputs, Location loc) {
    if (!module_)
      throw Error("AnyModule: it is empty: assign a module to it first", loc);
    return forward_(inputs, loc);
  }
  template <typename R> R checked(std::any result) {
    if (auto *r = std::any_cast<R>(&result))
      return std::move(*r);
    throw Error("AnyModule: forward of " + module_->name() + " returns another type than was asked for");
  }
  std::shared_ptr<Module> module_;
  std::function<std::any(const TensorList &, Location)> forward_;
};

} // namespace tenon::nn
