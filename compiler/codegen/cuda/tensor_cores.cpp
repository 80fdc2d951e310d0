// Contractions of halves on tensor cores: tiles of 32 terms come to shared memory while those before them are multiplied.
#include "compiler/codegen/cuda/emitter.h"

using namespace mlir;
namespace tenon::compiler::cuda {

namespace {
constexpr int64_t depth = 32; ///< terms at a time
constexpr int64_t stages = 3; ///< tiles in shared memory: 48 KiB of the largest
} // namespace

/// Whether 8 elements of a tile, from a multiple of 8 on, are neighbours in memory.
bool Emitter::inEights(Operand &o) {
  AffineMap map = o.op.getMatchingIndexingMap(o.in);
  ArrayRef<unsigned> loops = o.along ? o.k : o.rows;
  int64_t last = (int64_t)map.getNumResults() - 1;
  if (last < 0 || loops.empty() || (o.in->getOperandNumber() == 0 && llvm::any_of(windowsOf(o.op), [&](const ir::Window &w) { return w.dimension == last; }))) return false;
  // Of several loops the last one must go on for 8, also where a block has a piece of it.
  bool cut = (int)loops.back() == axisOf(o.op) && grid.getBlocks() > 1;
  return stepsByOne(map.getResult(last), loops.back()) && (loops.size() == 1 || (o.op.getStaticLoopRanges()[loops.back()] % 8 == 0 && (!cut || grid.getBlock() % 8 == 0)));
}

void Emitter::loadHalves(Operand &o, const Loops &outer, Value kBegin, Value stage) {
  bool eights = inEights(o);
  int64_t each = eights ? 8 : 1, pieces = o.tile * depth / each, line = (o.along ? depth : o.tile) / each;
  Value memory = places.find(o.in->get())->second.memory;
  auto piece = [&](Value i) {
    Value along = mul(rem(i, line), each), across = div(i, line), row = o.along ? across : along, k = o.along ? along : across, wholeK = add(kBegin, k);
    Value to = add(mul(stage, o.tile * depth), call("half_place<" + Twine(o.tile) + (o.along ? ", true>" : ", false>"), {row, k}, b.getIndexType()));
    if (!eights) return (void)memref::StoreOp::create(b, loc, factor(o, row, wholeK, outer), o.memory, to);
    Loops now = outer;
    SmallVector<Value> where;
    Value yes = exists(o, row, wholeK, now, where);
    Value left = o.along ? arith::SubIOp::create(b, loc, index(o.terms), wholeK) : arith::SubIOp::create(b, loc, o.count, add(o.first, row));
    call("copy_eight", {addressOf(o.memory, to), addressOf(memory, where), arith::SelectOp::create(b, loc, yes, left, index(0))});
  };
  unrolled(llvm::divideCeil(pieces, threads), [&](Value j) {
    Value i = add(mul(j, threads), thread);
    OpBuilder::InsertionGuard guard(b);
    if (pieces % threads) b.setInsertionPointToStart(scf::IfOp::create(b, loc, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, i, index(pieces)), /*withElse=*/false).thenBlock());
    piece(i);
  });
}

void Emitter::sumOnTensorCores(Operand &a, Operand &c, const Loops &outer, Value sums) {
  for (Operand *o : {&a, &c}) o->memory = shared(stages * o->tile * depth, getElementTypeOrSelf(o->in->get().getType()));
  auto load = [&](Value kBegin, Value stage) { loadHalves(a, outer, kBegin, stage), loadHalves(c, outer, kBegin, stage); };
  for (int64_t s = 0; s + 1 < stages; ++s) {
    if (s * depth < a.terms) load(index(s * depth), index(s));
    call("commit_copies", {});
  }
  auto f = scf::ForOp::create(b, loc, index(0), index(a.terms), index(depth));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(f.getBody());
  call("wait_copies<" + Twine(stages - 2) + ">", {});
  gpu::BarrierOp::create(b, loc);
  Value step = div(f.getInductionVar(), depth), ahead = add(f.getInductionVar(), index((stages - 1) * depth));
  {
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(scf::IfOp::create(b, loc, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, ahead, index(a.terms)), /*withElse=*/false).thenBlock());
    load(ahead, rem(add(step, index(stages - 1)), stages));
  }
  call("commit_copies", {});
  auto tile = [&](Operand &o) { return addressOf(o.memory, mul(rem(step, stages), o.tile * depth)); };
  call("multiply_halves<" + Twine(a.tile) + ", " + Twine(c.tile) + (a.along ? ", true" : ", false") + (c.along ? ", true>" : ", false>"), {sums, tile(a), tile(c)});
}

} // namespace tenon::compiler::cuda
