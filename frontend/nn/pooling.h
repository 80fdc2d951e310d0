// Pooling layers: their options and a function of nn::functional.
#pragma once
#include <tenon/functional/pooling.h>
#include <tenon/nn/holder.h>

namespace tenon::nn {
namespace detail {
template <typename Derived, typename Options, Tensor (*function)(const Tensor &, const Options &, Location)> class PoolImpl : public Cloneable<Derived> {
public:
  explicit PoolImpl(const Options &options) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return function(x, options, loc); }

  Options options;
};
} // namespace detail

#define TENON_POOL(Name, kernel, function)                                                                                                 \
  class Name##Impl : public detail::PoolImpl<Name##Impl, Name##Options, function> {                                                        \
  public:                                                                                                                                  \
    using PoolImpl::PoolImpl;                                                                                                              \
    explicit Name##Impl(kernel size) : PoolImpl(Name##Options(size)) {}                                                                    \
    void pretty_print(std::ostream &stream) const override;                                                                                \
  };                                                                                                                                       \
  TENON_MODULE(Name)
#define TENON_MAX_POOL(D)                                                                                                                  \
  class MaxPool##D##dImpl : public detail::PoolImpl<MaxPool##D##dImpl, MaxPool##D##dOptions, functional::max_pool##D##d> {                  \
  public:                                                                                                                                  \
    using PoolImpl::PoolImpl;                                                                                                              \
    explicit MaxPool##D##dImpl(ExpandingArray<D> kernel_size) : PoolImpl(MaxPool##D##dOptions(kernel_size)) {}                              \
    /* (values, places of the maxima) */                                                                                                  \
    std::tuple<Tensor, Tensor> forward_with_indices(const Tensor &x, Location loc = Location::current()) const {                           \
      return functional::max_pool##D##d_with_indices(x, options, loc);                                                                    \
    }                                                                                                                                      \
    void pretty_print(std::ostream &stream) const override;                                                                                \
  };                                                                                                                                       \
  TENON_MODULE(MaxPool##D##d)
TENON_MAX_POOL(1);
TENON_MAX_POOL(2);
TENON_MAX_POOL(3);
#undef TENON_MAX_POOL
TENON_POOL(AvgPool1d, ExpandingArray<1>, functional::avg_pool1d);
TENON_POOL(AvgPool2d, ExpandingArray<2>, functional::avg_pool2d);
TENON_POOL(AvgPool3d, ExpandingArray<3>, functional::avg_pool3d);
TENON_POOL(AdaptiveAvgPool1d, ExpandingArrayWithOptionalElem<1>, functional::adaptive_avg_pool1d);
TENON_POOL(AdaptiveAvgPool2d, ExpandingArrayWithOptionalElem<2>, functional::adaptive_avg_pool2d);
TENON_POOL(AdaptiveAvgPool3d, ExpandingArrayWithOptionalElem<3>, functional::adaptive_avg_pool3d);
TENON_POOL(AdaptiveMaxPool1d, ExpandingArrayWithOptionalElem<1>, functional::adaptive_max_pool1d);
TENON_POOL(AdaptiveMaxPool2d, ExpandingArrayWithOptionalElem<2>, functional::adaptive_max_pool2d);
TENON_POOL(AdaptiveMaxPool3d, ExpandingArrayWithOptionalElem<3>, functional::adaptive_max_pool3d);
#undef TENON_POOL
#define TENON_MAX_UNPOOL(D)                                                                                                                \
  class MaxUnpool##D##dImpl : public Cloneable<MaxUnpool##D##dImpl> {                                                                      \
  public:                                                                                                                                  \
    explicit MaxUnpool##D##dImpl(ExpandingArray<D> kernel_size) : MaxUnpool##D##dImpl(MaxUnpool##D##dOptions(kernel_size)) {}               \
    explicit MaxUnpool##D##dImpl(const MaxUnpool##D##dOptions &options) : options(options) {}                                              \
    void reset() override {}                                                                                                               \
    Tensor forward(const Tensor &x, const Tensor &indices, Location loc = Location::current()) const {                                     \
      return functional::max_unpool##D##d(x, indices, options, loc);                                                                       \
    }                                                                                                                                      \
    Tensor forward(const Tensor &x, const Tensor &indices, const std::optional<std::vector<int64_t>> &output_size,                         \
                   Location loc = Location::current()) const {                                                                             \
      return functional::max_unpool##D##d(x, indices, functional::MaxUnpool##D##dFuncOptions(options).output_size(output_size), loc);       \
    }                                                                                                                                      \
    void pretty_print(std::ostream &stream) const override;                                                                                \
    MaxUnpool##D##dOptions options;                                                                                                        \
  };                                                                                                                                       \
  TENON_MODULE(MaxUnpool##D##d)
TENON_MAX_UNPOOL(1);
TENON_MAX_UNPOOL(2);
TENON_MAX_UNPOOL(3);
#undef TENON_MAX_UNPOOL
#define TENON_LP_POOL(D)                                                                                                                   \
  class LPPool##D##dImpl : public detail::PoolImpl<LPPool##D##dImpl, LPPool##D##dOptions, functional::lp_pool##D##d> {                      \
  public:                                                                                                                                  \
    using PoolImpl::PoolImpl;                                                                                                              \
    LPPool##D##dImpl(double norm_type, ExpandingArray<D> kernel_size) : PoolImpl(LPPool##D##dOptions(norm_type, kernel_size)) {}            \
    void pretty_print(std::ostream &stream) const override;                                                                                \
  };                                                                                                                                       \
  TENON_MODULE(LPPool##D##d)
TENON_LP_POOL(1);
TENON_LP_POOL(2);
TENON_LP_POOL(3);
#undef TENON_LP_POOL

#define TENON_FRACTIONAL_POOL(D)                                                                                                           \
  class FractionalMaxPool##D##dImpl : public detail::PoolImpl<FractionalMaxPool##D##dImpl, FractionalMaxPool##D##dOptions, functional::fractional_max_pool##D##d> {      \
  public:                                                                                                                                  \
    explicit FractionalMaxPool##D##dImpl(const FractionalMaxPool##D##dOptions &options);                                                   \
    void reset() override;                                                                                                                 \
    std::tuple<Tensor, Tensor> forward_with_indices(const Tensor &x, Location loc = Location::current()) const {                           \
      return functional::fractional_max_pool##D##d_with_indices(x, options, loc);                                                          \
    }                                                                                                                                      \
    void pretty_print(std::ostream &stream) const override;                                                                                \
  };                                                                                                                                       \
  TENON_MODULE(FractionalMaxPool##D##d)
TENON_FRACTIONAL_POOL(2);
TENON_FRACTIONAL_POOL(3);
#undef TENON_FRACTIONAL_POOL

} // namespace tenon::nn
