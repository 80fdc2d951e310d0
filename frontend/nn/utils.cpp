// Clipping, and parameters as one vector.
#include <tenon/nn/utils.h>

#include <cmath>

namespace tenon::nn::utils {

/// 16 bits are squared and summed as float, which holds what they do not; the norm has the tensors' own dtype in the end.
static Tensor norm_of(const char *op, const TensorList &tensors, double norm_type, std::optional<Dtype> &dtype, Location loc) {
  if (!(norm_type > 0))
    throw Error(std::string(op) + ": expected norm_type above 0, came " + std::to_string(norm_type), loc);
  Tensor total;
  for (Tensor g : tensors) {
    dtype = dtype ? promote_types(*dtype, g.scalar_type()) : g.scalar_type();
    if (g.scalar_type() == kHalf || g.scalar_type() == kBFloat16)
      g = g.to(kFloat, loc);
    Tensor part = std::isinf(norm_type) ? g.abs(loc).max(loc)
                  : norm_type == 2      ? g.square(loc).sum(std::nullopt, loc)
                                        : g.abs(loc).pow({norm_type, loc}).sum(std::nullopt, loc);
    total = !total.defined() ? part : std::isinf(norm_type) ? total.maximum({part, loc}) : total.add({part, loc});
  }
  if (!total.defined() || std::isinf(norm_type))
    return total;
  return norm_type == 2 ? total.sqrt(loc) : total.pow({1 / norm_type, loc});
}
static TensorList gradients_of(const TensorList &parameters) {
  TensorList gradients;
  for (const Tensor &p : parameters)
    if (const Tensor &g = p.grad(); g.defined())
      gradients.push_back(g);
  return gradients;
}

Tensor get_total_norm(const TensorList &tensors, double norm_type, Location loc) {
  std::optional<Dtype> dtype;
  Tensor total = norm_of("get_total_norm", tensors, norm_type, dtype, loc);
  return total.defined() ? total.to(*dtype, loc) : zeros({}, kFloat32, loc);
}
void clip_grads_with_norm_(const TensorList &parameters, double max_norm, const Tensor &total_norm, Location loc) {
  NoGradGuard no_grad;
  Tensor factor = (Operand(max_norm, loc) / Operand(total_norm.add({1e-6, loc}), loc)).minimum({1.0, loc});
  for (const Tensor &g : gradients_of(parameters))
    g.mul_({factor.to(g.scalar_type(), loc), loc});
}

Tensor clip_grad_norm_(const TensorList &parameters, double max_norm, double norm_type, Location loc) {
  if (!(max_norm >= 0))
    throw Error("clip_grad_norm_: expected max_norm at least 0, came " + std::to_string(max_norm), loc);
  NoGradGuard no_grad;
  std::optional<Dtype> dtype;
  Tensor total = norm_of("clip_grad_norm_", gradients_of(parameters), norm_type, dtype, loc);
  if (!total.defined())
    return zeros({}, kFloat32, loc);
  clip_grads_with_norm_(parameters, max_norm, total, loc);
  return total.to(*dtype, loc);
}
Tensor clip_grad_norm_(const Tensor &parameter, double max_norm, double norm_type, Location loc) {
  return clip_grad_norm_(TensorList{parameter}, max_norm, norm_type, loc);
}

void clip_grad_value_(const TensorList &parameters, double clip_value, Location loc) {
  if (!(clip_value >= 0))
    throw Error("clip_grad_value_: expected clip_value at least 0, came " + std::to_string(clip_value), loc);
  NoGradGuard no_grad;
  for (const Tensor &p : parameters)
    if (const Tensor &g = p.grad(); g.defined())
      g.clamp_(-clip_value, clip_value, loc);
}
void clip_grad_value_(const Tensor &parameter, double clip_value, Location loc) {
  clip_grad_value_(TensorList{parameter}, clip_value, loc);
}

Tensor parameters_to_vector(const TensorList &parameters, Location loc) {
  if (parameters.empty())
    throw Error("parameters_to_vector: expected at least one parameter", loc);
  TensorList rows;
  for (const Tensor &p : parameters)
    rows.push_back(p.reshape({p.numel()}, loc));
  return cat(rows, 0, loc);
}

void vector_to_parameters(const Tensor &vector, const TensorList &parameters, Location loc) {
  int64_t total = 0, at = 0;
  for (const Tensor &p : parameters)
    total += p.numel();
  if (vector.dim() != 1 || vector.numel() != total)
    throw Error("vector_to_parameters: expected a vector of " + std::to_string(total) + " numbers, came " + vector.toString() + " of " +
                    std::to_string(vector.numel()),
                loc);
  NoGradGuard no_grad;
  for (const Tensor &p : parameters) {
    p.copy_(vector.narrow(0, at, p.numel(), loc).view(p.sizes(), loc), false, loc);
    at += p.numel();
  }
}

} // namespace tenon::nn::utils
