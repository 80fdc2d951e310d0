// The functions of nn::functional with ATen's lists of arguments, for programs that say torch::elu(x) rather than torch::nn::functional::elu(x, options).
#pragma once
#include <tenon/functional/activation.h>
#include <tenon/functional/ctc_loss.h>
#include <tenon/functional/losses.h>
#include <tenon/functional/vectors.h>

namespace tenon {

namespace F = nn::functional;

#define X(name, function) inline Tensor name(const Tensor &x, Location loc = Location::current()) { return nn::functional::function(x, {}, loc); }
X(selu, selu) X(relu6, relu6) X(mish, mish) X(hardswish, hardswish) X(hardsigmoid, hardsigmoid)
#undef X
inline Tensor log_sigmoid(const Tensor &x, Location loc = Location::current()) { return F::logsigmoid(x, loc); }
inline Tensor elu(const Tensor &x, double alpha = 1, Location loc = Location::current()) { return F::elu(x, nn::ELUOptions().alpha(alpha), loc); }
inline Tensor celu(const Tensor &x, double alpha = 1, Location loc = Location::current()) { return F::celu(x, nn::CELUOptions().alpha(alpha), loc); }
inline Tensor hardtanh(const Tensor &x, double min_val = -1, double max_val = 1, Location loc = Location::current()) { return F::hardtanh(x, nn::HardtanhOptions().min_val(min_val).max_val(max_val), loc); }
inline Tensor softplus(const Tensor &x, double beta = 1, double threshold = 20, Location loc = Location::current()) { return F::softplus(x, nn::SoftplusOptions().beta(beta).threshold(threshold), loc); }
inline Tensor hardshrink(const Tensor &x, double lambd = 0.5, Location loc = Location::current()) { return F::hardshrink(x, lambd, loc); }
inline Tensor softshrink(const Tensor &x, double lambd = 0.5, Location loc = Location::current()) { return F::softshrink(x, lambd, loc); }
inline Tensor threshold(const Tensor &x, double threshold, double value, Location loc = Location::current()) { return F::threshold(x, {threshold, value}, loc); }
inline Tensor glu(const Tensor &x, int64_t dim = -1, Location loc = Location::current()) { return F::glu(x, dim, loc); }
inline Tensor prelu(const Tensor &x, const Tensor &weight, Location loc = Location::current()) { return F::prelu(x, weight, loc); }
inline Tensor alpha_dropout(const Tensor &x, double p, bool train, Location loc = Location::current()) { return F::alpha_dropout(x, nn::functional::AlphaDropoutFuncOptions().p(p).training(train), loc); }
// In place.
#define X(name, parameters, arguments) inline Tensor name##_(const Tensor &x, parameters, Location loc = Location::current()) { return x.copy_(name(x, arguments, loc), false, loc); }
#define TENON_COMMA ,
X(elu, double alpha = 1, alpha) X(celu, double alpha = 1, alpha) X(threshold, double from TENON_COMMA double value, from TENON_COMMA value)
X(hardtanh, double min_val = -1 TENON_COMMA double max_val = 1, min_val TENON_COMMA max_val) X(alpha_dropout, double p TENON_COMMA bool train, p TENON_COMMA train)
#undef TENON_COMMA
#undef X
inline Tensor selu_(const Tensor &x, Location loc = Location::current()) { return x.copy_(selu(x, loc), false, loc); }

inline Tensor smooth_l1_loss(const Tensor &input, const Tensor &target, Reduction reduction = kMean, double beta = 1, Location loc = Location::current()) { return F::smooth_l1_loss(input, target, nn::SmoothL1LossOptions(reduction).beta(beta), loc); }
inline Tensor huber_loss(const Tensor &input, const Tensor &target, Reduction reduction = kMean, double delta = 1, Location loc = Location::current()) { return F::huber_loss(input, target, nn::HuberLossOptions(reduction).delta(delta), loc); }
inline Tensor kl_div(const Tensor &input, const Tensor &target, nn::KLDivReduction reduction = nn::KLDivReduction::Mean, bool log_target = false, Location loc = Location::current()) { return F::kl_div(input, target, nn::KLDivLossOptions(reduction).log_target(log_target), loc); }
inline Tensor soft_margin_loss(const Tensor &input, const Tensor &target, Reduction reduction = kMean, Location loc = Location::current()) { return F::soft_margin_loss(input, target, reduction, loc); }
inline Tensor hinge_embedding_loss(const Tensor &input, const Tensor &target, double margin = 1, Reduction reduction = kMean, Location loc = Location::current()) { return F::hinge_embedding_loss(input, target, nn::HingeEmbeddingLossOptions(reduction).margin(margin), loc); }
inline Tensor margin_ranking_loss(const Tensor &input1, const Tensor &input2, const Tensor &target, double margin = 0, Reduction reduction = kMean, Location loc = Location::current()) { return F::margin_ranking_loss(input1, input2, target, nn::MarginRankingLossOptions(reduction).margin(margin), loc); }
inline Tensor cosine_embedding_loss(const Tensor &input1, const Tensor &input2, const Tensor &target, double margin = 0, Reduction reduction = kMean, Location loc = Location::current()) { return F::cosine_embedding_loss(input1, input2, target, nn::CosineEmbeddingLossOptions(reduction).margin(margin), loc); }
inline Tensor triplet_margin_loss(const Tensor &anchor, const Tensor &positive, const Tensor &negative, double margin = 1, double p = 2, double eps = 1e-6, bool swap = false, Reduction reduction = kMean, Location loc = Location::current()) { return F::triplet_margin_loss(anchor, positive, negative, nn::TripletMarginLossOptions().margin(margin).p(p).eps(eps).swap(swap).reduction(reduction), loc); }
inline Tensor poisson_nll_loss(const Tensor &input, const Tensor &target, bool log_input, bool full, double eps, Reduction reduction, Location loc = Location::current()) { return F::poisson_nll_loss(input, target, nn::PoissonNLLLossOptions().log_input(log_input).full(full).eps(eps).reduction(reduction), loc); }
inline Tensor ctc_loss(const Tensor &log_probs, const Tensor &targets, const Tensor &input_lengths, const Tensor &target_lengths, int64_t blank = 0, Reduction reduction = kMean, bool zero_infinity = false, Location loc = Location::current()) { return F::ctc_loss(log_probs, targets, input_lengths, target_lengths, nn::CTCLossOptions().blank(blank).reduction(reduction).zero_infinity(zero_infinity), loc); }

inline Tensor cosine_similarity(const Tensor &a, const Tensor &b, int64_t dim = 1, double eps = 1e-8, Location loc = Location::current()) { return F::cosine_similarity(a, b, nn::CosineSimilarityOptions().dim(dim).eps(eps), loc); }
inline Tensor pairwise_distance(const Tensor &a, const Tensor &b, double p = 2, double eps = 1e-6, bool keepdim = false, Location loc = Location::current()) { return F::pairwise_distance(a, b, nn::PairwiseDistanceOptions().p(p).eps(eps).keepdim(keepdim), loc); }
inline Tensor bilinear(const Tensor &a, const Tensor &b, const Tensor &weight, const Tensor &bias = {}, Location loc = Location::current()) { return F::bilinear(a, b, weight, bias, loc); }

} // namespace tenon
