// Contractions in tiles: the operands' parts wait in shared memory, each thread sums a square of the tile in registers, and what follows the sum works on those.
#include "compiler/codegen/cuda/emitter.h"

using namespace mlir;
namespace tenon::compiler::cuda {

using linalg::GenericOp;

namespace {
constexpr int64_t depth = 16, side = 16; ///< terms at a time; threads along either side of a tile
static_assert(side * side == threads);
} // namespace

/// One operand's part of a tile, [depth][tile] in shared memory.
struct Emitter::Operand {
  GenericOp op;
  OpOperand *in;
  ArrayRef<unsigned> rows, k;   ///< loops along the tile, and those that are summed
  Value first, count, terms;    ///< the tile's first row; how many rows and terms there are
  Value memory;
};

Value Emitter::extentOf(GenericOp op, ArrayRef<unsigned> loops) {
  Value r = index(1);
  for (unsigned l : loops) r = (int)l == axisOf(op) ? b.createOrFold<arith::MulIOp>(loc, r, size) : mul(r, op.getStaticLoopRanges()[l]);
  return r;
}

/// The number of a place in `loops`, the last of them fastest, as their indices.
void Emitter::place(GenericOp op, ArrayRef<unsigned> loops, Value number, Loops &to) {
  for (unsigned l : llvm::reverse(loops)) {
    bool cut = (int)l == axisOf(op), outermost = l == loops.front();
    Value extent = cut ? size : index(op.getStaticLoopRanges()[l]);
    to.local[l] = outermost ? number : b.createOrFold<arith::RemUIOp>(loc, number, extent);
    to.at[l] = cut ? add(start, to.local[l]) : to.local[l];
    if (!outermost) number = b.createOrFold<arith::DivUIOp>(loc, number, extent);
  }
}

void Emitter::loadTile(Operand &o, const Loops &at, Value kBegin) {
  int64_t tile = nest->tile;
  AffineMap map = o.op.getMatchingIndexingMap(o.in);
  bool along = map.getNumResults() && map.getResult(map.getNumResults() - 1).isFunctionOfDim(o.k.back()); // neighbouring threads read neighbours in memory
  auto f = scf::ForOp::create(b, loc, thread, index(tile * depth), index(threads));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(f.getBody());
  Value i = f.getInductionVar(), k = along ? rem(i, depth) : div(i, tile), row = along ? div(i, depth) : rem(i, tile);
  Value wholeRow = add(o.first, row), wholeK = add(kBegin, k);
  Value exists = arith::AndIOp::create(b, loc, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, wholeRow, o.count), arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, wholeK, o.terms));
  Loops now = at;
  place(o.op, o.rows, wholeRow, now), place(o.op, o.k, wholeK, now);
  if (o.in->getOperandNumber() == 0 && !windowsOf(o.op).empty()) {
    SmallVector<Value> where(map.getNumResults());
    if (Value inWindow = inside(o.op, now, where)) exists = arith::AndIOp::create(b, loc, exists, inWindow);
  }
  Type element = getElementTypeOrSelf(o.in->get().getType());
  auto branch = scf::IfOp::create(b, loc, TypeRange{element}, exists, /*withElse=*/true);
  {
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, loc, read(o.op, o.in, now));
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, loc, arith::ConstantOp::create(b, loc, b.getZeroAttr(element)).getResult());
  }
  store(branch.getResult(0), o.memory, {k, row});
}

void Emitter::writeTile(GenericOp op, const Roles &roles, Value tile) {
  int64_t own = nest->tile / side; // of a thread, along either side
  Operand a{op, op.getDpsInputOperand(0), roles.m, roles.k, {}, extentOf(op, roles.m), extentOf(op, roles.k), {}};
  Operand c{op, op.getDpsInputOperand(1), roles.n, roles.k, {}, extentOf(op, roles.n), a.terms, {}};
  auto tilesOf = [&](Value count) { return b.createOrFold<arith::DivUIOp>(loc, add(count, index(nest->tile - 1)), index(nest->tile)); };
  Value columns = tilesOf(c.count), rows = tilesOf(a.count);
  c.first = mul(b.createOrFold<arith::RemUIOp>(loc, tile, columns), nest->tile);
  Value rest = b.createOrFold<arith::DivUIOp>(loc, tile, columns);
  a.first = mul(b.createOrFold<arith::RemUIOp>(loc, rest, rows), nest->tile);
  Loops outer{SmallVector<Value>(op.getNumLoops(), index(0)), SmallVector<Value>(op.getNumLoops(), index(0))};
  place(op, roles.batch, b.createOrFold<arith::DivUIOp>(loc, rest, rows), outer);
  for (Operand *o : {&a, &c}) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&b.getInsertionBlock()->getParent()->getParentOfType<func::FuncOp>().getBody().front());
    Type element = getElementTypeOrSelf(o->in->get().getType());
    auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
    o->memory = memref::AllocaOp::create(b, loc, MemRefType::get({depth, nest->tile}, element.isInteger(1) ? b.getI8Type() : element, MemRefLayoutAttrInterface(), space));
  }
  Value x = rem(thread, side), y = div(thread, side);
  auto f = scf::ForOp::create(b, loc, index(0), a.terms, index(depth), SmallVector<Value>(own * own, initial(op)));
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(f.getBody());
    loadTile(a, outer, f.getInductionVar()), loadTile(c, outer, f.getInductionVar());
    gpu::BarrierOp::create(b, loc);
    // Terms beyond the sum's end are zeros in both operands.
    auto sum = scf::ForOp::create(b, loc, index(0), index(depth), index(1), f.getRegionIterArgs());
    {
      OpBuilder::InsertionGuard inner(b);
      b.setInsertionPointToStart(sum.getBody());
      auto loaded = [&](Operand &o, Value thread) {
        SmallVector<Value> r;
        for (int64_t i = 0; i < own; ++i) r.push_back(load(o.memory, {sum.getInductionVar(), add(thread, index(i * side))}, getElementTypeOrSelf(o.in->get().getType())));
        return r;
      };
      SmallVector<Value> left = loaded(a, y), right = loaded(c, x), next;
      for (int64_t i = 0; i < own; ++i)
        for (int64_t j = 0; j < own; ++j) {
          IRMapping map;
          map.map(op.getBody()->getArguments(), ValueRange{left[i], right[j], sum.getRegionIterArg(i * own + j)});
          for (Operation &o : op.getBody()->without_terminator()) b.clone(o, map);
          next.push_back(map.lookup(op.getBody()->getTerminator()->getOperand(0)));
        }
      scf::YieldOp::create(b, loc, next);
    }
    gpu::BarrierOp::create(b, loc);
    scf::YieldOp::create(b, loc, sum.getResults());
  }
  for (int64_t i = 0; i < own; ++i)
    for (int64_t j = 0; j < own; ++j) {
      loc = op.getLoc();
      Value row = add(a.first, add(y, index(i * side))), column = add(c.first, add(x, index(j * side)));
      Value exists = arith::AndIOp::create(b, loc, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, row, a.count), arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, column, c.count));
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(scf::IfOp::create(b, loc, exists, /*withElse=*/false).thenBlock());
      Loops now = outer;
      place(op, roles.m, row, now), place(op, roles.n, column, now);
      at.assign(nest->extents.size(), index(0)), local = at;
      for (auto [d, loop] : llvm::enumerate(space(op)))
        if (loop >= 0) at[d] = now.at[loop], local[d] = now.local[loop];
      registers.clear();
      registers[op.getResult(0)] = f.getResult(i * own + j);
      computeAll();
      storeAll({});
    }
}

void Emitter::writeTiles(const Nest &n) {
  auto op = n.ops.front();
  Roles roles = *rolesOf(op);
  lane = {};
  auto tiles = [&](ArrayRef<unsigned> loops) { return b.createOrFold<arith::DivUIOp>(loc, add(extentOf(op, loops), index(n.tile - 1)), index(n.tile)); };
  Value count = b.createOrFold<arith::MulIOp>(loc, b.createOrFold<arith::MulIOp>(loc, tiles(roles.m), tiles(roles.n)), extentOf(op, roles.batch));
  auto f = scf::ForOp::create(b, loc, part ? part : index(0), count, index(n.parts));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(f.getBody());
  writeTile(op, roles, f.getInductionVar());
}

} // namespace tenon::compiler::cuda
