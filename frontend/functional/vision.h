// Images: other sizes, channels that become pixels, patches that become columns. LibTorch's names.
#pragma once
#include <tenon/arg.h>
#include <tenon/functional/expanding_array.h>
#include <tenon/functional/padding_mode.h>
#include <tenon/tensor/tensor.h>

namespace tenon {

/// How an element between two is read.
enum class InterpolateMode { Nearest, NearestExact, Linear, Bilinear, Bicubic, Trilinear, Area };
inline constexpr InterpolateMode kNearest = InterpolateMode::Nearest, kNearestExact = InterpolateMode::NearestExact, kLinearMode = InterpolateMode::Linear,
                                 kBilinear = InterpolateMode::Bilinear, kBicubic = InterpolateMode::Bicubic, kTrilinear = InterpolateMode::Trilinear, kArea = InterpolateMode::Area;

/// What grid_sample reads outside of its input: zeros, the element at the edge, or the input mirrored.
enum class GridPadding { Zeros, Border, Reflection };
inline constexpr GridPadding kBorder = GridPadding::Border, kReflection = GridPadding::Reflection;

/// x [N, C r^2, H, W] -> [N, C, H r, W r], any leading dimensions; Shi et al., arXiv 1609.05158.
Tensor pixel_shuffle(const Tensor &x, int64_t upscale_factor, Location loc = Location::current());
/// Its inverse: [N, C, H r, W r] -> [N, C r^2, H, W].
Tensor pixel_unshuffle(const Tensor &x, int64_t downscale_factor, Location loc = Location::current());
/// Channels [N, C, ...] in `groups`, taken in turn from each.
Tensor channel_shuffle(const Tensor &x, int64_t groups, Location loc = Location::current());

namespace nn {

template <size_t D> struct PatchOptions {
  PatchOptions(ExpandingArray<D> kernel_size) : kernel_size_(kernel_size) {}
  TENON_ARG(ExpandingArray<D>, kernel_size);
  TENON_ARG(ExpandingArray<D>, dilation) = 1;
  TENON_ARG(ExpandingArray<D>, padding) = 0;
  TENON_ARG(ExpandingArray<D>, stride) = 1;
};
using UnfoldOptions = PatchOptions<2>;
struct FoldOptions {
  FoldOptions(ExpandingArray<2> output_size, ExpandingArray<2> kernel_size) : output_size_(output_size), kernel_size_(kernel_size) {}
  TENON_ARG(ExpandingArray<2>, output_size);
  TENON_ARG(ExpandingArray<2>, kernel_size);
  TENON_ARG(ExpandingArray<2>, dilation) = 1;
  TENON_ARG(ExpandingArray<2>, padding) = 0;
  TENON_ARG(ExpandingArray<2>, stride) = 1;
};
struct UpsampleOptions {
  /// New extents of the spatial dimensions, or
  TENON_ARG(std::optional<std::vector<int64_t>>, size) = std::nullopt;
  /// how often larger they become.
  TENON_ARG(std::optional<std::vector<double>>, scale_factor) = std::nullopt;
  TENON_ARG(InterpolateMode, mode) = kNearest;
  /// Whether the corners' centres stay corners (lines and cubics).
  TENON_ARG(std::optional<bool>, align_corners) = std::nullopt;
};
struct PixelShuffleOptions {
  PixelShuffleOptions(int64_t upscale_factor) : upscale_factor_(upscale_factor) {}
  TENON_ARG(int64_t, upscale_factor);
};
struct PixelUnshuffleOptions {
  PixelUnshuffleOptions(int64_t downscale_factor) : downscale_factor_(downscale_factor) {}
  TENON_ARG(int64_t, downscale_factor);
};
struct ChannelShuffleOptions {
  ChannelShuffleOptions(int64_t groups) : groups_(groups) {}
  TENON_ARG(int64_t, groups);
};

namespace functional {

struct GridSampleFuncOptions {
  /// kBilinear (trilinear in three dimensions), kNearest or kBicubic.
  TENON_ARG(InterpolateMode, mode) = kBilinear;
  /// kZeros, kBorder or kReflection.
  TENON_ARG(GridPadding, padding_mode) = GridPadding::Zeros;
  TENON_ARG(std::optional<bool>, align_corners) = std::nullopt;

public:
  /// The other modes of padding are refused.
  GridSampleFuncOptions &padding_mode(PaddingMode mode, Location loc = Location::current());
};
using FoldFuncOptions = FoldOptions;
using UnfoldFuncOptions = UnfoldOptions;
using PixelShuffleFuncOptions = PixelShuffleOptions;
using PixelUnshuffleFuncOptions = PixelUnshuffleOptions;
struct InterpolateFuncOptions : UpsampleOptions {
  InterpolateFuncOptions() = default;
  InterpolateFuncOptions(const UpsampleOptions &o) : UpsampleOptions(o) {}
#define TENON_AGAIN(T, name)                                                                                                               \
  InterpolateFuncOptions &name(T value) { return UpsampleOptions::name(std::move(value)), *this; }                                         \
  const auto &name() const { return UpsampleOptions::name(); }
  TENON_AGAIN(std::optional<std::vector<int64_t>>, size)
  TENON_AGAIN(std::optional<std::vector<double>>, scale_factor)
  TENON_AGAIN(InterpolateMode, mode)
  TENON_AGAIN(std::optional<bool>, align_corners)
#undef TENON_AGAIN
  /// Whether sizes rounded to integers decide how far elements lie apart, and not the factor.
  TENON_ARG(std::optional<bool>, recompute_scale_factor) = std::nullopt;
};

/// x of floating point [N, C, spatial...] at another size: [N, C, size...]. Exactly one of size and scale_factor is set. kLinearMode is for one spatial dimension, kBilinear and
/// kBicubic for two, kTrilinear for three; kArea is adaptive_avg_pool. Throws Error where these do not fit.
Tensor interpolate(const Tensor &x, const InterpolateFuncOptions &options, Location loc = Location::current());
Tensor pixel_shuffle(const Tensor &x, const PixelShuffleFuncOptions &options, Location loc = Location::current());
Tensor pixel_unshuffle(const Tensor &x, const PixelUnshuffleFuncOptions &options, Location loc = Location::current());
using tenon::channel_shuffle;
inline Tensor channel_shuffle(const Tensor &x, const ChannelShuffleOptions &options, Location loc = Location::current()) { return tenon::channel_shuffle(x, options.groups(), loc); }
/// x [N, C, H, W] or [C, H, W] -> patches as columns [N, C kh kw, L] (im2col).
Tensor unfold(const Tensor &x, const UnfoldFuncOptions &options, Location loc = Location::current());
/// The adjoint: columns [N, C kh kw, L] or [C kh kw, L] summed into [N, C, output_size...].
Tensor fold(const Tensor &x, const FoldFuncOptions &options, Location loc = Location::current());
/// theta [N, 2, 3], size [N, C, H, W] -> the places (x, y) [N, H, W, 2] in [-1, 1] that an affine map reads; theta [N, 3, 4], size
/// [N, C, D, H, W] -> (x, y, z) [N, D, H, W, 3].
Tensor affine_grid(const Tensor &theta, IntArrayRef size, bool align_corners = false, Location loc = Location::current());
/// input [N, C, H, W] at the places (x, y) of grid [N, H', W', 2]: [N, C, H', W']; input [N, C, D, H, W] at (x, y, z) of grid
/// [N, D', H', W', 3]: [N, C, D', H', W']. -1 and 1 are the centres of the elements at the ends (align_corners), or the ends themselves.
/// Both have one dtype of floating point and get gradients. Throws Error on other shapes, and on kBicubic in three dimensions.
Tensor grid_sample(const Tensor &input, const Tensor &grid, const GridSampleFuncOptions &options = {}, Location loc = Location::current());

} // namespace functional
} // namespace nn
} // namespace tenon
