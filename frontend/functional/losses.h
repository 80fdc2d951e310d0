// Losses beside the common ones of functional.h, with LibTorch's options. Reduction mean or sum gives a number, none a value per row or
// element. Each throws Error on shapes that do not fit and on options out of range.
#pragma once
#include <tenon/functional/options.h>

#include <functional>
#include <optional>

namespace tenon::nn {

/// Options of a loss that are a reduction and one number.
#define TENON_LOSS_OPTIONS(Name, option, value)                                                                                            \
  struct Name##Options {                                                                                                                   \
    Name##Options(Reduction reduction = kMean) : reduction_(reduction) {}                                                                  \
    TENON_ARG(Reduction, reduction);                                                                                                       \
    TENON_ARG(double, option) = value;                                                                                                     \
  };
TENON_LOSS_OPTIONS(SmoothL1Loss, beta, 1.0)
TENON_LOSS_OPTIONS(HuberLoss, delta, 1.0)
TENON_LOSS_OPTIONS(HingeEmbeddingLoss, margin, 1.0)
TENON_LOSS_OPTIONS(CosineEmbeddingLoss, margin, 0.0)
TENON_LOSS_OPTIONS(MarginRankingLoss, margin, 0.0)
#undef TENON_LOSS_OPTIONS

/// kBatchMean (kl_div): the sum over the size of the batch.
enum class KLDivReduction { None, Mean, Sum, BatchMean };
inline constexpr KLDivReduction kBatchMean = KLDivReduction::BatchMean;
struct KLDivLossOptions {
  KLDivLossOptions(Reduction reduction = kMean) : reduction_(static_cast<KLDivReduction>(reduction)) {}
  KLDivLossOptions(KLDivReduction reduction) : reduction_(reduction) {}
  TENON_ARG(KLDivReduction, reduction);
  TENON_ARG(bool, log_target) = false;
};
struct SoftMarginLossOptions {
  SoftMarginLossOptions(Reduction reduction = kMean) : reduction_(reduction) {}
  TENON_ARG(Reduction, reduction);
};
using MultiLabelMarginLossOptions = SoftMarginLossOptions;
struct MultiLabelSoftMarginLossOptions {
  MultiLabelSoftMarginLossOptions(Tensor weight = {}) : weight_(std::move(weight)) {}
  /// A factor per class [C]; undefined: 1.
  TENON_ARG(Tensor, weight);
  TENON_ARG(Reduction, reduction) = kMean;
};
struct MultiMarginLossOptions {
  /// 1 or 2.
  TENON_ARG(int64_t, p) = 1;
  TENON_ARG(double, margin) = 1.0;
  TENON_ARG(Tensor, weight) = {};
  TENON_ARG(Reduction, reduction) = kMean;
};
struct PoissonNLLLossOptions {
  TENON_ARG(bool, log_input) = true;
  /// Adds Stirling's approximation of log(target!) where the target is above 1.
  TENON_ARG(bool, full) = false;
  TENON_ARG(double, eps) = 1e-8;
  TENON_ARG(Reduction, reduction) = kMean;
};
struct GaussianNLLLossOptions {
  /// Adds log(2 pi) / 2.
  TENON_ARG(bool, full) = false;
  /// The least variance; no gradient flows through this bound.
  TENON_ARG(double, eps) = 1e-6;
  TENON_ARG(Reduction, reduction) = kMean;
};
struct TripletMarginLossOptions {
  TENON_ARG(double, margin) = 1.0;
  TENON_ARG(double, p) = 2.0;
  TENON_ARG(double, eps) = 1e-6;
  TENON_ARG(bool, swap) = false;
  TENON_ARG(Reduction, reduction) = kMean;
};
struct TripletMarginWithDistanceLossOptions {
  using distance_function_t = std::function<Tensor(const Tensor &, const Tensor &)>;
  /// none: pairwise_distance.
  TENON_ARG(std::optional<distance_function_t>, distance_function) = std::nullopt;
  TENON_ARG(double, margin) = 1.0;
  TENON_ARG(bool, swap) = false;
  TENON_ARG(Reduction, reduction) = kMean;
};

namespace functional {
using SmoothL1LossFuncOptions = SmoothL1LossOptions;
using HuberLossFuncOptions = HuberLossOptions;
using KLDivFuncOptions = KLDivLossOptions;
using SoftMarginLossFuncOptions = SoftMarginLossOptions;
using HingeEmbeddingLossFuncOptions = HingeEmbeddingLossOptions;
using CosineEmbeddingLossFuncOptions = CosineEmbeddingLossOptions;
using MarginRankingLossFuncOptions = MarginRankingLossOptions;
using MultiMarginLossFuncOptions = MultiMarginLossOptions;
using MultilabelMarginLossFuncOptions = MultiLabelMarginLossOptions;
using MultilabelSoftMarginLossFuncOptions = MultiLabelSoftMarginLossOptions;
using PoissonNLLLossFuncOptions = PoissonNLLLossOptions;
using GaussianNLLLossFuncOptions = GaussianNLLLossOptions;
using TripletMarginLossFuncOptions = TripletMarginLossOptions;
using TripletMarginWithDistanceLossFuncOptions = TripletMarginWithDistanceLossOptions;

// -- Of equal shapes --

/// d^2 / (2 beta) where |d| < beta, else |d| - beta / 2, for d = input - target; beta is not negative
Tensor smooth_l1_loss(const Tensor &input, const Tensor &target, const SmoothL1LossFuncOptions &options = {},
                      Location loc = Location::current());
/// d^2 / 2 where |d| < delta, else delta (|d| - delta / 2); delta is above 0
Tensor huber_loss(const Tensor &input, const Tensor &target, const HuberLossFuncOptions &options = {}, Location loc = Location::current());
/// target (log(target) - input) for log probabilities `input`
Tensor kl_div(const Tensor &input, const Tensor &target, const KLDivFuncOptions &options = {}, Location loc = Location::current());
/// log(1 + exp(-target input)) for targets of 1 and -1
Tensor soft_margin_loss(const Tensor &input, const Tensor &target, const SoftMarginLossFuncOptions &options = {},
                        Location loc = Location::current());
/// input where the target is 1, max(0, margin - input) where it is -1
Tensor hinge_embedding_loss(const Tensor &input, const Tensor &target, const HingeEmbeddingLossFuncOptions &options = {},
                            Location loc = Location::current());
/// exp(input) - target input; log_input false: input - target log(input + eps)
Tensor poisson_nll_loss(const Tensor &input, const Tensor &target, const PoissonNLLLossFuncOptions &options = {},
                        Location loc = Location::current());
/// (log(var) + (input - target)^2 / var) / 2; var has the input's shape, or 1 for its last dimension, or lacks that
Tensor gaussian_nll_loss(const Tensor &input, const Tensor &target, const Tensor &var, const GaussianNLLLossFuncOptions &options = {},
                         Location loc = Location::current());
/// The mean over classes of soft_margin_loss; target of 0 and 1, input [C] or [N, C]
Tensor multilabel_soft_margin_loss(const Tensor &input, const Tensor &target, const MultilabelSoftMarginLossFuncOptions &options = {},
                                   Location loc = Location::current());

// -- Of classes: input [N, C] or [C] --

/// The mean over the other classes j of weight[y] max(0, margin - x[y] + x[j])^p; target of labels [N] or []. A label out of range is an
/// error of the step.
Tensor multi_margin_loss(const Tensor &input, const Tensor &target, const MultiMarginLossFuncOptions &options = {},
                         Location loc = Location::current());
/// The sum over labels y of a row up to the first -1, and over classes j that are no label, of max(0, 1 - x[y] + x[j]) / C
Tensor multilabel_margin_loss(const Tensor &input, const Tensor &target, const MultilabelMarginLossFuncOptions &options = {},
                              Location loc = Location::current());

// -- Of pairs and triples --

/// max(0, margin - target (input1 - input2)) for targets of 1 and -1; shapes broadcast
Tensor margin_ranking_loss(const Tensor &input1, const Tensor &input2, const Tensor &target,
                           const MarginRankingLossFuncOptions &options = {}, Location loc = Location::current());
/// 1 - cos where the target is 1, max(0, cos - margin) where it is -1; inputs [N, D] and target [N], or [D] and []
Tensor cosine_embedding_loss(const Tensor &input1, const Tensor &input2, const Tensor &target,
                             const CosineEmbeddingLossFuncOptions &options = {}, Location loc = Location::current());
/// max(0, margin + d(anchor, positive) - d(anchor, negative)), d = pairwise_distance; swap: the smaller of d(a, n), d(p, n)
Tensor triplet_margin_loss(const Tensor &anchor, const Tensor &positive, const Tensor &negative,
                           const TripletMarginLossFuncOptions &options = {}, Location loc = Location::current());
Tensor triplet_margin_with_distance_loss(const Tensor &anchor, const Tensor &positive, const Tensor &negative,
                                         const TripletMarginWithDistanceLossFuncOptions &options = {}, Location loc = Location::current());

} // namespace functional
} // namespace tenon::nn

namespace tenon {
using nn::kBatchMean;
}
