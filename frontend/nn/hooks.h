// Hooks of modules: functions that see, and may replace, what a module is given, what it gives, and the gradients of both.
#pragma once
#include <tenon/tensor/tensor.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>

namespace tenon::nn {

class Module;

/// What registering a hook returns: remove() takes the hook away; one that is destroyed does not.
class RemovableHandle {
public:
  explicit RemovableHandle(std::function<void()> remove) : remove_(std::move(remove)) {}
  void remove() { remove_(); }

private:
  std::function<void()> remove_;
};

namespace detail {

using PreHook = std::function<std::optional<TensorList>(Module &, const TensorList &)>;
using BothHook = std::function<std::optional<TensorList>(Module &, const TensorList &, const TensorList &)>;

struct Hooks {
  unsigned next = 0;
  std::map<unsigned, PreHook> pre;
  std::map<unsigned, BothHook> forward, backward;
  bool empty() const { return pre.empty() && forward.empty() && backward.empty(); }
};

/// What a hook returned: nothing, one tensor, or several.
template <class Call> std::optional<TensorList> hook_result(Call call) {
  using Result = decltype(call());
  if constexpr (std::is_void_v<Result>) {
    call();
    return std::nullopt;
  } else if constexpr (std::is_convertible_v<Result, Tensor>) {
    Tensor result = call();
    return result.defined() ? std::optional(TensorList{result}) : std::nullopt;
  } else {
    return call();
  }
}

/// A module's results as a list, and back.
inline void flatten(const Tensor &t, TensorList &to) { to.push_back(t); }
inline void flatten(const TensorList &list, TensorList &to) { to.insert(to.end(), list.begin(), list.end()); }
template <class... T> void flatten(const std::tuple<T...> &parts, TensorList &to) {
  std::apply([&](const auto &...part) { (flatten(part, to), ...); }, parts);
}
inline void restore(Tensor &t, const TensorList &from, std::size_t &at) { t = from[at++]; }
inline void restore(TensorList &list, const TensorList &from, std::size_t &at) {
  for (auto &t : list)
    t = from[at++];
}
template <class... T> void restore(std::tuple<T...> &parts, const TensorList &from, std::size_t &at) {
  std::apply([&](auto &...part) { (restore(part, from, at), ...); }, parts);
}
template <class T>
concept Flat = requires(const T &t, TensorList &to) { flatten(t, to); };

/// One call of a module with hooks.
class HookedCall {
public:
  HookedCall(Module &module, std::shared_ptr<Hooks> hooks, Location loc);
  /// The inputs as pre-hooks leave them; gradients of them are seen.
  TensorList enter(TensorList inputs);
  TensorList leave(TensorList outputs);

private:
  struct Backward;
  Module &module_;
  std::shared_ptr<Hooks> hooks_;
  Location loc_;
  TensorList inputs_;
  std::shared_ptr<Backward> backward_;
};

} // namespace detail
} // namespace tenon::nn
