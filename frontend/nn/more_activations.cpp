// Bilinear's parameters.
#include <tenon/nn/more_activations.h>

#include <cmath>

namespace tenon::nn {

void BilinearImpl::reset() {
  if (options.in1_features() < 1 || options.in2_features() < 1 || options.out_features() < 1)
    throw Error("Bilinear: expected positive sizes, came in1_features " + std::to_string(options.in1_features()) + ", in2_features " +
                std::to_string(options.in2_features()) + " and out_features " + std::to_string(options.out_features()));
  weight = register_parameter("weight", empty({options.out_features(), options.in1_features(), options.in2_features()}));
  bias = register_parameter("bias", options.bias() ? empty({options.out_features()}) : Tensor());
  reset_parameters();
}

void BilinearImpl::reset_parameters() {
  double bound = 1 / std::sqrt(static_cast<double>(options.in1_features()));
  init::uniform_(weight, -bound, bound);
  if (bias.defined())
    init::uniform_(bias, -bound, bound);
}

} // namespace tenon::nn
