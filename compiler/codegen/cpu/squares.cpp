// Tensors whose lanes lie apart while the rows of the tile lie side by side in memory: read and written as squares that are turned in registers.
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

bool Emitter::inSquares(GenericOp op, AffineMap map, Type element, const Tile &t) {
  ArrayRef<int> roles = nest->roles[op];
  if (!nest->apart || !t.lanes || !t.rows || t.m < 2 || element.getIntOrFloatBitWidth() < 32 || map.getNumResults() < 2) return false;
  int row = llvm::find(roles, M) - roles.begin(), lane = llvm::find(roles, N) - roles.begin();
  AffineExpr last = map.getResults().back();
  bool apart = map.isFunctionOfDim(lane) && !last.isFunctionOfDim(lane);
  return apart && stepsByOne(last, row) && llvm::none_of(map.getResults().drop_back(), [&](AffineExpr e) { return e.isFunctionOfDim(row); });
}

/// Calls `one` for each square: its first row, its vector, how many rows it has.
static void forSquares(const Tile &t, int64_t side, llvm::function_ref<void(int64_t, int64_t, int64_t)> one) {
  for (int64_t j = 0; j < t.n; ++j)
    for (int64_t i = 0; i < t.m; i += side) one(i, j, std::min(side, t.m - i));
}

void Emitter::readSquares(GenericOp op, const Tile &t) {
  squares.clear();
  for (OpOperand *in : op.getDpsInputOperands()) {
    Type element = getElementTypeOrSelf(in->get().getType());
    if (tiles.count(in->get()) || scalars.count(in->get()) || op.getMatchingBlockArgument(in).use_empty() || !inSquares(op, op.getMatchingIndexingMap(in), element, t)) continue;
    Place from = places.lookup(in->get());
    SmallVector<Value> &values = squares[in];
    values.resize(t.m * t.n);
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(VectorType::get(table.lanes, element)));
    forSquares(t, table.lanes, [&](int64_t i, int64_t j, int64_t depth) {
      SmallVector<Value> square(table.lanes, zero);
      Value first = laneStart;
      for (int64_t l = 0; l < valid(j); ++l) {
        laneStart = plus(first, l);
        square[l] = loadVector(from.memory, place(op, in, i, j, {}, !from.local), element, depth);
      }
      laneStart = first;
      transpose(square);
      for (int64_t r = 0; r < depth; ++r) values[(i + r) * t.n + j] = square[r];
    });
  }
}

void Emitter::storeSquares(GenericOp op, Tile &t, Place to) {
  AffineMap map = resultMap(op);
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(t.at(0, 0).getType()));
  forSquares(t, table.lanes, [&](int64_t i, int64_t j, int64_t depth) {
    SmallVector<Value> square(table.lanes, zero);
    for (int64_t r = 0; r < depth; ++r) square[r] = t.at(i + r, j);
    transpose(square);
    Value first = laneStart;
    for (int64_t l = 0; l < valid(j); ++l) {
      laneStart = plus(first, l);
      SmallVector<Value> at;
      for (unsigned d = 0; d < map.getNumResults(); ++d) at.push_back(loopIndex(op, loopAt(map, d), i, j, {}, !to.local));
      storeVector(square[l], to.memory, at, depth);
    }
    laneStart = first;
  });
}

} // namespace tenon::compiler::cpu
