// Losses: one op of the dialect `nn` each; weighted forms of the binary cross entropies are compositions.
#include "frontend/functional/functional.h"
#include "frontend/functional/check.h"
#include "frontend/tensor/record.h"

namespace tenon {
namespace {

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

Tensor reduced(const Tensor &losses, Reduction reduction, Location loc) {
  return reduction == kNone ? losses : reduction == kMean ? losses.mean(std::nullopt, loc) : losses.sum(std::nullopt, loc);
}

/// Input and target in one dtype, PyTorch's promotion of the two; their shapes must be equal.
std::pair<Tensor, Tensor> matched(const char *op, const Tensor &input, const Tensor &target, Location loc) {
  detail::expect_defined(op, "input", input, loc);
  detail::expect_defined(op, "target", target, loc);
  if (!(input.sizes() == target.sizes()))
    throw record::error(op, "expected a target of the input's shape " + record::text(input) + ", came " + record::text(target), loc);
  Dtype dtype = record::promote({input, loc}, {target, loc});
  return {record::cast(input, dtype, loc), record::cast(target, dtype, loc)};
}

template <typename Op> Tensor element_loss(const char *name, const Tensor &input, const Tensor &target, Reduction reduction, Location loc) {
  auto [x, t] = matched(name, input, target, loc);
  return record::op<Op>({x, t}, loc, [&](auto &p) { p.reduction = attribute(reduction); });
}

void check_classes(const char *op, const Tensor &input, const Tensor &target, const Tensor &weight, Location loc) {
  detail::expect_floating(op, "input", input, loc);
  detail::expect_defined(op, "target", target, loc);
  if (input.dim() != 2 || target.dim() != 1 || input.size(0) != target.size(0))
    throw record::error(op, "expected an input [N, C] and a target [N], came " + record::text(input) + " and " + record::text(target), loc);
  if (target.scalar_type() != kLong && target.scalar_type() != kInt)
    throw record::error(op, "expected a target of int64 or int32 labels, came " + record::text(target), loc);
  if (weight.defined() && (weight.scalar_type() != input.scalar_type() || !(weight.sizes() == IntArrayRef(input.size(1)))))
    throw record::error(op, "expected a weight per class [" + std::to_string(input.size(1)) + "] of the input's dtype, came " + record::text(weight), loc);
}

} // namespace

namespace nn::functional {

Tensor cross_entropy(const Tensor &input, const Tensor &target, const CrossEntropyFuncOptions &options, Location loc) {
  check_classes("cross_entropy", input, target, options.weight(), loc);
  if (double s = options.label_smoothing(); !(s >= 0 && s <= 1))
    throw record::error("cross_entropy", "expected label_smoothing in [0, 1], came " + std::to_string(s), loc);
  return record::op<ir::nn::CrossEntropyOp>({input, target, options.weight()}, loc, [&](auto &p) {
    p.reduction = attribute(options.reduction());
    p.ignore_index = record::builder().getI64IntegerAttr(options.ignore_index());
    p.label_smoothing = record::builder().getF64FloatAttr(options.label_smoothing());
  });
}

Tensor nll_loss(const Tensor &input, const Tensor &target, const NLLLossFuncOptions &options, Location loc) {
  check_classes("nll_loss", input, target, options.weight(), loc);
  return record::op<ir::nn::NllLossOp>({input, target, options.weight()}, loc, [&](auto &p) {
    p.reduction = attribute(options.reduction());
    p.ignore_index = record::builder().getI64IntegerAttr(options.ignore_index());
  });
}

Tensor mse_loss(const Tensor &input, const Tensor &target, const MSELossFuncOptions &options, Location loc) {
  return element_loss<ir::nn::MseLossOp>("mse_loss", input, target, options.reduction(), loc);
}

Tensor l1_loss(const Tensor &input, const Tensor &target, const L1LossFuncOptions &options, Location loc) {
  return element_loss<ir::nn::L1LossOp>("l1_loss", input, target, options.reduction(), loc);
}

Tensor binary_cross_entropy(const Tensor &input, const Tensor &target, const BinaryCrossEntropyFuncOptions &options, Location loc) {
  bool weighted = options.weight().defined();
  Tensor loss = element_loss<ir::nn::BinaryCrossEntropyOp>("binary_cross_entropy", input, target, weighted ? kNone : options.reduction(), loc);
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
  auto options = F::CrossEntropyFuncOptions().weight(weight).reduction(reduction).ignore_index(ignore_index).label_smoothing(label_smoothing);
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
