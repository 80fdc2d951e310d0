// Writes a kernel: nests one after the other, barriers between them, in each a loop of the block's threads over the elements.
#include "compiler/codegen/cuda/emitter.h"

using namespace mlir;
namespace tenon::compiler::cuda {

using linalg::GenericOp;
namespace kernel = tenon::ir::kernel;

namespace {

/// Flags are bytes in memory.
Type elementInMemory(RankedTensorType t) {
  Type e = t.getElementType();
  return e.isInteger(1) ? IntegerType::get(t.getContext(), 8) : e;
}

/// The values that one nest computes and another reads, but nobody outside.
SmallVector<Value> crossing(kernel::GridOp grid, const std::vector<Nest> &nests) {
  SmallVector<Value> r;
  for (const Nest &n : nests)
    for (GenericOp op : n.ops) {
      Value v = op.getResult(0);
      if (!llvm::is_contained(grid.getYielded(), v) && llvm::any_of(v.getUsers(), [&](Operation *u) { return !llvm::is_contained(n.ops, u) && !isa<kernel::YieldOp>(u); })) r.push_back(v);
    }
  return r;
}

/// The shape of a block's part of what op computes.
SmallVector<int64_t> partShape(kernel::GridOp grid, GenericOp op) {
  SmallVector<int64_t> shape(cast<RankedTensorType>(op.getResult(0).getType()).getShape());
  for (auto [d, loop] : llvm::enumerate(space(op)))
    if (loop >= 0 && loop == axisOf(op)) shape[d] = std::min<int64_t>(shape[d], grid.getBlock());
  return shape;
}

int64_t elementsOf(ArrayRef<int64_t> shape) { return std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>()); }

constexpr int64_t sharedBytes = 40 << 10; // of the 48 KiB that every kernel may have, the teams' sums take some

Value sharedMemory(OpBuilder &b, Location loc, ArrayRef<int64_t> shape, Type element) {
  auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  return memref::AllocaOp::create(b, loc, MemRefType::get(shape, element, MemRefLayoutAttrInterface(), space));
}

/// The kernel of an op of pieces: each thread takes the pieces of its number.
void writePieces(OpBuilder &builder, ir::PiecewiseOpInterface op, kernel::GridOp grid, ValueRange memory) {
  ImplicitLocOpBuilder b(op.getLoc(), builder);
  auto index = [&](int64_t i) -> Value { return arith::ConstantIndexOp::create(b, i); };
  int64_t pieces = op.getPieces(), block = grid.getBlocks() > 1 ? grid.getBlock() : pieces;
  Value thread = gpu::ThreadIdOp::create(b, b.getIndexType(), gpu::Dimension::x), number = gpu::BlockIdOp::create(b, b.getIndexType(), gpu::Dimension::x);
  Value first = arith::MulIOp::create(b, number, index(block));
  Value end = arith::MinSIOp::create(b, arith::AddIOp::create(b, first, index(block)), index(pieces));
  auto f = scf::ForOp::create(b, arith::AddIOp::create(b, first, thread), end, index(threads));
  b.setInsertionPointToStart(f.getBody());
  op.buildPieces(b, memory, f.getInductionVar(), arith::AddIOp::create(b, f.getInductionVar(), index(1)), /*lanes=*/1);
}

} // namespace

Value Emitter::index(int64_t i) { return arith::ConstantIndexOp::create(b, loc, i); }
Value Emitter::add(Value a, Value c) { return b.createOrFold<arith::AddIOp>(loc, a, c); }
Value Emitter::mul(Value a, int64_t c) { return b.createOrFold<arith::MulIOp>(loc, a, index(c)); }
Value Emitter::div(Value a, int64_t c) { return c == 1 ? a : b.createOrFold<arith::DivUIOp>(loc, a, index(c)); }
Value Emitter::rem(Value a, int64_t c) { return c == 1 ? index(0) : b.createOrFold<arith::RemUIOp>(loc, a, index(c)); }

/// One element, or a team's. `writes`: whether the thread stores; null: it does.
void Emitter::element(Value number, Value writes) {
  registers.clear();
  at.assign(nest->extents.size(), {}), local = at;
  Value rest = number;
  for (int d = (int)nest->extents.size() - 1; d >= 0; --d) {
    bool outermost = llvm::all_of(ArrayRef(nest->extents).take_front(d), [](int64_t n) { return n == 1; });
    if (d == nest->cut) {
      local[d] = outermost ? rest : b.createOrFold<arith::RemUIOp>(loc, rest, size);
      rest = outermost ? index(0) : b.createOrFold<arith::DivUIOp>(loc, rest, size);
      at[d] = add(start, local[d]);
    } else {
      local[d] = at[d] = nest->extents[d] == 1 ? index(0) : outermost ? rest : rem(rest, nest->extents[d]);
      rest = outermost ? index(0) : div(rest, nest->extents[d]);
    }
  }
  computeAll();
  storeAll(writes);
}

void Emitter::computeAll() {
  for (GenericOp op : nest->ops)
    if (!registers.count(op.getResult(0))) registers[op.getResult(0)] = compute(op);
}

void Emitter::storeAll(Value writes) {
  loc = nest->ops.front()->getLoc();
  bool stores = llvm::any_of(nest->ops, [&](GenericOp op) { return stored.contains(op.getResult(0)); });
  if (!stores) return;
  OpBuilder::InsertionGuard guard(b);
  // The lanes of a team may read what the first of them overwrites.
  if (lane && llvm::any_of(nest->ops, [&](GenericOp op) { return overwrites(grid, op); })) gpu::BarrierOp::create(b, loc);
  if (writes) b.setInsertionPointToStart(scf::IfOp::create(b, loc, writes, /*withElse=*/false).thenBlock());
  for (GenericOp op : nest->ops)
    if (Value v = op.getResult(0); stored.contains(v)) {
      loc = op.getLoc();
      store(registers[v], places[v].memory, places[v].local ? local : at);
    }
}

void Emitter::writeNest(const Nest &n) {
  nest = &n, loc = n.ops.front()->getLoc();
  if (n.tile.rows) return writeTiles(n);
  int64_t others = 1;
  for (auto [d, extent] : llvm::enumerate(n.extents))
    if ((int)d != n.cut) others *= extent;
  Value count = n.cut < 0 ? index(others) : mul(size, others);
  OpBuilder::InsertionGuard guard(b);
  if (n.team == 1) {
    lane = {};
    auto f = scf::ForOp::create(b, loc, part ? add(mul(part, threads), thread) : thread, count, index(threads * n.parts));
    b.setInsertionPointToStart(f.getBody());
    return element(f.getInductionVar(), {});
  }
  // All threads make the same passes, because teams exchange their sums.
  lane = rem(thread, n.team);
  auto f = scf::ForOp::create(b, loc, index(0), count, index(threads / n.team));
  b.setInsertionPointToStart(f.getBody());
  Value number = add(f.getInductionVar(), div(thread, n.team));
  Value exists = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, number, count);
  Value first = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, lane, index(0));
  Value clamped = arith::SelectOp::create(b, loc, exists, number, index(0));
  element(clamped, arith::AndIOp::create(b, loc, exists, first));
}

void Emitter::writeBlock(const std::vector<Nest> &nests) {
  thread = gpu::ThreadIdOp::create(b, loc, b.getIndexType(), gpu::Dimension::x);
  int64_t extent = grid.getExtent(), block = std::min<int64_t>(grid.getBlock(), extent);
  Value number = gpu::BlockIdOp::create(b, loc, b.getIndexType(), gpu::Dimension::x);
  int64_t parts = nests.size() == 1 ? nests.front().parts : 1;
  if (parts > 1) part = rem(number, parts), number = div(number, parts);
  if (grid.getBlocks() == 1) start = index(0), size = index(std::max<int64_t>(extent, 1));
  else {
    start = mul(number, block);
    size = extent % block == 0 ? index(block) : arith::MinSIOp::create(b, loc, index(block), arith::SubIOp::create(b, loc, index(extent), start)).getResult();
  }
  for (const Nest &n : nests) {
    if (&n != &nests.front()) gpu::BarrierOp::create(b, loc);
    writeNest(n);
  }
}

Emission emitKernel(kernel::GridOp grid, ModuleOp module, StringRef name) {
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  Location loc = grid.getLoc();
  Emission out;
  SmallVector<Type> types;
  auto yielded = grid.getYielded();
  auto argument = [&](ArrayRef<int64_t> shape, Type element) {
    types.push_back(MemRefType::get(shape, element));
    return types.size() - 1;
  };
  auto tensor = [&](Type t) { return argument(cast<RankedTensorType>(t).getShape(), elementInMemory(cast<RankedTensorType>(t))); };
  auto workspace = [&](RankedTensorType t) {
    out.workspaces.push_back(bytesOf(t));
    return tensor(t);
  };
  for (Value v : grid.getInputs()) tensor(v.getType());
  SmallVector<unsigned> resultArgument;
  for (auto [v, inPlace] : llvm::zip(yielded, grid.getInPlace())) resultArgument.push_back(inPlace >= 0 ? inPlace : tensor(v.getType()));
  auto pieces = grid.getBody().front().getOps<ir::PiecewiseOpInterface>();
  bool alone = !pieces.empty();
  std::vector<Nest> nests = alone ? std::vector<Nest>() : formNests(grid, threads);
  // Values between nests are in shared memory as long as there is some, then in the arena.
  SmallVector<Value> shared;
  SmallVector<std::pair<Value, unsigned>> spaces;
  int64_t used = 0;
  for (Value v : crossing(grid, nests)) {
    auto type = cast<RankedTensorType>(v.getType());
    int64_t bytes = llvm::alignTo(elementsOf(partShape(grid, v.getDefiningOp<GenericOp>())) * std::max(8u, type.getElementTypeBitWidth()) / 8, 16);
    if (used + bytes <= sharedBytes) used += bytes, shared.push_back(v);
    else spaces.push_back({v, workspace(type)});
  }
  if (alone)
    for (RankedTensorType t : (*pieces.begin()).getScratch()) workspace(t);

  if (nests.size() == 1) out.parts = nests.front().parts, out.sums = nests.front().tile.rows * nests.front().tile.columns / threads;
  auto function = func::FuncOp::create(b, loc, name, b.getFunctionType(types, {}));
  // A nest may have more elements or terms than any of its tensors has elements.
  for (auto op : grid.getBody().front().getOps<GenericOp>()) {
    int64_t parallel = 1, terms = 1;
    for (auto [extent, kind] : llvm::zip(op.getStaticLoopRanges(), op.getIteratorTypesArray())) (kind == utils::IteratorType::parallel ? parallel : terms) *= extent;
    if (std::max(parallel, terms) > INT32_MAX / 2) function->setAttr("tenon.wide", b.getUnitAttr());
  }
  Block *entry = function.addEntryBlock();
  b.setInsertionPointToStart(entry);
  if (alone) {
    auto ret = func::ReturnOp::create(b, loc);
    b.setInsertionPoint(ret);
    writePieces(b, *pieces.begin(), grid, entry->getArguments());
    return out;
  }
  Emitter e(b, grid);
  for (auto [v, a] : llvm::zip(grid.getBody().front().getArguments(), entry->getArguments())) e.places[v] = {a};
  for (auto [v, i] : llvm::zip(yielded, resultArgument)) e.places[v] = {entry->getArgument(i)}, e.stored.insert(v);
  for (auto [v, i] : spaces) e.places[v] = {entry->getArgument(i)}, e.stored.insert(v);
  for (Value v : shared) {
    auto op = v.getDefiningOp<GenericOp>();
    e.places[v] = {sharedMemory(e.b, op.getLoc(), partShape(grid, op), elementInMemory(cast<RankedTensorType>(v.getType()))), true}, e.stored.insert(v);
  }
  e.writeBlock(nests);
  func::ReturnOp::create(e.b, loc);
  return out;
}

} // namespace tenon::compiler::cuda
