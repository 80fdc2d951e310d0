// The loss that has weights of its own.
#include <tenon/nn/loss.h>

#include <ostream>

namespace tenon::nn {

void LinearCrossEntropyLossImpl::reset() {
  int64_t outputs = options.num_classes();
  for (int64_t n : options.out_features())
    outputs *= n;
  linear = register_module("linear", Linear(LinearOptions(options.in_features(), outputs).bias(options.bias())));
  register_buffer("weight", options.weight());
}

Tensor LinearCrossEntropyLossImpl::forward(const Tensor &input, const Tensor &target, Location loc) const {
  Shape shape = options.out_features();
  shape.insert(shape.begin(), options.num_classes());
  auto how = functional::LinearCrossEntropyFuncOptions().weight(options.weight()).reduction(options.reduction()).ignore_index(options.ignore_index()).label_smoothing(options.label_smoothing());
  if (linear->bias.defined())
    how.linear_bias(linear->bias.view(shape, loc));
  shape.push_back(options.in_features());
  return functional::linear_cross_entropy(input, linear->weight.view(shape, loc), target, how, loc);
}

void LinearCrossEntropyLossImpl::pretty_print(std::ostream &stream) const {
  stream << "LinearCrossEntropyLoss(in_features=" << options.in_features() << ", num_classes=" << options.num_classes() << ", bias=" << (options.bias() ? "true" : "false") << ")";
}

} // namespace tenon::nn
