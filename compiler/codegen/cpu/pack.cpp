// Copies a contraction's operand whose lanes lie apart to [k][lanes], by transposing squares in registers; edges are zeros.
#include "compiler/codegen/cpu/emitter.h"

using namespace mlir;
namespace tenon::compiler::cpu {

using linalg::GenericOp;

/// Butterfly: log2(lanes) rounds, each exchanges the halves of pairs of vectors.
void Emitter::transpose(SmallVectorImpl<Value> &v) {
  int64_t n = table.lanes;
  for (int64_t half = n / 2; half; half /= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t e = 0; e < n; ++e) {
      low.push_back(e & half ? n + e - half : e);
      high.push_back(e & half ? n + e : e + half);
    }
    for (int64_t i = 0; i < n; ++i) {
      if (i & half) continue;
      Value a = v[i], c = v[i + half];
      v[i] = vector::ShuffleOp::create(b, loc, a, c, low);
      v[i + half] = vector::ShuffleOp::create(b, loc, a, c, high);
    }
  }
}

Value Emitter::entryBuffer(ArrayRef<int64_t> shape, Type element) {
  OpBuilder::InsertionGuard g(b);
  b.setInsertionPointToStart(&b.getInsertionBlock()->getParent()->getParentOfType<func::FuncOp>().getBody().front());
  return memref::AllocaOp::create(b, loc, MemRefType::get(shape, element), b.getI64IntegerAttr(64));
}

namespace {

constexpr int64_t partLength = 256, stackLimit = 1 << 19;

/// How an operand meets the lanes of a contraction: not at all (or with rows), side by side, apart with a sum's axis along memory, or apart and nothing along memory.
enum class Lanes { none, beside, apart, scattered };
Lanes lanesOf(OpOperand *in, ArrayRef<int> roles) {
  AffineMap map = cast<GenericOp>(in->getOwner()).getMatchingIndexingMap(in);
  if (!map.isProjectedPermutation() || !map.getNumResults()) return Lanes::none;
  bool lanes = false;
  for (unsigned d = 0; d < map.getNumResults(); ++d) {
    if (roles[loopAt(map, d)] == M) return Lanes::none;
    lanes |= roles[loopAt(map, d)] == N;
  }
  int last = roles[loopAt(map, map.getNumResults() - 1)];
  return !lanes ? Lanes::none : last == N ? Lanes::beside : last == K ? Lanes::apart : Lanes::scattered;
}

} // namespace

/// Cuts the sum of the nest's contraction, if it has one: along memory where an operand's lanes lie apart, else the longest loop.
void Emitter::findParts(Nest &n) {
  parts = {};
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
    int64_t columns = llvm::alignTo(std::min(n.n, table.vectors * table.lanes), table.lanes);
    parts.size = length <= partLength * 3 / 2 || n.m * columns * width > stackLimit ? length : partLength;
    if (parts.size < length) parts.sums = entryBuffer({n.m, columns}, getElementTypeOrSelf(op.getResult(0).getType()));
  }
}

/// Runs `body` for each part in turn; the last is written apart, since what follows the contraction belongs to it.
void Emitter::forParts(llvm::function_ref<void()> body) {
  parts.first = parts.last = true;
  parts.begin = index(0), parts.length = parts.size;
  if (!parts.op || !parts.sums) return body();
  int64_t length = range(parts.op, parts.loop), count = llvm::divideCeil(length, parts.size);
  parts.last = false;
  body();
  parts.first = false;
  if (count > 2) {
    auto f = scf::ForOp::create(b, loc, index(parts.size), index((count - 1) * parts.size), index(parts.size));
    OpBuilder::InsertionGuard g(b);
    b.setInsertionPointToStart(f.getBody());
    parts.begin = f.getInductionVar();
    body();
  }
  parts.begin = index((count - 1) * parts.size), parts.length = length - (count - 1) * parts.size;
  parts.last = true;
  body();
}

void Emitter::packOperand(OpOperand *in, bool apart, bool scattered) {
  GenericOp op = parts.op;
  ArrayRef<int> roles = nest->roles[op];
  AffineMap map = op.getMatchingIndexingMap(in);
  int64_t vectors = llvm::divideCeil(columns, table.lanes), size = vectors * table.lanes;
  Type element = getElementTypeOrSelf(in->get().getType());
  SmallVector<unsigned> ks, others;
  SmallVector<int64_t> shape;
  for (unsigned l = 0; l < roles.size(); ++l) {
    if (roles[l] != K || !map.isFunctionOfDim(l)) continue;
    ks.push_back(l);
    shape.push_back((int)l == parts.loop ? parts.size : range(op, l));
    size *= shape.back();
    if ((int)l != parts.loop) others.push_back(l);
  }
  if (element.isInteger(1) || size * element.getIntOrFloatBitWidth() / 8 > stackLimit || !map.isFunctionOfDim(parts.loop)) return;
  shape.push_back(vectors * table.lanes);
  Value panel = entryBuffer(shape, element);
  Place place = places.lookup(in->get());
  Own own;
  own.k.resize(op.getNumLoops());
  auto at = [&](int64_t j, int64_t lane) {
    SmallVector<Value> r;
    for (unsigned d = 0; d < map.getNumResults(); ++d) {
      Value x = loopIndex(op, loopAt(map, d), 0, j, own, !place.local);
      r.push_back(roles[loopAt(map, d)] == N ? plus(x, lane) : x);
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
      if (scattered) { // element by element, once for all rows
        SmallVector<Value> lanes;
        for (int64_t l = 0; l < table.lanes; ++l)
          lanes.push_back(l < valid(j) ? load(place.memory, at(j, l), element) : arith::ConstantOp::create(b, loc, b.getZeroAttr(element)).getResult());
        put(vector::FromElementsOp::create(b, loc, VectorType::get(table.lanes, element), lanes), k0, j);
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
  reduceLoops(op, others, 0, {}, own, [&](ValueRange) -> SmallVector<Value> {
    loopOver(parts.length, apart ? table.lanes : 1, square);
    return {};
  });
  packed[in] = panel;
}

/// Operands whose lanes lie apart always; those with far strides where enough rows use them again.
void Emitter::pack() {
  packed.clear();
  if (!parts.op) return;
  for (OpOperand *in : parts.op.getDpsInputOperands()) {
    if (tiles.count(in->get()) || scalars.count(in->get())) continue;
    Lanes lanes = lanesOf(in, nest->roles[parts.op]);
    auto type = cast<RankedTensorType>(in->get().getType());
    bool far = type.getRank() > 1 && type.getShape().back() * type.getElementTypeBitWidth() / 8 >= 2048 && nest->m > 2 * table.rows;
    bool scattered = lanes == Lanes::scattered && nest->m > table.rows;
    if (lanes == Lanes::apart || scattered || (lanes == Lanes::beside && far)) packOperand(in, lanes == Lanes::apart, scattered);
  }
}

} // namespace tenon::compiler::cpu
