// onnx::save: traces at several sizes, side by side in one module; the compiler compares them.
#include "frontend/onnx/onnx.h"
#include "frontend/onnx/alike.h"
#include "compiler/api/onnx.h"
#include "frontend/tensor/artifact.h"

namespace tenon::onnx::detail {

using namespace tenon::detail;

Evaluating::Evaluating(nn::Module &root) {
  for (auto &m : root.modules())
    before_.push_back({m, m->is_training()});
  root.eval();
}
Evaluating::~Evaluating() {
  for (auto &[module, training] : before_) // each before those below it
    module->train(training);
}

namespace {

/// An axis: where it is, and what it is called.
struct Axis {
  std::string name;
  std::vector<std::pair<size_t, int64_t>> places; // input, dimension
};

std::string input_name(const CompiledFunction &f, const SaveOptions &options, size_t i) {
  auto &names = options.input_names().empty() ? f.options.inputs : options.input_names();
  return i < names.size() ? names[i] : "input" + std::to_string(i);
}

std::vector<Axis> axes_of(const CompiledFunction &f, const TensorList &inputs, const SaveOptions &options, Location loc) {
  std::vector<Axis> axes;
  auto place = [&](const std::string &name, size_t input, int64_t dimension) {
    auto axis = std::find_if(axes.begin(), axes.end(), [&](auto &a) { return a.name == name; });
    if (axis == axes.end())
      axis = axes.insert(axes.end(), {name, {}});
    axis->places.push_back({input, dimension});
  };
  std::set<std::string> known;
  for (size_t i = 0; i < inputs.size(); ++i) {
    auto name = input_name(f, options, i);
    known.insert(name);
    if (options.dynamic_axes().empty()) {
      if (options.dynamic_batch() && inputs[i].dim() > 0 && inputs[0].dim() > 0 && inputs[i].size(0) == inputs[0].size(0))
        place("batch", i, 0);
    } else if (auto given = options.dynamic_axes().find(name); given != options.dynamic_axes().end()) {
      for (auto &[dimension, axis] : given->second) {
        if (dimension < 0 || dimension >= inputs[i].dim())
          throw record::error("onnx::save", "expected a dimension of '" + name + "', which has " + std::to_string(inputs[i].dim()) + ", got " + std::to_string(dimension), loc);
        place(axis, i, dimension);
      }
    }
  }
  for (auto &[name, dimensions] : options.dynamic_axes())
    if (!known.count(name))
      throw record::error("onnx::save", "expected an axis of an input, got one of '" + name + "'", loc);
  if (axes.size() > 3)
    throw record::error("onnx::save", "expected at most 3 axes, got " + std::to_string(axes.size()), loc);
  return axes;
}

constexpr int64_t far = -1; // a step

/// The `step`-th size from n on that is no power of two (by which division is folded another way) and no 1 or 2 (which broadcast, or divide so).
int64_t size_of(int64_t n, int64_t step, int64_t shift) {
  n = std::max<int64_t>(n, 3) + shift;
  if (step == far)
    n = 3 * n + 1, step = 0;
  for (;; ++n)
    if ((n & (n - 1)) != 0 && step-- == 0)
      return n;
}

/// Which size each axis has, trace by trace: the first; each alone and each pair of them the second; all a size of their own, which confirms; and all far away and of another
/// remainder, which neighbours do not tell from what grows in steps.
std::vector<std::vector<int64_t>> steps_of(size_t axes) {
  std::vector<std::vector<int64_t>> steps{std::vector<int64_t>(axes, 0)};
  for (size_t i = 0; i < axes; ++i)
    for (size_t j = i; j < axes; ++j) {
      steps.emplace_back(axes, 0);
      steps.back()[i] = steps.back()[j] = 1;
    }
  if (axes) {
    steps.emplace_back();
    for (size_t i = 0; i < axes; ++i)
      steps.back().push_back(2 + int64_t(i));
    steps.emplace_back(axes, far);
  }
  return steps;
}

/// Writes the model as sizes from `shift` on have it, or says why it cannot leave.
std::string attempt(CompiledFunction &f, const std::string &path, const TensorList &inputs, const SaveOptions &options, const std::vector<Axis> &axes, int64_t shift, Location loc) {
  std::vector<std::unique_ptr<Variant>> traces;
  auto trace = [&](const std::vector<int64_t> *step) -> std::unique_ptr<Variant> { // none: at the sizes given
    std::vector<ImplPtr> arguments;
    bool as_given = true;
    for (size_t i = 0; i < inputs.size(); ++i) {
      auto sizes = inputs[i].sizes().vec();
      for (size_t a = 0; a < axes.size(); ++a)
        for (auto &[input, dimension] : axes[a].places)
          if (input == i && step)
            sizes[size_t(dimension)] = size_of(sizes[size_t(dimension)], (*step)[a], shift);
      as_given &= sizes == inputs[i].sizes().vec();
      Lock lock;
      auto example = zeros(sizes, inputs[i].options(), loc);
      materialize(Access::impl(example), false, loc);
      example.set_requires_grad(inputs[i].requires_grad());
      arguments.push_back(Access::impl(example));
    }
    try {
      return f.capture(arguments); // without the lock: the user's code may wait for other threads
    } catch (const Error &e) {
      if (as_given)
        throw;
      if (step && (*step)[0] == far) // a table may end before
        return nullptr;
      throw record::error("onnx::save", std::string("cannot be traced at another size of its dynamic axes (dynamic_batch(false) takes sizes as given): ") + e.what(), loc);
    }
  };
  for (auto &step : steps_of(axes.size()))
    if (auto traced = trace(&step))
      traces.push_back(std::move(traced));
  auto example = axes.empty() ? nullptr : trace(nullptr);
  Lock lock;
  if (example)
    expect_alike(*example, traces, loc);
  CompileOptions names = f.options;
  if (!options.input_names().empty())
    names.inputs = options.input_names();
  if (!options.output_names().empty())
    names.outputs = options.output_names();
  NamedFunction function{"model", {}, names};
  for (auto &t : traces)
    function.variants.push_back(t.get());
  auto [numbers, module] = artifact_module({function});
  compiler::OnnxOptions compile;
  compile.opset = options.opset();
  compile.model_name = options.model_name(), compile.doc = options.doc(), compile.model_version = options.model_version();
  compile.external_bytes = options.external_bytes(), compile.fold_batch_norm = options.fold_batch_norm();
  for (auto &axis : axes)
    for (auto &[input, dimension] : axis.places)
      compile.axes[{input_name(f, options, input), dimension}] = axis.name;
  auto error = compiler::saveOnnx(*module, compile, path);
  return error ? llvm::toString(std::move(error)) : std::string();
}

} // namespace

void save(CompiledFunction &f, const std::string &path, const TensorList &inputs, const SaveOptions &options, Location loc) {
  if (inputs.empty())
    throw record::error("onnx::save", "expected at least one input", loc);
  if (options.opset() < 13 || options.opset() > 17)
    throw record::error("onnx::save", "expected an opset from 13 to 17, got " + std::to_string(options.opset()), loc);
  auto axes = axes_of(f, inputs, options, loc);
  auto why = attempt(f, path, inputs, options, axes, 0, loc);
  if (why.empty())
    return;
  // A number of the program may have met a size (10 times a mean over 10 is a sum): other sizes say whether that was all.
  try {
    if (!axes.empty() && attempt(f, path, inputs, options, axes, 8, loc).empty())
      return;
  } catch (const Error &) { // the first reason is the better one
  }
  throw record::error("onnx::save", why, loc);
}

} // namespace tenon::onnx::detail
