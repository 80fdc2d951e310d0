// The activations of functional/activation.h as layers, and the dropouts of channels.
#pragma once
#include <tenon/functional/activation.h>
#include <tenon/functional/vectors.h>
#include <tenon/nn/activation.h>
#include <tenon/nn/init.h>

namespace tenon::nn {
namespace detail {
/// A layer that is its options and a function of nn::functional.
template <typename Derived, typename Options, Tensor (*function)(const Tensor &, const Options &, Location)>
class FunctionImpl : public Cloneable<Derived> {
public:
  FunctionImpl()
    requires std::is_default_constructible_v<Options>
  {}
  explicit FunctionImpl(const Options &options) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return function(x, options, loc); }

  Options options;
};
/// A layer without options.
template <typename Derived, Tensor (*function)(const Tensor &, Location)> class PlainImpl : public Cloneable<Derived> {
public:
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return function(x, loc); }
};
} // namespace detail

#define TENON_ACTIVATION(Name, function)                                                                                                   \
  class Name##Impl : public detail::FunctionImpl<Name##Impl, Name##Options, functional::function> {                                        \
  public:                                                                                                                                  \
    using FunctionImpl::FunctionImpl;                                                                                                      \
  };                                                                                                                                       \
  TENON_MODULE(Name)
TENON_ACTIVATION(ELU, elu);
TENON_ACTIVATION(SELU, selu);
TENON_ACTIVATION(CELU, celu);
TENON_ACTIVATION(Hardtanh, hardtanh);
TENON_ACTIVATION(ReLU6, relu6);
TENON_ACTIVATION(Hardshrink, hardshrink);
TENON_ACTIVATION(Softshrink, softshrink);
TENON_ACTIVATION(Threshold, threshold);
TENON_ACTIVATION(Softplus, softplus);
TENON_ACTIVATION(GLU, glu);
TENON_ACTIVATION(LocalResponseNorm, local_response_norm);
TENON_ACTIVATION(CrossMapLRN2d, cross_map_lrn2d);
#undef TENON_ACTIVATION

#define TENON_ACTIVATION(Name, function)                                                                                                   \
  class Name##Impl : public detail::PlainImpl<Name##Impl, functional::function> {};                                                        \
  TENON_MODULE(Name)
TENON_ACTIVATION(Tanhshrink, tanhshrink);
TENON_ACTIVATION(Softsign, softsign);
TENON_ACTIVATION(LogSigmoid, logsigmoid);
#undef TENON_ACTIVATION

#define TENON_ACTIVATION(Name, function)                                                                                                   \
  class Name##Impl : public Cloneable<Name##Impl> {                                                                                        \
  public:                                                                                                                                  \
    void reset() override {}                                                                                                               \
    Tensor forward(const Tensor &x, Location loc = Location::current()) const { return functional::function(x, false, loc); }              \
  };                                                                                                                                       \
  TENON_MODULE(Name)
TENON_ACTIVATION(Hardsigmoid, hardsigmoid);
TENON_ACTIVATION(Hardswish, hardswish);
TENON_ACTIVATION(Mish, mish);
#undef TENON_ACTIVATION

/// x where x > 0, else weight x: one learned weight, or one per channel.
class PReLUImpl : public Cloneable<PReLUImpl> {
public:
  explicit PReLUImpl(const PReLUOptions &options = {}) : options(options) { PReLUImpl::reset(); }
  void reset() override {
    if (options.num_parameters() < 1)
      throw Error("PReLU: expected at least 1 parameter, came " + std::to_string(options.num_parameters()));
    weight = register_parameter("weight", empty({options.num_parameters()}));
    init::constant_(weight, options.init());
  }
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return functional::prelu(x, weight, loc); }

  PReLUOptions options;
  Tensor weight;
};
TENON_MODULE(PReLU);

/// In train mode a random slope per element, in eval mode the mean one.
class RReLUImpl : public Cloneable<RReLUImpl> {
public:
  explicit RReLUImpl(const RReLUOptions &options = {}) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const {
    auto o =
        functional::RReLUFuncOptions().lower(options.lower()).upper(options.upper()).training(is_training()).inplace(options.inplace());
    return functional::rrelu(x, o, loc);
  }

  RReLUOptions options;
};
TENON_MODULE(RReLU);

class SoftminImpl : public Cloneable<SoftminImpl> {
public:
  explicit SoftminImpl(const SoftmaxOptions &options) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return functional::softmin(x, options.dim(), loc); }

  SoftmaxOptions options;
};
TENON_MODULE(Softmin);

/// Softmax over the channels of [N, C, H, W] or [C, H, W].
class Softmax2dImpl : public Cloneable<Softmax2dImpl> {
public:
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const {
    if (x.dim() != 3 && x.dim() != 4)
      throw Error("Softmax2d: expected 3 or 4 dimensions, came " + std::to_string(x.dim()), loc);
    return x.softmax(-3, loc);
  }
};
TENON_MODULE(Softmax2d);

#define TENON_DROPOUT(Name, call)                                                                                                          \
  class Name##Impl : public Cloneable<Name##Impl> {                                                                                        \
  public:                                                                                                                                  \
    explicit Name##Impl(const DropoutOptions &options = {}) : options(options) {                                                           \
      if (!(options.p() >= 0 && options.p() <= 1))                                                                                         \
        throw Error(#Name ": expected a probability p in [0, 1], came " + std::to_string(options.p()));                                    \
    }                                                                                                                                      \
    void reset() override {}                                                                                                               \
    Tensor forward(const Tensor &x, Location loc = Location::current()) const { return call; }                                             \
                                                                                                                                           \
    DropoutOptions options;                                                                                                                \
  };                                                                                                                                       \
  TENON_MODULE(Name)
TENON_DROPOUT(Dropout1d, functional::dropout1d(x, options.p(), is_training(), loc));
TENON_DROPOUT(Dropout2d, functional::dropout2d(x, options.p(), is_training(), loc));
TENON_DROPOUT(Dropout3d, functional::dropout3d(x, options.p(), is_training(), loc));
TENON_DROPOUT(AlphaDropout,
              functional::alpha_dropout(x, functional::AlphaDropoutFuncOptions().p(options.p()).training(is_training()), loc));
TENON_DROPOUT(FeatureAlphaDropout,
              functional::feature_alpha_dropout(x, functional::AlphaDropoutFuncOptions().p(options.p()).training(is_training()), loc));
#undef TENON_DROPOUT

/// out_k = a W_k b + bias_k; weight and bias uniform in 1/sqrt(in1_features).
class BilinearImpl : public Cloneable<BilinearImpl> {
public:
  BilinearImpl(int64_t in1_features, int64_t in2_features, int64_t out_features)
      : BilinearImpl(BilinearOptions(in1_features, in2_features, out_features)) {}
  explicit BilinearImpl(const BilinearOptions &options) : options(options) { BilinearImpl::reset(); }
  void reset() override;
  void reset_parameters();
  Tensor forward(const Tensor &a, const Tensor &b, Location loc = Location::current()) const {
    return functional::bilinear(a, b, weight, bias, loc);
  }

  BilinearOptions options;
  Tensor weight, bias;
};
TENON_MODULE(Bilinear);

class CosineSimilarityImpl : public Cloneable<CosineSimilarityImpl> {
public:
  explicit CosineSimilarityImpl(const CosineSimilarityOptions &options = {}) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &a, const Tensor &b, Location loc = Location::current()) const {
    return functional::cosine_similarity(a, b, options, loc);
  }

  CosineSimilarityOptions options;
};
TENON_MODULE(CosineSimilarity);

class PairwiseDistanceImpl : public Cloneable<PairwiseDistanceImpl> {
public:
  explicit PairwiseDistanceImpl(const PairwiseDistanceOptions &options = {}) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &a, const Tensor &b, Location loc = Location::current()) const {
    return functional::pairwise_distance(a, b, options, loc);
  }

  PairwiseDistanceOptions options;
};
TENON_MODULE(PairwiseDistance);

} // namespace tenon::nn
