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

void Emitter::pack(GenericOp op) {
  constexpr int64_t limit = 1 << 20; // bytes on the stack of a thread
  ArrayRef<int> roles = nest->roles[op];
  if (!llvm::is_contained(roles, K) || !llvm::is_contained(roles, M)) return;
  for (OpOperand *in : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(in);
    if (!map.isProjectedPermutation() || tiles.count(in->get()) || scalars.count(in->get())) continue;
    int lane = -1, last = -1;
    bool rowsInside = false;
    SmallVector<int64_t> shape;
    for (unsigned d = 0; d < map.getNumResults(); ++d) {
      last = loopAt(map, d);
      if (roles[last] == N) lane = d;
      rowsInside |= roles[last] == M;
    }
    if (lane < 0 || rowsInside || lane + 1 == (int)map.getNumResults()) continue;
    SmallVector<unsigned> ks;
    int64_t size = 1;
    for (unsigned l = 0; l < roles.size(); ++l)
      if (roles[l] == K && map.isFunctionOfDim(l)) ks.push_back(l), shape.push_back(range(op, l)), size *= shape.back();
    int64_t vectors = llvm::divideCeil(columns, table.lanes);
    Type element = getElementTypeOrSelf(in->get().getType());
    if (element.isInteger(1) || size * vectors * table.lanes * element.getIntOrFloatBitWidth() / 8 > limit || roles[last] != K) continue;
    shape.push_back(vectors * table.lanes);
    Value panel;
    {
      OpBuilder::InsertionGuard g(b);
      b.setInsertionPointToStart(&b.getInsertionBlock()->getParent()->getParentOfType<func::FuncOp>().getBody().front());
      panel = memref::AllocaOp::create(b, loc, MemRefType::get(shape, element), b.getI64IntegerAttr(64));
    }
    Place place = places.lookup(in->get());
    Own own;
    own.k.resize(op.getNumLoops());
    auto square = [&](Value k0, int64_t depth) { // `depth` indices of the innermost loop from k0
      own.k[last] = k0;
      for (int64_t j = 0; j < vectors; ++j) {
        SmallVector<Value> v;
        for (int64_t l = 0; l < table.lanes; ++l) {
          if (l >= valid(j)) { v.push_back(arith::ConstantOp::create(b, loc, b.getZeroAttr(VectorType::get(table.lanes, element)))); continue; }
          SmallVector<Value> at;
          for (unsigned d = 0; d < map.getNumResults(); ++d) {
            Value x = loopIndex(op, loopAt(map, d), 0, j, own, !place.local);
            at.push_back((int)d == lane ? plus(x, l) : x);
          }
          v.push_back(loadVector(place.memory, at, element, depth));
        }
        transpose(v);
        for (int64_t r = 0; r < depth; ++r) {
          SmallVector<Value> at;
          for (unsigned l : ks) at.push_back((int)l == last ? plus(k0, r) : own.k[l]);
          at.push_back(index(j * table.lanes));
          storeVector(v[r], panel, at, table.lanes);
        }
      }
    };
    SmallVector<unsigned> others;
    for (unsigned l : ks) if ((int)l != last) others.push_back(l);
    reduceLoops(op, others, 0, {}, own, [&](ValueRange) -> SmallVector<Value> {
      loopOver(range(op, last), table.lanes, square);
      return {};
    });
    packed[in] = panel;
  }
}

} // namespace tenon::compiler::cpu
