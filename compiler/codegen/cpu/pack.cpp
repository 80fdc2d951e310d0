// Copies a contraction's operand whose lanes lie apart to [k][lanes], by transposing squares in registers; edges are zeros.
#include "compiler/codegen/cpu/emitter.h"

using namespace mlir;
namespace tenon::compiler::cpu {

using linalg::GenericOp;

Value Emitter::entryBuffer(ArrayRef<int64_t> shape, Type element) {
  OpBuilder::InsertionGuard g(b);
  b.setInsertionPointToStart(&b.getInsertionBlock()->getParent()->getParentOfType<func::FuncOp>().getBody().front());
  return memref::AllocaOp::create(b, loc, MemRefType::get(shape, element), b.getI64IntegerAttr(64));
}

Value Emitter::scratch(Scratch use, ArrayRef<int64_t> shape, Type element, bool needed) {
  constexpr int64_t one = 1 << 20, all = 3 << 20; // a thread's stack has 8 MB
  int64_t bytes = llvm::product_of(shape) * element.getIntOrFloatBitWidth() / 8;
  Value &buffer = scratches[{use, shape.vec(), element.getAsOpaquePointer()}];
  if (!buffer && (needed || (bytes <= one && scratchBytes + bytes <= all))) buffer = entryBuffer(shape, element), scratchBytes += bytes;
  return buffer;
}

namespace {

constexpr int64_t partLength = 256, fewTerms = 16, stackLimit = 1 << 19;

/// How an operand meets the lanes of a contraction: not at all (or with rows), side by side, apart with a sum's axis along memory, or apart and nothing along memory.
enum class Lanes { none, beside, apart, scattered };
Lanes lanesOf(OpOperand *in, ArrayRef<int> roles) {
  auto op = cast<GenericOp>(in->getOwner());
  AffineMap map = op.getMatchingIndexingMap(in);
  if (!map.getNumResults() || (!windowsOf(op).empty() && in->getOperandNumber() == 0)) return Lanes::none;
  int lanes = 0, last = loopAt(map, map.getNumResults() - 1);
  for (unsigned l = 0; l < roles.size(); ++l)
    if (roles[l] == M && map.isFunctionOfDim(l)) return Lanes::none;
  for (unsigned d = 0; d < map.getNumResults(); ++d) // an index may be shifted (a slice's), the lanes' is their loop
    for (unsigned l = 0; l < roles.size(); ++l)
      if (roles[l] == N && map.getResult(d).isFunctionOfDim(l)) {
        if (loopAt(map, d) != (int)l) return Lanes::none;
        ++lanes;
      }
  if (lanes != 1) return Lanes::none;
  return last < 0 ? Lanes::scattered : roles[last] == N ? Lanes::beside : roles[last] == K ? Lanes::apart : Lanes::scattered;
}

} // namespace

/// Cuts the sum of the nest's contraction, if it has one: along memory where an operand's lanes lie apart, else the longest loop.
void Emitter::findParts(Nest &n, int64_t laneTile, bool apart) {
  parts = {}, packedWhole.clear();
  for (GenericOp op : n.ops) {
    ArrayRef<int> roles = n.roles[op];
    if (!llvm::is_contained(roles, K) || !llvm::is_contained(roles, M) || !llvm::is_contained(roles, N) || getElementTypeOrSelf(op.getResult(0).getType()).isInteger(1)) continue;
    if (!windowsOf(op).empty()) {
      findImages(op, n);
      continue;
    }
    parts.op = op;
    for (unsigned l = 0; l < roles.size(); ++l)
      if (roles[l] == K && (parts.loop < 0 || range(op, l) > range(op, parts.loop))) parts.loop = l;
    for (OpOperand *in : op.getDpsInputOperands())
      if (lanesOf(in, roles) == Lanes::apart) {
        AffineMap map = op.getMatchingIndexingMap(in);
        parts.loop = loopAt(map, map.getNumResults() - 1);
      }
    int64_t length = range(op, parts.loop), width = getElementTypeOrSelf(op.getResult(0).getType()).getIntOrFloatBitWidth() / 8;
    int64_t columns = llvm::alignTo(laneTile, table.lanes);
    parts.size = length <= partLength * 3 / 2 || n.m * columns * width > stackLimit ? length : partLength;
    bool feeds = llvm::any_of(n.ops, [&](GenericOp x) { return x != op && feedsParts(x); });
    parts.apart = apart && !feeds && length >= fewTerms && n.m * columns * width <= stackLimit;
    if (!feeds && cutWhole(op, n)) continue;
    if (parts.size < length || parts.apart) parts.sums = scratch(Scratch::sums, {n.m, columns}, getElementTypeOrSelf(op.getResult(0).getType()), /*needed=*/true);
  }
}

/// A long sum, neither of whose operands stays in the caches for all tiles, is cut so that parts do: all tiles take their terms from one part before the next.
/// Only where that leaves the order of the sum as it is.
bool Emitter::cutWhole(GenericOp op, Nest &n) {
  constexpr int64_t cache = 192 << 10;
  ArrayRef<int> roles = n.roles[op];
  int first = llvm::find(roles, K) - roles.begin();
  int64_t terms = 1, results = 1, width = getElementTypeOrSelf(op.getResult(0).getType()).getIntOrFloatBitWidth() / 8;
  for (unsigned l = 0; l < roles.size(); ++l) (roles[l] == K ? terms : results) *= range(op, l);
  int64_t length = range(op, first), line = (n.m + n.n) * (terms / length) * width, size = std::max<int64_t>(1, cache / line);
  bool ordered = first == parts.loop || range(op, parts.loop) <= partLength * 3 / 2;
  bool along = llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *in) { return lanesOf(in, roles) == Lanes::apart; });
  if (!ordered || along || line * length < 2 * cache || size >= length || size * (terms / length) < 4 * fewTerms || results * width > stackLimit / 2) return false;
  SmallVector<int64_t> shape(n.outer);
  shape.append({n.m, (int64_t)llvm::alignTo(n.n, table.lanes)});
  Value sums = scratch(Scratch::sums, shape, getElementTypeOrSelf(op.getResult(0).getType()));
  if (!sums) return false;
  parts.loop = first, parts.size = size, parts.whole = true, parts.sums = sums;
  return true;
}

/// Runs `body` for each part in turn; the last is written apart, since what follows the contraction belongs to it or comes after it.
void Emitter::forParts(llvm::function_ref<void()> body) {
  parts.first = parts.last = true, parts.finish = false;
  parts.begin = index(0), parts.length = parts.size;
  if (!parts.op || !parts.sums) return body();
  int64_t length = range(parts.op, parts.loop), count = llvm::divideCeil(length, parts.size);
  parts.last = false;
  if (count > 1) {
    body();
    parts.first = false;
  }
  if (count > 2) {
    auto f = scf::ForOp::create(b, loc, index(parts.size), index((count - 1) * parts.size), index(parts.size));
    OpBuilder::InsertionGuard g(b);
    b.setInsertionPointToStart(f.getBody());
    parts.begin = f.getInductionVar();
    body();
  }
  parts.begin = index((count - 1) * parts.size), parts.length = length - (count - 1) * parts.size;
  parts.last = !parts.apart;
  body();
  if (!parts.apart) return;
  parts.first = false, parts.last = parts.finish = true;
  body();
}

void Emitter::packOperand(OpOperand *in, bool apart, bool scattered) {
  GenericOp op = parts.op;
  ArrayRef<int> roles = nest->roles[op];
  AffineMap map = op.getMatchingIndexingMap(in);
  int laneLoop = llvm::find(roles, N) - roles.begin();
  int64_t vectors = llvm::divideCeil(columns, table.lanes);
  Type element = getElementTypeOrSelf(in->get().getType());
  SmallVector<unsigned> ks, others;
  SmallVector<int64_t> shape;
  for (unsigned l = 0; l < roles.size(); ++l) {
    if (roles[l] != K || !map.isFunctionOfDim(l)) continue;
    ks.push_back(l);
    shape.push_back((int)l == parts.loop ? parts.size : range(op, l));
    if ((int)l != parts.loop) others.push_back(l);
  }
  if (element.isInteger(1) || !map.isFunctionOfDim(parts.loop)) return;
  shape.push_back(vectors * table.lanes);
  Value panel = scratch(panelOf(*in), shape, element);
  if (!panel) return;
  Place place = places.lookup(in->get());
  Own own;
  own.k.resize(op.getNumLoops());
  auto at = [&](int64_t j, int64_t lane) {
    SmallVector<Value> r;
    for (unsigned d = 0; d < map.getNumResults(); ++d) {
      Value x = affine(map.getResult(d), op, 0, j, own, !place.local);
      int loop = loopAt(map, d);
      r.push_back(loop >= 0 && roles[loop] == N ? plus(x, lane) : x);
    }
    return r;
  };
  auto put = [&](Value v, Value k, int64_t j) {
    SmallVector<Value> to;
    for (unsigned l : ks) to.push_back((int)l == parts.loop ? k : own.k[l]);
    to.push_back(index(j * table.lanes));
    storeVector(v, panel, to, table.lanes);
  };
  auto square = [&](Value k0, int64_t depth) { // `depth` indices of the cut loop from k0, counted in the part
    own.k[parts.loop] = plus(parts.begin, k0);
    for (int64_t j = 0; j < vectors; ++j) {
      if (scattered) {
        put(readApart(op, in, laneLoop, place.memory, [&](int64_t lane) { return at(j, lane); }, valid(j)), k0, j);
        continue;
      }
      if (!apart) {
        put(loadVector(place.memory, at(j, 0), element, valid(j)), k0, j);
        continue;
      }
      SmallVector<Value> v;
      for (int64_t l = 0; l < table.lanes; ++l)
        v.push_back(l < valid(j) ? loadVector(place.memory, at(j, l), element, depth) : arith::ConstantOp::create(b, loc, b.getZeroAttr(VectorType::get(table.lanes, element))).getResult());
      transpose(v);
      for (int64_t r = 0; r < depth; ++r) put(v[r], plus(k0, r), j);
    }
  };
  auto over = [&](auto &self, ArrayRef<unsigned> loops) -> void { // all of them: a window's taps, too
    if (loops.empty()) return loopOver(parts.length, apart ? table.lanes : 1, square);
    loopOver(range(op, loops[0]), 1, [&](Value at, int64_t) { own.k[loops[0]] = at, self(self, loops.drop_front()); });
  };
  over(over, others);
  packed[in] = panel;
}

/// Of a sum that is cut for all tiles: operands whose rows lie far apart, to [k][row or lane], once for each part.
void Emitter::packWhole() {
  constexpr int64_t far = 1024;
  packedWhole.clear();
  GenericOp op = parts.op;
  ArrayRef<int> roles = nest->roles[op];
  for (OpOperand *in : op.getDpsInputOperands()) {
    auto type = cast<RankedTensorType>(in->get().getType());
    AffineMap map = op.getMatchingIndexingMap(in);
    int last = map.getNumResults() > 1 ? loopAt(map, map.getNumResults() - 1) : -1;
    if (parts.finish || last < 0 || (roles[last] != M && roles[last] != N) || type.getElementType().isInteger(1) || scalars.count(in->get())) continue;
    if (type.getShape().back() * type.getElementTypeBitWidth() / 8 < far || !map.isFunctionOfDim(parts.loop)) continue;
    SmallVector<unsigned> ks;
    SmallVector<int64_t> shape;
    bool fits = true;
    for (unsigned l = 0; l < roles.size(); ++l) {
      if (!map.isFunctionOfDim(l) || (int)l == last) continue;
      fits &= roles[l] == K;
      ks.push_back(l), shape.push_back((int)l == parts.loop ? parts.size : range(op, l));
    }
    for (unsigned d = 0; d + 1 < map.getNumResults(); ++d) fits &= !map.getResult(d).isFunctionOfDim(last);
    if (!fits) continue;
    bool row = roles[last] == M;
    int64_t extent = row ? nest->m : nest->n;
    shape.push_back(llvm::alignTo(extent, table.lanes));
    Value panel = scratch(panelOf(*in, true), shape, type.getElementType());
    if (!panel) continue;
    Place place = places.lookup(in->get());
    Own own;
    own.k.resize(op.getNumLoops());
    reduceLoops(op, ks, 0, {}, own, [&](ValueRange) -> SmallVector<Value> {
      loopOver(extent, table.lanes, [&](Value from, int64_t lanes) {
        (row ? rowStart : laneStart) = from;
        SmallVector<Value> at, to;
        for (AffineExpr e : map.getResults()) at.push_back(affine(e, op, 0, 0, own, !place.local));
        for (unsigned l : ks) to.push_back((int)l == parts.loop ? own.part : own.k[l]);
        to.push_back(from);
        storeVector(loadVector(place.memory, at, type.getElementType(), lanes), panel, to, table.lanes);
      });
      return {};
    });
    packedWhole[in] = panel;
  }
}

/// Operands whose lanes lie apart always; those with far strides where enough rows use them again: lines at powers of two share few sets of a cache, and pages are many.
void Emitter::pack() {
  packed.clear();
  if (!parts.op || parts.finish) return;
  for (OpOperand *in : parts.op.getDpsInputOperands()) {
    if (tiles.count(in->get()) || scalars.count(in->get()) || packedWhole.count(in)) continue;
    Lanes lanes = lanesOf(in, nest->roles[parts.op]);
    auto type = cast<RankedTensorType>(in->get().getType());
    int64_t stride = type.getRank() > 1 ? type.getShape().back() * type.getElementTypeBitWidth() / 8 : 0, uses = llvm::divideCeil(nest->m, table.rows);
    if (!windowsOf(parts.op).empty()) { // a panel serves every pixel: it pays from rows of a few cache lines on. A group would need one of its own: it has none
      bool serves = llvm::none_of(llvm::enumerate(nest->roles[parts.op]), [&](auto r) { return r.value() >= Outer && parts.op.getMatchingIndexingMap(in).isFunctionOfDim(r.index()); });
      if (serves && lanes == Lanes::beside && stride >= 256 && uses * llvm::product_of(nest->outer) > 2) packOperand(in, false, false);
      continue;
    }
    bool far = stride >= 2048 && uses > 2;
    bool scattered = lanes == Lanes::scattered && nest->m > table.rows;
    if (lanes == Lanes::apart || scattered || (lanes == Lanes::beside && far)) packOperand(in, lanes == Lanes::apart, scattered);
  }
}

} // namespace tenon::compiler::cpu
