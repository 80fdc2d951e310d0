// Type rules and verifiers of the prim ops. Messages end with the label of the constraint in the op's description.
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::ir::prim {

static RankedTensorType tensorOf(Value v) {
  return mlir::cast<RankedTensorType>(v.getType());
}
/// Whether `dimensions` increase strictly and exist in a tensor of `rank`.
static bool increasing(ArrayRef<int64_t> dimensions, int64_t rank) {
  for (auto [i, d] : llvm::enumerate(dimensions))
    if (d < 0 || d >= rank || (i && d <= dimensions[i - 1]))
      return false;
  return true;
}
static std::string text(ArrayRef<int64_t> numbers) {
  std::string result;
  llvm::raw_string_ostream out(result);
  out << '[';
  llvm::interleaveComma(numbers, out);
  out << ']';
  return result;
}

LogicalResult ConstantOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  types.push_back(op.getValue().getShapedType());
  return success();
}

LogicalResult CompareOp::inferReturnTypes(MLIRContext *context, std::optional<Location>, Adaptor op, SmallVectorImpl<Type> &types) {
  types.push_back(tensorOf(op.getA()).clone(IntegerType::get(context, 1)));
  return success();
}

LogicalResult IotaOp::verify() {
  if (getDimension() < 0 || getDimension() >= getY().getType().getRank())
    return emitOpError() << "dimension " << getDimension() << " does not exist in " << getY().getType() << " (C1)";
  return success();
}

LogicalResult BroadcastOp::verify() {
  RankedTensorType from = getX().getType(), to = getY().getType();
  if (static_cast<int64_t>(getDimensions().size()) != from.getRank())
    return emitOpError() << "expected " << from.getRank() << " dimensions, one per dimension of " << from << ", got "
                         << text(getDimensions()) << " (C1)";
  if (!increasing(getDimensions(), to.getRank()))
    return emitOpError() << "dimensions " << text(getDimensions()) << " must increase and exist in " << to << " (C2)";
  for (auto [i, d] : llvm::enumerate(getDimensions()))
    if (from.getDimSize(i) != 1 && from.getDimSize(i) != to.getDimSize(d))
      return emitOpError() << "dimension " << i << " of " << from << " cannot become dimension " << d << " of " << to << " (C3)";
  if (from.getElementType() != to.getElementType())
    return emitOpError() << "element types of " << from << " and " << to << " differ (C4)";
  return success();
}

LogicalResult ReshapeOp::verify() {
  RankedTensorType from = getX().getType(), to = getY().getType();
  if (from.getNumElements() != to.getNumElements())
    return emitOpError() << from << " has " << from.getNumElements() << " elements, " << to << " has " << to.getNumElements() << " (C1)";
  if (from.getElementType() != to.getElementType())
    return emitOpError() << "element types of " << from << " and " << to << " differ (C2)";
  return success();
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType from = tensorOf(op.getX());
  SmallVector<int64_t> sorted(op.getPermutation()), shape;
  llvm::sort(sorted);
  if (!llvm::equal(sorted, llvm::seq<int64_t>(0, from.getRank())))
    return emitOptionalError(loc, "prim.transpose: ", text(op.getPermutation()), " is no permutation of the dimensions of ", from, " (C1)");
  for (int64_t d : op.getPermutation())
    shape.push_back(from.getDimSize(d));
  types.push_back(from.clone(shape));
  return success();
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType from = tensorOf(op.getX());
  size_t rank = from.getRank();
  if (op.getOffsets().size() != rank || op.getSizes().size() != rank || op.getStrides().size() != rank)
    return emitOptionalError(loc, "prim.slice: expected ", rank, " offsets, sizes and strides for ", from, ", got ", op.getOffsets().size(),
                             ", ", op.getSizes().size(), " and ", op.getStrides().size(), " (C1)");
  for (size_t d = 0; d < rank; ++d) {
    int64_t offset = op.getOffsets()[d], size = op.getSizes()[d], stride = op.getStrides()[d], extent = from.getDimSize(d);
    if (offset < 0 || size < 0 || stride < 1)
      return emitOptionalError(loc, "prim.slice: offset ", offset, ", size ", size, ", stride ", stride, " of dimension ", d,
                               " are not possible (C2)");
    if (size ? offset + (size - 1) * stride >= extent : offset > extent)
      return emitOptionalError(loc, "prim.slice: offset ", offset, ", size ", size, ", stride ", stride, " leave dimension ", d, " of ",
                               from, " (C3)");
  }
  types.push_back(from.clone(op.getSizes()));
  return success();
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType from = tensorOf(op.getX()), value = tensorOf(op.getValue());
  size_t rank = from.getRank();
  ArrayRef<int64_t> low = op.getLow(), high = op.getHigh(), interior = op.getInterior();
  if (low.size() != rank || high.size() != rank || (!interior.empty() && interior.size() != rank))
    return emitOptionalError(loc, "prim.pad: expected ", rank, " entries of low and high for ", from, ", got ", text(low), " and ",
                             text(high), " (C1)");
  SmallVector<int64_t> shape;
  for (size_t d = 0; d < rank; ++d) {
    int64_t between = interior.empty() ? 0 : interior[d], extent = from.getDimSize(d);
    shape.push_back(low[d] + extent + high[d] + std::max<int64_t>(extent - 1, 0) * between);
    if (between < 0 || shape.back() < 0)
      return emitOptionalError(loc, "prim.pad: padding of ", low[d], ", ", high[d], ", ", between, " is not possible in dimension ", d, " of ", from, " (C2)");
  }
  if (value.getRank() != 0 || value.getElementType() != from.getElementType())
    return emitOptionalError(loc, "prim.pad: the value must be a scalar of ", from.getElementType(), ", got ", value, " (C3)");
  types.push_back(from.clone(shape));
  return success();
}

LogicalResult RepeatInterleaveOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType from = tensorOf(op.getX());
  SmallVector<int64_t> shape(from.getShape());
  if (op.getRepeats().size() != shape.size())
    return emitOptionalError(loc, "prim.repeat_interleave: expected ", shape.size(), " repeats for ", from, ", got ", text(op.getRepeats()), " (C1)");
  for (auto [extent, times] : llvm::zip(shape, op.getRepeats())) {
    if (times < 1)
      return emitOptionalError(loc, "prim.repeat_interleave: repeats must be positive, got ", text(op.getRepeats()), " (C2)");
    extent *= times;
  }
  types.push_back(from.clone(shape));
  return success();
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  if (op.getParts().empty())
    return emitOptionalError(loc, "prim.concat: expected at least one operand (C1)");
  RankedTensorType first = tensorOf(op.getParts()[0]);
  int64_t dimension = op.getDimension(), total = 0;
  if (dimension < 0 || dimension >= first.getRank())
    return emitOptionalError(loc, "prim.concat: dimension ", dimension, " does not exist in ", first, " (C3)");
  SmallVector<int64_t> shape(first.getShape());
  for (Value part : op.getParts()) {
    RankedTensorType type = tensorOf(part);
    bool fits = type.getRank() == first.getRank() && type.getElementType() == first.getElementType();
    if (fits) {
      total += shape[dimension] = type.getDimSize(dimension);
      fits = type.getShape() == ArrayRef(shape);
    }
    if (!fits)
      return emitOptionalError(loc, "prim.concat: ", type, " cannot be joined to ", first, " along dimension ", dimension, " (C2)");
  }
  shape[dimension] = total;
  types.push_back(first.clone(shape));
  return success();
}

LogicalResult ReverseOp::verify() {
  llvm::SmallDenseSet<int64_t> seen;
  for (int64_t d : getDimensions())
    if (d < 0 || d >= getX().getType().getRank() || !seen.insert(d).second)
      return emitOpError() << "dimensions " << text(getDimensions()) << " must exist in " << getX().getType() << " and differ (C2)";
  return success();
}

LogicalResult PhiloxOp::verify() {
  if (getWord() < 0 || getWord() > 3)
    return emitOpError() << "word must be 0, 1, 2 or 3, got " << getWord() << " (C1)";
  return success();
}

static LogicalResult inferReduce(StringRef name, std::optional<Location> loc, Value x, ArrayRef<int64_t> dimensions,
                                 SmallVectorImpl<Type> &types) {
  RankedTensorType from = tensorOf(x);
  if (!increasing(dimensions, from.getRank()))
    return emitOptionalError(loc, "prim.", name, ": dimensions ", text(dimensions), " must increase and exist in ", from, " (C1)");
  SmallVector<int64_t> shape;
  for (auto [d, extent] : llvm::enumerate(from.getShape()))
    if (!llvm::is_contained(dimensions, static_cast<int64_t>(d)))
      shape.push_back(extent);
  types.push_back(from.clone(shape));
  return success();
}
LogicalResult ReduceSumOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferReduce("reduce_sum", loc, op.getX(), op.getDimensions(), types);
}
LogicalResult ReduceMaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferReduce("reduce_max", loc, op.getX(), op.getDimensions(), types);
}
LogicalResult ReduceMinOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferReduce("reduce_min", loc, op.getX(), op.getDimensions(), types);
}

LogicalResult ContractOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  auto maps = llvm::to_vector(op.getMaps().getAsValueRange<AffineMapAttr>());
  RankedTensorType a = tensorOf(op.getA()), b = tensorOf(op.getB());
  auto projected = [&](AffineMap map) { return map.isProjectedPermutation() && map.getNumDims() == maps[0].getNumDims(); };
  if (maps.size() != 3 || !llvm::all_of(maps, projected) || static_cast<int64_t>(maps[0].getNumResults()) != a.getRank() ||
      static_cast<int64_t>(maps[1].getNumResults()) != b.getRank())
    return emitOptionalError(loc, "prim.contract: expected three maps, projected permutations of the same indices to the dimensions of ", a,
                             ", ", b, " and the result (C1)");
  SmallVector<int64_t> extents(maps[0].getNumDims(), -1);
  for (unsigned d : llvm::seq(0u, maps[0].getNumDims()))
    if (llvm::count_if(maps, [&](AffineMap map) { return map.isFunctionOfDim(d); }) < 2)
      return emitOptionalError(loc, "prim.contract: index ", d, " occurs in fewer than two of the maps (C2)");
  for (auto [type, map] : {std::pair(a, maps[0]), std::pair(b, maps[1])})
    for (auto [i, extent] : llvm::enumerate(type.getShape())) {
      int64_t &known = extents[map.getDimPosition(i)];
      if (known >= 0 && known != extent)
        return emitOptionalError(loc, "prim.contract: index ", map.getDimPosition(i), " has extent ", known, " in ", a, " and ", extent,
                                 " in ", b, " (C3)");
      known = extent;
    }
  if (a.getElementType() != b.getElementType())
    return emitOptionalError(loc, "prim.contract: element types of ", a, " and ", b, " differ (C4)");
  SmallVector<int64_t> shape;
  for (AffineExpr e : maps[2].getResults())
    shape.push_back(extents[mlir::cast<AffineDimExpr>(e).getPosition()]);
  types.push_back(a.clone(shape));
  return success();
}

LogicalResult GradientOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op, SmallVectorImpl<Type> &types) {
  llvm::append_range(types, op.getWrt().getTypes());
  return success();
}
LogicalResult GradientOp::verify() {
  RankedTensorType loss = getLoss().getType();
  if (!getSeed() && loss.getNumElements() != 1)
    return emitOpError() << "needs a seed: the loss " << loss << " has " << loss.getNumElements() << " elements (C1)";
  if (getSeed() && getSeed().getType() != loss)
    return emitOpError() << "the seed " << getSeed().getType() << " must have the type of the loss " << loss << " (C2)";
  return success();
}

} // namespace tenon::ir::prim
