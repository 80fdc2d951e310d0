// Adjoints of the shape ops.
#include "compiler/dialect/prim/rules.h"

using namespace mlir;
namespace tenon::ir::prim {

SmallVector<int64_t> inverse(ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> result(permutation.size());
  for (auto [i, p] : llvm::enumerate(permutation))
    result[p] = i;
  return result;
}

Expr sumToOperand(BroadcastOp op, Expr dy) {
  ArrayRef<int64_t> from = op.getX().getType().getShape(), to = op.getY().getType().getShape();
  SmallVector<int64_t> repeated;
  for (auto [d, extent] : llvm::enumerate(to)) {
    auto *place = llvm::find(op.getDimensions(), static_cast<int64_t>(d));
    if (place == op.getDimensions().end() || from[place - op.getDimensions().begin()] != extent)
      repeated.push_back(d);
  }
  return reshape(sum(dy, repeated), from);
}

Expr unslice(SliceOp op, Expr dy) {
  SmallVector<int64_t> high, interior;
  for (auto [extent, offset, size, stride] : llvm::zip(op.getX().getType().getShape(), op.getOffsets(), op.getSizes(), op.getStrides())) {
    high.push_back(size ? extent - (offset + (size - 1) * stride + 1) : extent - offset);
    interior.push_back(stride - 1);
  }
  return pad(dy, 0.0, op.getOffsets(), high, llvm::all_of(interior, [](int64_t i) { return i == 0; }) ? ArrayRef<int64_t>() : interior);
}

Expr unpad(PadOp op, Expr dy) {
  SmallVector<int64_t> strides(op.getLow().size(), 1), offsets, low, high;
  for (auto [stride, interior] : llvm::zip(strides, op.getInterior()))
    stride += interior;
  // What was taken away gets zeros, what was added is dropped.
  for (auto [l, h] : llvm::zip(op.getLow(), op.getHigh())) {
    offsets.push_back(std::max<int64_t>(l, 0));
    low.push_back(std::max<int64_t>(-l, 0));
    high.push_back(std::max<int64_t>(-h, 0));
  }
  auto nothing = [](ArrayRef<int64_t> n) { return llvm::all_of(n, [](int64_t i) { return i == 0; }); };
  Expr whole = nothing(low) && nothing(high) ? dy : pad(dy, 0.0, low, high, {});
  return slice(whole, offsets, op.getX().getType().getShape(), strides);
}

Expr sumOfRepeats(RepeatInterleaveOp op, Expr dy) {
  ArrayRef<int64_t> from = op.getX().getType().getShape(), repeats = op.getRepeats();
  int64_t copies = 1;
  for (int64_t n : repeats)
    copies *= n;
  if (copies > 16) {
    SmallVector<int64_t> shape, dimensions;
    for (auto [extent, n] : llvm::zip(from, repeats)) {
      shape.append({extent, n});
      dimensions.push_back(shape.size() - 1);
    }
    return sum(reshape(dy, shape), dimensions);
  }
  Expr total;
  for (SmallVector<int64_t> offsets(repeats.size(), 0);;) {
    total = total + slice(dy, offsets, from, repeats);
    int64_t d = repeats.size() - 1;
    for (; d >= 0 && ++offsets[d] == repeats[d]; --d)
      offsets[d] = 0;
    if (d < 0)
      return total;
  }
}

Expr unpadValue(PadOp op, Expr dy) {
  ImplicitLocOpBuilder &b = *dy.builder;
  RankedTensorType flags = op.getX().getType().clone(b.getI1Type());
  Expr around = pad(splat(b, flags, 0), splat(b, RankedTensorType::get({}, b.getI1Type()), 1), op.getLow(), op.getHigh(), op.getInterior());
  return sum(select(around, dy, 0.0));
}

SmallVector<Expr> unconcat(ConcatOp op, Expr dy) {
  SmallVector<Expr> result;
  SmallVector<int64_t> offsets(dy.rank(), 0), strides(dy.rank(), 1);
  for (Value part : op.getParts()) {
    ArrayRef<int64_t> sizes = mlir::cast<RankedTensorType>(part.getType()).getShape();
    result.push_back(slice(dy, offsets, sizes, strides));
    offsets[op.getDimension()] += sizes[op.getDimension()];
  }
  return result;
}

} // namespace tenon::ir::prim
