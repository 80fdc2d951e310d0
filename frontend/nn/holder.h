// ModuleHolder: the value type that users hold a module by. TENON_MODULE(Net) makes one, Net, for the class NetImpl.
#pragma once
#include <tenon/nn/module.h>

#include <cstddef>
#include <memory>
#include <ostream>
#include <type_traits>

namespace tenon::nn {
namespace detail {
template <typename M>
concept ForwardsOne = requires(M &module, const Tensor &x, Location loc) { module.forward(x, loc); };
template <typename M>
concept ForwardsTwo = requires(M &module, const Tensor &x, Location loc) { module.forward(x, x, loc); };
template <typename M>
concept ForwardsThree = requires(M &module, const Tensor &x, Location loc) { module.forward(x, x, x, loc); };

/// module.forward(inputs..., loc), between the module's hooks where it has some.
template <typename M, typename... Inputs> auto call(M &module, Location loc, const Inputs &...inputs) {
  auto forward = [&](const auto &...in) {
    if constexpr (requires { module.forward(in..., loc); })
      return module.forward(in..., loc);
    else
      return module.forward(in...);
  };
  using Result = decltype(forward(inputs...));
  if constexpr (std::is_base_of_v<Module, M> && Flat<Result>)
    if (module.hooks() && !module.hooks()->empty()) {
      HookedCall hooked(module, module.hooks(), loc);
      TensorList given = hooked.enter({inputs...}), outputs;
      auto result = [&]<std::size_t... I>(std::index_sequence<I...>) { return forward(given[I]...); }(std::index_sequence_for<Inputs...>());
      flatten(result, outputs);
      outputs = hooked.leave(std::move(outputs));
      std::size_t at = 0;
      restore(result, outputs, at);
      return result;
    }
  return forward(inputs...);
}
} // namespace detail

template <typename Contained> class ModuleHolder {
public:
  using ContainedType = Contained;

  ModuleHolder()
    requires requires { Contained(); }
      : ModuleHolder(std::make_shared<Contained>()) {}
  /// No module yet: `Linear fc{nullptr}`.
  ModuleHolder(std::nullptr_t) {}
  ModuleHolder(std::shared_ptr<Contained> module) : module_(module.get()), owner_(std::move(module)) {}
  /// Everything else constructs the module.
  template <typename Head, typename... Tail>
    requires(!(sizeof...(Tail) == 0 && (std::is_base_of_v<ModuleHolder, std::decay_t<Head>> || std::is_same_v<std::decay_t<Head>, std::nullptr_t> ||
                                        std::is_convertible_v<Head, std::shared_ptr<Contained>>)))
  explicit ModuleHolder(Head &&head, Tail &&...tail) : ModuleHolder(std::make_shared<Contained>(std::forward<Head>(head), std::forward<Tail>(tail)...)) {}

  explicit operator bool() const noexcept { return !is_empty(); }
  bool is_empty() const noexcept { return !module_; }
  Contained *operator->() { return get(); }
  const Contained *operator->() const { return get(); }
  Contained &operator*() { return *get(); }
  const Contained &operator*() const { return *get(); }
  std::shared_ptr<Contained> ptr() const {
    get();
    return std::shared_ptr<Contained>(owner_, module_);
  }
  Contained *get() { return const_cast<Contained *>(std::as_const(*this).get()); }
  const Contained *get() const {
    if (!module_)
      throw Error("a module holder is empty: assign a module to it first");
    return module_;
  }

  /// forward(), with the caller's line where the module wants it.
  template <typename M = Contained>
    requires detail::ForwardsOne<M>
  auto operator()(const Tensor &x, Location loc = Location::current()) {
    return detail::call(*static_cast<M *>(get()), loc, x);
  }
  template <typename M = Contained>
    requires detail::ForwardsTwo<M>
  auto operator()(const Tensor &x, const Tensor &y, Location loc = Location::current()) {
    return detail::call(*static_cast<M *>(get()), loc, x, y);
  }
  template <typename M = Contained>
    requires detail::ForwardsThree<M>
  auto operator()(const Tensor &x, const Tensor &y, const Tensor &z, Location loc = Location::current()) {
    return detail::call(*static_cast<M *>(get()), loc, x, y, z);
  }
  template <typename... Args>
    requires(!(sizeof...(Args) == 1 && detail::ForwardsOne<Contained>) && !(sizeof...(Args) == 2 && detail::ForwardsTwo<Contained>) &&
             !(sizeof...(Args) == 3 && detail::ForwardsThree<Contained>))
  auto operator()(Args &&...args) {
    if constexpr (sizeof...(Args) > 0 && (std::is_same_v<std::decay_t<Args>, Tensor> && ...))
      return detail::call(*get(), Location::current(), args...);
    else
      return get()->forward(std::forward<Args>(args)...);
  }
  template <typename Arg> auto operator[](Arg &&arg) { return (*get())[std::forward<Arg>(arg)]; }

private:
  Contained *module_ = nullptr;
  std::shared_ptr<void> owner_; // of one type for all modules: a shared_ptr of its own for each of the public ones costs every program 0.3 s
};

template <typename M> std::ostream &operator<<(std::ostream &stream, const ModuleHolder<M> &module) { return stream << *module; }

template <typename M> std::shared_ptr<M> Module::register_module(std::string name, ModuleHolder<M> holder, Location loc) {
  return register_module(std::move(name), holder.ptr(), loc);
}
template <typename M> std::shared_ptr<M> Module::replace_module(const std::string &name, ModuleHolder<M> holder, Location loc) {
  return replace_module(name, holder.ptr(), loc);
}

} // namespace tenon::nn

#define TENON_MODULE_IMPL(Name, ImplType)                                                                                                  \
  class Name : public ::tenon::nn::ModuleHolder<ImplType> {                                                                                \
  public:                                                                                                                                  \
    using ::tenon::nn::ModuleHolder<ImplType>::ModuleHolder;                                                                               \
    using Impl [[maybe_unused]] = ImplType;                                                                                                \
  }
#define TENON_MODULE(Name) TENON_MODULE_IMPL(Name, Name##Impl)
