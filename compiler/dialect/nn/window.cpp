// Where windows lie, their type rules, and the slices that they are made of.
#include "compiler/dialect/nn/window.h"
#include "compiler/dialect/nn/slices.h"

using namespace mlir;
namespace tenon::ir::nn {

int64_t windowCount(int64_t extent, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation, bool ceil) {
  int64_t last = extent + 2 * padding - dilation * (kernel - 1) - 1; // where the last window could begin
  if (last < 0 && !(ceil && last + stride > 0))
    return 0;
  int64_t count = (last + (ceil ? stride - 1 : 0)) / stride + 1;
  return ceil && (count - 1) * stride >= extent + padding ? count - 1 : count;
}

static Windows windows(RankedTensorType x, ArrayRef<int64_t> kernel, ArrayRef<int64_t> stride, ArrayRef<int64_t> padding, ArrayRef<int64_t> dilation, bool ceil) {
  Windows result;
  for (auto [i, extent] : llvm::enumerate(x.getShape().take_back(kernel.size()))) {
    int64_t between = dilation.empty() ? 1 : dilation[i];
    result.push_back({extent, kernel[i], stride[i], padding[i], between, windowCount(extent, kernel[i], stride[i], padding[i], between, ceil)});
  }
  return result;
}
Windows windowsOf(MaxPoolOp op) { return windows(op.getX().getType(), op.getKernel(), op.getStride(), op.getPadding(), op.getDilation(), op.getCeilMode()); }
Windows windowsOf(MaxPoolIndicesOp op) { return windows(op.getX().getType(), op.getKernel(), op.getStride(), op.getPadding(), op.getDilation(), op.getCeilMode()); }
Windows windowsOf(AvgPoolOp op) { return windows(op.getX().getType(), op.getKernel(), op.getStride(), op.getPadding(), {}, op.getCeilMode()); }

static LogicalResult infer(StringRef name, std::optional<Location> loc, Value value, ArrayRef<int64_t> kernel, ArrayRef<int64_t> stride, ArrayRef<int64_t> padding,
                           ArrayRef<int64_t> dilation, bool ceil, SmallVectorImpl<int64_t> &shape) {
  auto x = mlir::cast<RankedTensorType>(value.getType());
  size_t n = kernel.size();
  if (n == 0 || static_cast<size_t>(x.getRank()) < n || stride.size() != n || padding.size() != n || (!dilation.empty() && dilation.size() != n))
    return emitOptionalError(loc, "nn.", name, ": expected kernel, stride, padding and dilation of one length, at least 1 and at most the rank of ", x, ", got ", n, ", ",
                             stride.size(), ", ", padding.size(), " and ", dilation.size(), " entries (C1)");
  shape.assign(x.getShape().begin(), x.getShape().end());
  for (size_t i = 0; i < n; ++i) {
    int64_t between = dilation.empty() ? 1 : dilation[i];
    if (kernel[i] < 1 || stride[i] < 1 || between < 1 || padding[i] < 0 || padding[i] > ((kernel[i] - 1) * between + 1) / 2)
      return emitOptionalError(loc, "nn.", name, ": kernel ", kernel[i], ", stride ", stride[i], ", padding ", padding[i], ", dilation ", between,
                               " are not possible: padding is at most half of the window (C2)");
    int64_t &extent = shape[shape.size() - n + i];
    int64_t count = windowCount(extent, kernel[i], stride[i], padding[i], between, ceil);
    if (count < 1)
      return emitOptionalError(loc, "nn.", name, ": no window of ", kernel[i], " (dilation ", between, ", padding ", padding[i], ") fits in dimension ",
                               shape.size() - n + i, " of ", x, " (C3)");
    extent = count;
  }
  return success();
}
LogicalResult MaxPoolOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape;
  if (failed(infer("max_pool", loc, op.getX(), op.getKernel(), op.getStride(), op.getPadding(), op.getDilation(), op.getCeilMode(), shape)))
    return failure();
  types.push_back(mlir::cast<RankedTensorType>(op.getX().getType()).clone(shape));
  return success();
}
LogicalResult MaxPoolIndicesOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape;
  if (failed(infer("max_pool_indices", loc, op.getX(), op.getKernel(), op.getStride(), op.getPadding(), op.getDilation(), op.getCeilMode(), shape)))
    return failure();
  types.push_back(RankedTensorType::get(shape, IntegerType::get(context, 64)));
  return success();
}
LogicalResult AvgPoolOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  SmallVector<int64_t> shape;
  if (int64_t divisor = op.getDivisor(); divisor < 0)
    return emitOptionalError(loc, "nn.avg_pool: the divisor must not be negative, got ", divisor, " (C4)");
  if (failed(infer("avg_pool", loc, op.getX(), op.getKernel(), op.getStride(), op.getPadding(), {}, op.getCeilMode(), shape)))
    return failure();
  types.push_back(mlir::cast<RankedTensorType>(op.getX().getType()).clone(shape));
  return success();
}

Expr padded(Expr x, const Windows &windows, Expr value) {
  SmallVector<int64_t> low(x.rank(), 0), high(x.rank(), 0);
  bool any = false;
  for (auto [i, w] : llvm::enumerate(windows)) {
    low[x.rank() - windows.size() + i] = w.padding;
    high[x.rank() - windows.size() + i] = w.missing();
    any |= w.padding || w.missing();
  }
  return any ? pad(x, value, low, high, {}) : x;
}

void forEach(ArrayRef<int64_t> extents, llvm::function_ref<void(ArrayRef<int64_t>)> visit) {
  if (llvm::is_contained(extents, 0))
    return;
  for (SmallVector<int64_t> at(extents.size(), 0);;) {
    visit(at);
    int64_t d = extents.size() - 1;
    for (; d >= 0 && ++at[d] == extents[d]; --d)
      at[d] = 0;
    if (d < 0)
      return;
  }
}

SmallVector<Stage> stagesOf(const Windows &windows, int64_t rank) {
  SmallVector<Stage> stages;
  int64_t first = rank - windows.size(), places = 1;
  bool folds = true;
  auto foldable = [](const Window &w) { return w.dilation == 1 && (w.stride == w.kernel || w.count == 1); };
  for (const Window &w : windows) {
    places *= w.kernel;
    folds &= foldable(w);
  }
  // Few places: one sum of slices. Windows side by side: a reduction. Else one dimension after the other, the last one first: the first maximum stays the first.
  Stage all;
  for (auto [i, w] : llvm::enumerate(windows))
    all.dimensions.push_back({first + static_cast<int64_t>(i), w});
  if (places <= mostSlices && !(folds && windows.back().count == 1 && places > 1))
    return {all};
  all.folds = true;
  if (folds)
    return {all};
  for (auto &d : llvm::reverse(all.dimensions))
    stages.push_back({{d}, d.window.kernel > mostSlices && foldable(d.window)});
  return stages;
}

SmallVector<Expr> slices(Expr x, const Stage &stage) {
  SmallVector<int64_t> kernel, sizes(x.shape()), strides(x.rank(), 1);
  for (auto &[d, w] : stage.dimensions) {
    kernel.push_back(w.kernel);
    sizes[d] = w.count;
    strides[d] = w.count == 1 ? 1 : w.stride;
  }
  SmallVector<Expr> result;
  forEach(kernel, [&](ArrayRef<int64_t> place) {
    SmallVector<int64_t> offsets(x.rank(), 0);
    for (auto [at, dimension] : llvm::zip(place, stage.dimensions))
      offsets[dimension.dimension] = at * dimension.window.dilation;
    result.push_back(slice(x, offsets, sizes, strides));
  });
  return result;
}

Expr folded(Expr x, const Stage &stage, SmallVectorImpl<int64_t> &inside) {
  SmallVector<int64_t> sizes(x.shape()), shape;
  for (auto &[d, w] : stage.dimensions)
    sizes[d] = w.count * w.kernel;
  Expr taken = slice(x, SmallVector<int64_t>(x.rank(), 0), sizes, SmallVector<int64_t>(x.rank(), 1));
  for (int64_t d = 0, k = 0; d < x.rank(); ++d) {
    if (k < static_cast<int64_t>(stage.dimensions.size()) && stage.dimensions[k].dimension == d) {
      const Window &w = stage.dimensions[k++].window;
      shape.append({w.count, w.kernel});
      inside.push_back(shape.size() - 1);
    } else
      shape.push_back(x.shape()[d]);
  }
  return reshape(taken, shape);
}

} // namespace tenon::ir::nn
