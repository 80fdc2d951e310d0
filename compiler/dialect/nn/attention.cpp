// Attention: composition of two contractions and a softmax; type rules.
#include "compiler/dialect/nn/compositions.h"
#include <limits>

using namespace mlir;
namespace tenon::ir::nn {

/// How many heads of q share one of k: 1 without a dimension of heads.
static int64_t sharing(ArrayRef<int64_t> q, ArrayRef<int64_t> k) {
  return q.size() > 2 && k[k.size() - 3] ? q[q.size() - 3] / k[k.size() - 3] : 1;
}

/// The product of x [batch, shared heads, m, c] and y [batch, (n, c) or (c, n)] over c; `shared` heads of x meet one of y.
static Expr product(Expr x, Expr y, int64_t shared, bool transposed) {
  SmallVector<int64_t> shape(x.shape());
  shape.back() = y.shape()[y.rank() - (transposed ? 2 : 1)];
  unsigned batch = y.rank() - 2, extra = shared > 1, all = batch + extra + 3;
  if (extra) {
    SmallVector<int64_t> parts(x.shape());
    parts[batch - 1] /= shared;
    parts.insert(parts.begin() + batch, shared);
    x = reshape(x, parts);
  }
  Builder make(x.builder->getContext());
  auto map = [&](unsigned heads, unsigned a, unsigned b) {
    SmallVector<AffineExpr> dims;
    for (unsigned d = 0; d < batch + heads; ++d)
      dims.push_back(make.getAffineDimExpr(d));
    dims.append({make.getAffineDimExpr(a), make.getAffineDimExpr(b)});
    return AffineMap::get(all, 0, dims, make.getContext());
  };
  unsigned m = all - 3, n = all - 2, c = all - 1;
  return reshape(contract(x, y, {map(extra, m, c), transposed ? map(0, n, c) : map(0, c, n), map(extra, m, n)}), shape);
}

Expr attentionWeights(Expr q, Expr k, Expr mask, double scale, bool causal) {
  int64_t shared = sharing(q.shape(), k.shape());
  Expr scores = product(wide(q), wide(k), shared, true) * scale;
  ArrayRef<int64_t> shape = scores.shape();
  int64_t keys = scores.rank() - 1;
  double least = -std::numeric_limits<double>::infinity();
  if (mask) {
    Expr whole = broadcast(mask, shape, llvm::to_vector(llvm::seq<int64_t>(scores.rank() - mask.rank(), scores.rank())));
    scores = mask.element().isInteger(1) ? select(whole, scores, like(least, scores)) : scores + wide(whole);
  }
  if (causal) {
    RankedTensorType index = scores.type().clone(scores.builder->getI32Type());
    scores = select(iota(*scores.builder, index, keys) <= iota(*scores.builder, index, keys - 1), scores, like(least, scores));
  }
  return cast(Expr(scores.builder, SoftmaxOp::create(*scores.builder, scores.value, keys, /*empty_rows=*/static_cast<bool>(mask))), q);
}

Expr attention(Expr q, Expr k, Expr v, Expr mask, double scale, bool causal) {
  Expr weights = attentionWeights(wide(q), wide(k), mask, scale, causal);
  return cast(product(weights, wide(v), sharing(q.shape(), k.shape()), false), q);
}

//===-- Type rules --------------------------------------------------------------------------------------------------===//

static LogicalResult inferScores(StringRef name, std::optional<Location> loc, RankedTensorType q, RankedTensorType k, Value mask, SmallVector<int64_t> &shape) {
  int64_t rank = q.getRank();
  if (rank < 2 || k.getRank() != rank)
    return emitOptionalError(loc, name, ": expected queries and keys of one rank, at least 2, got ", q, " and ", k, " (C1)");
  ArrayRef<int64_t> a = q.getShape(), b = k.getShape();
  if (a.back() != b.back() || (rank > 3 && a.drop_back(3) != b.drop_back(3)))
    return emitOptionalError(loc, name, ": queries ", q, " and keys ", k, " differ in their batch or in their last dimension (C2)");
  if (rank > 2 && a[rank - 3] != b[rank - 3] && (b[rank - 3] < 1 || a[rank - 3] % b[rank - 3]))
    return emitOptionalError(loc, name, ": the heads of ", q, " are no multiple of those of ", k, " (C3)");
  shape.assign(a.begin(), a.end());
  shape.back() = b[rank - 2];
  if (!mask)
    return q.getElementType() == k.getElementType() ? success() : emitOptionalError(loc, name, ": element types of ", q, " and ", k, " differ (C4)");
  auto m = mlir::cast<RankedTensorType>(mask.getType());
  if (q.getElementType() != k.getElementType() || (!m.getElementType().isInteger(1) && m.getElementType() != q.getElementType()))
    return emitOptionalError(loc, name, ": element types of ", q, ", ", k, " and the mask ", m, " do not fit (C4)");
  bool fits = m.getRank() <= rank;
  for (int64_t d = 1; fits && d <= m.getRank(); ++d)
    fits = m.getDimSize(m.getRank() - d) == 1 || m.getDimSize(m.getRank() - d) == shape[rank - d];
  return fits ? success() : emitOptionalError(loc, name, ": the mask ", m, " does not broadcast to the scores ", q.clone(shape), " (C5)");
}

LogicalResult AttentionWeightsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  auto q = mlir::cast<RankedTensorType>(op.getQ().getType()), k = mlir::cast<RankedTensorType>(op.getK().getType());
  SmallVector<int64_t> shape;
  if (failed(inferScores("nn.attention_weights", loc, q, k, op.getMask(), shape)))
    return failure();
  types.push_back(q.clone(shape));
  return success();
}
LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  auto q = mlir::cast<RankedTensorType>(op.getQ().getType()), k = mlir::cast<RankedTensorType>(op.getK().getType()), v = mlir::cast<RankedTensorType>(op.getV().getType());
  SmallVector<int64_t> shape;
  if (failed(inferScores("nn.attention", loc, q, k, op.getMask(), shape)))
    return failure();
  if (v.getRank() != k.getRank() || v.getShape().drop_back() != k.getShape().drop_back() || v.getElementType() != k.getElementType())
    return emitOptionalError(loc, "nn.attention: expected values with the batch and the number of the keys ", k, ", got ", v, " (C6)");
  shape.back() = v.getShape().back();
  types.push_back(q.clone(shape));
  return success();
}

} // namespace tenon::ir::nn
