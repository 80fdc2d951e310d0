// Resizing, one dimension after the other: repeats and slices where elements are taken as they are, else a product with the weights.
#include "compiler/dialect/nn/resize.h"
#include "compiler/dialect/nn/slices.h"
#include <cmath>

using namespace mlir;
namespace tenon::ir::nn {

LogicalResult ResizeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, SmallVectorImpl<Type> &types) {
  auto x = mlir::cast<RankedTensorType>(op.getX().getType());
  size_t n = op.getSize().size();
  if (n == 0 || n > static_cast<size_t>(x.getRank()) || op.getStep().size() != n)
    return emitOptionalError(loc, "nn.resize: expected a size and a step for each of the last dimensions of ", x, ", got ", n, " and ", op.getStep().size(), " (C1)");
  SmallVector<int64_t> shape(x.getShape());
  for (size_t i = 0; i < n; ++i) {
    int64_t &extent = shape[shape.size() - n + i];
    if (extent < 1 || op.getSize()[i] < 1 || !(op.getStep()[i] >= 0))
      return emitOptionalError(loc, "nn.resize: an extent of ", extent, " cannot become ", op.getSize()[i], " in steps of ", std::to_string(op.getStep()[i]), " (C2)");
    extent = op.getSize()[i];
  }
  types.push_back(x.clone(shape));
  return success();
}

/// The elements that result i takes, with their weights: row i of [size, extent].
static SmallVector<double> weights(ResizeForm form, int64_t extent, int64_t size, double step, bool alignCorners) {
  SmallVector<double> w(size * extent, 0);
  for (int64_t i = 0; i < size; ++i) {
    auto add = [&](int64_t at, double weight) { w[i * extent + std::clamp<int64_t>(at, 0, extent - 1)] += weight; };
    double at = alignCorners ? i * step : (i + 0.5) * step - 0.5;
    if (form == ResizeForm::linear) {
      at = std::max(at, 0.0);
      int64_t low = std::min<int64_t>(std::floor(at), extent - 1);
      add(low, 1 - (at - low));
      add(low + 1, at - low);
    } else {
      int64_t low = std::floor(at);
      double t = at - low, a = -0.75;
      auto inner = [&](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
      auto outer = [&](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
      double four[] = {outer(t + 1), inner(t), inner(1 - t), outer(2 - t)};
      for (int k = 0; k < 4; ++k)
        add(low - 1 + k, four[k]);
    }
  }
  return w;
}

/// Whole elements: result i is element `from[i]` of dimension d.
static Expr taken(Expr x, int64_t d, ArrayRef<int64_t> from) {
  int64_t extent = x.shape()[d], size = from.size(), times = size / std::max<int64_t>(extent, 1), stride = extent / size;
  SmallVector<int64_t> offsets(x.rank(), 0), sizes(x.shape()), strides(x.rank(), 1), repeats(x.rank(), 1);
  if (size % extent == 0 && llvm::all_of(llvm::seq<int64_t>(0, size), [&](int64_t i) { return from[i] == i / times; })) {
    repeats[d] = times;
    return repeatInterleave(x, repeats);
  }
  if (stride > 0 && llvm::all_of(llvm::seq<int64_t>(0, size), [&](int64_t i) { return from[i] == from[0] + i * stride; })) {
    offsets[d] = from[0], sizes[d] = size, strides[d] = stride;
    return slice(x, offsets, sizes, strides);
  }
  SmallVector<Value> parts;
  for (int64_t at : from) {
    offsets[d] = at, sizes[d] = 1;
    parts.push_back(slice(x, offsets, sizes, strides).value);
  }
  return {x.builder, prim::ConcatOp::create(*x.builder, parts, d)};
}

static Expr weighted(Expr x, int64_t d, int64_t size, ArrayRef<double> w) {
  ImplicitLocOpBuilder &b = *x.builder;
  SmallVector<Attribute> elements;
  for (double n : w)
    elements.push_back(b.getFloatAttr(x.element(), n));
  RankedTensorType type = RankedTensorType::get({size, x.shape()[d]}, x.element());
  Expr matrix{&b, prim::ConstantOp::create(b, DenseElementsAttr::get(type, elements))};
  unsigned rank = x.rank();
  SmallVector<AffineExpr> from, to;
  for (unsigned i = 0; i < rank; ++i) {
    to.push_back(b.getAffineDimExpr(i));
    from.push_back(b.getAffineDimExpr(i == d ? rank : i));
  }
  auto map = [&](ArrayRef<AffineExpr> results) { return AffineMap::get(rank + 1, 0, results, b.getContext()); };
  return contract(x, matrix, {map(from), map({to[d], from[d]}), map(to)});
}

Expr resize(Expr x, ResizeForm form, ArrayRef<int64_t> size, ArrayRef<double> step, bool alignCorners) {
  for (auto [i, n] : llvm::enumerate(size)) {
    int64_t d = x.rank() - size.size() + i, extent = x.shape()[d];
    if (form == ResizeForm::linear || form == ResizeForm::cubic) {
      if (n != extent || step[i] != 1)
        x = weighted(x, d, n, weights(form, extent, n, step[i], alignCorners));
      continue;
    }
    // In single precision, as PyTorch chooses the element.
    SmallVector<int64_t> from;
    float by = step[i];
    for (int64_t k = 0; k < n; ++k) {
      float at = form == ResizeForm::nearest ? static_cast<float>(k) * by : static_cast<float>((k + 0.5) * by);
      from.push_back(std::clamp<int64_t>(std::floor(at), 0, extent - 1));
    }
    x = taken(x, d, from);
  }
  return x;
}

} // namespace tenon::ir::nn
