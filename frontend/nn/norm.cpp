// The state of normalisation layers, what they refuse and how they print.
#include <tenon/nn/init.h>
#include <tenon/nn/norm.h>

#include "frontend/tensor/record.h"
#include <ostream>

namespace tenon::nn {
namespace detail {

void RunningNorm::make(const Settings &s) {
  if (s.num_features <= 0)
    throw Error(name() + ": expected a positive num_features, came " + std::to_string(s.num_features));
  weight = register_parameter("weight", s.affine ? empty({s.num_features}) : Tensor());
  bias = register_parameter("bias", s.affine ? empty({s.num_features}) : Tensor());
  running_mean = register_buffer("running_mean", s.track_running_stats ? empty({s.num_features}) : Tensor());
  running_var = register_buffer("running_var", s.track_running_stats ? empty({s.num_features}) : Tensor());
  num_batches_tracked = register_buffer("num_batches_tracked", s.track_running_stats ? zeros({}, kLong) : Tensor());
  fill();
}

void RunningNorm::fill() {
  reset_running_stats();
  if (!weight.defined())
    return;
  init::ones_(weight);
  init::zeros_(bias);
}

void RunningNorm::reset_running_stats() {
  if (!running_mean.defined())
    return;
  running_mean.zero_();
  running_var.fill_(1);
  num_batches_tracked.zero_();
}

Tensor RunningNorm::factor(const std::optional<double> &momentum, const Tensor &x, Location loc) const {
  NoGradGuard no_grad;
  num_batches_tracked.copy_(num_batches_tracked.add({record::constant(1, kLong, {}, loc), loc}), false, loc);
  if (momentum)
    return record::constant(*momentum, opmath_type(x.scalar_type()), {}, loc);
  return num_batches_tracked.to(opmath_type(x.scalar_type()), loc).reciprocal(loc);
}

void RunningNorm::expect_input(const Tensor &x, int64_t low, int64_t high, int64_t num_features, int64_t channel, Location loc) const {
  if (!x.defined() || x.dim() < low || x.dim() > high)
    throw Error(name() + ": expected an input of " + (low == high ? "" : std::to_string(low) + " or ") + std::to_string(high) + " dimensions, came " +
                    (x.defined() ? record::text(x) : "an undefined tensor"),
                loc);
  if (x.size(channel) != num_features)
    throw Error(name() + ": expected " + std::to_string(num_features) + " channels, came " + record::text(x), loc);
}

void RunningNorm::print(std::ostream &stream, const char *name, double eps, const Settings &s) const {
  stream << name << "(" << s.num_features << ", eps=" << eps << ", momentum=";
  s.momentum ? stream << *s.momentum : stream << "None";
  stream << ", affine=" << (s.affine ? "true" : "false") << ", track_running_stats=" << (s.track_running_stats ? "true" : "false") << ")";
}

} // namespace detail

namespace {
void expect_shape(const char *layer, const std::vector<int64_t> &shape) {
  bool positive = !shape.empty();
  for (int64_t n : shape)
    positive = positive && n > 0;
  if (!positive)
    throw Error(std::string(layer) + ": expected a normalized_shape of positive sizes, came " + record::shape_text(shape));
}
} // namespace

LayerNormImpl::LayerNormImpl(const LayerNormOptions &options) : options(options) { LayerNormImpl::reset(); }
void LayerNormImpl::reset() {
  expect_shape("LayerNorm", options.normalized_shape());
  bool affine = options.elementwise_affine();
  weight = register_parameter("weight", affine ? tenon::empty(options.normalized_shape()) : Tensor());
  bias = register_parameter("bias", affine && options.bias() ? tenon::empty(options.normalized_shape()) : Tensor());
  reset_parameters();
}
void LayerNormImpl::reset_parameters() {
  if (weight.defined())
    init::ones_(weight);
  if (bias.defined())
    init::zeros_(bias);
}
void LayerNormImpl::pretty_print(std::ostream &stream) const {
  stream << "LayerNorm(" << IntArrayRef(options.normalized_shape()) << ", eps=" << options.eps() << ", elementwise_affine=" << (options.elementwise_affine() ? "true" : "false") << ")";
}

RMSNormImpl::RMSNormImpl(const RMSNormOptions &options) : options(options) { RMSNormImpl::reset(); }
void RMSNormImpl::reset() {
  expect_shape("RMSNorm", options.normalized_shape());
  weight = register_parameter("weight", options.elementwise_affine() ? tenon::empty(options.normalized_shape()) : Tensor());
  reset_parameters();
}
void RMSNormImpl::reset_parameters() {
  if (weight.defined())
    init::ones_(weight);
}
void RMSNormImpl::pretty_print(std::ostream &stream) const {
  stream << "RMSNorm(" << IntArrayRef(options.normalized_shape()) << ", eps=";
  options.eps() ? stream << *options.eps() : stream << "None";
  stream << ", elementwise_affine=" << (options.elementwise_affine() ? "true" : "false") << ")";
}

GroupNormImpl::GroupNormImpl(const GroupNormOptions &options) : options(options) { GroupNormImpl::reset(); }
void GroupNormImpl::reset() {
  if (options.num_groups() <= 0 || options.num_channels() <= 0 || options.num_channels() % options.num_groups())
    throw Error("GroupNorm: expected a number of channels that is a multiple of the number of groups, came " + std::to_string(options.num_channels()) + " channels and " +
                std::to_string(options.num_groups()) + " groups");
  weight = register_parameter("weight", options.affine() ? empty({options.num_channels()}) : Tensor());
  bias = register_parameter("bias", options.affine() ? empty({options.num_channels()}) : Tensor());
  reset_parameters();
}
void GroupNormImpl::reset_parameters() {
  if (!weight.defined())
    return;
  init::ones_(weight);
  init::zeros_(bias);
}
Tensor GroupNormImpl::forward(const Tensor &x, Location loc) const {
  if (x.defined() && x.dim() > 1 && x.size(1) != options.num_channels())
    throw Error("GroupNorm: expected " + std::to_string(options.num_channels()) + " channels, came " + record::text(x), loc);
  return group_norm(x, options.num_groups(), weight, bias, options.eps(), false, loc);
}
void GroupNormImpl::pretty_print(std::ostream &stream) const {
  stream << "GroupNorm(" << options.num_groups() << ", " << options.num_channels() << ", eps=" << options.eps() << ", affine=" << (options.affine() ? "true" : "false") << ")";
}

} // namespace tenon::nn
