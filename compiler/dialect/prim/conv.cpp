// prim.conv: type rule, loops, windows, derivatives.
#include "compiler/dialect/prim/conv.h"

using namespace mlir;
namespace tenon::ir::prim {

static RankedTensorType tensorOf(Value v) { return mlir::cast<RankedTensorType>(v.getType()); }
/// The two indices of a window, or nothing.
static std::optional<std::pair<unsigned, unsigned>> sumOfTwo(AffineExpr e) {
  auto sum = dyn_cast<AffineBinaryOpExpr>(e);
  if (!sum || sum.getKind() != AffineExprKind::Add)
    return std::nullopt;
  auto l = dyn_cast<AffineDimExpr>(sum.getLHS()), r = dyn_cast<AffineDimExpr>(sum.getRHS());
  return l && r && l != r ? std::optional(std::pair(l.getPosition(), r.getPosition())) : std::nullopt;
}
/// Every index that stands alone in the maps, with the extents it has there.
template <class Visit> static void eachExtent(ConvOp op, Visit visit) {
  SmallVector<AffineMap> maps = op.getLoopMaps();
  for (auto [value, map] : llvm::zip(std::array<Value, 3>{op.getA(), op.getB(), op.getY()}, maps))
    for (auto [e, extent] : llvm::zip(map.getResults(), tensorOf(value).getShape()))
      if (auto d = dyn_cast<AffineDimExpr>(e))
        visit(d.getPosition(), extent);
}

LogicalResult ConvOp::verify() {
  SmallVector<AffineMap> maps = getLoopMaps();
  RankedTensorType types[] = {getA().getType(), getB().getType(), getY().getType()};
  bool fits = maps.size() == 3;
  for (unsigned i = 0; fits && i < 3; ++i)
    fits = maps[i].getNumDims() == maps[0].getNumDims() && !maps[i].getNumSymbols() && static_cast<int64_t>(maps[i].getNumResults()) == types[i].getRank() &&
           (i ? maps[i].isProjectedPermutation() : llvm::all_of(maps[0].getResults(), [](AffineExpr e) { return isa<AffineDimExpr>(e) || sumOfTwo(e); }));
  if (!fits)
    return emitOpError() << "expected three maps of the same indices to the dimensions of " << types[0] << ", " << types[1] << " and " << types[2]
                         << ", the first of indices and sums of two, the others projected permutations (C1)";
  for (unsigned d : llvm::seq(0u, maps[0].getNumDims()))
    if (llvm::count_if(maps, [&](AffineMap map) { return map.isFunctionOfDim(d); }) < 2)
      return emitOpError() << "index " << d << " occurs in fewer than two of the maps (C2)";
  SmallVector<unsigned> uses(maps[0].getNumDims(), 0);
  size_t windows = 0;
  for (AffineExpr e : maps[0].getResults())
    e.walk([&](AffineExpr x) {
      if (auto d = dyn_cast<AffineDimExpr>(x))
        ++uses[d.getPosition()];
    });
  for (AffineExpr e : maps[0].getResults()) {
    auto pair = sumOfTwo(e);
    windows += pair.has_value();
    for (unsigned d : pair ? SmallVector<unsigned>{pair->first, pair->second} : SmallVector<unsigned>{})
      if (uses[d] > 1 || maps[1].isFunctionOfDim(d) == maps[2].isFunctionOfDim(d) || maps[1].isFunctionOfDim(pair->first) == maps[1].isFunctionOfDim(pair->second))
        return emitOpError() << "the sum of the indices " << pair->first << " and " << pair->second
                             << " must be of one index of the result and one of the second operand, each nowhere else in the first (C3)";
  }
  auto wrong = [&](ArrayRef<int64_t> entries, bool positive) {
    return entries.size() != windows || llvm::any_of(entries, [&](int64_t n) { return positive ? n < 1 : n == 0; });
  };
  if (wrong(getStrides(), false) || wrong(getDilations(), false) || getPadding().size() != windows || wrong(getInputDilations(), true))
    return emitOpError() << "expected " << windows << " strides, dilations, paddings and input dilations, one per window; strides and dilations other than 0, input dilations positive (C4)";
  SmallVector<int64_t> extents(maps[0].getNumDims(), -1);
  LogicalResult same = success();
  eachExtent(*this, [&](unsigned d, int64_t extent) {
    if (extents[d] >= 0 && extents[d] != extent && succeeded(same))
      same = emitOpError() << "index " << d << " has extents " << extents[d] << " and " << extent << " (C5)";
    extents[d] = extent;
  });
  if (failed(same))
    return same;
  if (types[0].getElementType() != types[1].getElementType() || types[0].getElementType() != types[2].getElementType())
    return emitOpError() << "element types of " << types[0] << ", " << types[1] << " and " << types[2] << " differ (C6)";
  return success();
}

SmallVector<int64_t> convRanges(ConvOp op) {
  SmallVector<int64_t> ranges(op.getLoopMaps()[0].getNumDims(), 1);
  eachExtent(op, [&](unsigned d, int64_t extent) { ranges[d] = extent; });
  return ranges;
}
SmallVector<utils::IteratorType> convLoops(ConvOp op) {
  AffineMap result = op.getLoopMaps()[2];
  SmallVector<utils::IteratorType> loops;
  for (unsigned d : llvm::seq(0u, result.getNumDims()))
    loops.push_back(result.isFunctionOfDim(d) ? utils::IteratorType::parallel : utils::IteratorType::reduction);
  return loops;
}
SmallVector<Window> ConvOp::getWindows() {
  SmallVector<Window> windows;
  SmallVector<AffineMap> maps = getLoopMaps();
  for (auto [d, e] : llvm::enumerate(maps[0].getResults()))
    if (auto pair = sumOfTwo(e)) {
      bool first = maps[2].isFunctionOfDim(pair->first);
      size_t i = windows.size();
      windows.push_back({static_cast<int64_t>(d), first ? pair->first : pair->second, first ? pair->second : pair->first, getStrides()[i], getDilations()[i], getPadding()[i],
                         getInputDilations()[i]});
    }
  return windows;
}

namespace {
/// The numbers of the windows of a new op, in the order of its first operand's dimensions.
struct Numbers {
  SmallVector<int64_t> strides, dilations, padding, inputDilations;
  void add(int64_t stride, int64_t dilation, int64_t pad, int64_t inputDilation) {
    strides.push_back(stride), dilations.push_back(dilation), padding.push_back(pad), inputDilations.push_back(inputDilation);
  }
};
} // namespace

Expr convInputGradient(ConvOp op, Expr dy) {
  SmallVector<AffineMap> maps = op.getLoopMaps();
  MLIRContext *context = op.getContext();
  SmallVector<AffineExpr> from(maps[2].getResults()), to(maps[0].getResults());
  Numbers numbers;
  SmallVector<Window> windows = op.getWindows();
  for (AffineExpr &e : from) {
    auto *w = llvm::find_if(windows, [&](const Window &x) { return e == getAffineDimExpr(x.out, context); });
    if (w == windows.end())
      continue;
    // i = (o * s + k * d - p) / q  =>  o = (i * q - k * d + p) / s. The loop of o becomes that of i.
    int64_t sign = w->stride < 0 ? -1 : 1;
    numbers.add(sign * w->inputDilation, -sign * w->dilation, -sign * w->padding, sign * w->stride);
    e = e + getAffineDimExpr(w->tap, context);
    to[w->dimension] = getAffineDimExpr(w->out, context);
  }
  // What a and b share is now the result's, what b and the result share is summed: they change places in the order of the loops.
  SmallVector<AffineExpr> loops;
  SmallVector<unsigned> summed, kept;
  for (unsigned d : llvm::seq(0u, maps[0].getNumDims())) {
    loops.push_back(getAffineDimExpr(d, context));
    bool inA = maps[0].isFunctionOfDim(d), inB = maps[1].isFunctionOfDim(d), inY = maps[2].isFunctionOfDim(d);
    bool window = llvm::any_of(windows, [&](const Window &w) { return w.tap == d; });
    if (inA && inB && !inY && !window)
      summed.push_back(d);
    if (inB && inY && !inA)
      kept.push_back(d);
  }
  for (auto [x, y] : llvm::zip(summed, kept))
    std::swap(loops[x], loops[y]);
  auto map = [&](ArrayRef<AffineExpr> results) { return AffineMap::get(maps[0].getNumDims(), 0, results, context).replaceDimsAndSymbols(loops, {}, maps[0].getNumDims(), 0); };
  return conv(dy, {dy.builder, op.getB()}, op.getA().getType(), {map(from), map(maps[1].getResults()), map(to)}, numbers.strides, numbers.dilations, numbers.padding, numbers.inputDilations);
}

Expr convKernelGradient(ConvOp op, Expr dy) {
  SmallVector<AffineMap> maps = op.getLoopMaps();
  return conv({dy.builder, op.getA()}, dy, op.getB().getType(), {maps[0], maps[2], maps[1]}, op.getDilations(), op.getStrides(), op.getPadding(), op.getInputDilations());
}

} // namespace tenon::ir::prim
