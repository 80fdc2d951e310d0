// Loops and maps of the prim ops.
#include "compiler/dialect/prim/loop_nest.h"

using namespace mlir;
namespace tenon::ir::prim {

static SmallVector<int64_t> shapeOf(Value v) { return llvm::to_vector(mlir::cast<RankedTensorType>(v.getType()).getShape()); }
SmallVector<int64_t> resultShape(Operation *op) { return shapeOf(op->getResult(0)); }
SmallVector<int64_t> operandShape(Operation *op) { return shapeOf(op->getOperand(0)); }

SmallVector<utils::IteratorType> parallelLoops(Operation *op) {
  return SmallVector<utils::IteratorType>(resultShape(op).size(), utils::IteratorType::parallel);
}
SmallVector<utils::IteratorType> reductionLoops(Operation *op, ArrayRef<int64_t> dimensions) {
  SmallVector<utils::IteratorType> loops(operandShape(op).size(), utils::IteratorType::parallel);
  for (int64_t d : dimensions)
    loops[d] = utils::IteratorType::reduction;
  return loops;
}

static AffineMap identity(Operation *op) { return AffineMap::getMultiDimIdentityMap(resultShape(op).size(), op->getContext()); }
SmallVector<AffineMap> identityMaps(Operation *op) { return SmallVector<AffineMap>(op->getNumOperands() + 1, identity(op)); }
SmallVector<AffineMap> scalarOperandMaps(Operation *op) {
  SmallVector<AffineMap> maps(op->getNumOperands(), AffineMap::get(resultShape(op).size(), 0, op->getContext()));
  maps.push_back(identity(op));
  return maps;
}
SmallVector<AffineMap> operandMap(Operation *op, AffineMap map) { return {map, identity(op)}; }
SmallVector<AffineMap> reductionMaps(Operation *op, ArrayRef<int64_t> dimensions) {
  AffineMap all = AffineMap::getMultiDimIdentityMap(operandShape(op).size(), op->getContext());
  llvm::SmallBitVector dropped(all.getNumDims());
  for (int64_t d : dimensions)
    dropped.set(d);
  return {all, all.dropResults(dropped)};
}

/// A map from `rank` loops.
static AffineMap mapOf(Operation *op, ArrayRef<AffineExpr> results) { return AffineMap::get(resultShape(op).size(), 0, results, op->getContext()); }

AffineMap broadcastMap(BroadcastOp op) {
  Builder b(op.getContext());
  SmallVector<AffineExpr> results;
  for (auto [extent, wanted, d] : llvm::zip(operandShape(op), llvm::map_range(op.getDimensions(), [&](int64_t d) { return resultShape(op)[d]; }), op.getDimensions()))
    results.push_back(extent == 1 && wanted != 1 ? b.getAffineConstantExpr(0) : b.getAffineDimExpr(d));
  return mapOf(op, results);
}

AffineMap reshapeMap(ReshapeOp op) {
  Builder b(op.getContext());
  SmallVector<int64_t> from = operandShape(op), to = resultShape(op);
  SmallVector<AffineExpr> results(from.size(), b.getAffineConstantExpr(0));
  if (op.getX().getType().getNumElements() == 0)
    return mapOf(op, results);
  // Walks both shapes from the right and closes a group whenever their products agree, so that most dimensions map one to one or one to few.
  int64_t i = from.size() - 1, j = to.size() - 1;
  while (i >= 0) {
    int64_t begin = i, last = j, n = from[i], m = j >= 0 ? to[j] : 1;
    while (n != m)
      n < m ? n *= from[--i] : m *= to[--j];
    AffineExpr linear = b.getAffineConstantExpr(0);
    for (int64_t d = std::max<int64_t>(j, 0); d <= last; ++d)
      linear = to[d] == 1 ? linear : linear * to[d] + b.getAffineDimExpr(d);
    int64_t below = 1;
    for (int64_t k = begin; k >= i; --k) {
      AffineExpr quotient = linear.floorDiv(below);
      results[k] = from[k] == 1 ? b.getAffineConstantExpr(0) : below * from[k] == n ? quotient : quotient % from[k];
      below *= from[k];
    }
    --i;
    --j;
  }
  return simplifyAffineMap(mapOf(op, results));
}

AffineMap transposeMap(TransposeOp op) {
  Builder b(op.getContext());
  SmallVector<AffineExpr> results(op.getPermutation().size());
  for (auto [i, p] : llvm::enumerate(op.getPermutation()))
    results[p] = b.getAffineDimExpr(i);
  return mapOf(op, results);
}

AffineMap sliceMap(SliceOp op) {
  Builder b(op.getContext());
  SmallVector<AffineExpr> results;
  for (auto [i, offset, stride] : llvm::enumerate(op.getOffsets(), op.getStrides()))
    results.push_back(b.getAffineDimExpr(i) * stride + offset);
  return mapOf(op, results);
}

AffineMap reverseMap(ReverseOp op) {
  Builder b(op.getContext());
  SmallVector<AffineExpr> results;
  for (auto [i, extent] : llvm::enumerate(resultShape(op)))
    results.push_back(llvm::is_contained(op.getDimensions(), static_cast<int64_t>(i)) ? (extent - 1) - b.getAffineDimExpr(i) : b.getAffineDimExpr(i));
  return mapOf(op, results);
}

AffineMap repeatMap(RepeatInterleaveOp op) {
  Builder b(op.getContext());
  SmallVector<AffineExpr> results;
  for (auto [i, times] : llvm::enumerate(op.getRepeats()))
    results.push_back(b.getAffineDimExpr(i).floorDiv(times));
  return mapOf(op, results);
}

SmallVector<AffineMap> padMaps(PadOp op) { return {AffineMap(), mapOf(op, {}), identity(op)}; }
SmallVector<AffineMap> concatMaps(ConcatOp op) {
  SmallVector<AffineMap> maps(op.getParts().size());
  maps.push_back(identity(op));
  return maps;
}

SmallVector<int64_t> contractRanges(ContractOp op) {
  SmallVector<AffineMap> maps = op.getLoopMaps();
  SmallVector<int64_t> ranges(maps[0].getNumDims(), 1);
  for (auto [value, map] : llvm::zip(op.getOperands(), maps))
    for (auto [i, extent] : llvm::enumerate(shapeOf(value)))
      ranges[map.getDimPosition(i)] = extent;
  return ranges;
}
SmallVector<utils::IteratorType> contractLoops(ContractOp op) {
  AffineMap result = op.getLoopMaps()[2];
  SmallVector<utils::IteratorType> loops;
  for (unsigned d : llvm::seq(0u, result.getNumDims()))
    loops.push_back(result.isFunctionOfDim(d) ? utils::IteratorType::parallel : utils::IteratorType::reduction);
  return loops;
}

TypedAttr number(Type element, double n) {
  Builder b(element.getContext());
  return isa<FloatType>(element) ? TypedAttr(b.getFloatAttr(element, n)) : b.getIntegerAttr(element, static_cast<int64_t>(n));
}
static TypedAttr extreme(Type element, bool negative) {
  if (auto type = dyn_cast<FloatType>(element))
    return FloatAttr::get(type, APFloat::getInf(type.getFloatSemantics(), negative));
  unsigned width = element.getIntOrFloatBitWidth();
  return IntegerAttr::get(element, negative ? APInt::getSignedMinValue(width) : APInt::getSignedMaxValue(width));
}
TypedAttr lowest(Type element) { return extreme(element, true); }
TypedAttr highest(Type element) { return extreme(element, false); }

Value inType(ImplicitLocOpBuilder &b, Scalar s, Type type) { return s.value ? s.value : constant(b, type, *s.number).value; }

} // namespace tenon::ir::prim
