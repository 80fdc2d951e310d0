// Compositions of losses.
#include "compiler/dialect/nn/compositions.h"

using namespace mlir;
namespace tenon::ir::nn {

Expr reduced(Expr loss, Reduction reduction) {
  if (reduction == Reduction::none)
    return loss;
  Expr total = sum(loss);
  return reduction == Reduction::sum ? total : total / static_cast<double>(loss.type().getNumElements());
}
Expr unreduced(Expr dy, Expr x, Reduction reduction) {
  if (reduction == Reduction::mean)
    dy = dy / static_cast<double>(x.type().getNumElements());
  return reduction == Reduction::none ? dy : like(dy, x);
}

Expr binaryCrossEntropy(Expr x, Expr target) {
  check((x >= 0.0) & (x <= 1.0), "binary_cross_entropy: a probability is not between 0 and 1");
  return (target - 1.0) * max(log1p(-x), -100.0) - target * max(log(x), -100.0);
}

Expr smoothL1(Expr difference, double beta) {
  Expr size = abs(difference);
  if (beta == 0)
    return size;
  return select(size < beta, difference * difference * (0.5 / beta), size - 0.5 * beta);
}

Expr klDivergence(Expr x, Expr target, bool logTarget) {
  if (logTarget)
    return exp(target) * (target - x);
  Expr empty = eq(target, 0.0); // 0 log 0 is 0
  return select(empty, 0.0, target * log(select(empty, 1.0, target))) - target * x;
}

Expr classLoss(Expr lp, Expr target, Expr weight, Reduction reduction, int64_t ignoreIndex, double labelSmoothing, StringRef name) {
  ImplicitLocOpBuilder &b = *lp.builder;
  ArrayRef<int64_t> shape = lp.shape();
  int64_t classes = shape[1];
  Expr counts = ne(target, static_cast<double>(ignoreIndex));
  check(((target >= 0.0) & (target < static_cast<double>(classes))) | flip(counts), (name + ": a label is not in [0, " + Twine(classes) + ")").str());

  Expr here = eq(iota(b, lp.type().clone(target.element()), 1), broadcast(target, shape, {0}));
  Expr weights = weight ? broadcast(weight, shape, {1}) : Expr();
  Expr own = select(here, weight ? -(weights * lp) : -lp, 0.0);
  Expr loss = select(counts, sum(own, {1}), 0.0);
  if (labelSmoothing > 0) {
    Expr smooth = select(counts, -sum(weight ? weights * lp : lp, {1}), 0.0);
    loss = (1.0 - labelSmoothing) * loss + labelSmoothing / classes * smooth;
  }
  if (reduction == Reduction::none)
    return loss;
  if (reduction == Reduction::sum)
    return sum(loss);
  // The weight of the rows that count. Without weights it depends on the labels alone.
  Expr share = weight ? select(counts, sum(select(here, weights, 0.0), {1}), 0.0) : cast(counts, lp);
  return sum(loss) / sum(share);
}

} // namespace tenon::ir::nn
