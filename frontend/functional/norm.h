// Normalisation: options and functions, with LibTorch's names and defaults.
#pragma once
#include <tenon/arg.h>
#include <tenon/tensor/tensor.h>

#include <optional>
#include <vector>

namespace tenon {
namespace nn {

struct BatchNormOptions {
  BatchNormOptions(int64_t num_features) : num_features_(num_features) {}
  TENON_ARG(int64_t, num_features);
  TENON_ARG(double, eps) = 1e-5;
  /// What a batch counts in the running statistics; nullopt: their average over all batches.
  TENON_ARG(std::optional<double>, momentum) = 0.1;
  TENON_ARG(bool, affine) = true;
  TENON_ARG(bool, track_running_stats) = true;
};
using BatchNorm1dOptions = BatchNormOptions;
using BatchNorm2dOptions = BatchNormOptions;
using BatchNorm3dOptions = BatchNormOptions;

struct InstanceNormOptions {
  InstanceNormOptions(int64_t num_features) : num_features_(num_features) {}
  TENON_ARG(int64_t, num_features);
  TENON_ARG(double, eps) = 1e-5;
  TENON_ARG(std::optional<double>, momentum) = 0.1;
  TENON_ARG(bool, affine) = false;
  TENON_ARG(bool, track_running_stats) = false;
};
using InstanceNorm1dOptions = InstanceNormOptions;
using InstanceNorm2dOptions = InstanceNormOptions;
using InstanceNorm3dOptions = InstanceNormOptions;

struct LayerNormOptions {
  LayerNormOptions(std::vector<int64_t> normalized_shape) : normalized_shape_(std::move(normalized_shape)) {}
  TENON_ARG(std::vector<int64_t>, normalized_shape);
  TENON_ARG(double, eps) = 1e-5;
  TENON_ARG(bool, elementwise_affine) = true;
  TENON_ARG(bool, bias) = true;
};

struct RMSNormOptions {
  RMSNormOptions(std::vector<int64_t> normalized_shape) : normalized_shape_(std::move(normalized_shape)) {}
  TENON_ARG(std::vector<int64_t>, normalized_shape);
  /// nullopt: the distance from 1 to the next number of the input's dtype.
  TENON_ARG(std::optional<double>, eps) = std::nullopt;
  TENON_ARG(bool, elementwise_affine) = true;
};

struct GroupNormOptions {
  GroupNormOptions(int64_t num_groups, int64_t num_channels) : num_groups_(num_groups), num_channels_(num_channels) {}
  TENON_ARG(int64_t, num_groups);
  TENON_ARG(int64_t, num_channels);
  TENON_ARG(double, eps) = 1e-5;
  TENON_ARG(bool, affine) = true;
};

namespace functional {

struct BatchNormFuncOptions {
  TENON_ARG(Tensor, weight) = {};
  TENON_ARG(Tensor, bias) = {};
  TENON_ARG(bool, training) = false;
  TENON_ARG(std::optional<double>, momentum) = 0.1;
  TENON_ARG(double, eps) = 1e-5;
};
struct InstanceNormFuncOptions {
  TENON_ARG(Tensor, running_mean) = {};
  TENON_ARG(Tensor, running_var) = {};
  TENON_ARG(Tensor, weight) = {};
  TENON_ARG(Tensor, bias) = {};
  TENON_ARG(bool, use_input_stats) = true;
  TENON_ARG(double, momentum) = 0.1;
  TENON_ARG(double, eps) = 1e-5;
};
struct LayerNormFuncOptions {
  LayerNormFuncOptions(std::vector<int64_t> normalized_shape) : normalized_shape_(std::move(normalized_shape)) {}
  TENON_ARG(std::vector<int64_t>, normalized_shape);
  TENON_ARG(Tensor, weight) = {};
  TENON_ARG(Tensor, bias) = {};
  TENON_ARG(double, eps) = 1e-5;
};
struct GroupNormFuncOptions {
  GroupNormFuncOptions(int64_t num_groups) : num_groups_(num_groups) {}
  TENON_ARG(int64_t, num_groups);
  TENON_ARG(Tensor, weight) = {};
  TENON_ARG(Tensor, bias) = {};
  TENON_ARG(double, eps) = 1e-5;
};

/// x [N, C, ...], running statistics [C] or undefined. In training the batch's own mean and biased variance are used and the running ones move by
/// `momentum` towards the mean and the unbiased variance. Throws Error when a channel has one value in training, as PyTorch does.
Tensor batch_norm(const Tensor &x, const Tensor &running_mean, const Tensor &running_var, const BatchNormFuncOptions &options = {}, Location loc = Location::current());
/// x [N, C, ...]: every channel of every sample by its own mean and variance, or by the running ones.
Tensor instance_norm(const Tensor &x, const InstanceNormFuncOptions &options = {}, Location loc = Location::current());
/// x [..., normalized_shape]
Tensor layer_norm(const Tensor &x, const LayerNormFuncOptions &options, Location loc = Location::current());
/// x [N, C, ...], C a multiple of the groups
Tensor group_norm(const Tensor &x, const GroupNormFuncOptions &options, Location loc = Location::current());

} // namespace functional
} // namespace nn

// -- The same with LibTorch's lists of arguments --

Tensor batch_norm(const Tensor &x, const Tensor &weight, const Tensor &bias, const Tensor &running_mean, const Tensor &running_var, bool training, double momentum,
                  double eps, bool cudnn_enabled = false, Location loc = Location::current());
Tensor instance_norm(const Tensor &x, const Tensor &weight, const Tensor &bias, const Tensor &running_mean, const Tensor &running_var, bool use_input_stats,
                     double momentum, double eps, bool cudnn_enabled = false, Location loc = Location::current());
Tensor layer_norm(const Tensor &x, IntArrayRef normalized_shape, const Tensor &weight = {}, const Tensor &bias = {}, double eps = 1e-5, bool cudnn_enable = false,
                  Location loc = Location::current());
Tensor group_norm(const Tensor &x, int64_t num_groups, const Tensor &weight = {}, const Tensor &bias = {}, double eps = 1e-5, bool cudnn_enabled = false,
                  Location loc = Location::current());
/// x / sqrt(mean(x^2) + eps) times weight, over the last dimensions [normalized_shape]. eps nullopt: the dtype's.
Tensor rms_norm(const Tensor &x, IntArrayRef normalized_shape, const Tensor &weight = {}, std::optional<double> eps = std::nullopt, Location loc = Location::current());

namespace nn::functional {
using tenon::rms_norm;
}

namespace detail {
/// batch_norm and instance_norm with a factor (a tensor of one element or [C]) in place of the momentum: what a new value counts in the running one.
Tensor batch_norm(const Tensor &x, const Tensor &weight, const Tensor &bias, const Tensor &running_mean, const Tensor &running_var, bool training,
                  const Tensor &factor, double eps, Location loc);
Tensor instance_norm(const Tensor &x, const Tensor &weight, const Tensor &bias, const Tensor &running_mean, const Tensor &running_var, bool use_input_stats,
                     const Tensor &factor, double eps, Location loc);
} // namespace detail
} // namespace tenon
