// The options of pooling, with LibTorch's names and defaults; shared by functions and layers.
#pragma once
#include <tenon/arg.h>
#include <tenon/functional/expanding_array.h>
#include <tenon/tensor/tensor.h>

namespace tenon::nn {

template <size_t D> struct MaxPoolOptions {
  MaxPoolOptions(ExpandingArray<D> kernel_size) : kernel_size_(kernel_size), stride_(kernel_size) {}
  TENON_ARG(ExpandingArray<D>, kernel_size);
  /// The kernel's size unless set.
  TENON_ARG(ExpandingArray<D>, stride);
  /// Elements lower than any other, at both ends; at most half of the window.
  TENON_ARG(ExpandingArray<D>, padding) = 0;
  TENON_ARG(ExpandingArray<D>, dilation) = 1;
  /// Whether a last window may leave the input at its end.
  TENON_ARG(bool, ceil_mode) = false;
};
using MaxPool1dOptions = MaxPoolOptions<1>;
using MaxPool2dOptions = MaxPoolOptions<2>;
using MaxPool3dOptions = MaxPoolOptions<3>;

/// The options that the maxima were found with.
template <size_t D> struct MaxUnpoolOptions {
  MaxUnpoolOptions(ExpandingArray<D> kernel_size) : kernel_size_(kernel_size), stride_(kernel_size) {}
  TENON_ARG(ExpandingArray<D>, kernel_size);
  /// The kernel's size unless set.
  TENON_ARG(ExpandingArray<D>, stride);
  TENON_ARG(ExpandingArray<D>, padding) = 0;
};
using MaxUnpool1dOptions = MaxUnpoolOptions<1>;
using MaxUnpool2dOptions = MaxUnpoolOptions<2>;
using MaxUnpool3dOptions = MaxUnpoolOptions<3>;

template <size_t D> struct AvgPoolOptions {
  AvgPoolOptions(ExpandingArray<D> kernel_size) : kernel_size_(kernel_size), stride_(kernel_size) {}
  TENON_ARG(ExpandingArray<D>, kernel_size);
  /// The kernel's size unless set.
  TENON_ARG(ExpandingArray<D>, stride);
  TENON_ARG(ExpandingArray<D>, padding) = 0;
  TENON_ARG(bool, ceil_mode) = false;
  /// Whether padding counts among what the sum is divided by.
  TENON_ARG(bool, count_include_pad) = true;
  /// Divides every sum instead of a count (avg_pool2d and avg_pool3d; 1d refuses it).
  TENON_ARG(std::optional<int64_t>, divisor_override) = std::nullopt;
};
using AvgPool1dOptions = AvgPoolOptions<1>;
using AvgPool2dOptions = AvgPoolOptions<2>;
using AvgPool3dOptions = AvgPoolOptions<3>;

template <size_t D> struct LPPoolOptions {
  LPPoolOptions(double norm_type, ExpandingArray<D> kernel_size) : norm_type_(norm_type), kernel_size_(kernel_size), stride_(kernel_size) {}
  TENON_ARG(double, norm_type);
  TENON_ARG(ExpandingArray<D>, kernel_size);
  TENON_ARG(ExpandingArray<D>, stride);
  TENON_ARG(bool, ceil_mode) = false;
};
using LPPool1dOptions = LPPoolOptions<1>;
using LPPool2dOptions = LPPoolOptions<2>;
using LPPool3dOptions = LPPoolOptions<3>;

/// `output_size`: of a dimension; nullopt: as the input has it.
template <size_t D> struct AdaptivePoolOptions {
  AdaptivePoolOptions(int64_t output_size) : output_size_(std::optional<int64_t>(output_size)) {}
  AdaptivePoolOptions(ExpandingArrayWithOptionalElem<D> output_size) : output_size_(output_size) {}
  TENON_ARG(ExpandingArrayWithOptionalElem<D>, output_size);
};
using AdaptiveMaxPool1dOptions = AdaptivePoolOptions<1>;
using AdaptiveMaxPool2dOptions = AdaptivePoolOptions<2>;
using AdaptiveMaxPool3dOptions = AdaptivePoolOptions<3>;
using AdaptiveAvgPool1dOptions = AdaptivePoolOptions<1>;
using AdaptiveAvgPool2dOptions = AdaptivePoolOptions<2>;
using AdaptiveAvgPool3dOptions = AdaptivePoolOptions<3>;

/// Exactly one of output_size and output_ratio is set.
template <size_t D> struct FractionalMaxPoolOptions {
  FractionalMaxPoolOptions(ExpandingArray<D> kernel_size) : kernel_size_(kernel_size) {}
  TENON_ARG(ExpandingArray<D>, kernel_size);
  TENON_ARG(std::optional<ExpandingArray<D>>, output_size) = std::nullopt;
  using ExpandingArrayDouble = ExpandingArray<D, double>;
  /// Of the input's extents, between 0 and 1.
  TENON_ARG(std::optional<ExpandingArrayDouble>, output_ratio) = std::nullopt;
  /// Where the windows lie: [N, C, D] numbers in [0, 1) instead of drawn ones.
  TENON_ARG(Tensor, _random_samples) = {};
};
using FractionalMaxPool2dOptions = FractionalMaxPoolOptions<2>;
using FractionalMaxPool3dOptions = FractionalMaxPoolOptions<3>;

namespace functional {
using FractionalMaxPool2dFuncOptions = FractionalMaxPool2dOptions;
using FractionalMaxPool3dFuncOptions = FractionalMaxPool3dOptions;
template <size_t D> struct MaxUnpoolFuncOptions : MaxUnpoolOptions<D> {
  using MaxUnpoolOptions<D>::MaxUnpoolOptions;
  MaxUnpoolFuncOptions(const MaxUnpoolOptions<D> &o) : MaxUnpoolOptions<D>(o) {}
#define TENON_AGAIN(name)                                                                                                                  \
  MaxUnpoolFuncOptions &name(ExpandingArray<D> value) {                                                                                    \
    MaxUnpoolOptions<D>::name(std::move(value));                                                                                           \
    return *this;                                                                                                                          \
  }                                                                                                                                        \
  const ExpandingArray<D> &name() const { return MaxUnpoolOptions<D>::name(); }
  TENON_AGAIN(kernel_size)
  TENON_AGAIN(stride)
  TENON_AGAIN(padding)
#undef TENON_AGAIN
  /// Of the spatial dimensions, or of all: which of the sizes that pool to this one.
  TENON_ARG(std::optional<std::vector<int64_t>>, output_size) = std::nullopt;
};
using MaxUnpool1dFuncOptions = MaxUnpoolFuncOptions<1>;
using MaxUnpool2dFuncOptions = MaxUnpoolFuncOptions<2>;
using MaxUnpool3dFuncOptions = MaxUnpoolFuncOptions<3>;
using MaxPool1dFuncOptions = MaxPool1dOptions;
using MaxPool2dFuncOptions = MaxPool2dOptions;
using MaxPool3dFuncOptions = MaxPool3dOptions;
using AvgPool1dFuncOptions = AvgPool1dOptions;
using AvgPool2dFuncOptions = AvgPool2dOptions;
using AvgPool3dFuncOptions = AvgPool3dOptions;
using LPPool1dFuncOptions = LPPool1dOptions;
using LPPool2dFuncOptions = LPPool2dOptions;
using LPPool3dFuncOptions = LPPool3dOptions;
using AdaptiveMaxPool1dFuncOptions = AdaptiveMaxPool1dOptions;
using AdaptiveMaxPool2dFuncOptions = AdaptiveMaxPool2dOptions;
using AdaptiveMaxPool3dFuncOptions = AdaptiveMaxPool3dOptions;
using AdaptiveAvgPool1dFuncOptions = AdaptiveAvgPool1dOptions;
using AdaptiveAvgPool2dFuncOptions = AdaptiveAvgPool2dOptions;
using AdaptiveAvgPool3dFuncOptions = AdaptiveAvgPool3dOptions;
} // namespace functional
} // namespace tenon::nn
