// Ops whose places are data: type rules, loop bodies and derivatives.
#include "compiler/dialect/prim/loop_nest.h"
#include "compiler/dialect/prim/rules.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
namespace tenon::ir::prim {

static RankedTensorType tensorOf(Value v) { return mlir::cast<RankedTensorType>(v.getType()); }

//===-- Type rules --------------------------------------------------------------------------------------------------===//

/// `around` with the axis replaced by the dimensions of `indices`.
static SmallVector<int64_t> replaced(ArrayRef<int64_t> around, int64_t axis, ArrayRef<int64_t> indices) {
  SmallVector<int64_t> shape(around.take_front(axis));
  llvm::append_range(shape, indices);
  llvm::append_range(shape, around.drop_front(axis + 1));
  return shape;
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType x = tensorOf(op.getX());
  int64_t axis = op.getAxis();
  if (axis < 0 || axis >= x.getRank())
    return emitOptionalError(loc, "prim.gather: axis ", axis, " does not exist in ", x, " (C1)");
  types.push_back(x.clone(replaced(x.getShape(), axis, tensorOf(op.getIndices()).getShape())));
  return success();
}

LogicalResult ScatterOp::verify() {
  RankedTensorType to = getY().getType(), from = getUpdates().getType(), indices = getIndices().getType();
  int64_t axis = getAxis();
  if (axis < 0 || axis >= to.getRank())
    return emitOpError() << "axis " << axis << " does not exist in " << to << " (C1)";
  SmallVector<int64_t> wanted = replaced(to.getShape(), axis, indices.getShape());
  if (from.getShape() != ArrayRef(wanted))
    return emitOpError() << "updates " << from << " are not " << to.clone(wanted) << ", " << to << " with dimension " << axis << " replaced by those of " << indices << " (C2)";
  if (from.getElementType() != to.getElementType())
    return emitOpError() << "element types of " << from << " and " << to << " differ (C3)";
  if (getX() && getX().getType() != to)
    return emitOpError() << "starts from " << getX().getType() << ", its result is " << to << " (C4)";
  return success();
}

static LogicalResult dimensionExists(Operation *op, int64_t dimension, RankedTensorType x) {
  if (dimension < 0 || dimension >= x.getRank())
    return op->emitOpError() << "dimension " << dimension << " does not exist in " << x << " (C2)";
  return success();
}
LogicalResult CumsumOp::verify() { return dimensionExists(*this, getDimension(), getX().getType()); }
LogicalResult ArgsortOp::verify() { return dimensionExists(*this, getDimension(), getX().getType()); }

LogicalResult DynamicSliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType x = tensorOf(op.getX());
  int64_t rank = x.getRank();
  if ((int64_t)op.getStarts().size() != rank || (int64_t)op.getSizes().size() != rank)
    return emitOptionalError(loc, "prim.dynamic_slice: expected ", rank, " starts and sizes, one per dimension of ", x, ", got ", op.getStarts().size(), " and ",
                             op.getSizes().size(), " (C1)");
  for (auto [d, size] : llvm::enumerate(op.getSizes()))
    if (size < 0 || size > x.getDimSize(d))
      return emitOptionalError(loc, "prim.dynamic_slice: size ", size, " of dimension ", d, " does not fit in ", x, " (C2)");
  types.push_back(x.clone(op.getSizes()));
  return success();
}

LogicalResult DynamicUpdateSliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType x = tensorOf(op.getX()), update = tensorOf(op.getUpdate());
  if ((int64_t)op.getStarts().size() != x.getRank())
    return emitOptionalError(loc, "prim.dynamic_update_slice: expected ", x.getRank(), " starts, one per dimension of ", x, ", got ", op.getStarts().size(), " (C1)");
  bool fits = update.getRank() == x.getRank() && update.getElementType() == x.getElementType();
  for (int64_t d = 0; fits && d < x.getRank(); ++d)
    fits = update.getDimSize(d) <= x.getDimSize(d);
  if (!fits)
    return emitOptionalError(loc, "prim.dynamic_update_slice: update ", update, " does not fit in ", x, " (C2)");
  types.push_back(x);
  return success();
}

//===-- Loops -------------------------------------------------------------------------------------------------------===//

static SmallVector<AffineMap> mapsTo(Operation *op, ArrayRef<AffineMap> operands) {
  SmallVector<AffineMap> maps(operands);
  maps.push_back(AffineMap::getMultiDimIdentityMap(tensorOf(op->getResult(0)).getRank(), op->getContext()));
  return maps;
}
static AffineMap scalarMap(Operation *op) { return AffineMap::get(tensorOf(op->getResult(0)).getRank(), 0, op->getContext()); }

SmallVector<AffineMap> gatherMaps(GatherOp op) {
  SmallVector<AffineExpr> at;
  for (int64_t d : llvm::seq<int64_t>(0, op.getIndices().getType().getRank()))
    at.push_back(getAffineDimExpr(op.getAxis() + d, op.getContext()));
  return mapsTo(op, {AffineMap(), AffineMap::get(op.getY().getType().getRank(), 0, at, op.getContext())});
}
SmallVector<AffineMap> dynamicSliceMaps(DynamicSliceOp op) {
  SmallVector<AffineMap> maps(op.getStarts().size(), scalarMap(op));
  maps.insert(maps.begin(), AffineMap());
  return mapsTo(op, maps);
}
SmallVector<AffineMap> dynamicUpdateSliceMaps(DynamicUpdateSliceOp op) {
  SmallVector<AffineMap> maps(op.getStarts().size(), scalarMap(op));
  maps.insert(maps.begin(), {AffineMap::getMultiDimIdentityMap(op.getX().getType().getRank(), op.getContext()), AffineMap()});
  return mapsTo(op, maps);
}

static Scalar index(ImplicitLocOpBuilder &b, int64_t n) { return {&b, arith::ConstantIndexOp::create(b, n)}; }
static Scalar asIndex(ImplicitLocOpBuilder &b, Value v) { return {&b, arith::IndexCastOp::create(b, b.getIndexType(), v)}; }
static Scalar clamp(Scalar i, int64_t high) { return min(max(i, index(*i.builder, 0)), index(*i.builder, std::max<int64_t>(high, 0))); }
static Value extract(ImplicitLocOpBuilder &b, Value tensor, ArrayRef<Value> indices, Type element) {
  return cast(Scalar(&b, tensor::ExtractOp::create(b, tensor, indices)), element).value;
}

Value gatherBody(GatherOp op, ImplicitLocOpBuilder &b, ValueRange args, ValueRange operands, Type element) {
  RankedTensorType x = op.getX().getType();
  int64_t axis = op.getAxis(), extent = x.getDimSize(axis), more = op.getIndices().getType().getRank() - 1;
  Value zero = constant(b, element, 0).value;
  if (x.getNumElements() == 0)
    return zero;
  Scalar place = asIndex(b, args[0]);
  SmallVector<Value> at;
  for (int64_t d : llvm::seq<int64_t>(0, x.getRank()))
    at.push_back(d == axis ? clamp(place, extent - 1).value : loopIndex(b, d < axis ? d : d + more).value);
  Scalar inside = (place >= index(b, 0)) & (place < index(b, extent));
  return select(inside, Scalar(&b, extract(b, operands[0], at, element)), Scalar(&b, zero)).value;
}

Value dynamicSliceBody(DynamicSliceOp op, ImplicitLocOpBuilder &b, ValueRange args, ValueRange operands, Type element) {
  RankedTensorType x = op.getX().getType();
  if (x.getNumElements() == 0)
    return constant(b, element, 0).value;
  SmallVector<Value> at;
  for (auto [d, size] : llvm::enumerate(op.getSizes())) {
    Scalar i = loopIndex(b, d);
    at.push_back(size == x.getDimSize(d) ? i.value : (clamp(asIndex(b, args[d]), x.getDimSize(d) - size) + i).value);
  }
  return extract(b, operands[0], at, element);
}

Value dynamicUpdateSliceBody(DynamicUpdateSliceOp op, ImplicitLocOpBuilder &b, ValueRange args, ValueRange operands, Type element) {
  RankedTensorType x = op.getX().getType(), update = op.getUpdate().getType();
  if (update.getNumElements() == 0)
    return args[0];
  std::optional<Scalar> inside;
  SmallVector<Value> at;
  for (auto [d, size] : llvm::enumerate(update.getShape())) {
    Scalar i = loopIndex(b, d);
    if (size != x.getDimSize(d)) {
      i = i - clamp(asIndex(b, args[1 + d]), x.getDimSize(d) - size);
      Scalar here = (i >= index(b, 0)) & (i < index(b, size));
      inside = inside ? *inside & here : here;
      i = clamp(i, size - 1);
    }
    at.push_back(i.value);
  }
  Value own = extract(b, operands[1], at, element);
  return inside ? select(*inside, Scalar(&b, own), Scalar(&b, args[0])).value : own;
}

//===-- Derivatives -------------------------------------------------------------------------------------------------===//

SmallVector<Expr> unscatter(ScatterOp op, Expr dy) {
  Expr none;
  auto cotangents = [&](Expr updates, Expr x) { return op.getX() ? SmallVector<Expr>{none, updates, x} : SmallVector<Expr>{none, updates}; };
  if (!dy)
    return cotangents(none, none);
  ImplicitLocOpBuilder &b = *dy.builder;
  Expr indices{&b, op.getIndices()}, updates{&b, op.getUpdates()}, y{&b, op.getY()}, x{&b, op.getX()};
  int64_t axis = op.getAxis();
  if (op.getMode() == ScatterMode::add)
    return cotangents(gather(dy, indices, axis), dy);
  if (op.getMode() == ScatterMode::max) { // all that equal the largest share its cotangent
    Expr mine = cast(eq(updates, gather(y, indices, axis)), dy), old = op.getX() ? cast(eq(x, y), dy) : none;
    Expr each = dy / max(scatterAdd(indices, mine, y.type(), axis) + old, 1.0);
    return cotangents(mine * gather(each, indices, axis), old * each);
  }
  // Who wrote last: the number of its place among the indices, plus one; 0 where nobody did.
  RankedTensorType count = RankedTensorType::get(indices.type().getNumElements(), b.getI64Type());
  Expr number = reshape(iota(b, count, 0) + 1.0, indices.shape());
  Expr last = scatterSet(indices, number, RankedTensorType::get(y.shape()[axis], b.getI64Type()), 0);
  Expr won = eq(gather(last, indices, 0), number);
  SmallVector<int64_t> dimensions;
  for (int64_t d : llvm::seq<int64_t>(0, indices.rank()))
    dimensions.push_back(axis + d);
  return cotangents(select(broadcast(won, updates.shape(), dimensions), gather(dy, indices, axis), 0.0), select(broadcast(eq(last, 0.0), y.shape(), {axis}), dy, 0.0));
}

SmallVector<Expr> uncumsum(CumsumOp op, Expr dy) { return {cumsum(dy, op.getDimension(), !op.getReverse(), op.getExclusive())}; }

SmallVector<Expr> unslice(DynamicSliceOp op, Expr dy) {
  SmallVector<Expr> result(op->getNumOperands());
  if (dy)
    result[0] = dynamicUpdateSlice(splat(*dy.builder, op.getX().getType(), 0), dy, op.getStarts());
  return result;
}

SmallVector<Expr> unupdateSlice(DynamicUpdateSliceOp op, Expr dy) {
  SmallVector<Expr> result(op->getNumOperands());
  if (!dy)
    return result;
  result[0] = dynamicUpdateSlice(dy, splat(*dy.builder, op.getUpdate().getType(), 0), op.getStarts());
  result[1] = dynamicSlice(dy, op.getStarts(), op.getUpdate().getType().getShape());
  return result;
}

} // namespace tenon::ir::prim
