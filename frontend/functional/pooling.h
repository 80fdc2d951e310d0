// Pooling over the last one, two or three dimensions. Inputs are [C, spatial...] or [N, C, spatial...] of floating point; results have their dtype and
// floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1 places per dimension (ceil_mode: ceil). All throw Error on other ranks and dtypes, on kernels,
// strides and dilations below 1, on padding beyond half of the window, and where no window fits.
#pragma once
#include <tenon/functional/pooling_options.h>
#include <tenon/tensor/tensor.h>

namespace tenon {

// -- With LibTorch's lists of arguments; one number stands for all dimensions, no stride for the kernel's size --

#define TENON_POOLS(D)                                                                                                                       \
  Tensor max_pool##D##d(const Tensor &x, IntArrayRef kernel_size, IntArrayRef stride = {}, IntArrayRef padding = {0}, IntArrayRef dilation = {1},   \
                        bool ceil_mode = false, Location loc = Location::current());                                                      \
  /* (values, places of the first maxima, row-major in the input's spatial dimensions: int64) */                                            \
  std::tuple<Tensor, Tensor> max_pool##D##d_with_indices(const Tensor &x, IntArrayRef kernel_size, IntArrayRef stride = {}, IntArrayRef padding = {0},  \
                                                         IntArrayRef dilation = {1}, bool ceil_mode = false, Location loc = Location::current());  \
  Tensor avg_pool##D##d(const Tensor &x, IntArrayRef kernel_size, IntArrayRef stride = {}, IntArrayRef padding = {0}, bool ceil_mode = false,  \
                        bool count_include_pad = true, std::optional<int64_t> divisor_override = std::nullopt,                              \
                        Location loc = Location::current());                                                                                \
  /* Place i of n sees elements floor(i size / n) to ceil((i + 1) size / n). */                                                              \
  Tensor adaptive_avg_pool##D##d(const Tensor &x, IntArrayRef output_size, Location loc = Location::current());                              \
  std::tuple<Tensor, Tensor> adaptive_max_pool##D##d(const Tensor &x, IntArrayRef output_size, Location loc = Location::current());
TENON_POOLS(1) TENON_POOLS(2) TENON_POOLS(3)
#undef TENON_POOLS

namespace nn::functional {

#define TENON_POOLS(D)                                                                                                                       \
  /* The largest element of each window; the first of equal ones gets the gradient. */                                                      \
  Tensor max_pool##D##d(const Tensor &x, const MaxPool##D##dFuncOptions &options, Location loc = Location::current());                       \
  std::tuple<Tensor, Tensor> max_pool##D##d_with_indices(const Tensor &x, const MaxPool##D##dFuncOptions &options,                           \
                                                         Location loc = Location::current());                                               \
  /* x at the places `indices` (int64, of x's shape, as max_pool##D##d_with_indices gives them), zeros elsewhere; of several the last one stays. The size      \
     is output_size, or (size - 1) stride - 2 padding + kernel. Throws Error on other shapes, and on sizes that cannot have been pooled to x. */             \
  Tensor max_unpool##D##d(const Tensor &x, const Tensor &indices, const MaxUnpool##D##dFuncOptions &options, Location loc = Location::current());  \
  /* The mean of each window. */                                                                                                            \
  Tensor avg_pool##D##d(const Tensor &x, const AvgPool##D##dFuncOptions &options, Location loc = Location::current());                       \
  /* (sum of x^p over each window)^(1/p), computed as PyTorch does. */                                                                      \
  Tensor lp_pool##D##d(const Tensor &x, const LPPool##D##dFuncOptions &options, Location loc = Location::current());                         \
  Tensor adaptive_avg_pool##D##d(const Tensor &x, const AdaptiveAvgPool##D##dFuncOptions &options, Location loc = Location::current());      \
  Tensor adaptive_max_pool##D##d(const Tensor &x, const AdaptiveMaxPool##D##dFuncOptions &options, Location loc = Location::current());      \
  std::tuple<Tensor, Tensor> adaptive_max_pool##D##d_with_indices(const Tensor &x, const AdaptiveMaxPool##D##dFuncOptions &options,          \
                                                                  Location loc = Location::current());
TENON_POOLS(1) TENON_POOLS(2) TENON_POOLS(3)
#undef TENON_POOLS

#define TENON_POOLS(D)                                                                                                                       \
  /* The largest element of each of output_size windows, whose places are drawn anew in every call for every sample and channel (Graham 2014). The last window ends   \
     with the input; the others lie at floor((i + u) a) - floor(u a), u in [0, 1), a = (size - kernel) / (windows - 1). Throws Error unless the windows fit. */           \
  Tensor fractional_max_pool##D##d(const Tensor &x, const FractionalMaxPool##D##dFuncOptions &options, Location loc = Location::current());                       \
  std::tuple<Tensor, Tensor> fractional_max_pool##D##d_with_indices(const Tensor &x, const FractionalMaxPool##D##dFuncOptions &options,                           \
                                                                    Location loc = Location::current());
TENON_POOLS(2) TENON_POOLS(3)
#undef TENON_POOLS

} // namespace nn::functional
} // namespace tenon
