// Rewrites of one prim op by another that keep every bit.
#include "compiler/dialect/prim/Prim.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
namespace tenon::ir::prim {

/// a + -b = a - b, on either side.
LogicalResult AddOp::canonicalize(AddOp op, PatternRewriter &rewriter) {
  for (auto [kept, other] : {std::pair(op.getA(), op.getB()), std::pair(op.getB(), op.getA())})
    if (auto negated = other.getDefiningOp<NegOp>())
      return rewriter.replaceOpWithNewOp<SubOp>(op, kept, negated.getX()), success();
  return failure();
}
/// a - -b = a + b.
LogicalResult SubOp::canonicalize(SubOp op, PatternRewriter &rewriter) {
  auto negated = op.getB().getDefiningOp<NegOp>();
  return negated ? (rewriter.replaceOpWithNewOp<AddOp>(op, op.getA(), negated.getX()), success()) : failure();
}

/// Division by a power of two is exact as a product.
LogicalResult DivOp::canonicalize(DivOp op, PatternRewriter &rewriter) {
  DenseElementsAttr divisor;
  if (!matchPattern(op.getB(), m_Constant(&divisor)) || !divisor.isSplat() || !isa<FloatType>(divisor.getElementType()))
    return failure();
  APFloat inverse = divisor.getSplatValue<APFloat>();
  if (!inverse.isFiniteNonZero() || !divisor.getSplatValue<APFloat>().getExactInverse(&inverse))
    return failure();
  Value factor = ConstantOp::create(rewriter, op.getLoc(), DenseElementsAttr::get(divisor.getType(), inverse));
  rewriter.replaceOpWithNewOp<MulOp>(op, op.getA(), factor);
  return success();
}

/// Dimensions of extent 1 need no reduction.
template <class Op> static LogicalResult dropUnits(Op op, PatternRewriter &rewriter) {
  RankedTensorType from = op.getX().getType();
  if (llvm::any_of(op.getDimensions(), [&](int64_t d) { return from.getDimSize(d) != 1; }))
    return failure();
  rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getY().getType(), op.getX());
  return success();
}
LogicalResult ReduceSumOp::canonicalize(ReduceSumOp op, PatternRewriter &rewriter) {
  return dropUnits(op, rewriter);
}
LogicalResult ReduceMaxOp::canonicalize(ReduceMaxOp op, PatternRewriter &rewriter) {
  return dropUnits(op, rewriter);
}
LogicalResult ReduceMinOp::canonicalize(ReduceMinOp op, PatternRewriter &rewriter) {
  return dropUnits(op, rewriter);
}

/// A transposed operand is another map.
LogicalResult ContractOp::canonicalize(ContractOp op, PatternRewriter &rewriter) {
  SmallVector<AffineMap> maps = op.getLoopMaps();
  SmallVector<Value> operands(op.getOperands());
  bool changed = false;
  for (unsigned i : {0, 1})
    if (auto transposed = operands[i].getDefiningOp<TransposeOp>()) {
      SmallVector<AffineExpr> results(maps[i].getNumResults());
      for (auto [to, from] : llvm::enumerate(transposed.getPermutation()))
        results[from] = maps[i].getResult(to);
      maps[i] = AffineMap::get(maps[i].getNumDims(), 0, results, op.getContext());
      operands[i] = transposed.getX();
      changed = true;
    }
  if (!changed)
    return failure();
  rewriter.replaceOpWithNewOp<ContractOp>(op, operands[0], operands[1], rewriter.getAffineMapArrayAttr(maps));
  return success();
}
/// A contraction whose only reader transposes it writes the other order at once.
LogicalResult TransposeOp::canonicalize(TransposeOp op, PatternRewriter &rewriter) {
  auto contract = op.getX().getDefiningOp<ContractOp>();
  if (!contract || !contract->hasOneUse())
    return failure();
  SmallVector<AffineMap> maps = contract.getLoopMaps();
  SmallVector<AffineExpr> results;
  for (int64_t d : op.getPermutation())
    results.push_back(maps[2].getResult(d));
  maps[2] = AffineMap::get(maps[2].getNumDims(), 0, results, op.getContext());
  rewriter.replaceOpWithNewOp<ContractOp>(op, contract.getA(), contract.getB(), rewriter.getAffineMapArrayAttr(maps));
  return success();
}

/// A choice on a negated flag is the other choice.
LogicalResult SelectOp::canonicalize(SelectOp op, PatternRewriter &rewriter) {
  auto negated = op.getC().getDefiningOp<NotOp>();
  return negated ? (rewriter.replaceOpWithNewOp<SelectOp>(op, negated.getX(), op.getB(), op.getA()), success()) : failure();
}

} // namespace tenon::ir::prim
