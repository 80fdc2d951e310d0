// Convolutions: options and functions, with LibTorch's names.
#pragma once
#include <tenon/functional/expanding_array.h>
#include <tenon/functional/options.h>
#include <tenon/functional/padding_mode.h>

namespace tenon {

/// Padding that keeps the extents (stride 1), and none.
struct SamePadding {};
struct ValidPadding {};
inline constexpr SamePadding kSame;
inline constexpr ValidPadding kValid;

/// Elements at both ends of each spatial dimension, or kSame, kValid, "same", "valid".
template <std::size_t D> class ConvPadding {
public:
  enum class Kind { Amounts, Same, Valid };
  ConvPadding(int64_t all) : amounts(all) {}
  ConvPadding(std::initializer_list<int64_t> values) : amounts(values) {}
  ConvPadding(const std::vector<int64_t> &values) : amounts(values) {}
  ConvPadding(const ExpandingArray<D> &values) : amounts(values) {}
  ConvPadding(SamePadding) : kind(Kind::Same) {}
  ConvPadding(ValidPadding) : kind(Kind::Valid) {}
  template <std::size_t N> ConvPadding(const char (&name)[N]) : ConvPadding(std::string(name)) {}
  /// Throws Error unless it is "same" or "valid".
  ConvPadding(const std::string &name) : kind(name == "same" ? Kind::Same : Kind::Valid) {
    if (name != "same" && name != "valid")
      throw Error("expected a padding \"same\" or \"valid\", or numbers, came \"" + name + "\"");
  }
  Kind kind = Kind::Amounts;
  ExpandingArray<D> amounts = 0;
};

namespace nn {

/// Of Conv and ConvTranspose alike; output_padding is for ConvTranspose, "same" and "valid" are for Conv.
template <std::size_t D> struct ConvOptions {
  ConvOptions(int64_t in_channels, int64_t out_channels, ExpandingArray<D> kernel_size)
      : in_channels_(in_channels), out_channels_(out_channels), kernel_size_(kernel_size) {}
  TENON_ARG(int64_t, in_channels);
  TENON_ARG(int64_t, out_channels);
  TENON_ARG(ExpandingArray<D>, kernel_size);
  TENON_ARG(ExpandingArray<D>, stride) = 1;
  TENON_ARG(ConvPadding<D>, padding) = 0;
  TENON_ARG(ExpandingArray<D>, output_padding) = 0;
  TENON_ARG(ExpandingArray<D>, dilation) = 1;
  TENON_ARG(int64_t, groups) = 1;
  TENON_ARG(bool, bias) = true;
  TENON_ARG(PaddingMode, padding_mode) = kZeros;
};
using Conv1dOptions = ConvOptions<1>;
using Conv2dOptions = ConvOptions<2>;
using Conv3dOptions = ConvOptions<3>;
using ConvTranspose1dOptions = ConvOptions<1>;
using ConvTranspose2dOptions = ConvOptions<2>;
using ConvTranspose3dOptions = ConvOptions<3>;

namespace functional {

template <std::size_t D> struct ConvFuncOptions {
  TENON_ARG(Tensor, bias) = {};
  TENON_ARG(ExpandingArray<D>, stride) = 1;
  TENON_ARG(ConvPadding<D>, padding) = 0;
  TENON_ARG(ExpandingArray<D>, dilation) = 1;
  TENON_ARG(int64_t, groups) = 1;
};
using Conv1dFuncOptions = ConvFuncOptions<1>;
using Conv2dFuncOptions = ConvFuncOptions<2>;
using Conv3dFuncOptions = ConvFuncOptions<3>;

template <std::size_t D> struct ConvTransposeFuncOptions {
  TENON_ARG(Tensor, bias) = {};
  TENON_ARG(ExpandingArray<D>, stride) = 1;
  TENON_ARG(ExpandingArray<D>, padding) = 0;
  TENON_ARG(ExpandingArray<D>, output_padding) = 0;
  TENON_ARG(int64_t, groups) = 1;
  TENON_ARG(ExpandingArray<D>, dilation) = 1;
};
using ConvTranspose1dFuncOptions = ConvTransposeFuncOptions<1>;
using ConvTranspose2dFuncOptions = ConvTransposeFuncOptions<2>;
using ConvTranspose3dFuncOptions = ConvTransposeFuncOptions<3>;

// input [N, C, spatial...] or [C, spatial...], weight [F, C / groups, kernel...], bias [F] or undefined, one floating dtype: [N, F, ...] of extents
// (in + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1, rounded down. Throws Error where channels, groups or windows do not fit.
Tensor conv1d(const Tensor &input, const Tensor &weight, const Conv1dFuncOptions &options = {}, Location loc = Location::current());
Tensor conv2d(const Tensor &input, const Tensor &weight, const Conv2dFuncOptions &options = {}, Location loc = Location::current());
Tensor conv3d(const Tensor &input, const Tensor &weight, const Conv3dFuncOptions &options = {}, Location loc = Location::current());
// input [N, C, spatial...] or [C, spatial...], weight [C, F / groups, kernel...], bias [F] or undefined, one floating dtype: [N, F, ...] of extents
// (in - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1; output_padding is below stride or dilation.
Tensor conv_transpose1d(const Tensor &input, const Tensor &weight, const ConvTranspose1dFuncOptions &options = {}, Location loc = Location::current());
Tensor conv_transpose2d(const Tensor &input, const Tensor &weight, const ConvTranspose2dFuncOptions &options = {}, Location loc = Location::current());
Tensor conv_transpose3d(const Tensor &input, const Tensor &weight, const ConvTranspose3dFuncOptions &options = {}, Location loc = Location::current());

} // namespace functional
} // namespace nn

// -- The same with LibTorch's lists of arguments --

/// x [T, N, in], weight [width, in, out], bias [out], `pad` steps of zeros at both ends: [T', N, out].
Tensor conv_tbc(const Tensor &x, const Tensor &weight, const Tensor &bias, int64_t pad = 0, Location loc = Location::current());
Tensor conv1d(const Tensor &input, const Tensor &weight, const Tensor &bias = {}, ExpandingArray<1> stride = 1, ConvPadding<1> padding = 0, ExpandingArray<1> dilation = 1,
              int64_t groups = 1, Location loc = Location::current());
Tensor conv2d(const Tensor &input, const Tensor &weight, const Tensor &bias = {}, ExpandingArray<2> stride = 1, ConvPadding<2> padding = 0, ExpandingArray<2> dilation = 1,
              int64_t groups = 1, Location loc = Location::current());
Tensor conv3d(const Tensor &input, const Tensor &weight, const Tensor &bias = {}, ExpandingArray<3> stride = 1, ConvPadding<3> padding = 0, ExpandingArray<3> dilation = 1,
              int64_t groups = 1, Location loc = Location::current());
Tensor conv_transpose1d(const Tensor &input, const Tensor &weight, const Tensor &bias = {}, ExpandingArray<1> stride = 1, ExpandingArray<1> padding = 0,
                        ExpandingArray<1> output_padding = 0, int64_t groups = 1, ExpandingArray<1> dilation = 1, Location loc = Location::current());
Tensor conv_transpose2d(const Tensor &input, const Tensor &weight, const Tensor &bias = {}, ExpandingArray<2> stride = 1, ExpandingArray<2> padding = 0,
                        ExpandingArray<2> output_padding = 0, int64_t groups = 1, ExpandingArray<2> dilation = 1, Location loc = Location::current());
Tensor conv_transpose3d(const Tensor &input, const Tensor &weight, const Tensor &bias = {}, ExpandingArray<3> stride = 1, ExpandingArray<3> padding = 0,
                        ExpandingArray<3> output_padding = 0, int64_t groups = 1, ExpandingArray<3> dilation = 1, Location loc = Location::current());

namespace detail {

/// The numbers of a convolution of any rank; `op` opens its errors ("features.3: conv2d").
struct Convolution {
  std::string op;
  int64_t spatial;
  std::vector<int64_t> stride, dilation, padding, output_padding;
  bool same = false, transposed = false;
  int64_t groups = 1;
};
Tensor convolution(const Convolution &c, const Tensor &input, const Tensor &weight, const Tensor &bias, Location loc);
/// `x` with `low[i]` and `high[i]` elements more at the ends of its last low.size() dimensions, as the mode says (not zeros).
Tensor pad_ends(const std::string &op, const Tensor &x, const std::vector<int64_t> &low, const std::vector<int64_t> &high, PaddingMode mode, Location loc);

} // namespace detail
} // namespace tenon
