// compile(fn): a step recorded once per signature and replayed with no tracing; save_artifact: the same, ahead of time.
#pragma once
#include "tensor.h"
#include <functional>

namespace tenon {

struct CompileOptions {
  /// Keep every .grad after a call; otherwise only those that the next call accumulates into.
  bool keep_grads = false;
  /// Trace again every N-th replay and compare, which catches host numbers that change late; 0: never.
  int64_t check_every = 0;
  /// Names of the inputs in an artifact; "input0", ... where missing.
  std::vector<std::string> inputs = {};
  /// Names of the outputs; "output0", ... where missing.
  std::vector<std::string> outputs = {};
};

namespace detail {
class CompiledFunction; // in compile.cpp
using TensorFunction = std::function<TensorList(const TensorList &)>;
std::shared_ptr<CompiledFunction> make_compiled(TensorFunction fn, CompileOptions options, Location loc);
TensorList call_compiled(CompiledFunction &, const TensorList &arguments, Location loc);

template <class R> TensorList flatten_result(R &&result) {
  if constexpr (std::is_convertible_v<R, Tensor>)
    return {std::forward<R>(result)};
  else if constexpr (std::is_convertible_v<R, TensorList>)
    return std::forward<R>(result);
  else
    return std::apply([](auto &&...t) { return TensorList{t...}; }, std::forward<R>(result));
}
template <class R> R unflatten_result(TensorList results) {
  if constexpr (std::is_void_v<R>)
    return;
  else if constexpr (std::is_same_v<R, Tensor>)
    return std::move(results[0]);
  else if constexpr (std::is_same_v<R, TensorList>)
    return results;
  else
    return [&]<std::size_t... I>(std::index_sequence<I...>) { return R{std::move(results[I])...}; }(std::make_index_sequence<std::tuple_size_v<R>>());
}
template <class F> struct signature : signature<decltype(&F::operator())> {};
template <class R, class... A> struct signature<R(A...)> {
  using result = R;
  using type = R(A...);
};
template <class R, class... A> struct signature<R (*)(A...)> : signature<R(A...)> {};
template <class C, class R, class... A> struct signature<R (C::*)(A...)> : signature<R(A...)> {};
template <class C, class R, class... A> struct signature<R (C::*)(A...) const> : signature<R(A...)> {};
} // namespace detail

/// A compiled function of tensors; copies share what was recorded.
template <class Signature> class Compiled;
template <class R, class... A> class Compiled<R(A...)> {
  static_assert((std::is_same_v<std::remove_cvref_t<A>, Tensor> && ...), "tenon::compile: every parameter is a Tensor; numbers that change are tenon::StateScalar");

public:
  Compiled() = default;
  explicit Compiled(std::shared_ptr<detail::CompiledFunction> impl) : impl_(std::move(impl)) {}
  R operator()(const std::remove_cvref_t<A> &...arguments) const { return detail::unflatten_result<R>(detail::call_compiled(*impl_, TensorList{arguments...}, Location::current())); }
  const std::shared_ptr<detail::CompiledFunction> &impl() const { return impl_; }

private:
  std::shared_ptr<detail::CompiledFunction> impl_;
};

/// Compiles `fn`, a callable on Tensors that returns a Tensor, a tuple or vector of them, or nothing. Calls one and two
/// are traced and compared: a host number that changed is an error at its line. Shapes, dtypes, train/eval, grad mode and
/// requires_grad are guarded: another combination records another variant. item() inside is an error.
template <class Signature = void, class F> auto compile(F fn, CompileOptions options = {}, Location loc = Location::current()) {
  using Function = typename std::conditional_t<std::is_void_v<Signature>, detail::signature<F>, detail::signature<Signature>>::type;
  return [&]<class R, class... A>(std::type_identity<R(A...)>) {
    auto flat = [fn = std::move(fn)](const TensorList &arguments) mutable {
      return [&]<std::size_t... I>(std::index_sequence<I...>) -> TensorList {
        if constexpr (std::is_void_v<R>) {
          fn(arguments[I]...);
          return {};
        } else {
          return detail::flatten_result<R>(fn(arguments[I]...));
        }
      }(std::index_sequence_for<A...>());
    };
    return Compiled<R(A...)>(detail::make_compiled(std::move(flat), std::move(options), loc));
  }(std::type_identity<Function>());
}

/// A host number that may change between calls of a compiled step: rank-0 state. `rate = 0.1` writes it,
/// `x * rate` reads it. (LibTorch's Scalar is a constant of the trace.)
class StateScalar {
public:
  explicit StateScalar(Scalar value, Dtype dtype = kDouble, std::string name = "", Location loc = Location::current());
  const StateScalar &operator=(Operand value) const;
  const Tensor &tensor() const { return tensor_; }
  operator const Tensor &() const { return tensor_; }
  operator Operand() const { return Operand(tensor_); }
  template <class T> T item(Location loc = Location::current()) const { return tensor_.item<T>(loc); }

private:
  Tensor tensor_;
};

/// One function of an artifact: a name and what compile() gave, called at least once for every input shape it shall have.
struct ArtifactFunction {
  template <class S> ArtifactFunction(std::string name, const Compiled<S> &fn) : name(std::move(name)), function(fn.impl()) {}
  std::string name;
  std::shared_ptr<detail::CompiledFunction> function;
};
struct ArtifactOptions {
  /// "host", a CPU that LLVM knows ("haswell", "x86-64"), "cuda" or "cuda:sm_90"; "": "cuda" where a function ran on a GPU, else "host".
  std::string target = {};
  /// Write the captured module (MLIR text, for tenonc and tenon-opt) here too; "": do not.
  std::string captured = {};
};
/// Writes one shared library with these functions over one table of named state, current values as initial ones.
void save_artifact(const std::string &path, const std::vector<ArtifactFunction> &functions, const ArtifactOptions &options = {}, Location loc = Location::current());

} // namespace tenon
