// Activations and Dropout as layers.
#pragma once
#include <tenon/functional/functional.h>
#include <tenon/nn/holder.h>

namespace tenon::nn {

class ReLUImpl : public Cloneable<ReLUImpl> {
public:
  explicit ReLUImpl(const ReLUOptions &options = {}) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return F::relu(x, options, loc); }

  ReLUOptions options;
};
TENON_MODULE(ReLU);

class LeakyReLUImpl : public Cloneable<LeakyReLUImpl> {
public:
  explicit LeakyReLUImpl(const LeakyReLUOptions &options = {}) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return F::leaky_relu(x, options, loc); }
  void pretty_print(std::ostream &stream) const override;

  LeakyReLUOptions options;
};
TENON_MODULE(LeakyReLU);

class GELUImpl : public Cloneable<GELUImpl> {
public:
  explicit GELUImpl(const GELUOptions &options = {}) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return F::gelu(x, options, loc); }

  GELUOptions options;
};
TENON_MODULE(GELU);

class SigmoidImpl : public Cloneable<SigmoidImpl> {
public:
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return x.sigmoid(loc); }
};
TENON_MODULE(Sigmoid);

class TanhImpl : public Cloneable<TanhImpl> {
public:
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return x.tanh(loc); }
};
TENON_MODULE(Tanh);

class SiLUImpl : public Cloneable<SiLUImpl> {
public:
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return silu(x, loc); }
};
TENON_MODULE(SiLU);

class SoftmaxImpl : public Cloneable<SoftmaxImpl> {
public:
  explicit SoftmaxImpl(int64_t dim) : options(dim) {}
  explicit SoftmaxImpl(const SoftmaxOptions &options) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return x.softmax(options.dim(), loc); }
  void pretty_print(std::ostream &stream) const override;

  SoftmaxOptions options;
};
TENON_MODULE(Softmax);

class LogSoftmaxImpl : public Cloneable<LogSoftmaxImpl> {
public:
  explicit LogSoftmaxImpl(int64_t dim) : options(dim) {}
  explicit LogSoftmaxImpl(const LogSoftmaxOptions &options) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return x.log_softmax(options.dim(), loc); }
  void pretty_print(std::ostream &stream) const override;

  LogSoftmaxOptions options;
};
TENON_MODULE(LogSoftmax);

/// In train mode zero with probability p, else x / (1 - p); in eval mode x.
class DropoutImpl : public Cloneable<DropoutImpl> {
public:
  explicit DropoutImpl(double p) : DropoutImpl(DropoutOptions(p)) {}
  explicit DropoutImpl(const DropoutOptions &options = {});
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return dropout(x, options.p(), is_training(), loc); }
  void pretty_print(std::ostream &stream) const override;

  DropoutOptions options;
};
TENON_MODULE(Dropout);

} // namespace tenon::nn
