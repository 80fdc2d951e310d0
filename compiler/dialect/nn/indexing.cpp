// Indices that are checked, and embeddings.
#include "compiler/dialect/nn/compositions.h"

using namespace mlir;
namespace tenon::ir::nn {

Expr checkedIndex(Expr x, int64_t extent, bool wrap, StringRef user) {
  double n = static_cast<double>(extent);
  check((x >= (wrap ? -n : 0.0)) & (x < n), (user + ": an index is not in [" + Twine(wrap ? -extent : 0) + ", " + Twine(extent) + ")").str());
  return wrap ? select(x < 0.0, x + n, x) : x;
}

Expr embedding(Expr x, Expr weight, std::optional<int64_t> padding) {
  Expr y = gather(weight, checkedIndex(x, weight.shape()[0], false, "embedding"), 0);
  if (!padding)
    return y;
  Expr pad = eq(x, static_cast<double>(*padding));
  return select(broadcast(pad, y.shape(), llvm::to_vector(llvm::seq<int64_t>(0, x.rank()))), stopGradient(y), y);
}

LogicalResult EmbeddingOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  auto weight = mlir::cast<RankedTensorType>(op.getWeight().getType());
  if (weight.getRank() != 2)
    return emitOptionalError(loc, "nn.embedding: the weight ", weight, " is not [V, D] (C1)");
  if (auto padding = op.getPaddingIdx(); padding && (static_cast<int64_t>(*padding) < 0 || static_cast<int64_t>(*padding) >= weight.getDimSize(0)))
    return emitOptionalError(loc, "nn.embedding: padding_idx ", static_cast<int64_t>(*padding), " is no row of ", weight, " (C2)");
  SmallVector<int64_t> shape(mlir::cast<RankedTensorType>(op.getX().getType()).getShape());
  shape.push_back(weight.getDimSize(1));
  types.push_back(weight.clone(shape));
  return success();
}

} // namespace tenon::ir::nn
