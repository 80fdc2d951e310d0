// Reads through windows: the element that a tap meets, and which taps meet one.
#include "compiler/codegen/cpu/emitter.h"
#include <numeric>

using namespace mlir;
namespace tenon::compiler::cpu {

using linalg::GenericOp;

SmallVector<Value> Emitter::place(GenericOp op, OpOperand *in, int64_t i, int64_t j, const Own &own, bool whole) {
  SmallVector<Value> at;
  for (AffineExpr e : op.getMatchingIndexingMap(in).getResults()) at.push_back(affine(e, op, i, j, own, whole));
  if (in->getOperandNumber() != 0) return at;
  for (const ir::Window &w : windowsOf(op)) {
    Value out = b.createOrFold<arith::MulIOp>(loc, loopIndex(op, w.out, i, j, own, true), index(w.stride));
    Value tap = b.createOrFold<arith::MulIOp>(loc, loopIndex(op, w.tap, i, j, own, true), index(w.dilation));
    Value e = plus(plus(out, tap), -w.padding);
    at[w.dimension] = w.inputDilation == 1 ? e : b.createOrFold<arith::DivUIOp>(loc, e, index(w.inputDilation)); // without remainder: see taps
  }
  return at;
}

/// n with n * x = 1 modulo m.
static int64_t inverse(int64_t x, int64_t m) {
  for (int64_t n = 1; n < m; ++n)
    if (llvm::mod(n * x, m) == 1) return n;
  return 0; // m is 1
}

std::array<Value, 3> Emitter::taps(GenericOp op, const ir::Window &w, const Own &own) {
  int64_t count = range(op, w.tap), outs = op.getStaticLoopRanges()[w.out], size = cast<RankedTensorType>(op.getDpsInputs()[0].getType()).getDimSize(w.dimension);
  int64_t top = (size - 1) * w.inputDilation; // taps k with 0 <= base + k * dilation <= top, of which inputDilation divides
  int64_t low = std::min<int64_t>(0, (outs - 1) * w.stride) - w.padding; // the smallest base
  if (alwaysInside(op, w)) return {index(0), index(count), index(1)};

  auto mul = [&](Value v, int64_t n) { return b.createOrFold<arith::MulIOp>(loc, v, index(n)); };
  auto minus = [&](int64_t n, Value v) { return b.createOrFold<arith::SubIOp>(loc, index(n), v); };
  auto divide = [&](Value v, int64_t n) { return n == 1 ? v : b.createOrFold<arith::DivUIOp>(loc, v, index(n)); };
  auto clamp = [&](Value v) { return b.createOrFold<arith::MaxSIOp>(loc, v, index(0)); };
  Value base = plus(mul(loopIndex(op, w.out, 0, 0, own, true), w.stride), -w.padding);
  int64_t d = std::abs(w.dilation);
  Value under = w.dilation > 0 ? minus(0, base) : plus(base, -top); // first tap: under / d, rounded up
  Value over = w.dilation > 0 ? minus(top, base) : base;            // last tap: over / d, rounded down
  Value from = divide(plus(clamp(under), d - 1), d);
  Value to = b.createOrFold<arith::MinSIOp>(loc, divide(clamp(plus(over, d)), d), index(count));
  if (w.inputDilation == 1) return {from, to, index(1)};

  // k * dilation = -base modulo q, solved for k after what both have in common is divided away.
  int64_t common = std::gcd(d, w.inputDilation), q = w.inputDilation / common;
  Value positive = plus(base, llvm::divideCeil(std::max<int64_t>(-low, 0), w.inputDilation) * w.inputDilation);
  if (common > 1) {
    Value remainder = arith::RemUIOp::create(b, loc, positive, index(common));
    Value divides = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, remainder, index(0));
    to = arith::SelectOp::create(b, loc, divides, to, index(0));
    positive = divide(positive, common);
  }
  if (q == 1) return {from, to, index(1)};
  int64_t factor = llvm::mod(-inverse(llvm::mod(w.dilation / common, q), q), q);
  // first = (positive * factor) mod q; the first at or after `from`: from + (first - from) mod q.
  Value first = plus(mul(positive, factor), mul(from, q - 1));
  return {plus(from, arith::RemUIOp::create(b, loc, first, index(q))), to, index(q)};
}

/// A sum over many pixels (the gradient of weights) is cut by images, so that those at hand stay in the first caches while all tiles take their terms from them;
/// other sums are one part.
void Emitter::findImages(GenericOp op, Nest &n) {
  ArrayRef<int> roles = n.roles[op];
  parts.op = op, parts.loop = roles.size() - 1 - (llvm::find(llvm::reverse(roles), K) - roles.rbegin()), parts.size = range(op, parts.loop);
  int first = llvm::find(roles, K) - roles.begin();
  if (first == (int)roles.size() || llvm::any_of(windowsOf(op), [&](const ir::Window &w) { return w.tap == first; })) return;
  constexpr int64_t line = 64, cache = 192 << 10;
  int64_t terms = 1, length = range(op, first);
  bool windowInside = false;
  for (auto [l, extent] : llvm::enumerate(op.getStaticLoopRanges()))
    if (roles[l] == K && (int)l != first) terms *= extent, windowInside = true;
  if (!windowInside) return;
  Type element = getElementTypeOrSelf(op.getResult(0).getType());
  int64_t width = element.getIntOrFloatBitWidth() / 8, image = terms * (line + table.vectors * table.lanes * width), size = std::max<int64_t>(1, cache / std::max<int64_t>(image, 1));
  SmallVector<int64_t> shape(n.outer);
  shape.append({std::max<int64_t>(n.m, 1), (int64_t)llvm::alignTo(std::max<int64_t>(n.n, 1), table.lanes)});
  if (image * length < 2 * cache || size >= length) return;
  if (Value sums = scratch(Scratch::sums, shape, element)) parts.loop = first, parts.size = size, parts.whole = true, parts.sums = sums;
}

} // namespace tenon::compiler::cpu
