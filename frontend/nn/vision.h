// Layers of images.
#pragma once
#include <tenon/functional/vision.h>
#include <tenon/nn/holder.h>

namespace tenon::nn {

#define TENON_LAYER(Name, Options, call)                                                                                                   \
  class Name##Impl : public Cloneable<Name##Impl> {                                                                                        \
  public:                                                                                                                                  \
    Name##Impl(const Options &options) : options(options) {}                                                                               \
    void reset() override {}                                                                                                               \
    Tensor forward(const Tensor &x, Location loc = Location::current()) const { return functional::call(x, options, loc); }                \
    Options options;                                                                                                                       \
  };                                                                                                                                       \
  TENON_MODULE(Name)
TENON_LAYER(PixelShuffle, PixelShuffleOptions, pixel_shuffle);
TENON_LAYER(PixelUnshuffle, PixelUnshuffleOptions, pixel_unshuffle);
TENON_LAYER(ChannelShuffle, ChannelShuffleOptions, channel_shuffle);
TENON_LAYER(Fold, FoldOptions, fold);
TENON_LAYER(Unfold, UnfoldOptions, unfold);
TENON_LAYER(Upsample, UpsampleOptions, interpolate);
#undef TENON_LAYER

} // namespace tenon::nn
