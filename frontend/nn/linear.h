// Layers without state of their own but weights: Linear, and those that only change a shape.
#pragma once
#include <tenon/functional/functional.h>
#include <tenon/nn/holder.h>

namespace tenon::nn {

/// x [..., in] -> x weight^T + bias [..., out]. weight [out, in] and bias [out] start uniform in +-1/sqrt(in), as PyTorch's do.
class LinearImpl : public Cloneable<LinearImpl> {
public:
  LinearImpl(int64_t in_features, int64_t out_features) : LinearImpl(LinearOptions(in_features, out_features)) {}
  explicit LinearImpl(const LinearOptions &options);
  void reset() override;
  /// Draws new weights.
  void reset_parameters();
  Tensor forward(const Tensor &x, Location loc = Location::current()) const;
  void pretty_print(std::ostream &stream) const override;

  LinearOptions options;
  Tensor weight, bias;
};
TENON_MODULE(Linear);

/// The dimensions start_dim (1) to end_dim (-1) as one.
class FlattenImpl : public Cloneable<FlattenImpl> {
public:
  explicit FlattenImpl(const FlattenOptions &options = {}) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const { return x.flatten(options.start_dim(), options.end_dim(), loc); }
  void pretty_print(std::ostream &stream) const override;

  FlattenOptions options;
};
TENON_MODULE(Flatten);

/// Dimension `dim` as several of these sizes; one of them may be -1.
class UnflattenImpl : public Cloneable<UnflattenImpl> {
public:
  UnflattenImpl(int64_t dim, std::vector<int64_t> sizes) : UnflattenImpl(UnflattenOptions(dim, std::move(sizes))) {}
  explicit UnflattenImpl(const UnflattenOptions &options) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &x, Location loc = Location::current()) const;
  void pretty_print(std::ostream &stream) const override;

  UnflattenOptions options;
};
TENON_MODULE(Unflatten);

class IdentityImpl : public Cloneable<IdentityImpl> {
public:
  void reset() override {}
  Tensor forward(const Tensor &x, Location = Location::current()) const { return x; }
};
TENON_MODULE(Identity);

} // namespace tenon::nn
