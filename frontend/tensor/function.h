// autograd::Function: an operation whose derivative is code of the user, as in LibTorch; and checkpoint, whose results are computed again.
#pragma once
#include "tensor.h"
#include <functional>
#include <string>
#include <map>

namespace tenon {
namespace detail {
/// Whether a gradient flows into one of the inputs; before forward() runs.
bool begin_function(const TensorList &inputs, Location loc);
struct FunctionEnd {
  TensorList saved, constant; // constant: outputs without a derivative
  bool zeros = true;          // in place of gradients that did not come
  const char *name = "Function";
  std::function<TensorList(const TensorList &gradients, const TensorList &saved)> backward;
};
/// The outputs as results of the function, made where `loc` says or, by default, where they were computed.
TensorList finish_function(const TensorList &inputs, TensorList outputs, FunctionEnd end, std::optional<Location> loc = std::nullopt);
/// Whether the body of a loop or branch is recorded. There what a module's backward hook sees is put around the module's ops when these are known: stand-ins for
/// its inputs, of which there is at least one, then successors of its outputs. `hook`: gradients of both -> of the inputs.
bool recording_body();
TensorList begin_around(const TensorList &inputs, Location loc);
TensorList end_around(const TensorList &standins, const TensorList &outputs, const std::function<TensorList(const TensorList &, const TensorList &)> &hook, Location loc);
TensorList checkpoint(const std::function<TensorList(const TensorList &)> &fn, const TensorList &inputs, Location loc);
} // namespace detail

namespace autograd {

using Variable = Tensor;
using variable_list = TensorList;
using tensor_list = TensorList;

/// What forward() hands to backward().
class AutogradContext {
public:
  /// Tensors that backward() needs: their values now, also where they are written later.
  void save_for_backward(TensorList tensors) { saved_ = std::move(tensors); }
  const TensorList &get_saved_variables() const { return saved_; }
  /// Host numbers that backward() needs.
  std::map<std::string, Scalar> saved_data;
  void mark_non_differentiable(const TensorList &outputs) { constant_ = outputs; }
  /// false: backward() gets undefined tensors, not zeros, for outputs that no gradient came to.
  void set_materialize_grads(bool value) { zeros_ = value; }
  /// Of a tensor among the arguments of forward(), by its number among all of them.
  bool needs_input_grad(std::size_t input) const { return input < needs_.size() && needs_[input]; }

private:
  template <class> friend struct Function;
  TensorList saved_, constant_;
  std::vector<bool> needs_;
  bool zeros_ = true;
};

/// struct Cube : autograd::Function<Cube> {
///   static Tensor forward(autograd::AutogradContext *ctx, Tensor x) { ctx->save_for_backward({x}); return x * x * x; }
///   static TensorList backward(autograd::AutogradContext *ctx, TensorList dy) { return {dy[0] * 3 * ctx->get_saved_variables()[0].square()}; }
/// };
/// auto y = Cube::apply(x);
/// forward() runs without gradients and returns a Tensor or a TensorList; backward() takes one gradient per output and returns one per argument
/// of forward() (per tensor of an argument that is a TensorList), undefined where there is none. Both are traced: they work define-by-run and in
/// tenon::compile, and with create_graph the derivative can be differentiated again. Errors: another number of gradients, another shape or dtype
/// than the argument's, a number asked for in backward(). In the body of a loop or branch backward() is traced when the function is applied, and gradients that do not
/// come are zeros.
template <class T> struct Function {
  template <class... Args> static auto apply(Args &&...args) {
    auto loc = Location::current();
    auto ctx = std::make_shared<AutogradContext>();
    TensorList inputs;
    auto collect = [&](const auto &argument) {
      using Argument = std::decay_t<decltype(argument)>;
      if constexpr (std::is_same_v<Argument, TensorList>)
        inputs.insert(inputs.end(), argument.begin(), argument.end());
      else if constexpr (std::is_base_of_v<Tensor, Argument>)
        inputs.push_back(argument);
      else
        inputs.push_back(Tensor());
    };
    (collect(args), ...);
    bool flows = detail::begin_function(inputs, loc);
    for (auto &t : inputs)
      ctx->needs_.push_back(t.defined() && t.requires_grad());
    auto result = [&] {
      NoGradGuard no_grad;
      return T::forward(ctx.get(), std::forward<Args>(args)...);
    }();
    if (!flows)
      return result;
    constexpr bool single = std::is_same_v<decltype(result), Tensor>;
    TensorList outputs;
    if constexpr (single)
      outputs = {result};
    else
      outputs = result;
    detail::FunctionEnd end;
    end.saved = std::exchange(ctx->saved_, {});
    end.constant = std::exchange(ctx->constant_, {});
    end.zeros = ctx->zeros_;
    end.backward = [ctx](const TensorList &gradients, const TensorList &saved) {
      ctx->saved_ = saved;
      auto result = T::backward(ctx.get(), gradients);
      ctx->saved_.clear();
      return result;
    };
    outputs = detail::finish_function(inputs, std::move(outputs), std::move(end));
    if constexpr (single)
      return outputs[0];
    else
      return outputs;
  }
};

} // namespace autograd

namespace utils {

/// fn(inputs...) with less memory: what it computes on the way is not kept for the gradient but computed again when that comes, by calling fn once
/// more. The numbers are the same to the bit, random draws among them; state that fn writes in place is written twice. fn takes Tensors and returns
/// a Tensor or a TensorList; what it uses besides (parameters) gets gradients too. In the body of a loop, too; there
/// gradients of tensors from outside of it may be summed over the steps in another order.
///   x = utils::checkpoint([&](Tensor x) { return block(x); }, x);
template <class F, class... Inputs> auto checkpoint(F fn, const Inputs &...inputs) {
  using Result = decltype(fn(inputs...));
  TensorList given{inputs...};
  auto run = [fn](const TensorList &in) mutable -> TensorList {
    auto result = [&]<std::size_t... I>(std::index_sequence<I...>) { return fn(in[I]...); }(std::index_sequence_for<Inputs...>());
    if constexpr (std::is_same_v<Result, Tensor>)
      return {result};
    else
      return result;
  };
  auto results = detail::checkpoint(run, given, Location::current());
  if constexpr (std::is_same_v<Result, Tensor>)
    return results[0];
  else
    return results;
}

} // namespace utils
} // namespace tenon
