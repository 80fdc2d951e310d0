// Compositions of activations, and of what works along a dimension.
#include "compiler/dialect/nn/compositions.h"
#include <limits>

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

Expr softplus(Expr x, double beta, double threshold) {
  Expr scaled = beta == 1 ? x : x * beta;
  Expr soft = log1p(exp(min(scaled, threshold))); // bounded: the branch not taken must not overflow, in derivatives either
  return select(scaled > threshold, x, beta == 1 ? soft : soft / beta);
}

Expr glu(Expr x, int64_t dim) {
  SmallVector<int64_t> offsets(x.rank()), sizes(x.shape()), strides(x.rank(), 1);
  sizes[dim] /= 2;
  Expr first = slice(x, offsets, sizes, strides);
  offsets[dim] = sizes[dim];
  return first * sigmoid(slice(x, offsets, sizes, strides));
}

/// The maximum along a dimension, which takes no part in the derivative.
static Expr top(Expr x, int64_t dim) {
  return stopGradient(reduceMax(x, {dim}));
}
Expr softmax(Expr x, int64_t dim, bool emptyRows) {
  auto whole = [&](Expr e) { return restore(e, x.shape(), {dim}); };
  Expr most = top(x, dim);
  if (emptyRows) // -infinity minus itself is NaN: their largest is taken as 0, and their sum as 1
    most = select(eq(most, like(-std::numeric_limits<double>::infinity(), most)), like(0.0, most), most);
  Expr e = exp(x - whole(most)), total = sum(e, {dim});
  if (emptyRows)
    total = select(eq(total, 0.0), like(1.0, total), total);
  return e / whole(total);
}
Expr logSoftmax(Expr x, int64_t dim) {
  Expr s = x - restore(top(x, dim), x.shape(), {dim});
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
