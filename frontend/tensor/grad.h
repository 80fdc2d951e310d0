// Gradients as functions, and the switch that turns their recording off.
#pragma once
#include "tensor.h"

namespace tenon {

/// d(loss)/d(wrt), one tensor per entry; `loss` has one element. With create_graph the gradients can be differentiated again.
TensorList grad(const Tensor &loss, const TensorList &wrt, bool create_graph = false, std::optional<bool> retain_graph = std::nullopt,
                Location loc = Location::current());
namespace autograd {
/// LibTorch's form; each output has one element, or its grad_output has its shape.
TensorList grad(const TensorList &outputs, const TensorList &inputs, const TensorList &grad_outputs = {}, std::optional<bool> retain_graph = std::nullopt,
                bool create_graph = false, bool allow_unused = false, Location loc = Location::current());
void backward(const TensorList &outputs, const TensorList &grad_outputs = {}, std::optional<bool> retain_graph = std::nullopt, bool create_graph = false,
              Location loc = Location::current());
} // namespace autograd

struct GradMode {
  static bool is_enabled();
  static void set_enabled(bool enabled);
};
class AutoGradMode {
public:
  explicit AutoGradMode(bool enabled) : before_(GradMode::is_enabled()) { GradMode::set_enabled(enabled); }
  ~AutoGradMode() { GradMode::set_enabled(before_); }
  AutoGradMode(const AutoGradMode &) = delete;

private:
  bool before_;
};
/// Ops written while one lives are not differentiated, and leaves may be written in place.
struct NoGradGuard : AutoGradMode {
  NoGradGuard() : AutoGradMode(false) {}
};
struct AutoGradEnabled : AutoGradMode {
  AutoGradEnabled() : AutoGradMode(true) {}
};
using InferenceMode = NoGradGuard;

} // namespace tenon

#include "anomaly.h"
#include "function.h"
