// Padding layers.
#pragma once
#include <tenon/functional/padding.h>
#include <tenon/nn/holder.h>

namespace tenon::nn {
namespace detail {
template <typename Derived, size_t D, PaddingMode mode> class PadImpl : public Cloneable<Derived> {
public:
  PadImpl(ExpandingArray<D * 2> padding) : options(padding) {}
  explicit PadImpl(const PadOptions<D> &options) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return functional::pad(x, functional::PadFuncOptions(options.padding().vec()).mode(mode), loc); }
  PadOptions<D> options;

protected:
  void print(std::ostream &stream, const char *name) const { stream << name << "(padding=" << options.padding() << ")"; }
};
template <typename Derived, size_t D> class ConstantPadImpl : public Cloneable<Derived> {
public:
  ConstantPadImpl(ExpandingArray<D * 2> padding, double value) : options(padding, value) {}
  explicit ConstantPadImpl(const ConstantPadOptions<D> &options) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return functional::pad(x, functional::PadFuncOptions(options.padding().vec()).value(options.value()), loc); }
  ConstantPadOptions<D> options;

protected:
  void print(std::ostream &stream, const char *name) const { stream << name << "(padding=" << options.padding() << ", value=" << options.value() << ")"; }
};
} // namespace detail

#define TENON_PADS(D)                                                                                                                      \
  struct ReflectionPad##D##dImpl : detail::PadImpl<ReflectionPad##D##dImpl, D, kReflect> {                                                   \
    using PadImpl::PadImpl;                                                                                                                \
    void pretty_print(std::ostream &stream) const override { print(stream, "ReflectionPad" #D "d"); }                                       \
  };                                                                                                                                       \
  TENON_MODULE(ReflectionPad##D##d);                                                                                                         \
  struct ReplicationPad##D##dImpl : detail::PadImpl<ReplicationPad##D##dImpl, D, kReplicate> {                                               \
    using PadImpl::PadImpl;                                                                                                                \
    void pretty_print(std::ostream &stream) const override { print(stream, "ReplicationPad" #D "d"); }                                      \
  };                                                                                                                                       \
  TENON_MODULE(ReplicationPad##D##d);                                                                                                        \
  struct CircularPad##D##dImpl : detail::PadImpl<CircularPad##D##dImpl, D, kCircular> {                                                      \
    using PadImpl::PadImpl;                                                                                                                \
    void pretty_print(std::ostream &stream) const override { print(stream, "CircularPad" #D "d"); }                                         \
  };                                                                                                                                       \
  TENON_MODULE(CircularPad##D##d);                                                                                                           \
  struct ZeroPad##D##dImpl : detail::PadImpl<ZeroPad##D##dImpl, D, kZeros> {                                                                 \
    using PadImpl::PadImpl;                                                                                                                \
    void pretty_print(std::ostream &stream) const override { print(stream, "ZeroPad" #D "d"); }                                             \
  };                                                                                                                                       \
  TENON_MODULE(ZeroPad##D##d);                                                                                                               \
  struct ConstantPad##D##dImpl : detail::ConstantPadImpl<ConstantPad##D##dImpl, D> {                                                         \
    using ConstantPadImpl::ConstantPadImpl;                                                                                                \
    void pretty_print(std::ostream &stream) const override { print(stream, "ConstantPad" #D "d"); }                                         \
  };                                                                                                                                       \
  TENON_MODULE(ConstantPad##D##d);
TENON_PADS(1) TENON_PADS(2) TENON_PADS(3)
#undef TENON_PADS

} // namespace tenon::nn
