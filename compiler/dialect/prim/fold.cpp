// Folds that keep every bit: identities of shape ops and of exact arithmetic. x + 0 is not one of them: it turns -0 into 0.
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::ir::prim {

/// Whether a constant has the value `n` everywhere (and for 0.0 the sign asked for).
static bool is(Attribute constant, double n) {
  auto splat = dyn_cast_if_present<SplatElementsAttr>(constant);
  if (!splat)
    return false;
  if (auto value = dyn_cast<FloatAttr>(splat.getSplatValue<Attribute>())) {
    double v = value.getValueAsDouble();
    return v == n && std::signbit(v) == std::signbit(n);
  }
  return mlir::cast<IntegerAttr>(splat.getSplatValue<Attribute>()).getValue() == APInt(64, static_cast<int64_t>(n), true).sextOrTrunc(splat.getElementType().getIntOrFloatBitWidth());
}
static bool isInteger(Value v) { return mlir::cast<RankedTensorType>(v.getType()).getElementType().isInteger(); }
/// The splat of a constant, spread over another type.
static OpFoldResult resplat(Attribute constant, Type type) {
  auto splat = dyn_cast_if_present<SplatElementsAttr>(constant);
  return splat ? OpFoldResult(DenseElementsAttr::get(mlir::cast<ShapedType>(type), splat.getSplatValue<Attribute>())) : OpFoldResult();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValueAttr(); }

// An op applied twice that is its own inverse.
template <class Op> static OpFoldResult involution(Op op) {
  auto inner = op.getX().template getDefiningOp<Op>();
  return inner ? OpFoldResult(inner.getX()) : OpFoldResult();
}
// An op applied twice that is itself.
template <class Op> static OpFoldResult idempotent(Op op) { return op.getX().template getDefiningOp<Op>() ? OpFoldResult(op.getX()) : OpFoldResult(); }
OpFoldResult NegOp::fold(FoldAdaptor) { return involution(*this); }
OpFoldResult NotOp::fold(FoldAdaptor) { return involution(*this); }
OpFoldResult AbsOp::fold(FoldAdaptor) { return idempotent(*this); }
OpFoldResult SignOp::fold(FoldAdaptor) { return idempotent(*this); }
OpFoldResult FloorOp::fold(FoldAdaptor) { return idempotent(*this); }

OpFoldResult AddOp::fold(FoldAdaptor constants) {
  double zero = isInteger(getA()) ? 0.0 : -0.0;
  return is(constants.getB(), zero) ? getA() : is(constants.getA(), zero) ? getB() : OpFoldResult();
}
OpFoldResult SubOp::fold(FoldAdaptor constants) { return is(constants.getB(), 0.0) ? getA() : OpFoldResult(); }
OpFoldResult MulOp::fold(FoldAdaptor constants) {
  return is(constants.getB(), 1.0) ? getA() : is(constants.getA(), 1.0) ? getB() : OpFoldResult();
}
OpFoldResult DivOp::fold(FoldAdaptor constants) { return is(constants.getB(), 1.0) ? getA() : OpFoldResult(); }
OpFoldResult MaxOp::fold(FoldAdaptor) { return getA() == getB() ? OpFoldResult(getA()) : OpFoldResult(); }
OpFoldResult MinOp::fold(FoldAdaptor) { return getA() == getB() ? OpFoldResult(getA()) : OpFoldResult(); }
OpFoldResult AndOp::fold(FoldAdaptor constants) {
  if (getA() == getB() || is(constants.getB(), -1))
    return getA();
  return is(constants.getA(), -1) || is(constants.getB(), 0) ? getB() : is(constants.getA(), 0) ? getA() : OpFoldResult();
}
OpFoldResult OrOp::fold(FoldAdaptor constants) {
  if (getA() == getB() || is(constants.getB(), 0))
    return getA();
  return is(constants.getA(), 0) || is(constants.getB(), -1) ? getB() : is(constants.getA(), -1) ? getA() : OpFoldResult();
}
OpFoldResult XorOp::fold(FoldAdaptor constants) { return is(constants.getB(), 0) ? getA() : is(constants.getA(), 0) ? getB() : OpFoldResult(); }

OpFoldResult SelectOp::fold(FoldAdaptor constants) {
  if (getA() == getB() || is(constants.getC(), -1))
    return getA();
  return is(constants.getC(), 0) ? getB() : OpFoldResult();
}

/// Whether every value of `from` is a value of `to`.
static bool lossless(Type from, Type to) {
  if (from == to || from.isInteger(1))
    return true;
  if (isa<FloatType>(from))
    return isa<FloatType>(to) && from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth();
  return (from.isInteger(32) && (to.isInteger(64) || to.isF64()));
}
OpFoldResult CastOp::fold(FoldAdaptor) {
  if (getX().getType() == getY().getType())
    return getX();
  // Through a type that holds every value: the inner conversion lost nothing. A rounding one is never folded away.
  auto inner = getX().getDefiningOp<CastOp>();
  if (!inner || !lossless(inner.getX().getType().getElementType(), getX().getType().getElementType()))
    return {};
  if (inner.getX().getType() == getY().getType())
    return inner.getX();
  Type from = inner.getX().getType().getElementType(), to = getY().getType().getElementType();
  if (!lossless(from, to) && !(isa<FloatType>(from) && isa<FloatType>(to)))
    return {};
  getXMutable().assign(inner.getX());
  return getResult();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor constants) {
  if (getX().getType() == getY().getType())
    return getX();
  if (OpFoldResult splat = resplat(constants.getX(), getY().getType()))
    return splat;
  auto inner = getX().getDefiningOp<BroadcastOp>();
  if (!inner)
    return {};
  SmallVector<int64_t> dimensions;
  for (int64_t d : inner.getDimensions())
    dimensions.push_back(getDimensions()[d]);
  setDimensions(dimensions);
  getXMutable().assign(inner.getX());
  return getResult();
}
OpFoldResult ReshapeOp::fold(FoldAdaptor constants) {
  if (getX().getType() == getY().getType())
    return getX();
  if (OpFoldResult splat = resplat(constants.getX(), getY().getType()))
    return splat;
  if (auto elements = dyn_cast_if_present<DenseElementsAttr>(constants.getX()))
    return elements.reshape(getY().getType());
  auto inner = getX().getDefiningOp<ReshapeOp>();
  if (!inner)
    return {};
  getXMutable().assign(inner.getX());
  return getResult();
}
OpFoldResult TransposeOp::fold(FoldAdaptor constants) {
  if (llvm::equal(getPermutation(), llvm::seq<int64_t>(0, getPermutation().size())))
    return getX();
  if (OpFoldResult splat = resplat(constants.getX(), getY().getType()))
    return splat;
  auto inner = getX().getDefiningOp<TransposeOp>();
  if (!inner)
    return {};
  SmallVector<int64_t> permutation;
  for (int64_t d : getPermutation())
    permutation.push_back(inner.getPermutation()[d]);
  setPermutation(permutation);
  getXMutable().assign(inner.getX());
  return getResult();
}
OpFoldResult SliceOp::fold(FoldAdaptor constants) {
  if (getX().getType() == getY().getType())
    return getX();
  return resplat(constants.getX(), getY().getType());
}
OpFoldResult ConcatOp::fold(FoldAdaptor) { return getParts().size() == 1 ? OpFoldResult(getParts()[0]) : OpFoldResult(); }

OpFoldResult ReduceSumOp::fold(FoldAdaptor) { return getDimensions().empty() ? OpFoldResult(getX()) : OpFoldResult(); }
OpFoldResult ReduceMaxOp::fold(FoldAdaptor) { return getDimensions().empty() ? OpFoldResult(getX()) : OpFoldResult(); }
OpFoldResult ReduceMinOp::fold(FoldAdaptor) { return getDimensions().empty() ? OpFoldResult(getX()) : OpFoldResult(); }

} // namespace tenon::ir::prim
