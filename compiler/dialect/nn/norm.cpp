// Normalisation: compositions, type rules, and the derivative of standardize.
#include "compiler/dialect/nn/compositions.h"

using namespace mlir;
namespace tenon::ir::nn {

//===-- Compositions ------------------------------------------------------------------------------------------------===//

static double elements(Expr x, ArrayRef<int64_t> dimensions) {
  double n = 1;
  for (int64_t d : dimensions)
    n *= static_cast<double>(x.shape()[d]);
  return n;
}

SmallVector<Expr> standardize(Expr x, ArrayRef<int64_t> dimensions, double eps) {
  double n = elements(x, dimensions);
  Expr mean = sum(x, dimensions) / n, centred = x - restore(mean, x.shape(), dimensions);
  Expr variance = sum(centred * centred, dimensions) / n;
  return {centred * restore(rsqrt(variance + eps), x.shape(), dimensions), mean, variance};
}

Expr standardizeAdjoint(Expr x, std::array<Expr, 2> moments, std::array<Expr, 3> d, ArrayRef<int64_t> dimensions, double eps) {
  auto whole = [&](Expr e) { return restore(e, x.shape(), dimensions); };
  double n = elements(x, dimensions);
  Expr centred = x - whole(moments[0]), scale = whole(rsqrt(moments[1] + eps)), hat = centred * scale, dx;
  if (d[0])
    dx = scale * (d[0] - whole(sum(d[0], dimensions) / n) - hat * whole(sum(d[0] * hat, dimensions) / n));
  if (d[1])
    dx = dx + whole(d[1] / n);
  if (d[2])
    dx = dx + whole(d[2] * (2.0 / n)) * centred;
  return dx;
}

Affine::Affine(Operation *op, ImplicitLocOpBuilder &b, unsigned first) {
  if (op->getNumOperands() > first)
    weight = Expr(&b, op->getOperand(first));
  if (op->getNumOperands() > first + 1)
    bias = Expr(&b, op->getOperand(first + 1));
}
/// y times weight plus bias, which hold the dimensions `at` of y, as x's element type.
static Expr scaled(Expr y, const Affine &affine, ArrayRef<int64_t> at, Expr x) {
  if (affine.weight)
    y = y * broadcast(wide(affine.weight), y.shape(), at);
  if (affine.bias)
    y = y + broadcast(wide(affine.bias), y.shape(), at);
  return cast(y, x);
}
static SmallVector<int64_t> allBut(Expr x, ArrayRef<int64_t> kept) {
  SmallVector<int64_t> result;
  for (int64_t d = 0; d < x.rank(); ++d)
    if (!llvm::is_contained(kept, d))
      result.push_back(d);
  return result;
}
static SmallVector<int64_t> from(Expr x, int64_t axis) {
  return llvm::to_vector(llvm::seq<int64_t>(axis, x.rank()));
}
static StandardizeOp standardized(Expr x, ArrayRef<int64_t> dimensions, double eps) {
  return StandardizeOp::create(*x.builder, wide(x).value, dimensions, APFloat(eps));
}
/// With the statistics as further results.
static SmallVector<Expr> withMoments(Expr x, ArrayRef<int64_t> kept, const Affine &affine, double eps) {
  StandardizeOp s = standardized(x, allBut(x, kept), eps);
  auto value = [&](Value v) { return Expr(x.builder, v); };
  return {scaled(value(s.getY()), affine, {1}, x), cast(value(s.getMean()), x), cast(value(s.getVariance()), x)};
}

Expr batchNorm(Expr x, Expr mean, Expr variance, const Affine &affine, double eps) {
  Expr scale = rsqrt(wide(variance) + eps);
  if (affine.weight)
    scale = scale * wide(affine.weight);
  Expr y = (wide(x) - broadcast(wide(mean), x.shape(), {1})) * broadcast(scale, x.shape(), {1});
  Affine term = affine;
  term.weight = Expr();
  return scaled(y, term, {1}, x);
}
SmallVector<Expr> batchNormTraining(Expr x, const Affine &affine, double eps) { return withMoments(x, {1}, affine, eps); }
SmallVector<Expr> instanceNorm(Expr x, const Affine &affine, double eps) { return withMoments(x, {0, 1}, affine, eps); }

Expr groupNorm(Expr x, int64_t groups, const Affine &affine, double eps) {
  SmallVector<int64_t> shape(x.shape());
  shape[1] /= groups;
  shape.insert(shape.begin() + 1, groups);
  Expr parts = reshape(x, shape);
  Expr y(x.builder, standardized(parts, from(parts, 2), eps).getY());
  return scaled(reshape(y, x.shape()), affine, {1}, x);
}
Expr layerNorm(Expr x, int64_t axis, const Affine &affine, double eps) {
  return scaled(Expr(x.builder, standardized(x, from(x, axis), eps).getY()), affine, from(x, axis), x);
}
Expr rmsNorm(Expr x, int64_t axis, const Affine &affine, double eps) {
  Expr w = wide(x);
  SmallVector<int64_t> over = from(x, axis);
  Expr y = w * restore(rsqrt(sum(w * w, over) / elements(x, over) + eps), x.shape(), over);
  return scaled(y, affine, over, x);
}

//===-- Type rules --------------------------------------------------------------------------------------------------===//

static RankedTensorType tensorOf(Value v) { return mlir::cast<RankedTensorType>(v.getType()); }
static LogicalResult checkEps(StringRef name, std::optional<Location> loc, APFloat eps, StringRef label) {
  double e = eps.convertToDouble();
  return e >= 0 ? success() : emitOptionalError(loc, name, ": eps must not be negative, got ", std::to_string(e), " (", label, ")");
}

LogicalResult StandardizeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  RankedTensorType x = tensorOf(op.getX());
  SmallVector<int64_t> rest;
  int64_t last = -1;
  for (int64_t d : op.getDimensions()) {
    if (d <= last || d >= x.getRank())
      return emitOptionalError(loc, "nn.standardize: dimensions must increase and exist in ", x, " (C1)");
    for (int64_t kept = last + 1; kept < d; ++kept)
      rest.push_back(x.getDimSize(kept));
    last = d;
  }
  llvm::append_range(rest, x.getShape().drop_front(last + 1));
  types.append({x, x.clone(rest), x.clone(rest)});
  return checkEps("nn.standardize", loc, op.getEps(), "C2");
}

/// What holds of all others: parameters are of the shape [`extents`] and x's element type, the last ones a weight and a bias.
static LogicalResult checkParameters(StringRef name, std::optional<Location> loc, Value x, ArrayRef<int64_t> extents, ValueRange parameters, ValueRange affine,
                                     APFloat eps) {
  RankedTensorType expected = tensorOf(x).clone(extents);
  for (ValueRange values : {parameters, affine})
    for (Value v : values)
      if (v.getType() != expected)
        return emitOptionalError(loc, name, ": expected parameters of ", expected, " for ", x.getType(), ", got ", v.getType(), " (C2)");
  if (affine.size() > 2)
    return emitOptionalError(loc, name, ": expected a weight and a bias, got ", std::to_string(affine.size()), " parameters (C3)");
  return checkEps(name, loc, eps, "C4");
}
static LogicalResult checkChannels(StringRef name, std::optional<Location> loc, Value x, ValueRange parameters, ValueRange affine, APFloat eps) {
  RankedTensorType type = tensorOf(x);
  if (type.getRank() < 2)
    return emitOptionalError(loc, name, ": expected an input [N, C, ...], got ", type, " (C1)");
  return checkParameters(name, loc, x, type.getDimSize(1), parameters, affine, eps);
}

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  types.push_back(op.getX().getType());
  return checkChannels("nn.batch_norm", loc, op.getX(), {op.getMean(), op.getVariance()}, op.getAffine(), op.getEps());
}
LogicalResult BatchNormTrainingOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkChannels("nn.batch_norm_training", loc, op.getX(), {}, op.getAffine(), op.getEps())))
    return failure();
  RankedTensorType x = tensorOf(op.getX()), moments = x.clone(x.getDimSize(1));
  types.append({x, moments, moments});
  return success();
}
LogicalResult InstanceNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkChannels("nn.instance_norm", loc, op.getX(), {}, op.getAffine(), op.getEps())))
    return failure();
  RankedTensorType x = tensorOf(op.getX()), moments = x.clone(x.getShape().take_front(2));
  types.append({x, moments, moments});
  return success();
}
LogicalResult GroupNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(checkChannels("nn.group_norm", loc, op.getX(), {}, op.getAffine(), op.getEps())))
    return failure();
  RankedTensorType x = tensorOf(op.getX());
  int64_t groups = op.getGroups();
  if (groups < 1 || x.getDimSize(1) % groups)
    return emitOptionalError(loc, "nn.group_norm: ", std::to_string(groups), " groups do not divide the channels of ", x, " (C5)");
  types.push_back(x);
  return success();
}

static LogicalResult inferTrailing(StringRef name, std::optional<Location> loc, Value x, int64_t axis, ValueRange affine, APFloat eps, SmallVectorImpl<Type> &types) {
  RankedTensorType type = tensorOf(x);
  if (axis < 0 || axis >= type.getRank())
    return emitOptionalError(loc, name, ": axis ", std::to_string(axis), " does not exist in ", type, " (C1)");
  types.push_back(type);
  return checkParameters(name, loc, x, type.getShape().drop_front(axis), {}, affine, eps);
}
LogicalResult LayerNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferTrailing("nn.layer_norm", loc, op.getX(), op.getAxis(), op.getAffine(), op.getEps(), types);
}
LogicalResult RmsNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  return inferTrailing("nn.rms_norm", loc, op.getX(), op.getAxis(), op.getAffine(), op.getEps(), types);
}

} // namespace tenon::ir::nn
