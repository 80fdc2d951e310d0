// AdaptiveLogSoftmaxWithLoss: a softmax over many classes, the rare ones in clusters with smaller weights (Grave et al., 2017).
#pragma once
#include <tenon/nn/container.h>
#include <tenon/nn/linear.h>
#include <tenon/nn/sequential.h>

#include <vector>

namespace tenon::nn {

struct AdaptiveLogSoftmaxWithLossOptions {
  AdaptiveLogSoftmaxWithLossOptions(int64_t in_features, int64_t n_classes, std::vector<int64_t> cutoffs)
      : in_features_(in_features), n_classes_(n_classes), cutoffs_(std::move(cutoffs)) {}
  TENON_ARG(int64_t, in_features);
  TENON_ARG(int64_t, n_classes);
  /// Where the clusters begin: ascending, each between 1 and n_classes - 1.
  TENON_ARG(std::vector<int64_t>, cutoffs);
  /// Cluster i works on in_features / div_value^(i + 1) numbers.
  TENON_ARG(double, div_value) = 4.0;
  TENON_ARG(bool, head_bias) = false;
};

/// The log probability of each example's target [N], and the loss: minus their mean. (LibTorch's loss is a double; this one is differentiated.)
struct ASMoutput {
  Tensor output, loss;
};

/// x [N, in_features] and targets [N] of int64, or one example without N. Frequent classes come first. Every cluster is computed for every example: shapes do not depend
/// on data. Throws Error for other ranks, and for cutoffs that are not ascending; the step fails for targets out of range.
class AdaptiveLogSoftmaxWithLossImpl : public Cloneable<AdaptiveLogSoftmaxWithLossImpl> {
public:
  AdaptiveLogSoftmaxWithLossImpl(int64_t in_features, int64_t n_classes, std::vector<int64_t> cutoffs)
      : AdaptiveLogSoftmaxWithLossImpl(AdaptiveLogSoftmaxWithLossOptions(in_features, n_classes, std::move(cutoffs))) {}
  explicit AdaptiveLogSoftmaxWithLossImpl(AdaptiveLogSoftmaxWithLossOptions options);
  void reset() override;
  void reset_parameters();
  ASMoutput forward(const Tensor &input, const Tensor &target, Location loc = Location::current()) const;
  /// Of all classes: [N, n_classes].
  Tensor log_prob(const Tensor &input, Location loc = Location::current()) const;
  /// The likeliest class [N].
  Tensor predict(const Tensor &input, Location loc = Location::current()) const;

  AdaptiveLogSoftmaxWithLossOptions options;
  Linear head{nullptr};
  ModuleList tail{nullptr};

private:
  std::vector<int64_t> ends_; // of the frequent classes, then of each cluster
};
TENON_MODULE(AdaptiveLogSoftmaxWithLoss);

} // namespace tenon::nn
