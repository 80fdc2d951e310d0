// nn.conv and nn.conv_transpose: type rules, and prim.conv with groups as an index of their own.
#include "compiler/dialect/nn/compositions.h"

using namespace mlir;
namespace tenon::ir::nn {

static RankedTensorType tensorOf(Value v) { return mlir::cast<RankedTensorType>(v.getType()); }

/// What both ops ask of ranks, entries, bias and element types; `features`: the extent of the bias.
template <class Adaptor> static LogicalResult verifyCommon(StringRef name, std::optional<Location> loc, Adaptor op, ArrayRef<ArrayRef<int64_t>> entries) {
  RankedTensorType x = tensorOf(op.getX()), w = tensorOf(op.getW());
  if (x.getRank() != w.getRank() || x.getRank() < 3 || (op.getB() && tensorOf(op.getB()).getRank() != 1))
    return emitOptionalError(loc, "nn.", name, ": expected an input [N, C, spatial...] and a weight of the same rank, and a bias of rank 1, got ", x, " and ", w, " (C1)");
  for (ArrayRef<int64_t> e : entries)
    if (static_cast<int64_t>(e.size()) != x.getRank() - 2)
      return emitOptionalError(loc, "nn.", name, ": expected ", x.getRank() - 2, " strides, paddings and dilations, one per spatial dimension of ", x, ", got ", e.size(), " (C1)");
  if (static_cast<int64_t>(op.getGroups()) < 1 || llvm::any_of(op.getStride(), [](int64_t n) { return n < 1; }) || llvm::any_of(op.getDilation(), [](int64_t n) { return n < 1; }))
    return emitOptionalError(loc, "nn.", name, ": strides, dilations and groups must be positive (C2)");
  if (x.getElementType() != w.getElementType() || (op.getB() && tensorOf(op.getB()).getElementType() != w.getElementType()))
    return emitOptionalError(loc, "nn.", name, ": element types of the input ", x, " and the weight ", w, " (and its bias) differ (C7)");
  return success();
}
static LogicalResult verifyBias(StringRef name, std::optional<Location> loc, Value bias, int64_t features) {
  if (bias && tensorOf(bias).getDimSize(0) != features)
    return emitOptionalError(loc, "nn.", name, ": the weight gives ", features, " features, the bias ", bias.getType(), " has ", tensorOf(bias).getDimSize(0), " (C5)");
  return success();
}

LogicalResult ConvOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(verifyCommon("conv", loc, op, {op.getStride(), op.getLow(), op.getHigh(), op.getDilation()})))
    return failure();
  RankedTensorType x = tensorOf(op.getX()), w = tensorOf(op.getW());
  if (x.getDimSize(1) != static_cast<int64_t>(op.getGroups()) * w.getDimSize(1))
    return emitOptionalError(loc, "nn.conv: the weight ", w, " in ", op.getGroups(), " groups takes ", op.getGroups() * w.getDimSize(1), " channels, the input ", x, " has ",
                             x.getDimSize(1), " (C3)");
  if (w.getDimSize(0) % op.getGroups())
    return emitOptionalError(loc, "nn.conv: ", op.getGroups(), " groups do not divide the ", w.getDimSize(0), " features of the weight ", w, " (C4)");
  if (failed(verifyBias("conv", loc, op.getB(), w.getDimSize(0))))
    return failure();
  SmallVector<int64_t> shape{x.getDimSize(0), w.getDimSize(0)};
  for (int64_t d = 0; d + 2 < x.getRank(); ++d) {
    int64_t padded = x.getDimSize(d + 2) + op.getLow()[d] + op.getHigh()[d], window = op.getDilation()[d] * (w.getDimSize(d + 2) - 1) + 1;
    if (padded < window || w.getDimSize(d + 2) < 1)
      return emitOptionalError(loc, "nn.conv: a window of ", window, " does not fit into dimension ", d + 2, " of ", x, ", padded ", padded, " (C6)");
    shape.push_back((padded - window) / op.getStride()[d] + 1);
  }
  types.push_back(x.clone(shape));
  return success();
}

LogicalResult ConvTransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  if (failed(verifyCommon("conv_transpose", loc, op, {op.getStride(), op.getLow(), op.getHigh(), op.getDilation(), op.getOutputPadding()})))
    return failure();
  RankedTensorType x = tensorOf(op.getX()), w = tensorOf(op.getW());
  if (x.getDimSize(1) != w.getDimSize(0))
    return emitOptionalError(loc, "nn.conv_transpose: the weight ", w, " takes ", w.getDimSize(0), " channels, the input ", x, " has ", x.getDimSize(1), " (C3)");
  if (w.getDimSize(0) % op.getGroups())
    return emitOptionalError(loc, "nn.conv_transpose: ", op.getGroups(), " groups do not divide the ", w.getDimSize(0), " channels of the weight ", w, " (C4)");
  SmallVector<int64_t> shape{x.getDimSize(0), static_cast<int64_t>(op.getGroups()) * w.getDimSize(1)};
  if (failed(verifyBias("conv_transpose", loc, op.getB(), shape[1])))
    return failure();
  for (int64_t d = 0; d + 2 < x.getRank(); ++d) {
    shape.push_back((x.getDimSize(d + 2) - 1) * op.getStride()[d] - op.getLow()[d] - op.getHigh()[d] + op.getDilation()[d] * (w.getDimSize(d + 2) - 1) + op.getOutputPadding()[d] + 1);
    if (shape.back() < 1)
      return emitOptionalError(loc, "nn.conv_transpose: dimension ", d + 2, " of the result would have extent ", shape.back(), " (C6)");
  }
  types.push_back(x.clone(shape));
  return success();
}

/// y[n, g, f, o] = sum over c, k of x[n, g, c, window(o, k)] * w[g, f, c, k], or with w[g, c, f, k] (`transposed`). Groups of one channel have no index c, groups of one
/// feature none for f; one group has no index g.
static Expr grouped(Expr x, Expr w, Expr bias, ArrayRef<int64_t> shape, int64_t groups, bool transposed, ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations,
                    ArrayRef<int64_t> padding, ArrayRef<int64_t> inputDilations) {
  int64_t spatial = x.rank() - 2, channels = x.shape()[1] / groups, features = shape[1] / groups;
  MLIRContext *context = x.builder->getContext();
  unsigned count = 0;
  auto index = [&](bool present) { return present ? getAffineDimExpr(count++, context) : AffineExpr(); };
  AffineExpr g = index(groups > 1), n = index(true);
  SmallVector<AffineExpr> o, k;
  for (int64_t d = 0; d < spatial; ++d)
    o.push_back(index(true));
  AffineExpr f = index(groups == 1 || features > 1);
  for (int64_t d = 0; d < spatial; ++d)
    k.push_back(index(true));
  AffineExpr c = index(groups == 1 || channels > 1);

  SmallVector<int64_t> extents[3];
  SmallVector<AffineExpr> results[3];
  auto put = [&](int tensor, AffineExpr e, int64_t extent) {
    if (e)
      results[tensor].push_back(e), extents[tensor].push_back(extent);
  };
  put(0, n, shape[0]), put(2, n, shape[0]);
  for (int tensor : {0, 1, 2})
    put(tensor, g, groups);
  put(0, c, channels), put(2, f, features);
  put(1, transposed ? c : f, transposed ? channels : features), put(1, transposed ? f : c, transposed ? features : channels);
  for (int64_t d = 0; d < spatial; ++d)
    put(0, o[d] + k[d], x.shape()[d + 2]), put(1, k[d], w.shape()[d + 2]), put(2, o[d], shape[d + 2]);
  auto map = [&](int tensor) { return AffineMap::get(count, 0, results[tensor], context); };
  Expr y = conv(reshape(x, extents[0]), reshape(w, extents[1]), x.type().clone(extents[2]), {map(0), map(1), map(2)}, strides, dilations, padding, inputDilations);
  y = reshape(y, shape);
  return bias ? y + broadcast(bias, shape, {1}) : y;
}

Expr convolution(ConvOp op, Expr x, Expr w, Expr b) {
  SmallVector<int64_t> ones(op.getStride().size(), 1);
  return grouped(x, w, b, op.getY().getType().getShape(), op.getGroups(), false, op.getStride(), op.getDilation(), op.getLow(), ones);
}

Expr transposedConvolution(ConvTransposeOp op, Expr x, Expr w, Expr b) {
  // The convolution's window, o * stride + k * dilation - low, solved for o.
  SmallVector<int64_t> ones(op.getStride().size(), 1);
  auto negated = [](ArrayRef<int64_t> numbers) { return llvm::map_to_vector(numbers, [](int64_t n) { return -n; }); };
  return grouped(x, w, b, op.getY().getType().getShape(), op.getGroups(), true, ones, negated(op.getDilation()), negated(op.getLow()), op.getStride());
}

} // namespace tenon::ir::nn
