// The options of functions and of the layers that wrap them, with LibTorch's names and defaults.
#pragma once
#include <tenon/arg.h>
#include <tenon/tensor/tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tenon {

/// How a loss over a batch becomes a number: not at all, by mean, by sum.
enum class Reduction { None, Mean, Sum };
inline constexpr Reduction kNone = Reduction::None, kMean = Reduction::Mean, kSum = Reduction::Sum;

/// Which nonlinearity: of an initialiser's gain, of a Transformer layer.
enum class Nonlinearity { Linear, Sigmoid, Tanh, ReLU, LeakyReLU, SELU, GELU };
inline constexpr Nonlinearity kLinear = Nonlinearity::Linear, kSigmoid = Nonlinearity::Sigmoid, kTanh = Nonlinearity::Tanh,
                              kReLU = Nonlinearity::ReLU, kLeakyReLU = Nonlinearity::LeakyReLU, kSELU = Nonlinearity::SELU, kGELU = Nonlinearity::GELU;

/// Which side of a weight an initialiser keeps the variance of.
enum class FanMode { FanIn, FanOut };
inline constexpr FanMode kFanIn = FanMode::FanIn, kFanOut = FanMode::FanOut;

namespace nn {

struct LinearOptions {
  LinearOptions(int64_t in_features, int64_t out_features) : in_features_(in_features), out_features_(out_features) {}
  TENON_ARG(int64_t, in_features);
  TENON_ARG(int64_t, out_features);
  TENON_ARG(bool, bias) = true;
};

struct FlattenOptions {
  TENON_ARG(int64_t, start_dim) = 1;
  TENON_ARG(int64_t, end_dim) = -1;
};

struct UnflattenOptions {
  UnflattenOptions(int64_t dim, std::vector<int64_t> sizes) : dim_(dim), sizes_(std::move(sizes)) {}
  TENON_ARG(int64_t, dim);
  TENON_ARG(std::vector<int64_t>, sizes);
};

struct ReLUOptions {
  ReLUOptions(bool inplace = false) : inplace_(inplace) {}
  TENON_ARG(bool, inplace);
};

struct LeakyReLUOptions {
  TENON_ARG(double, negative_slope) = 0.01;
  TENON_ARG(bool, inplace) = false;
};

struct GELUOptions {
  /// "none" (erf) or "tanh".
  TENON_ARG(std::string, approximate) = "none";
};

struct SoftmaxOptions {
  SoftmaxOptions(int64_t dim) : dim_(dim) {}
  TENON_ARG(int64_t, dim);
};
using LogSoftmaxOptions = SoftmaxOptions;

struct DropoutOptions {
  DropoutOptions(double p = 0.5) : p_(p) {}
  TENON_ARG(double, p);
  TENON_ARG(bool, inplace) = false;
};

struct CrossEntropyLossOptions {
  /// A factor per class [C]; undefined: 1.
  TENON_ARG(Tensor, weight) = {};
  /// Targets of this value count for nothing.
  TENON_ARG(int64_t, ignore_index) = -100;
  TENON_ARG(Reduction, reduction) = kMean;
  TENON_ARG(double, label_smoothing) = 0.0;
};

struct LinearCrossEntropyLossOptions {
  LinearCrossEntropyLossOptions(int64_t in_features, int64_t num_classes) : in_features_(in_features), num_classes_(num_classes) {}
  TENON_ARG(int64_t, in_features);
  TENON_ARG(int64_t, num_classes);
  /// The target's dimensions behind N: a class for each place.
  TENON_ARG(std::vector<int64_t>, out_features) = {};
  TENON_ARG(bool, bias) = false;
  TENON_ARG(Tensor, weight) = {};
  TENON_ARG(int64_t, ignore_index) = -100;
  TENON_ARG(Reduction, reduction) = kMean;
  TENON_ARG(double, label_smoothing) = 0.0;
};

struct NLLLossOptions {
  TENON_ARG(Tensor, weight) = {};
  TENON_ARG(int64_t, ignore_index) = -100;
  TENON_ARG(Reduction, reduction) = kMean;
};

struct MSELossOptions {
  MSELossOptions(Reduction reduction = kMean) : reduction_(reduction) {}
  TENON_ARG(Reduction, reduction);
};

struct L1LossOptions {
  L1LossOptions(Reduction reduction = kMean) : reduction_(reduction) {}
  TENON_ARG(Reduction, reduction);
};

struct BCELossOptions {
  /// A factor per element, of the input's shape; undefined: 1.
  TENON_ARG(Tensor, weight) = {};
  TENON_ARG(Reduction, reduction) = kMean;
};

struct BCEWithLogitsLossOptions {
  TENON_ARG(Tensor, weight) = {};
  /// A factor on the positive term, broadcast to the input.
  TENON_ARG(Tensor, pos_weight) = {};
  TENON_ARG(Reduction, reduction) = kMean;
};

namespace functional {
using ReLUFuncOptions = ReLUOptions;
using LeakyReLUFuncOptions = LeakyReLUOptions;
using GELUFuncOptions = GELUOptions;
using SoftmaxFuncOptions = SoftmaxOptions;
using LogSoftmaxFuncOptions = LogSoftmaxOptions;
using CrossEntropyFuncOptions = CrossEntropyLossOptions;
struct LinearCrossEntropyFuncOptions {
  /// [classes], or of the weight's shape without its last dimension.
  TENON_ARG(Tensor, linear_bias) = {};
  TENON_ARG(Tensor, weight) = {};
  TENON_ARG(Reduction, reduction) = kMean;
  TENON_ARG(int64_t, ignore_index) = -100;
  TENON_ARG(double, label_smoothing) = 0.0;
};
using NLLLossFuncOptions = NLLLossOptions;
using MSELossFuncOptions = MSELossOptions;
using L1LossFuncOptions = L1LossOptions;
using BinaryCrossEntropyFuncOptions = BCELossOptions;
using BinaryCrossEntropyWithLogitsFuncOptions = BCEWithLogitsLossOptions;

struct DropoutFuncOptions {
  TENON_ARG(double, p) = 0.5;
  TENON_ARG(bool, training) = true;
  TENON_ARG(bool, inplace) = false;
};

} // namespace functional
} // namespace nn
} // namespace tenon
