// Losses of margins, of pairs and triples, and likelihoods: compositions.
#include "frontend/functional/check.h"
#include "frontend/functional/functional.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/value.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace tenon::nn::functional {
namespace {

using tenon::detail::matched, tenon::detail::reduced, tenon::detail::Value;

void expect(bool good, const char *op, const std::string &what, Location loc) {
  if (!good)
    throw record::error(op, what, loc);
}

/// At least `bound`, with the gradient of no bound: PyTorch clamps under no_grad.
Value bounded(const Value &x, double bound) {
  return x + (x.at_least(bound) - x).detach();
}

/// Rows [N, C] of an input [N, C] or [C].
Value rows_of(const char *op, const Tensor &given, Location loc) {
  auto [input] = record::autocast<ir::nn::MseLossOp>(loc, given); // as all losses
  tenon::detail::expect_floating(op, "input", input, loc);
  expect((input.dim() == 1 || input.dim() == 2) && input.size(-1) > 0, op, "expected an input [N, C] or [C], came " + record::text(input),
         loc);
  return {input.dim() == 1 ? input.unsqueeze(0, loc) : input, loc};
}
/// x[label] of every row; a label out of range is an error of the step, `ignored` gives 0.
Value picked(const Value &rows, const Tensor &labels, int64_t ignored) {
  return -Value{nll_loss(rows.tensor, labels, NLLLossFuncOptions().reduction(kNone).ignore_index(ignored), rows.line), rows.line};
}
Value iota(int64_t n, const Value &like, Location loc) {
  return {arange(n, like.tensor.options().dtype(kLong), loc), loc};
}

void expect_labels(const char *op, const Tensor &target, const Shape &shape, Location loc) {
  tenon::detail::expect_defined(op, "target", target, loc);
  expect((target.scalar_type() == kLong || target.scalar_type() == kInt) && target.sizes() == IntArrayRef(shape), op,
         "expected a target of labels " + record::shape_text(shape) + ", came " + record::text(target), loc);
}
void expect_weight(const char *op, const Tensor &weight, const Tensor &input, Location loc) {
  expect(!weight.defined() || (weight.scalar_type() == input.scalar_type() && weight.sizes() == IntArrayRef(input.size(-1))), op,
         "expected a weight per class [" + std::to_string(input.size(-1)) + "] of the input's dtype, came " +
             (weight.defined() ? record::text(weight) : ""),
         loc);
}

} // namespace

Tensor soft_margin_loss(const Tensor &input, const Tensor &target, const SoftMarginLossFuncOptions &o, Location loc) {
  auto [x, t] = matched("soft_margin_loss", input, target, loc);
  return reduced(softplus((-(Value{t, loc} * Value{x, loc})).tensor, SoftplusFuncOptions().threshold(40), loc), o.reduction(), loc);
}

Tensor hinge_embedding_loss(const Tensor &input, const Tensor &target, const HingeEmbeddingLossFuncOptions &o, Location loc) {
  auto [x, t] = matched("hinge_embedding_loss", input, target, loc);
  Value v{x, loc}, sign{t, loc};
  Value each = where(sign == 1.0, 0.0, Value{(o.margin() - v).tensor.clamp_min({0, loc}), loc}) + where(sign == -1.0, 0.0, v);
  return reduced(each.tensor, o.reduction(), loc);
}

Tensor poisson_nll_loss(const Tensor &input, const Tensor &target, const PoissonNLLLossFuncOptions &o, Location loc) {
  auto [x, t] = matched("poisson_nll_loss", input, target, loc);
  Value v{x, loc}, n{t, loc};
  Value each = o.log_input() ? v.exp() - n * v : v - n * (v + o.eps()).log();
  if (o.full()) {
    Value large = n > 1.0, safe = where(large, n, 1.0);
    each = each + where(large, safe * safe.log() - safe + (safe * (2 * std::numbers::pi)).log() * 0.5, 0.0);
  }
  return reduced(each.tensor, o.reduction(), loc);
}

Tensor gaussian_nll_loss(const Tensor &input, const Tensor &target, const Tensor &var, const GaussianNLLLossFuncOptions &o, Location loc) {
  auto [x, t] = matched("gaussian_nll_loss", input, target, loc);
  tenon::detail::expect_floating("gaussian_nll_loss", "var", var, loc);
  Shape all = x.sizes().vec(), heads = all, ones = all;
  if (!all.empty()) {
    heads.pop_back();
    ones.back() = 1;
  }
  bool lacks = var.sizes() == IntArrayRef(heads) && !(var.sizes() == IntArrayRef(all));
  expect(lacks || var.sizes() == IntArrayRef(all) || var.sizes() == IntArrayRef(ones), "gaussian_nll_loss",
         "expected a var of the input's shape " + record::text(x) + ", without its last dimension or with 1 for it, came " +
             record::text(var),
         loc);
  expect(o.eps() > 0, "gaussian_nll_loss", "expected eps above 0, came " + std::to_string(o.eps()), loc);
  Value v = bounded({lacks ? var.unsqueeze(-1, loc) : var, loc}, o.eps()), d = Value{x, loc} - Value{t, loc};
  Value each = (v.log() + d.square() / v) * 0.5;
  if (o.full())
    each = each + 0.5 * std::log(2 * std::numbers::pi);
  return reduced(each.tensor, o.reduction(), loc);
}

Tensor multilabel_soft_margin_loss(const Tensor &input, const Tensor &target, const MultilabelSoftMarginLossFuncOptions &o, Location loc) {
  const char *name = "multilabel_soft_margin_loss";
  auto [x, t] = matched(name, input, target, loc);
  expect(x.dim() > 0, name, "expected classes in the last dimension, came " + record::text(x), loc);
  expect_weight(name, o.weight(), x, loc);
  Value n{t, loc}, each = -(n * Value{logsigmoid(x, loc), loc} + (1.0 - n) * Value{logsigmoid(x.neg(loc), loc), loc});
  if (o.weight().defined())
    each = each * Value{o.weight(), loc};
  return reduced(each.tensor.mean(-1, false, std::nullopt, loc), o.reduction(), loc);
}

Tensor multi_margin_loss(const Tensor &input, const Tensor &target, const MultiMarginLossFuncOptions &o, Location loc) {
  const char *name = "multi_margin_loss";
  expect(o.p() == 1 || o.p() == 2, name, "expected p 1 or 2, came " + std::to_string(o.p()), loc);
  Value x = rows_of(name, input, loc);
  expect_labels(name, target, input.dim() == 1 ? Shape{} : Shape{input.size(0)}, loc);
  expect_weight(name, o.weight(), x.tensor, loc);
  int64_t classes = input.size(-1);
  Tensor labels = input.dim() == 1 ? target.unsqueeze(0, loc) : target;
  Value own = picked(x, labels, std::numeric_limits<int32_t>::min()), here = iota(classes, x, loc) == Value{labels, loc}.unsqueeze(1);
  Value each = (o.margin() - own.unsqueeze(1) + x).relu();
  if (o.p() == 2)
    each = each.square();
  if (o.weight().defined()) // of the row's label
    each = each * where(here, Value{o.weight(), loc}, 0.0).sum(1, true);
  Tensor losses = (where(here, 0.0, each).sum(1) / static_cast<double>(classes)).tensor;
  return reduced(input.dim() == 1 ? losses.squeeze(0, loc) : losses, o.reduction(), loc);
}

Tensor multilabel_margin_loss(const Tensor &input, const Tensor &target, const MultilabelMarginLossFuncOptions &o, Location loc) {
  const char *name = "multilabel_margin_loss";
  Value x = rows_of(name, input, loc);
  expect_labels(name, target, input.sizes().vec(), loc);
  int64_t n = x.tensor.size(0), classes = input.size(-1);
  Value t{input.dim() == 1 ? target.unsqueeze(0, loc) : target, loc};
  Value place = iota(classes, x, loc);
  Value end = {where((t == -1.0).tensor, {place.tensor.expand({n, classes}, loc), loc}, {classes, loc}).amin(1, true, loc), loc};
  Value valid = place < end;
  Tensor labels = where(valid.tensor, Operand(t), {-1, loc});
  // Own: x[label] for every label place, [N, places]. Against: classes that are no label of the row, [N, C].
  Value own{picked({x.tensor.unsqueeze(1, loc).expand({n, classes, classes}, loc).reshape({n * classes, classes}, loc), loc},
                   labels.reshape({n * classes}, loc), -1)
                .tensor.view({n, classes}, loc),
            loc};
  Value named = number(Value{labels, loc}.unsqueeze(2) == place, x).sum(1) > 0.0;
  Value margins = (1.0 - own.unsqueeze(2) + x.unsqueeze(1)).relu();
  Value counts = number(valid, x).unsqueeze(2) * (1.0 - number(named, x)).unsqueeze(1);
  Tensor losses = ((margins * counts).sum({1, 2}) / static_cast<double>(classes)).tensor;
  return reduced(input.dim() == 1 ? losses.squeeze(0, loc) : losses, o.reduction(), loc);
}

Tensor margin_ranking_loss(const Tensor &input1, const Tensor &input2, const Tensor &target, const MarginRankingLossFuncOptions &o,
                           Location loc) {
  for (auto [what, x] : {std::pair("input1", &input1), std::pair("input2", &input2), std::pair("target", &target)})
    tenon::detail::expect_defined("margin_ranking_loss", what, *x, loc);
  expect(input1.dim() == input2.dim() && input1.dim() == target.dim(), "margin_ranking_loss",
         "expected three tensors of one rank, came " + record::text(input1) + ", " + record::text(input2) + " and " + record::text(target),
         loc);
  Value each = o.margin() - Value{target, loc} * (Value{input1, loc} - Value{input2, loc});
  return reduced(each.tensor.clamp_min({0, loc}), o.reduction(), loc);
}

Tensor cosine_embedding_loss(const Tensor &input1, const Tensor &input2, const Tensor &target, const CosineEmbeddingLossFuncOptions &o,
                             Location loc) {
  const char *name = "cosine_embedding_loss";
  auto [a, b] = matched(name, input1, input2, loc);
  tenon::detail::expect_defined(name, "target", target, loc);
  Shape heads = a.sizes().vec();
  expect(a.dim() == 1 || a.dim() == 2, name, "expected inputs [N, D] or [D], came " + record::text(a), loc);
  heads.pop_back();
  expect(target.sizes() == IntArrayRef(heads), name, "expected a target " + record::shape_text(heads) + ", came " + record::text(target),
         loc);
  Value x{a, loc}, y{b, loc}, t{target, loc};
  Value cos = (x * y).sum(-1) / ((x.square().sum(-1) + 1e-12) * (y.square().sum(-1) + 1e-12)).sqrt();
  Value each = where(t == 1.0, 1.0 - cos, 0.0) + where(t == -1.0, (cos - o.margin()).relu(), 0.0);
  return reduced(each.tensor, o.reduction(), loc);
}

Tensor triplet_margin_with_distance_loss(const Tensor &anchor, const Tensor &positive, const Tensor &negative,
                                         const TripletMarginWithDistanceLossFuncOptions &o, Location loc) {
  const char *name = "triplet_margin_loss";
  auto distance = [&](const Tensor &a, const Tensor &b) -> Value {
    return {o.distance_function() ? (*o.distance_function())(a, b) : pairwise_distance(a, b, {}, loc), loc};
  };
  for (auto [what, x] : {std::pair("anchor", &anchor), std::pair("positive", &positive), std::pair("negative", &negative)})
    tenon::detail::expect_floating(name, what, *x, loc);
  expect(anchor.dim() == positive.dim() && anchor.dim() == negative.dim(), name,
         "expected three tensors of one rank, came " + record::text(anchor) + ", " + record::text(positive) + " and " +
             record::text(negative),
         loc);
  Value close = distance(anchor, positive), far = distance(anchor, negative);
  if (o.swap())
    far = {far.tensor.minimum(distance(positive, negative)), loc};
  return reduced((close - far + o.margin()).relu().tensor, o.reduction(), loc);
}

Tensor triplet_margin_loss(const Tensor &anchor, const Tensor &positive, const Tensor &negative, const TripletMarginLossFuncOptions &o,
                           Location loc) {
  auto distance = [&](const Tensor &a, const Tensor &b) {
    return pairwise_distance(a, b, PairwiseDistanceFuncOptions().p(o.p()).eps(o.eps()), loc);
  };
  TripletMarginWithDistanceLossFuncOptions options;
  options.distance_function(TripletMarginWithDistanceLossOptions::distance_function_t(distance))
      .margin(o.margin())
      .swap(o.swap())
      .reduction(o.reduction());
  return triplet_margin_with_distance_loss(anchor, positive, negative, options, loc);
}

} // namespace tenon::nn::functional
