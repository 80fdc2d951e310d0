// Compositions of activations, and of what works along a dimension.
#include "compiler/dialect/nn/compositions.h"

using namespace mlir;
namespace tenon::ir::nn {

FailureOr<SmallVector<Value>> finish(Operation *op, ArrayRef<Expr> results) {
  SmallVector<Value> values;
  for (auto [expr, result] : llvm::zip_equal(results, op->getResults())) {
    if (!expr.value || expr.value.getType() != result.getType())
      return op->emitOpError("its decomposition has another type");
    values.push_back(expr.value);
  }
  return values;
}

Expr sigmoid(Expr x) {
  return {x.builder, SigmoidOp::create(*x.builder, x.value)};
}

Expr gelu(Expr x, GeluForm form) {
  if (form == GeluForm::none)
    return 0.5 * x * (1.0 + erf(x * 0.7071067811865476));
  return 0.5 * x * (1.0 + tanh(0.7978845608028654 * (x + 0.044715 * (x * x * x))));
}

/// x minus its maximum, which takes no part in the derivative.
static Expr shifted(Expr x, int64_t dim) {
  return x - restore(stopGradient(reduceMax(x, {dim})), x.shape(), {dim});
}
Expr softmax(Expr x, int64_t dim) {
  Expr e = exp(shifted(x, dim));
  return e / restore(sum(e, {dim}), x.shape(), {dim});
}
Expr logSoftmax(Expr x, int64_t dim) {
  Expr s = shifted(x, dim);
  return s - restore(log(sum(exp(s), {dim})), x.shape(), {dim});
}

Expr argmax(Expr x, int64_t dim, bool keepdim) {
  ImplicitLocOpBuilder &b = *x.builder;
  Expr best = eq(x, restore(reduceMax(x, {dim}), x.shape(), {dim})) | ne(x, x);
  RankedTensorType indices = x.type().clone(b.getI64Type());
  Expr first = reduceMin(select(best, iota(b, indices, dim), static_cast<double>(x.shape()[dim] - 1)), {dim});
  SmallVector<int64_t> kept(x.shape());
  kept[dim] = 1;
  return keepdim ? reshape(first, kept) : first;
}

} // namespace tenon::ir::nn
