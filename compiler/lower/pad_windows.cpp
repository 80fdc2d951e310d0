// With few images the rows of a tile are pixels: then all taps of a row must exist, so the input is padded in memory.
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace tenon::compiler {

std::pair<int64_t, int64_t> reachOf(const ir::Window &w, ArrayRef<int64_t> ranges) {
  int64_t out = (ranges[w.out] - 1) * w.stride, tap = (ranges[w.tap] - 1) * w.dilation;
  return {std::min<int64_t>(out, 0) + std::min<int64_t>(tap, 0) - w.padding, std::max<int64_t>(out, 0) + std::max<int64_t>(tap, 0) - w.padding};
}

bool alwaysInside(linalg::GenericOp op, const ir::Window &w) {
  auto [first, last] = reachOf(w, op.getStaticLoopRanges());
  return w.inputDilation == 1 && first >= 0 && last < cast<RankedTensorType>(op.getDpsInputs()[0].getType()).getDimSize(w.dimension);
}

Value padWindows(OpBuilder &b, Location loc, Value x, MutableArrayRef<ir::Window> windows, ArrayRef<int64_t> ranges) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> low(type.getRank(), 0), shape(type.getShape());
  for (ir::Window &w : windows) {
    auto [first, last] = reachOf(w, ranges);
    low[w.dimension] = std::max<int64_t>(0, -first);
    shape[w.dimension] += low[w.dimension] + std::max<int64_t>(0, last - type.getDimSize(w.dimension) + 1);
    w.padding -= low[w.dimension];
  }
  if (shape == type.getShape() || type.getNumElements() == 0) return x;
  Value init = tensor::EmptyOp::create(b, loc, shape, type.getElementType());
  SmallVector<AffineMap> maps{b.getMultiDimIdentityMap(shape.size())};
  auto op = linalg::GenericOp::create(b, loc, TypeRange{init.getType()}, ValueRange{}, ValueRange{init}, maps, SmallVector<utils::IteratorType>(shape.size(), utils::IteratorType::parallel),
                                      [&](OpBuilder &n, Location l, ValueRange) {
    auto number = [&](int64_t i) -> Value { return arith::ConstantIndexOp::create(n, l, i); };
    Value inside;
    SmallVector<Value> at;
    for (int64_t d = 0; d < type.getRank(); ++d) {
      Value i = linalg::IndexOp::create(n, l, d);
      if (shape[d] != type.getDimSize(d)) {
        i = arith::SubIOp::create(n, l, i, number(low[d]));
        Value clamped = arith::MinSIOp::create(n, l, arith::MaxSIOp::create(n, l, i, number(0)), number(type.getDimSize(d) - 1));
        Value here = arith::CmpIOp::create(n, l, arith::CmpIPredicate::eq, i, clamped);
        inside = inside ? arith::AndIOp::create(n, l, inside, here).getResult() : here;
        i = clamped;
      }
      at.push_back(i);
    }
    Value element = tensor::ExtractOp::create(n, l, x, at), zero = arith::ConstantOp::create(n, l, n.getZeroAttr(type.getElementType()));
    linalg::YieldOp::create(n, l, arith::SelectOp::create(n, l, inside, element, zero).getResult());
  });
  return op.getResult(0);
}

bool pixelsAreRows(ArrayRef<ir::Window> windows, ArrayRef<AffineMap> maps, ArrayRef<utils::IteratorType> iterators, ArrayRef<int64_t> ranges) {
  int64_t images = 1, pixels = 1;
  for (unsigned l = 0; l < ranges.size(); ++l)
    if (linalg::isParallelIterator(iterators[l]) && !maps[1].isFunctionOfDim(l) && llvm::none_of(windows, [&](const ir::Window &w) { return w.out == l; })) images = std::max(images, ranges[l]);
  for (const ir::Window &w : windows) {
    if (w.inputDilation != 1) return false;
    pixels = std::max(pixels, ranges[w.out]);
  }
  return images < 4 && pixels > images;
}

} // namespace tenon::compiler
