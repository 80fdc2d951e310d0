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

Tensor UnflattenImpl::forward(const Tensor &x, Location loc) const {
  int64_t d = options.dim() < 0 ? options.dim() + x.dim() : options.dim();
  if (d < 0 || d >= x.dim())
    throw Error("Unflatten: dimension " + std::to_string(options.dim()) + " does not exist in an input of " + std::to_string(x.dim()) + " dimensions", loc);
  int64_t known = 1, open = 0;
  for (int64_t n : options.sizes())
    n < 0 ? void(++open) : void(known *= n);
  if (open > 1 || known < 1 || (open ? x.size(d) % known : x.size(d) - known) != 0)
    throw Error("Unflatten: a dimension of " + std::to_string(x.size(d)) + " cannot become the sizes asked for", loc);
  Shape shape = x.sizes().vec();
  shape.erase(shape.begin() + d);
  for (size_t i = 0; i < options.sizes().size(); ++i)
    shape.insert(shape.begin() + d + int64_t(i), options.sizes()[i] < 0 ? x.size(d) / known : options.sizes()[i]);
  return x.reshape(shape, loc);
}

void UnflattenImpl::pretty_print(std::ostream &stream) const { stream << "Unflatten(dim=" << options.dim() << ", unflattened_size=" << IntArrayRef(options.sizes()) << ")"; }

} // namespace tenon::nn
