// Linear and the shape layers.
#include <tenon/nn/init.h>
#include <tenon/nn/linear.h>

#include <cmath>
#include <ostream>

namespace tenon::nn {

LinearImpl::LinearImpl(const LinearOptions &options) : options(options) { LinearImpl::reset(); }

void LinearImpl::reset() {
  if (options.in_features() <= 0 || options.out_features() <= 0)
    throw Error("Linear: expected positive sizes, came in_features " + std::to_string(options.in_features()) + " and out_features " +
                std::to_string(options.out_features()));
  weight = register_parameter("weight", empty({options.out_features(), options.in_features()}));
  bias = register_parameter("bias", options.bias() ? empty({options.out_features()}) : Tensor());
  reset_parameters();
}

void LinearImpl::reset_parameters() {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (bias.defined()) {
    double bound = 1.0 / std::sqrt(static_cast<double>(options.in_features()));
    init::uniform_(bias, -bound, bound);
  }
}

Tensor LinearImpl::forward(const Tensor &x, Location loc) const { return linear(x, weight, bias, loc); }

void LinearImpl::pretty_print(std::ostream &stream) const {
  stream << "Linear(in_features=" << options.in_features() << ", out_features=" << options.out_features()
         << ", bias=" << (options.bias() ? "true" : "false") << ")";
}

void FlattenImpl::pretty_print(std::ostream &stream) const {
  stream << "Flatten(start_dim=" << options.start_dim() << ", end_dim=" << options.end_dim() << ")";
}

} // namespace tenon::nn
