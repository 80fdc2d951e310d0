// How the ops of the family `train` are called.
#include "../family.h"

using namespace tenon;

namespace {

Reduction reduction(const Json &o) {
  return o["reduction"] == "none" ? kNone : o["reduction"] == "sum" ? kSum : kMean;
}

/// Every option that a case names, set on LibTorch's options of the same name.
template <class Options> Options filled(Options options, const Json &o, const TensorList &in = {}, size_t weight = 2) {
#define OPTION(json_name, name, T)                                                                                                         \
  if constexpr (requires { options.name(std::declval<T>()); })                                                                             \
    if (o.contains(json_name))                                                                                                             \
      options.name(o[json_name].template get<T>());
  OPTION("alpha", alpha, double)
  OPTION("beta", beta, double)
  OPTION("delta", delta, double)
  OPTION("dim", dim, int64_t)
  OPTION("eps", eps, double)
  OPTION("full", full, bool)
  OPTION("ignore_index", ignore_index, int64_t)
  OPTION("k", k, double)
  OPTION("keepdim", keepdim, bool)
  OPTION("label_smoothing", label_smoothing, double)
  OPTION("lambd", lambda, double)
  OPTION("log_input", log_input, bool)
  OPTION("log_target", log_target, bool)
  OPTION("lower", lower, double)
  OPTION("margin", margin, double)
  OPTION("max_val", max_val, double)
  OPTION("min_val", min_val, double)
  OPTION("p", p, double)
  OPTION("swap", swap, bool)
  OPTION("threshold", threshold, double)
  OPTION("training", training, bool)
  OPTION("upper", upper, double)
#undef OPTION
  if constexpr (requires { options.reduction(kMean); })
    if (o.contains("reduction"))
      options.reduction(reduction(o));
  if constexpr (requires { options.weight(Tensor()); })
    if (in.size() > weight)
      options.weight(in[weight]);
  return options;
}

#define ACTIVATION(op, Options) {#op, [](auto &in, auto &o) { return F::op(in[0], filled(F::Options(), o)); }}
#define PAIR(op, Options) {#op, [](auto &in, auto &o) { return F::op(in[0], in[1], filled(F::Options(), o, in)); }}
#define TRIPLE(op, Options) {#op, [](auto &in, auto &o) { return F::op(in[0], in[1], in[2], filled(F::Options(), o)); }}
#define PLAIN(op) {#op, [](auto &in, auto &) { return F::op(in[0]); }}

const parity::Family family(
    "train",
    {ACTIVATION(elu, ELUFuncOptions),
     ACTIVATION(selu, SELUFuncOptions),
     ACTIVATION(celu, CELUFuncOptions),
     ACTIVATION(relu6, ReLU6FuncOptions),
     ACTIVATION(hardtanh, HardtanhFuncOptions),
     PLAIN(hardsigmoid),
     PLAIN(hardswish),
     ACTIVATION(hardshrink, HardshrinkFuncOptions),
     ACTIVATION(softshrink, SoftshrinkFuncOptions),
     PLAIN(tanhshrink),
     {"threshold", [](auto &in, auto &o) { return F::threshold(in[0], F::ThresholdFuncOptions(o["threshold"], o["value"])); }},
     ACTIVATION(softplus, SoftplusFuncOptions),
     PLAIN(softsign),
     PLAIN(logsigmoid),
     PLAIN(mish),
     ACTIVATION(rrelu, RReLUFuncOptions),
     {"prelu", [](auto &in, auto &) { return F::prelu(in[0], in[1]); }},
     ACTIVATION(glu, GLUFuncOptions),
     {"softmin", [](auto &in, auto &o) { return F::softmin(in[0], o["dim"].template get<int64_t>()); }},
     ACTIVATION(normalize, NormalizeFuncOptions),
     PAIR(cosine_similarity, CosineSimilarityFuncOptions),
     PAIR(pairwise_distance, PairwiseDistanceFuncOptions),
     {"local_response_norm",
      [](auto &in, auto &o) {
        return F::local_response_norm(in[0], filled(F::LocalResponseNormFuncOptions(o["size"].template get<int64_t>()), o));
      }},
     {"bilinear", [](auto &in, auto &) { return F::bilinear(in[0], in[1], in[2], in.size() > 3 ? in[3] : Tensor()); }},
     PAIR(smooth_l1_loss, SmoothL1LossFuncOptions),
     PAIR(huber_loss, HuberLossFuncOptions),
     {"kl_div",
      [](auto &in, auto &o) {
        auto options = filled(F::KLDivFuncOptions(), o);
        options.reduction(o["reduction"] == "batchmean" ? kBatchMean : static_cast<nn::KLDivReduction>(reduction(o)));
        return F::kl_div(in[0], in[1], options);
      }},
     PAIR(soft_margin_loss, SoftMarginLossFuncOptions),
     PAIR(hinge_embedding_loss, HingeEmbeddingLossFuncOptions),
     PAIR(poisson_nll_loss, PoissonNLLLossFuncOptions),
     TRIPLE(gaussian_nll_loss, GaussianNLLLossFuncOptions),
     PAIR(multilabel_soft_margin_loss, MultilabelSoftMarginLossFuncOptions),
     PAIR(multi_margin_loss, MultiMarginLossFuncOptions),
     PAIR(multilabel_margin_loss, MultilabelMarginLossFuncOptions),
     TRIPLE(margin_ranking_loss, MarginRankingLossFuncOptions),
     TRIPLE(cosine_embedding_loss, CosineEmbeddingLossFuncOptions),
     TRIPLE(triplet_margin_loss, TripletMarginLossFuncOptions),
     {"triplet_l1",
      [](auto &in, auto &o) {
        auto options = filled(F::TripletMarginWithDistanceLossFuncOptions(), o);
        options.distance_function([](const Tensor &a, const Tensor &b) { return (a - b).abs().sum(-1); });
        return F::triplet_margin_with_distance_loss(in[0], in[1], in[2], options);
      }},
     PAIR(cross_entropy, CrossEntropyFuncOptions),
     PAIR(nll_loss, NLLLossFuncOptions),
     {"bce_logits",
      [](auto &in, auto &o) {
        auto options = filled(F::BinaryCrossEntropyWithLogitsFuncOptions(), o, in);
        return F::binary_cross_entropy_with_logits(in[0], in[1], in.size() > 3 ? options.pos_weight(in[3]) : options);
      }},
     {"bce_logits_pos",
      [](auto &in, auto &o) {
        return F::binary_cross_entropy_with_logits(in[0], in[1], filled(F::BinaryCrossEntropyWithLogitsFuncOptions(), o).pos_weight(in[2]));
      }},
     {"bce", [](auto &in, auto &o) { return F::binary_cross_entropy(in[0], in[1], filled(F::BinaryCrossEntropyFuncOptions(), o, in)); }},
     ACTIVATION(alpha_dropout, AlphaDropoutFuncOptions),
     {"dropout2d", [](auto &in, auto &o) { return F::dropout2d(in[0], 0.5, o["training"].template get<bool>()); }}});

} // namespace
