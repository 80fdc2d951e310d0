// Losses as layers: forward(input, target).
#pragma once
#include <tenon/functional/functional.h>
#include <tenon/nn/linear.h>

namespace tenon::nn {
namespace detail {
/// A loss is its options and a function of nn::functional. `weights` are registered as buffers, so that state_dict() has them.
template <typename Derived, typename Options, Tensor (*function)(const Tensor &, const Tensor &, const Options &, Location)>
class LossImpl : public Cloneable<Derived> {
public:
  explicit LossImpl(const Options &options = {}) : options(options) { LossImpl::reset(); }
  void reset() override {
    if constexpr (requires(Options o) { o.weight(); })
      this->register_buffer("weight", options.weight());
    if constexpr (requires(Options o) { o.pos_weight(); })
      this->register_buffer("pos_weight", options.pos_weight());
  }
  Tensor forward(const Tensor &input, const Tensor &target, Location loc = Location::current()) const {
    return function(input, target, options, loc);
  }

  Options options;
};
} // namespace detail

#define TENON_LOSS(Name, function)                                                                                                         \
  class Name##Impl : public detail::LossImpl<Name##Impl, Name##Options, function> {                                                        \
  public:                                                                                                                                  \
    using LossImpl::LossImpl;                                                                                                              \
  };                                                                                                                                       \
  TENON_MODULE(Name)

TENON_LOSS(CrossEntropyLoss, functional::cross_entropy);
TENON_LOSS(NLLLoss, functional::nll_loss);
TENON_LOSS(MSELoss, functional::mse_loss);
TENON_LOSS(L1Loss, functional::l1_loss);
TENON_LOSS(BCELoss, functional::binary_cross_entropy);
TENON_LOSS(BCEWithLogitsLoss, functional::binary_cross_entropy_with_logits);
TENON_LOSS(SmoothL1Loss, functional::smooth_l1_loss);
TENON_LOSS(HuberLoss, functional::huber_loss);
TENON_LOSS(KLDivLoss, functional::kl_div);
TENON_LOSS(SoftMarginLoss, functional::soft_margin_loss);
TENON_LOSS(HingeEmbeddingLoss, functional::hinge_embedding_loss);
TENON_LOSS(PoissonNLLLoss, functional::poisson_nll_loss);
TENON_LOSS(MultiLabelSoftMarginLoss, functional::multilabel_soft_margin_loss);
TENON_LOSS(MultiMarginLoss, functional::multi_margin_loss);
TENON_LOSS(MultiLabelMarginLoss, functional::multilabel_margin_loss);
#undef TENON_LOSS

/// Losses of three tensors.
#define TENON_LOSS(Name, function)                                                                                                         \
  class Name##Impl : public Cloneable<Name##Impl> {                                                                                        \
  public:                                                                                                                                  \
    explicit Name##Impl(const Name##Options &options = {}) : options(options) {}                                                           \
    void reset() override {}                                                                                                               \
    Tensor forward(const Tensor &a, const Tensor &b, const Tensor &c, Location loc = Location::current()) const {                          \
      return function(a, b, c, options, loc);                                                                                              \
    }                                                                                                                                      \
                                                                                                                                           \
    Name##Options options;                                                                                                                 \
  };                                                                                                                                       \
  TENON_MODULE(Name)
TENON_LOSS(GaussianNLLLoss, functional::gaussian_nll_loss);
TENON_LOSS(MarginRankingLoss, functional::margin_ranking_loss);
TENON_LOSS(CosineEmbeddingLoss, functional::cosine_embedding_loss);
TENON_LOSS(TripletMarginLoss, functional::triplet_margin_loss);
TENON_LOSS(TripletMarginWithDistanceLoss, functional::triplet_margin_with_distance_loss);
#undef TENON_LOSS

/// A Linear layer's scores and their cross entropy: forward(input, target) as functional::linear_cross_entropy.
class LinearCrossEntropyLossImpl : public Cloneable<LinearCrossEntropyLossImpl> {
public:
  LinearCrossEntropyLossImpl(int64_t in_features, int64_t num_classes) : LinearCrossEntropyLossImpl(LinearCrossEntropyLossOptions(in_features, num_classes)) {}
  explicit LinearCrossEntropyLossImpl(const LinearCrossEntropyLossOptions &options) : options(options) { LinearCrossEntropyLossImpl::reset(); }
  void reset() override;
  Tensor forward(const Tensor &input, const Tensor &target, Location loc = Location::current()) const;
  void pretty_print(std::ostream &stream) const override;

  LinearCrossEntropyLossOptions options;
  Linear linear{nullptr};
};
TENON_MODULE(LinearCrossEntropyLoss);

/// forward(log_probs, targets, input_lengths, target_lengths)
class CTCLossImpl : public Cloneable<CTCLossImpl> {
public:
  explicit CTCLossImpl(const CTCLossOptions &options = {}) : options(options) {}
  void reset() override {}
  Tensor forward(const Tensor &log_probs, const Tensor &targets, const Tensor &input_lengths, const Tensor &target_lengths, Location loc = Location::current()) const {
    return functional::ctc_loss(log_probs, targets, input_lengths, target_lengths, options, loc);
  }

  CTCLossOptions options;
};
TENON_MODULE(CTCLoss);

} // namespace tenon::nn
