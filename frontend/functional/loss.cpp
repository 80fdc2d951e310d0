// Losses: one op of the dialect `nn` each; weighted forms of the binary cross entropies are compositions.
#include "frontend/functional/check.h"
#include "frontend/functional/functional.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/value.h"

namespace tenon {

Tensor detail::reduced(const Tensor &losses, Reduction reduction, Location loc) {
  return reduction == kNone ? losses : reduction == kMean ? losses.mean(std::nullopt, loc) : losses.sum(std::nullopt, loc);
}

std::pair<Tensor, Tensor> detail::matched(const char *op, const Tensor &x, const Tensor &t, Location loc) {
  detail::expect_defined(op, "input", x, loc);
  detail::expect_defined(op, "target", t, loc);
  auto [input, target] = record::autocast<ir::nn::MseLossOp>(loc, x, t); // as all losses
  if (!(input.sizes() == target.sizes()))
    throw record::error(op, "expected a target of the input's shape " + record::text(input) + ", came " + record::text(target), loc);
  Dtype dtype = record::promote({input, loc}, {target, loc});
  return {record::cast(input, dtype, loc), record::cast(target, dtype, loc)};
}

namespace {

using detail::matched, detail::reduced;

ir::nn::ReductionAttr attribute(Reduction reduction) {
  switch (reduction) {
  case kNone:
    return ir::nn::ReductionAttr::get(&record::context(), ir::nn::Reduction::none);
  case kMean:
    return ir::nn::ReductionAttr::get(&record::context(), ir::nn::Reduction::mean);
  case kSum:
    break;
  }
  return ir::nn::ReductionAttr::get(&record::context(), ir::nn::Reduction::sum);
}

template <typename Op, typename Set = std::nullptr_t>
Tensor element_loss(const char *name, const Tensor &input, const Tensor &target, Reduction reduction, Location loc, Set set = nullptr) {
  auto [x, t] = matched(name, input, target, loc);
  return record::op<Op>({x, t}, loc, [&](auto &p) {
    p.reduction = attribute(reduction);
    if constexpr (!std::is_same_v<Set, std::nullptr_t>)
      set(p);
  });
}

/// [N, C, d...] with labels [N, d...], or [C] with one label, as rows [M, C] with labels [M].
struct Rows {
  Tensor x, target;
};
Rows rows(const Tensor &input, const Tensor &target, Location loc) {
  if (input.dim() == 2)
    return {input, target};
  if (input.dim() == 1)
    return {input.unsqueeze(0, loc), target.unsqueeze(0, loc)};
  Shape order{0};
  for (int64_t d = 2; d < input.dim(); ++d)
    order.push_back(d);
  order.push_back(1);
  return {input.permute(order, loc).reshape({target.numel(), input.size(1)}, loc), target.reshape({target.numel()}, loc)};
}

void check_classes(const char *op, const Tensor &input, const Tensor &target, const Tensor &weight, Location loc) {
  detail::expect_floating(op, "input", input, loc);
  detail::expect_defined(op, "target", target, loc);
  Shape labels = input.sizes().vec();
  if (!labels.empty())
    labels.erase(labels.begin() + (labels.size() > 1));
  if (input.dim() == 0 || !(target.sizes() == IntArrayRef(labels)))
    throw record::error(op,
                        "expected an input [N, C, ...] or [C] and a target [N, ...] or [], came " + record::text(input) + " and " +
                            record::text(target),
                        loc);
  if (target.scalar_type() != kLong && target.scalar_type() != kInt)
    throw record::error(op, "expected a target of int64 or int32 labels, came " + record::text(target), loc);
  if (weight.defined() && (weight.scalar_type() != input.scalar_type() || !(weight.sizes() == IntArrayRef(input.size(input.dim() > 1)))))
    throw record::error(op,
                        "expected a weight per class [" + std::to_string(input.size(input.dim() > 1)) + "] of the input's dtype, came " +
                            record::text(weight),
                        loc);
}

} // namespace

namespace nn::functional {

/// Cross entropy with a probability of every class: -sum over classes of weight * target * log_softmax(input).
static Tensor soft_cross_entropy(const Tensor &input, const Tensor &target, const Tensor &weight, const CrossEntropyFuncOptions &options, Location loc) {
  int64_t dim = input.dim() > 1, classes = input.size(dim);
  if (weight.defined() && (weight.scalar_type() != input.scalar_type() || !(weight.sizes() == IntArrayRef(classes))))
    throw record::error("cross_entropy",
                        "expected a weight per class [" + std::to_string(classes) + "] of the input's dtype, came " + record::text(weight),
                        loc);
  detail::Value t{record::cast(target, input.scalar_type(), loc), loc};
  if (double s = options.label_smoothing(); s > 0)
    t = t * (1 - s) + s / static_cast<double>(classes);
  detail::Value each = t * detail::Value{input.log_softmax(dim, loc), loc};
  if (weight.defined()) {
    Shape shape(input.dim(), 1);
    shape[dim] = classes;
    each = each * detail::Value{weight.view(shape, loc), loc};
  }
  return reduced((-each.sum(dim)).tensor, options.reduction(), loc);
}

Tensor cross_entropy(const Tensor &scores, const Tensor &target, const CrossEntropyFuncOptions &options, Location loc) {
  auto [input, weight] = record::autocast<ir::nn::CrossEntropyOp>(loc, scores, options.weight());
  if (double s = options.label_smoothing(); !(s >= 0 && s <= 1))
    throw record::error("cross_entropy", "expected label_smoothing in [0, 1], came " + std::to_string(s), loc);
  detail::expect_floating("cross_entropy", "input", input, loc);
  if (target.defined() && target.is_floating_point() && input.dim() > 0 && target.sizes() == input.sizes())
    return soft_cross_entropy(input, target, weight, options, loc);
  check_classes("cross_entropy", input, target, weight, loc);
  auto [x, labels] = rows(input, target, loc);
  Tensor loss = record::op<ir::nn::CrossEntropyOp>({x, labels, weight}, loc, [&](auto &p) {
    p.reduction = attribute(options.reduction());
    p.ignore_index = record::builder().getI64IntegerAttr(options.ignore_index());
    p.label_smoothing = record::builder().getF64FloatAttr(options.label_smoothing());
  });
  return options.reduction() == kNone ? loss.view(target.sizes(), loc) : loss;
}

Tensor linear_cross_entropy(const Tensor &input, const Tensor &weight, const Tensor &target, const LinearCrossEntropyFuncOptions &o, Location loc) {
  const char *op = "linear_cross_entropy";
  detail::expect_floating(op, "input", input, loc);
  detail::expect_floating(op, "linear_weight", weight, loc);
  if (input.dim() < 1 || input.dim() > 2 || weight.dim() < 2 || input.size(-1) != weight.size(-1) || (weight.dim() > 2 && input.dim() != 2))
    throw record::error(op, "expected an input [N, in] or [in] and a linear_weight [C, in], or [N, in] and [C, d1, ..., in], came " + record::text(input) + " and " + record::text(weight), loc);
  Shape classes(weight.sizes().begin(), weight.sizes().end() - 1), shape = classes;
  if (o.linear_bias().defined() && !(o.linear_bias().sizes() == IntArrayRef(classes)))
    throw record::error(op, "expected a linear_bias " + record::shape_text(classes) + ", came " + record::text(o.linear_bias()), loc);
  if (input.dim() == 2)
    shape.insert(shape.begin(), input.size(0));
  Tensor scores = linear(input, weight.flatten(0, -2, loc), o.linear_bias().defined() ? o.linear_bias().flatten(0, -1, loc) : Tensor(), loc).view(shape, loc);
  auto how = CrossEntropyFuncOptions().weight(o.weight()).reduction(o.reduction()).ignore_index(o.ignore_index()).label_smoothing(o.label_smoothing());
  return cross_entropy(scores, target, how, loc);
}

Tensor nll_loss(const Tensor &scores, const Tensor &target, const NLLLossFuncOptions &options, Location loc) {
  auto [input, weight] = record::autocast<ir::nn::NllLossOp>(loc, scores, options.weight());
  check_classes("nll_loss", input, target, weight, loc);
  auto [x, labels] = rows(input, target, loc);
  Tensor loss = record::op<ir::nn::NllLossOp>({x, labels, weight}, loc, [&](auto &p) {
    p.reduction = attribute(options.reduction());
    p.ignore_index = record::builder().getI64IntegerAttr(options.ignore_index());
  });
  return options.reduction() == kNone ? loss.view(target.sizes(), loc) : loss;
}

Tensor mse_loss(const Tensor &input, const Tensor &target, const MSELossFuncOptions &options, Location loc) {
  return element_loss<ir::nn::MseLossOp>("mse_loss", input, target, options.reduction(), loc);
}

Tensor l1_loss(const Tensor &input, const Tensor &target, const L1LossFuncOptions &options, Location loc) {
  return element_loss<ir::nn::L1LossOp>("l1_loss", input, target, options.reduction(), loc);
}

Tensor smooth_l1_loss(const Tensor &input, const Tensor &target, const SmoothL1LossFuncOptions &options, Location loc) {
  if (!(options.beta() >= 0))
    throw record::error("smooth_l1_loss", "expected beta at least 0, came " + std::to_string(options.beta()), loc);
  return element_loss<ir::nn::SmoothL1LossOp>("smooth_l1_loss", input, target, options.reduction(), loc,
                                              [&](auto &p) { p.beta = record::builder().getF64FloatAttr(options.beta()); });
}

Tensor huber_loss(const Tensor &input, const Tensor &target, const HuberLossFuncOptions &options, Location loc) {
  if (!(options.delta() > 0))
    throw record::error("huber_loss", "expected delta above 0, came " + std::to_string(options.delta()), loc);
  return element_loss<ir::nn::HuberLossOp>("huber_loss", input, target, options.reduction(), loc,
                                           [&](auto &p) { p.delta = record::builder().getF64FloatAttr(options.delta()); });
}

Tensor kl_div(const Tensor &input, const Tensor &target, const KLDivFuncOptions &options, Location loc) {
  bool per_batch = options.reduction() == kBatchMean;
  if (per_batch && input.defined() && input.dim() == 0)
    throw record::error("kl_div", "expected a batch for kBatchMean, came " + record::text(input), loc);
  Tensor loss = element_loss<ir::nn::KlDivOp>("kl_div", input, target, per_batch ? kSum : static_cast<Reduction>(options.reduction()), loc,
                                              [&](auto &p) { p.log_target = record::builder().getBoolAttr(options.log_target()); });
  return per_batch ? loss.div({static_cast<double>(input.size(0)), loc}) : loss;
}

Tensor binary_cross_entropy(const Tensor &input, const Tensor &target, const BinaryCrossEntropyFuncOptions &options, Location loc) {
  bool weighted = options.weight().defined();
  Tensor loss =
      element_loss<ir::nn::BinaryCrossEntropyOp>("binary_cross_entropy", input, target, weighted ? kNone : options.reduction(), loc);
  return weighted ? reduced(loss.mul({options.weight(), loc}), options.reduction(), loc) : loss;
}

Tensor binary_cross_entropy_with_logits(const Tensor &input, const Tensor &target, const BinaryCrossEntropyWithLogitsFuncOptions &options,
                                        Location loc) {
  const char *name = "binary_cross_entropy_with_logits";
  bool weighted = options.weight().defined();
  Reduction first = weighted ? kNone : options.reduction();
  Tensor loss;
  if (!options.pos_weight().defined()) {
    loss = element_loss<ir::nn::BinaryCrossEntropyWithLogitsOp>(name, input, target, first, loc);
  } else { // (1 - t) x - (1 + (pos_weight - 1) t) log(sigmoid(x))
    auto [x, t] = matched(name, input, target, loc);
    Tensor factor = options.pos_weight().sub({1.0, loc}).mul({t, loc}).add({1.0, loc});
    Tensor log_sigmoid = x.minimum({0.0, loc}).sub({x.abs(loc).neg(loc).exp(loc).log1p(loc), loc});
    Tensor each = t.neg(loc).add({1.0, loc}).mul({x, loc}).sub({factor.mul({log_sigmoid, loc}), loc});
    loss = reduced(each, first, loc);
  }
  return weighted ? reduced(loss.mul({options.weight(), loc}), options.reduction(), loc) : loss;
}

} // namespace nn::functional

Tensor mse_loss(const Tensor &input, const Tensor &target, Reduction reduction, Location loc) {
  return F::mse_loss(input, target, reduction, loc);
}
Tensor l1_loss(const Tensor &input, const Tensor &target, Reduction reduction, Location loc) {
  return F::l1_loss(input, target, reduction, loc);
}
Tensor nll_loss(const Tensor &input, const Tensor &target, const Tensor &weight, Reduction reduction, int64_t ignore_index, Location loc) {
  return F::nll_loss(input, target, F::NLLLossFuncOptions().weight(weight).reduction(reduction).ignore_index(ignore_index), loc);
}
Tensor cross_entropy_loss(const Tensor &input, const Tensor &target, const Tensor &weight, Reduction reduction, int64_t ignore_index,
                          double label_smoothing, Location loc) {
  auto options =
      F::CrossEntropyFuncOptions().weight(weight).reduction(reduction).ignore_index(ignore_index).label_smoothing(label_smoothing);
  return F::cross_entropy(input, target, options, loc);
}
Tensor binary_cross_entropy(const Tensor &input, const Tensor &target, const Tensor &weight, Reduction reduction, Location loc) {
  return F::binary_cross_entropy(input, target, F::BinaryCrossEntropyFuncOptions().weight(weight).reduction(reduction), loc);
}
Tensor binary_cross_entropy_with_logits(const Tensor &input, const Tensor &target, const Tensor &weight, const Tensor &pos_weight,
                                        Reduction reduction, Location loc) {
  auto options = F::BinaryCrossEntropyWithLogitsFuncOptions().weight(weight).pos_weight(pos_weight).reduction(reduction);
  return F::binary_cross_entropy_with_logits(input, target, options, loc);
}

} // namespace tenon
