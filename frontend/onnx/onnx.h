// onnx::save: a module, a function or a compiled step leaves as an ONNX model that any runtime runs.
#pragma once
#include <tenon/arg.h>
#include <tenon/nn/module.h>
#include <tenon/nn/holder.h>
#include <tenon/tensor/compile.h>
#include <map>

namespace tenon::onnx {

struct SaveOptions {
  /// 13 to 17.
  TENON_ARG(int64_t, opset) = 17;
  /// "input0", ..., "output0", ... where missing.
  TENON_ARG(std::vector<std::string>, input_names) = {};
  TENON_ARG(std::vector<std::string>, output_names) = {};
  /// The first dimension of every input that has the first input's extent there may be of any size in the model. false: sizes as given.
  TENON_ARG(bool, dynamic_batch) = true;
  /// Which dimensions may be of any size instead, by input's name, dimension and the axis's name; an axis may be of several inputs.
  using Axes = std::map<std::string, std::map<int64_t, std::string>>;
  TENON_ARG(Axes, dynamic_axes) = {};
  TENON_ARG(std::string, model_name) = "";
  TENON_ARG(std::string, doc) = "";
  TENON_ARG(int64_t, model_version) = 0;
  /// Weights of at least so many bytes go to a file beside the model (path + ".data"); negative: only where the model would pass 2 GB otherwise.
  TENON_ARG(int64_t, external_bytes) = -1;
  /// Batch norm with running statistics becomes part of the convolution or linear layer before it: fewer numbers and nodes, other last bits.
  TENON_ARG(bool, fold_batch_norm) = false;
};

namespace detail {
void save(tenon::detail::CompiledFunction &function, const std::string &path, const TensorList &inputs, const SaveOptions &options, Location loc);
/// Modules in evaluation mode while it lives.
class Evaluating {
public:
  explicit Evaluating(nn::Module &root);
  ~Evaluating();

private:
  std::vector<std::pair<std::shared_ptr<nn::Module>, bool>> before_;
};

template <class T>
concept Holder = requires { typename T::ContainedType; };
template <class T>
concept Pointer = requires { typename T::element_type; };
/// Whether a module, or a function, takes these.
template <class Callable, class... In> constexpr bool takes() {
  if constexpr (Holder<Callable>)
    return requires(Callable &c, const In &...in, Location loc) { c->forward(in..., loc); } || requires(Callable &c, const In &...in) { c->forward(in...); };
  else
    return std::is_invocable_v<Callable &, const In &...>;
}
template <std::size_t> using Input = Tensor;

/// Calls a module, or a function, with as many tensors as are given.
template <class Callable> TensorList call(Callable &callable, const TensorList &in, Location loc) {
  if constexpr (Pointer<Callable>) {
    nn::ModuleHolder<typename Callable::element_type> holder(callable);
    return call(holder, in, loc);
  }
  TensorList out;
  if constexpr (Holder<Callable>) {
    if constexpr (requires { callable->forward(in, loc); }) // as many as it likes: a loaded model
      return callable->forward(in, loc);
  } else if constexpr (std::is_invocable_v<Callable &, const TensorList &>) {
    return callable(in);
  }
  auto with = [&]<std::size_t... I>(std::index_sequence<I...>) {
    if constexpr (takes<Callable, Input<I>...>()) {
      using nn::detail::flatten;
      flatten(callable(in[I]...), out);
      return true;
    }
    return false;
  };
  bool takes = in.size() == 1   ? with(std::make_index_sequence<1>())
               : in.size() == 2 ? with(std::make_index_sequence<2>())
               : in.size() == 3 ? with(std::make_index_sequence<3>())
               : in.size() == 4 ? with(std::make_index_sequence<4>())
               : in.size() == 5 ? with(std::make_index_sequence<5>())
                                : false;
  if (!takes)
    throw Error("onnx::save: expected inputs that the module takes, got " + std::to_string(in.size()) + " tensors", loc);
  return out;
}
} // namespace detail

/// Writes `module` in its evaluation form (dropout gone, running statistics) to `path`: parameters by their names, checked by libonnx, whole or not at all. `inputs` say element
/// types and shapes, their numbers do not matter; nothing runs and nothing changes. The batch is dynamic unless `options` say otherwise: the module is traced at several sizes
/// and what moves with them is computed in the model. Throws Error, with the user's line, where an op cannot leave or a shape cannot be generalised.
template <detail::Holder M> void save(M module, const std::string &path, const TensorList &inputs, SaveOptions options = {}, Location loc = Location::current()) {
  detail::Evaluating mode(*module);
  if constexpr (requires { module->input_names(); }) { // a loaded model keeps its names
    if (options.input_names().empty())
      options.input_names(module->input_names());
    if (options.output_names().empty())
      options.output_names(module->output_names());
  }
  auto function = tenon::detail::make_compiled([&](const TensorList &in) { NoGradGuard no_grad; return detail::call(module, in, loc); }, {}, loc);
  detail::save(*function, path, inputs, options, loc);
}
template <std::derived_from<nn::Module> M>
void save(const std::shared_ptr<M> &module, const std::string &path, const TensorList &inputs, const SaveOptions &options = {}, Location loc = Location::current()) {
  save(nn::ModuleHolder<M>(module), path, inputs, options, loc);
}
/// Writes a compiled function: a whole training step too. State that it writes is input and output of the model: feed the output "new/fc1.weight" to the input "fc1.weight"
/// of the next run; without a feed it starts from the numbers here. Random bits are inputs ("draw", int32) as well. The names of CompileOptions hold.
template <class S> void save(const Compiled<S> &function, const std::string &path, const TensorList &inputs, const SaveOptions &options = {}, Location loc = Location::current()) {
  detail::save(*function.impl(), path, inputs, options, loc);
}
/// The same of a function of tensors.
template <class F>
  requires(!detail::Holder<F> && !detail::Pointer<F>)
void save(F function, const std::string &path, const TensorList &inputs, const SaveOptions &options = {}, Location loc = Location::current()) {
  auto compiled = tenon::detail::make_compiled([&](const TensorList &in) { NoGradGuard no_grad; return detail::call(function, in, loc); }, {}, loc);
  detail::save(*compiled, path, inputs, options, loc);
}

} // namespace tenon::onnx
