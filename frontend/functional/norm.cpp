// Normalisation: one op of the dialect `nn` each; running statistics are state that is written beside it.
#include "frontend/functional/norm.h"
#include "frontend/functional/check.h"
#include "frontend/functional/functional.h"
#include "frontend/tensor/record.h"

#include <algorithm>
#include <limits>

namespace tenon {

using record::builder;

namespace {

/// A parameter, if it is there, of this shape and the input's dtype.
void expect_parameter(const char *op, const char *what, const Tensor &p, IntArrayRef shape, const Tensor &x, Location loc) {
  if (p.defined() && !(p.sizes() == shape && p.scalar_type() == x.scalar_type()))
    throw record::error(op, std::string("expected a ") + what + " " + name(x.scalar_type()) + record::shape_text(shape) + " for the input " + record::text(x) + ", came " + record::text(p), loc);
}
void expect_channels(const char *op, const Tensor &x, std::initializer_list<std::pair<const char *, const Tensor *>> parameters, double eps, Location loc) {
  detail::expect_floating(op, "input", x, loc);
  if (x.dim() < 2)
    throw record::error(op, "expected an input [N, C, ...], came " + record::text(x), loc);
  for (auto &[what, p] : parameters)
    expect_parameter(op, what, *p, x.sizes()[1], x, loc);
  if (!(eps >= 0))
    throw record::error(op, "expected an eps that is not negative, came " + std::to_string(eps), loc);
}

/// Operands with a weight and a bias at the end: a bias alone gets a weight of ones.
TensorList with_affine(TensorList operands, const Tensor &weight, const Tensor &bias, Location loc) {
  if (weight.defined() || bias.defined())
    operands.push_back(weight.defined() ? weight : record::constant(1, bias.scalar_type(), bias.sizes(), loc));
  if (bias.defined())
    operands.push_back(bias);
  return operands;
}

/// running := running (1 - factor) + value factor
void move_towards(const Tensor &running, const Tensor &value, const Tensor &factor, Location loc) {
  if (!running.defined())
    return;
  Tensor wide = record::cast(running, opmath_type(running.scalar_type()), loc);
  Tensor rest = record::op<ir::prim::SubOp>({record::constant(1, factor.scalar_type(), factor.sizes(), loc), factor}, loc);
  running.copy_(wide.mul({rest, loc}).add({value.mul({factor, loc}), loc}), false, loc);
}

/// A number per channel of the biased variance as the unbiased one.
Tensor unbiased(const Tensor &variance, int64_t n, Location loc) {
  return variance.mul({record::constant(double(n) / double(n - 1), variance.scalar_type(), {}, loc), loc});
}

void expect_statistics(const char *op, const Tensor &mean, const Tensor &variance, bool needed, Location loc) {
  if (mean.defined() != variance.defined() || (needed && !mean.defined()))
    throw record::error(op, "expected both a running mean and a running variance, or in training neither", loc);
}

Tensor by_statistics(const Tensor &x, const Tensor &weight, const Tensor &bias, const Tensor &mean, const Tensor &variance, double eps, Location loc) {
  return record::op<ir::nn::BatchNormOp>(with_affine({x, mean, variance}, weight, bias, loc), loc, [&](auto &p) { p.eps = builder().getF64FloatAttr(eps); });
}

Tensor constant_factor(double momentum, const Tensor &x, Location loc) {
  return x.defined() && x.is_floating_point() ? record::constant(momentum, opmath_type(x.scalar_type()), {}, loc) : Tensor();
}

/// PyTorch lets an input of float16 or bfloat16 meet parameters and statistics of float32: all is computed there.
bool meets_float32(const Tensor &x, std::initializer_list<const Tensor *> parameters) {
  return x.defined() && opmath_type(x.scalar_type()) != x.scalar_type() &&
         std::any_of(parameters.begin(), parameters.end(), [](const Tensor *p) { return p->defined() && p->scalar_type() == kFloat; });
}

/// The first of the dimensions that `normalized_shape` names.
int64_t trailing_axis(const char *op, const Tensor &x, IntArrayRef shape, const Tensor &weight, const Tensor &bias, double eps, Location loc) {
  detail::expect_floating(op, "input", x, loc);
  int64_t axis = x.dim() - int64_t(shape.size());
  if (shape.empty() || axis < 0 || !(IntArrayRef(x.sizes().begin() + axis, shape.size()) == shape))
    throw record::error(op, "expected an input that ends in the normalized shape " + record::shape_text(shape) + ", came " + record::text(x), loc);
  expect_parameter(op, "weight", weight, shape, x, loc);
  expect_parameter(op, "bias", bias, shape, x, loc);
  if (!(eps >= 0))
    throw record::error(op, "expected an eps that is not negative, came " + std::to_string(eps), loc);
  return axis;
}

} // namespace

Tensor detail::batch_norm(const Tensor &x, const Tensor &weight, const Tensor &bias, const Tensor &running_mean, const Tensor &running_var, bool training,
                          const Tensor &factor, double eps, Location loc) {
  const char *op = "batch_norm";
  if (meets_float32(x, {&weight, &bias, &running_mean}))
    return record::cast(batch_norm(record::cast(x, kFloat, loc), weight, bias, running_mean, running_var, training, factor, eps, loc), x.scalar_type(), loc);
  expect_channels(op, x, {{"running mean", &running_mean}, {"running variance", &running_var}, {"weight", &weight}, {"bias", &bias}}, eps, loc);
  expect_statistics(op, running_mean, running_var, !training, loc);
  if (!training)
    return by_statistics(x, weight, bias, running_mean, running_var, eps, loc);
  int64_t n = x.size(1) ? x.numel() / x.size(1) : 0;
  if (n == 1)
    throw record::error(op, "expected more than 1 value per channel when training, came " + record::text(x), loc);
  TensorList y = record::ops<ir::nn::BatchNormTrainingOp>(with_affine({x}, weight, bias, loc), loc, [&](auto &p) { p.eps = builder().getF64FloatAttr(eps); });
  if (running_mean.defined() && n > 0) {
    NoGradGuard no_grad;
    move_towards(running_mean, y[1].detach(loc), factor, loc);
    move_towards(running_var, unbiased(y[2].detach(loc), n, loc), factor, loc);
  }
  return y[0];
}

Tensor detail::instance_norm(const Tensor &x, const Tensor &weight, const Tensor &bias, const Tensor &running_mean, const Tensor &running_var, bool use_input_stats,
                             const Tensor &factor, double eps, Location loc) {
  const char *op = "instance_norm";
  if (meets_float32(x, {&weight, &bias, &running_mean}))
    return record::cast(instance_norm(record::cast(x, kFloat, loc), weight, bias, running_mean, running_var, use_input_stats, factor, eps, loc), x.scalar_type(), loc);
  expect_channels(op, x, {{"running mean", &running_mean}, {"running variance", &running_var}, {"weight", &weight}, {"bias", &bias}}, eps, loc);
  expect_statistics(op, running_mean, running_var, !use_input_stats, loc);
  if (!use_input_stats)
    return by_statistics(x, weight, bias, running_mean, running_var, eps, loc);
  int64_t rows = x.size(0) * x.size(1), n = rows ? x.numel() / rows : 0;
  if (rows && n == 1)
    throw record::error(op, "expected more than 1 value per channel of a sample, came " + record::text(x), loc);
  TensorList y = record::ops<ir::nn::InstanceNormOp>(with_affine({x}, weight, bias, loc), loc, [&](auto &p) { p.eps = builder().getF64FloatAttr(eps); });
  if (running_mean.defined() && n > 0) {
    NoGradGuard no_grad;
    move_towards(running_mean, y[1].detach(loc).mean(0, false, std::nullopt, loc), factor, loc);
    move_towards(running_var, unbiased(y[2].detach(loc).mean(0, false, std::nullopt, loc), n, loc), factor, loc);
  }
  return y[0];
}

Tensor batch_norm(const Tensor &x, const Tensor &weight, const Tensor &bias, const Tensor &running_mean, const Tensor &running_var, bool training, double momentum,
                  double eps, bool, Location loc) {
  return detail::batch_norm(x, weight, bias, running_mean, running_var, training, constant_factor(momentum, x, loc), eps, loc);
}
Tensor instance_norm(const Tensor &x, const Tensor &weight, const Tensor &bias, const Tensor &running_mean, const Tensor &running_var, bool use_input_stats,
                     double momentum, double eps, bool, Location loc) {
  return detail::instance_norm(x, weight, bias, running_mean, running_var, use_input_stats, constant_factor(momentum, x, loc), eps, loc);
}

Tensor layer_norm(const Tensor &input, IntArrayRef normalized_shape, const Tensor &w, const Tensor &b, double eps, bool, Location loc) {
  auto [x, weight, bias] = record::autocast<ir::nn::LayerNormOp>(loc, input, w, b);
  int64_t axis = trailing_axis("layer_norm", x, normalized_shape, weight, bias, eps, loc);
  return record::op<ir::nn::LayerNormOp>(with_affine({x}, weight, bias, loc), loc, [&](auto &p) {
    p.axis = builder().getI64IntegerAttr(axis);
    p.eps = builder().getF64FloatAttr(eps);
  });
}

Tensor rms_norm(const Tensor &input, IntArrayRef normalized_shape, const Tensor &w, std::optional<double> eps, Location loc) {
  auto [x, weight] = record::autocast<ir::nn::RmsNormOp>(loc, input, w);
  int64_t axis = trailing_axis("rms_norm", x, normalized_shape, weight, {}, eps.value_or(0), loc);
  double least = x.scalar_type() == kFloat64 ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
  return record::op<ir::nn::RmsNormOp>(with_affine({x}, weight, {}, loc), loc, [&](auto &p) {
    p.axis = builder().getI64IntegerAttr(axis);
    p.eps = builder().getF64FloatAttr(eps.value_or(least));
  });
}

Tensor group_norm(const Tensor &input, int64_t num_groups, const Tensor &w, const Tensor &b, double eps, bool, Location loc) {
  auto [x, weight, bias] = record::autocast<ir::nn::GroupNormOp>(loc, input, w, b);
  const char *op = "group_norm";
  expect_channels(op, x, {{"weight", &weight}, {"bias", &bias}}, eps, loc);
  if (num_groups < 1 || x.size(1) % num_groups)
    throw record::error(op, "expected a number of groups that divides the channels of " + record::text(x) + ", came " + std::to_string(num_groups), loc);
  return record::op<ir::nn::GroupNormOp>(with_affine({x}, weight, bias, loc), loc, [&](auto &p) {
    p.groups = builder().getI64IntegerAttr(num_groups);
    p.eps = builder().getF64FloatAttr(eps);
  });
}

namespace nn::functional {

Tensor batch_norm(const Tensor &x, const Tensor &running_mean, const Tensor &running_var, const BatchNormFuncOptions &o, Location loc) {
  if (o.training() && !o.momentum() && running_mean.defined())
    throw record::error("batch_norm", "expected a momentum: the average over all batches needs nn::BatchNorm, which counts them", loc);
  return tenon::batch_norm(x, o.weight(), o.bias(), running_mean, running_var, o.training(), o.momentum().value_or(0), o.eps(), false, loc);
}
Tensor instance_norm(const Tensor &x, const InstanceNormFuncOptions &o, Location loc) {
  return tenon::instance_norm(x, o.weight(), o.bias(), o.running_mean(), o.running_var(), o.use_input_stats(), o.momentum(), o.eps(), false, loc);
}
Tensor layer_norm(const Tensor &x, const LayerNormFuncOptions &o, Location loc) { return tenon::layer_norm(x, o.normalized_shape(), o.weight(), o.bias(), o.eps(), false, loc); }
Tensor group_norm(const Tensor &x, const GroupNormFuncOptions &o, Location loc) { return tenon::group_norm(x, o.num_groups(), o.weight(), o.bias(), o.eps(), false, loc); }

} // namespace nn::functional
} // namespace tenon
