// Type rules and verifiers of the nn ops. Messages end with the label of the constraint in the op's description.
#include "compiler/dialect/nn/Nn.h"

using namespace mlir;
namespace tenon::ir::nn {

static RankedTensorType tensorOf(Value v) {
  return mlir::cast<RankedTensorType>(v.getType());
}

static LogicalResult verifyDimension(Operation *op, int64_t dim) {
  RankedTensorType type = tensorOf(op->getOperand(0));
  if (dim < 0 || dim >= type.getRank())
    return op->emitOpError() << "dimension " << dim << " does not exist in " << type << " (C2)";
  return success();
}
LogicalResult SoftmaxOp::verify() {
  return verifyDimension(*this, getDim());
}
LogicalResult LogSoftmaxOp::verify() {
  return verifyDimension(*this, getDim());
}

LogicalResult PreluOp::verify() {
  RankedTensorType x = tensorOf(getX()), w = tensorOf(getWeight());
  bool fits = w.getRank() == 1 && w.getElementType() == x.getElementType() &&
              (w.getDimSize(0) == 1 || (x.getRank() > 1 && w.getDimSize(0) == x.getDimSize(1)));
  return fits ? success() : emitOpError() << "expected a weight of 1 element or one per channel of " << x << ", got " << w << " (C2)";
}
LogicalResult GluOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType x = tensorOf(op.getX());
  int64_t dim = op.getDim();
  if (dim < 0 || dim >= x.getRank() || x.getDimSize(dim) % 2)
    return emitOptionalError(loc, "nn.glu: dimension ", dim, " of ", x, " does not exist or cannot be halved (C1)");
  SmallVector<int64_t> shape(x.getShape());
  shape[dim] /= 2;
  types.push_back(x.clone(shape));
  return success();
}

LogicalResult ArgmaxOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType from = tensorOf(op.getX());
  int64_t dim = op.getDim();
  if (dim < 0 || dim >= from.getRank() || from.getDimSize(dim) == 0)
    return emitOptionalError(loc, "nn.argmax: dimension ", dim, " does not exist in ", from, ", or is empty (C1)");
  SmallVector<int64_t> shape(from.getShape());
  if (op.getKeepdim())
    shape[dim] = 1;
  else
    shape.erase(shape.begin() + dim);
  types.push_back(RankedTensorType::get(shape, IntegerType::get(context, 64)));
  return success();
}

LogicalResult LinearOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType x = tensorOf(op.getX()), w = tensorOf(op.getW()), b = op.getB() ? tensorOf(op.getB()) : nullptr;
  if (x.getRank() < 1 || w.getRank() != 2 || (b && b.getRank() != 1))
    return emitOptionalError(loc, "nn.linear: expected an input [..., in], a weight [out, in] and a bias [out], got ", x, " and ", w,
                             " (C1)");
  if (x.getShape().back() != w.getDimSize(1))
    return emitOptionalError(loc, "nn.linear: the weight ", w, " takes ", w.getDimSize(1), " features, the input ", x, " has ",
                             x.getShape().back(), " (C2)");
  if (b && b.getDimSize(0) != w.getDimSize(0))
    return emitOptionalError(loc, "nn.linear: the weight ", w, " gives ", w.getDimSize(0), " features, the bias ", b, " has ",
                             b.getDimSize(0), " (C3)");
  if (x.getElementType() != w.getElementType() || (b && b.getElementType() != w.getElementType()))
    return emitOptionalError(loc, "nn.linear: element types of the input ", x, " and the weight ", w, " (and its bias) differ (C4)");
  SmallVector<int64_t> shape(x.getShape());
  shape.back() = w.getDimSize(0);
  types.push_back(x.clone(shape));
  return success();
}

LogicalResult DropoutOp::verify() {
  double p = getP().convertToDouble();
  if (!(p >= 0 && p <= 1))
    return emitOpError() << "the probability must be in [0, 1], got " << p << " (C2)";
  return success();
}

static void inferElementLoss(Value x, Reduction reduction, SmallVectorImpl<Type> &types) {
  RankedTensorType type = tensorOf(x);
  types.push_back(reduction == Reduction::none ? type : type.clone(ArrayRef<int64_t>()));
}
LogicalResult MseLossOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferElementLoss(op.getX(), op.getReduction(), types), success();
}
LogicalResult L1LossOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferElementLoss(op.getX(), op.getReduction(), types), success();
}
LogicalResult BinaryCrossEntropyOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferElementLoss(op.getX(), op.getReduction(), types), success();
}
LogicalResult BinaryCrossEntropyWithLogitsOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op,
                                                               SmallVectorImpl<Type> &types) {
  return inferElementLoss(op.getX(), op.getReduction(), types), success();
}

LogicalResult SmoothL1LossOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferElementLoss(op.getX(), op.getReduction(), types), success();
}
LogicalResult HuberLossOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferElementLoss(op.getX(), op.getReduction(), types), success();
}
LogicalResult KlDivOp::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferElementLoss(op.getX(), op.getReduction(), types), success();
}

static LogicalResult inferClassLoss(StringRef name, std::optional<Location> loc, Value logits, Value target, Value weight,
                                    Reduction reduction, SmallVectorImpl<Type> &types) {
  RankedTensorType x = tensorOf(logits), t = tensorOf(target);
  if (x.getRank() != 2)
    return emitOptionalError(loc, "nn.", name, ": expected rows [N, C], got ", x, " (C1)");
  if (t.getShape() != x.getShape().take_front())
    return emitOptionalError(loc, "nn.", name, ": expected ", x.getDimSize(0), " labels for ", x, ", got ", t, " (C2)");
  if (weight && weight.getType() != x.clone(x.getShape().drop_front()))
    return emitOptionalError(loc, "nn.", name, ": expected a weight of ", x.getDimSize(1), " elements of ", x.getElementType(), ", got ",
                             weight.getType(), " (C3)");
  types.push_back(reduction == Reduction::none ? x.clone(t.getShape()) : x.clone(ArrayRef<int64_t>()));
  return success();
}
LogicalResult NllLossOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferClassLoss("nll_loss", loc, op.getX(), op.getTarget(), op.getWeight(), op.getReduction(), types);
}
LogicalResult CrossEntropyOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  double smoothing = op.getLabelSmoothing().convertToDouble();
  if (!(smoothing >= 0 && smoothing <= 1))
    return emitOptionalError(loc, "nn.cross_entropy: label_smoothing must be in [0, 1], got ", std::to_string(smoothing), " (C4)");
  return inferClassLoss("cross_entropy", loc, op.getX(), op.getTarget(), op.getWeight(), op.getReduction(), types);
}

} // namespace tenon::ir::nn
