// Contractions in tiles: the operands' parts wait in shared memory, each thread sums a part of the tile in registers, and what follows the sum works on those.
#include "compiler/codegen/cuda/emitter.h"

using namespace mlir;
namespace tenon::compiler::cuda {

using linalg::GenericOp;

namespace {
constexpr int64_t depth = 16; ///< terms at a time
constexpr int64_t padding = 4; ///< elements behind each line of a tile, so that lines begin in different banks
} // namespace

void Emitter::unrolled(int64_t count, llvm::function_ref<void(Value)> body) {
  auto f = scf::ForOp::create(b, loc, index(0), index(count), index(1));
  f->setAttr("tenon.unroll", b.getUnitAttr());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(f.getBody());
  body(f.getInductionVar());
}

Value Emitter::call(const Twine &function, ValueRange operands, Type result) {
  auto c = ir::kernel::CallOp::create(b, loc, result ? TypeRange{result} : TypeRange{}, b.getStringAttr(function), operands);
  return result ? c.getResult(0) : Value();
}

Value Emitter::addressOf(Value memory, ValueRange at) {
  SmallVector<OpFoldResult> ones(at.size(), b.getIndexAttr(1));
  return memref::SubViewOp::create(b, loc, memory, getAsOpFoldResult(at), ones, ones);
}

/// Memory of the block, found at the kernel's start.
Value Emitter::shared(int64_t elements, Type element) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&b.getInsertionBlock()->getParent()->getParentOfType<func::FuncOp>().getBody().front());
  auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  return memref::AllocaOp::create(b, loc, MemRefType::get({elements}, element, MemRefLayoutAttrInterface(), space), b.getI64IntegerAttr(16));
}

Value Emitter::extentOf(GenericOp op, ArrayRef<unsigned> loops) {
  Value r = index(1);
  for (unsigned l : loops) r = (int)l == axisOf(op) ? b.createOrFold<arith::MulIOp>(loc, r, size) : mul(r, op.getStaticLoopRanges()[l]);
  return r;
}

/// The number of a place in `loops`, the last of them fastest, as their indices.
void Emitter::place(GenericOp op, ArrayRef<unsigned> loops, Value number, Loops &to) {
  for (auto [i, l] : llvm::enumerate(llvm::reverse(loops))) {
    bool cut = (int)l == axisOf(op), outermost = i + 1 == loops.size();
    Value extent = cut ? size : index(op.getStaticLoopRanges()[l]);
    to.local[l] = outermost ? number : b.createOrFold<arith::RemUIOp>(loc, number, extent);
    to.at[l] = cut ? add(start, to.local[l]) : to.local[l];
    if (!outermost) number = b.createOrFold<arith::DivUIOp>(loc, number, extent);
  }
}

/// Whether the operand has an element for a row of the tile and a term; its loops, and where it is.
Value Emitter::exists(Operand &o, Value row, Value k, Loops &now, SmallVectorImpl<Value> &where) {
  Value wholeRow = add(o.first, row);
  Value yes = arith::AndIOp::create(b, loc, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, wholeRow, o.count), arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, k, index(o.terms)));
  place(o.op, o.rows, wholeRow, now), place(o.op, o.k, k, now);
  AffineMap map = o.op.getMatchingIndexingMap(o.in);
  where.clear();
  for (AffineExpr e : map.getResults()) where.push_back(affine(e, now.at));
  if (o.in->getOperandNumber() == 0 && !windowsOf(o.op).empty())
    if (Value inWindow = inside(o.op, now, where)) yes = arith::AndIOp::create(b, loc, yes, inWindow);
  return yes;
}

/// What an element of the operand brings to the product, or the element as it is; 0 where there is none.
Value Emitter::factor(Operand &o, Value row, Value k, const Loops &outer) {
  Loops now = outer;
  SmallVector<Value> where;
  Value yes = exists(o, row, k, now, where), argument = o.op.getMatchingBlockArgument(o.in), result = nest->tile.tensorCores ? argument : (*factorsOf(o.op))[o.in->getOperandNumber()];
  auto branch = scf::IfOp::create(b, loc, TypeRange{result.getType()}, yes, /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  IRMapping map;
  map.map(argument, load(places.find(o.in->get())->second.memory, where, getElementTypeOrSelf(o.in->get().getType())));
  auto cloned = [&](auto &self, Value v) -> Value {
    if (Value known = map.lookupOrNull(v)) return known;
    for (Value used : v.getDefiningOp()->getOperands()) self(self, used);
    return b.clone(*v.getDefiningOp(), map)->getResult(0);
  };
  scf::YieldOp::create(b, loc, cloned(cloned, result));
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loc, arith::ConstantOp::create(b, loc, b.getZeroAttr(result.getType())).getResult());
  return branch.getResult(0);
}

/// While a tile is multiplied the next one is on its way to registers.
void Emitter::sumInRegisters(Operand &a, Operand &c, const Loops &outer, Value sums) {
  Type element = cast<MemRefType>(sums.getType()).getElementType();
  auto sizeOf = [](Operand &o) { return depth * (o.tile + padding); };
  Operand *both[] = {&a, &c};
  SmallVector<Value> coming;
  for (Operand *o : both) {
    o->memory = shared(2 * sizeOf(*o), element);
    coming.push_back(memref::AllocaOp::create(b, loc, MemRefType::get({depth * o->tile / threads}, element)));
  }
  // Neighbouring threads read neighbours in memory; where those are terms, 8 of them, and 4 rows.
  auto forElements = [&](Operand &o, llvm::function_ref<void(Value, Value, Value)> body) {
    unrolled(depth * o.tile / threads, [&](Value j) {
      Value i = add(mul(j, threads), thread);
      if (o.along) body(j, rem(div(i, 8), o.tile), add(mul(div(i, 8 * o.tile), 8), rem(i, 8)));
      else body(j, rem(i, o.tile), div(i, o.tile));
    });
  };
  auto fetch = [&](Value kBegin) {
    for (auto [o, to] : llvm::zip(both, coming))
      forElements(*o, [&](Value j, Value row, Value k) { memref::StoreOp::create(b, loc, factor(*o, row, add(kBegin, k), outer), to, j); });
  };
  auto put = [&](Value which) {
    for (auto [o, from] : llvm::zip(both, coming))
      forElements(*o, [&](Value j, Value row, Value k) {
        memref::StoreOp::create(b, loc, memref::LoadOp::create(b, loc, from, j), o->memory, add(mul(which, sizeOf(*o)), add(mul(k, o->tile + padding), row)));
      });
  };
  fetch(index(0)), put(index(0));
  gpu::BarrierOp::create(b, loc);
  auto f = scf::ForOp::create(b, loc, index(0), index(a.terms), index(depth));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(f.getBody());
  Value which = rem(div(f.getInductionVar(), depth), 2), next = add(f.getInductionVar(), index(depth));
  Value more = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, next, index(a.terms));
  auto ifMore = [&](llvm::function_ref<void()> body) {
    OpBuilder::InsertionGuard inner(b);
    b.setInsertionPointToStart(scf::IfOp::create(b, loc, more, /*withElse=*/false).thenBlock());
    body();
  };
  ifMore([&] { fetch(next); });
  call("multiply_tiles<" + Twine(a.tile) + ", " + Twine(c.tile) + ">", {sums, addressOf(a.memory, mul(which, sizeOf(a))), addressOf(c.memory, mul(which, sizeOf(c)))});
  ifMore([&] { put(arith::SubIOp::create(b, loc, index(1), which)); });
  gpu::BarrierOp::create(b, loc);
}

/// The sums that a thread has: row and column in the tile, number among its sums. As multiply_tiles and multiply_halves of the prelude have them.
void Emitter::forSums(const Tile &tile, llvm::function_ref<void(Value, Value, Value)> body) {
  Value lane = rem(thread, 32), warp = div(thread, 32);
  if (tile.tensorCores) {
    int64_t across = tile.columns < tile.rows ? 2 : 4, rows = tile.rows * across / 8, columns = tile.columns / across;
    Value row = add(mul(div(warp, across), rows), div(lane, 4)), column = add(mul(rem(warp, across), columns), mul(rem(lane, 4), 2));
    return unrolled(rows / 8, [&](Value i) {
      unrolled(columns / 4, [&](Value j) {
        Value number = add(mul(add(mul(div(i, 2), columns / 8), div(j, 2)), 4), add(mul(rem(i, 2), 2), rem(j, 2)));
        body(add(row, mul(i, 8)), add(column, add(mul(div(j, 2), 8), rem(j, 2))), number);
      });
    });
  }
  int64_t rows = tile.rows / 16, columns = tile.columns / 16, group = std::min<int64_t>(rows, 4);
  Value x = add(mul(rem(warp, 2), 8), rem(lane, 8)), y = add(mul(div(warp, 2), 4), div(lane, 8));
  auto at = [&](Value side, Value i) { return add(mul(add(mul(div(i, group), 16), side), group), rem(i, group)); };
  unrolled(rows, [&](Value i) { unrolled(columns, [&](Value j) { body(at(y, i), at(x, j), add(mul(i, columns), j)); }); });
}

void Emitter::writeTile(GenericOp op, const Roles &roles, Value tile) {
  int64_t terms = 1;
  for (unsigned l : roles.k) terms *= op.getStaticLoopRanges()[l];
  auto operand = [&](unsigned i, ArrayRef<unsigned> rows, int64_t size) {
    AffineMap map = op.getIndexingMapsArray()[i];
    bool along = map.getNumResults() && map.getResult(map.getNumResults() - 1).isFunctionOfDim(roles.k.back());
    return Operand{op, op.getDpsInputOperand(i), rows, roles.k, size, terms, extentOf(op, rows), {}, along, {}};
  };
  Operand a = operand(0, roles.m, nest->tile.rows), c = operand(1, roles.n, nest->tile.columns);
  auto tilesOf = [&](Operand &o) { return b.createOrFold<arith::DivUIOp>(loc, add(o.count, index(o.tile - 1)), index(o.tile)); };
  Value columns = tilesOf(c), rows = tilesOf(a), rest = b.createOrFold<arith::DivUIOp>(loc, tile, columns);
  c.first = mul(b.createOrFold<arith::RemUIOp>(loc, tile, columns), c.tile);
  a.first = mul(b.createOrFold<arith::RemUIOp>(loc, rest, rows), a.tile);
  Loops outer{SmallVector<Value>(op.getNumLoops(), index(0)), SmallVector<Value>(op.getNumLoops(), index(0))};
  place(op, roles.batch, b.createOrFold<arith::DivUIOp>(loc, rest, rows), outer);

  int64_t own = a.tile * c.tile / threads;
  Value sums = memref::AllocaOp::create(b, loc, MemRefType::get({own}, getElementTypeOrSelf(op.getResult(0).getType())));
  Value first = initial(op);
  unrolled(own, [&](Value i) { memref::StoreOp::create(b, loc, first, sums, i); });
  if (nest->tile.tensorCores) sumOnTensorCores(a, c, outer, sums);
  else sumInRegisters(a, c, outer, sums);
  forSums(nest->tile, [&](Value inTile, Value across, Value number) {
    loc = op.getLoc();
    Value row = add(a.first, inTile), column = add(c.first, across);
    Value yes = arith::AndIOp::create(b, loc, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, row, a.count), arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, column, c.count));
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(scf::IfOp::create(b, loc, yes, /*withElse=*/false).thenBlock());
    Loops now = outer;
    place(op, roles.m, row, now), place(op, roles.n, column, now);
    at.assign(nest->extents.size(), index(0)), local = at;
    for (auto [d, loop] : llvm::enumerate(space(op)))
      if (loop >= 0) at[d] = now.at[loop], local[d] = now.local[loop];
    registers.clear();
    registers[op.getResult(0)] = memref::LoadOp::create(b, loc, sums, number);
    computeAll();
    storeAll({});
  });
}

/// A block computes one tile.
void Emitter::writeTiles(const Nest &n) {
  auto op = n.ops.front();
  Roles roles = *rolesOf(op);
  lane = {};
  auto tiles = [&](ArrayRef<unsigned> loops, int64_t tile) { return b.createOrFold<arith::DivUIOp>(loc, add(extentOf(op, loops), index(tile - 1)), index(tile)); };
  Value count = b.createOrFold<arith::MulIOp>(loc, tiles(roles.m, n.tile.rows), tiles(roles.n, n.tile.columns));
  count = b.createOrFold<arith::MulIOp>(loc, count, extentOf(op, roles.batch));
  Value tile = part ? part : index(0);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(scf::IfOp::create(b, loc, arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, tile, count), /*withElse=*/false).thenBlock());
  writeTile(op, roles, tile);
}

} // namespace tenon::compiler::cuda
