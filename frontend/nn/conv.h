// Layers of convolution: Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d.
#pragma once
#include <tenon/functional/conv.h>
#include <tenon/nn/holder.h>

namespace tenon::nn {

/// What all of them share: weight [out, in / groups, kernel...] (transposed: [in, out / groups, kernel...]) and bias [out], uniform in +-1/sqrt(fan in) as PyTorch's.
template <std::size_t D, bool transposed, typename Derived> class ConvNdImpl : public Cloneable<Derived> {
public:
  explicit ConvNdImpl(const ConvOptions<D> &options) : options(options) { ConvNdImpl::reset(); }
  /// Throws Error where channels, groups, kernel or padding are not possible.
  void reset() override;
  /// Draws new weights.
  void reset_parameters();
  /// x [N, in, spatial...] or [in, spatial...] -> [N, out, ...], see F::conv2d and F::conv_transpose2d. Errors name the layer's place: "features.3: conv2d: ...".
  Tensor forward(const Tensor &x, Location loc = Location::current()) const;
  void pretty_print(std::ostream &stream) const override;

  ConvOptions<D> options;
  Tensor weight, bias;
};

#define TENON_CONV_LAYER(Name, D, transposed)                                                                                              \
  class Name##Impl : public ConvNdImpl<D, transposed, Name##Impl> {                                                                        \
  public:                                                                                                                                  \
    Name##Impl(int64_t in_channels, int64_t out_channels, ExpandingArray<D> kernel_size)                                                   \
        : Name##Impl(ConvOptions<D>(in_channels, out_channels, kernel_size)) {}                                                            \
    explicit Name##Impl(const ConvOptions<D> &options) : ConvNdImpl(options) {}                                                            \
  };                                                                                                                                       \
  extern template class ConvNdImpl<D, transposed, Name##Impl>;                                                                             \
  TENON_MODULE(Name)

TENON_CONV_LAYER(Conv1d, 1, false);
TENON_CONV_LAYER(Conv2d, 2, false);
TENON_CONV_LAYER(Conv3d, 3, false);
TENON_CONV_LAYER(ConvTranspose1d, 1, true);
TENON_CONV_LAYER(ConvTranspose2d, 2, true);
TENON_CONV_LAYER(ConvTranspose3d, 3, true);
#undef TENON_CONV_LAYER

} // namespace tenon::nn
