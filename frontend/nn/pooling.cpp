// How pooling layers print.
#include <tenon/nn/pooling.h>

#include <ostream>

namespace tenon::nn {

#define TENON_POOLS(D)                                                                                                                       \
  void MaxPool##D##dImpl::pretty_print(std::ostream &out) const {                                                                            \
    out << "MaxPool" #D "d(kernel_size=" << options.kernel_size() << ", stride=" << options.stride() << ", padding=" << options.padding()  \
        << ", dilation=" << options.dilation() << ", ceil_mode=" << (options.ceil_mode() ? "true" : "false") << ")";                       \
  }                                                                                                                                        \
  void MaxUnpool##D##dImpl::pretty_print(std::ostream &out) const {                                                                          \
    out << "MaxUnpool" #D "d(kernel_size=" << options.kernel_size() << ", stride=" << options.stride() << ", padding=" << options.padding() << ")";  \
  }                                                                                                                                        \
  void AvgPool##D##dImpl::pretty_print(std::ostream &out) const {                                                                            \
    out << "AvgPool" #D "d(kernel_size=" << options.kernel_size() << ", stride=" << options.stride() << ", padding=" << options.padding() << ")";  \
  }                                                                                                                                        \
  void LPPool##D##dImpl::pretty_print(std::ostream &out) const {                                                                             \
    out << "LPPool" #D "d(norm_type=" << options.norm_type() << ", kernel_size=" << options.kernel_size() << ", stride=" << options.stride()  \
        << ", ceil_mode=" << (options.ceil_mode() ? "true" : "false") << ")";                                                              \
  }                                                                                                                                        \
  void AdaptiveAvgPool##D##dImpl::pretty_print(std::ostream &out) const { out << "AdaptiveAvgPool" #D "d(output_size=" << options.output_size() << ")"; }  \
  void AdaptiveMaxPool##D##dImpl::pretty_print(std::ostream &out) const { out << "AdaptiveMaxPool" #D "d(output_size=" << options.output_size() << ")"; }
TENON_POOLS(1) TENON_POOLS(2) TENON_POOLS(3)
#undef TENON_POOLS

#define TENON_POOLS(D)                                                                                                                       \
  FractionalMaxPool##D##dImpl::FractionalMaxPool##D##dImpl(const FractionalMaxPool##D##dOptions &o) : PoolImpl(o) {                          \
    if (o.output_size().has_value() == o.output_ratio().has_value())                                                                       \
      throw Error("FractionalMaxPool" #D "d: expected an output_size or an output_ratio, came " + std::string(o.output_size() ? "both" : "neither"));  \
    FractionalMaxPool##D##dImpl::reset();                                                                                                  \
  }                                                                                                                                        \
  void FractionalMaxPool##D##dImpl::reset() { register_buffer("_random_samples", options._random_samples()); }                              \
  void FractionalMaxPool##D##dImpl::pretty_print(std::ostream &out) const {                                                                  \
    out << "FractionalMaxPool" #D "d(kernel_size=" << options.kernel_size() << ")";                                                         \
  }
TENON_POOLS(2) TENON_POOLS(3)
#undef TENON_POOLS

} // namespace tenon::nn
