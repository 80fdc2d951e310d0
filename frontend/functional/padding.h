// Padding, with LibTorch's names: amounts for the last dimension first, (before, after) each; negative amounts take elements away.
#pragma once
#include <tenon/arg.h>
#include <tenon/functional/expanding_array.h>
#include <tenon/functional/padding_mode.h>
#include <tenon/tensor/tensor.h>

namespace tenon {
namespace nn::functional {

struct PadFuncOptions {
  PadFuncOptions(std::vector<int64_t> pad) : pad_(std::move(pad)) {}
  TENON_ARG(std::vector<int64_t>, pad);
  TENON_ARG(PaddingMode, mode) = kConstant;
  /// What kConstant puts around.
  TENON_ARG(double, value) = 0;
};

/// x of any dtype. kConstant takes amounts for any number of trailing dimensions; the others for one of [C, L] or [N, C, L], two of [C, H, W] or [N, C, H, W], three of
/// [C, D, H, W] or [N, C, D, H, W]. kReflect mirrors without repeating the edge (amounts below the size), kReplicate repeats the edge, kCircular takes from the other
/// end (amounts up to the size). Throws Error on an odd number of amounts, too many, or a dimension that would not be positive.
Tensor pad(const Tensor &x, const PadFuncOptions &options, Location loc = Location::current());

} // namespace nn::functional

/// torch::constant_pad_nd
Tensor constant_pad_nd(const Tensor &x, IntArrayRef pad, Scalar value = 0, Location loc = Location::current());

namespace nn {

/// D (before, after) pairs; one number stands for all.
template <size_t D> struct PadOptions {
  PadOptions(ExpandingArray<D * 2> padding) : padding_(padding) {}
  TENON_ARG(ExpandingArray<D * 2>, padding);
};
template <size_t D> struct ConstantPadOptions {
  ConstantPadOptions(ExpandingArray<D * 2> padding, double value) : padding_(padding), value_(value) {}
  TENON_ARG(ExpandingArray<D * 2>, padding);
  TENON_ARG(double, value);
};
#define TENON_PAD_OPTIONS(D)                                                                                                               \
  using ReflectionPad##D##dOptions = PadOptions<D>;                                                                                          \
  using ReplicationPad##D##dOptions = PadOptions<D>;                                                                                         \
  using CircularPad##D##dOptions = PadOptions<D>;                                                                                            \
  using ZeroPad##D##dOptions = PadOptions<D>;                                                                                                \
  using ConstantPad##D##dOptions = ConstantPadOptions<D>;
TENON_PAD_OPTIONS(1) TENON_PAD_OPTIONS(2) TENON_PAD_OPTIONS(3)
#undef TENON_PAD_OPTIONS

} // namespace nn
} // namespace tenon
