// How the layers of activation.h print and what they refuse.
#include <tenon/nn/activation.h>

#include <ostream>

namespace tenon::nn {

DropoutImpl::DropoutImpl(const DropoutOptions &options) : options(options) {
  if (!(options.p() >= 0 && options.p() <= 1)) {
    throw Error("Dropout: expected a probability p in [0, 1], came " + std::to_string(options.p()));
  }
}

void LeakyReLUImpl::pretty_print(std::ostream &stream) const { stream << "LeakyReLU(negative_slope=" << options.negative_slope() << ")"; }
void SoftmaxImpl::pretty_print(std::ostream &stream) const { stream << "Softmax(dim=" << options.dim() << ")"; }
void LogSoftmaxImpl::pretty_print(std::ostream &stream) const { stream << "LogSoftmax(dim=" << options.dim() << ")"; }
void DropoutImpl::pretty_print(std::ostream &stream) const { stream << "Dropout(p=" << options.p() << ")"; }

} // namespace tenon::nn
