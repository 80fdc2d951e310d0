// Writes a kernel: blocks, in them nests, in them loops over register tiles.
#include "compiler/codegen/cpu/emitter.h"

using namespace mlir;
namespace tenon::compiler::cpu {

using linalg::GenericOp;
namespace kernel = tenon::ir::kernel;

static MemRefType memoryType(RankedTensorType t, ArrayRef<int64_t> shape) {
  Type e = t.getElementType();
  return MemRefType::get(shape, e.isInteger(1) ? IntegerType::get(t.getContext(), 8) : e);
}

void Emitter::loopOver(int64_t extent, int64_t tile, llvm::function_ref<void(Value, int64_t)> body) {
  int64_t main = extent / tile * tile;
  if (main == tile) body(index(0), tile);
  else if (main) {
    auto f = scf::ForOp::create(b, loc, index(0), index(main), index(tile));
    OpBuilder::InsertionGuard g(b);
    b.setInsertionPointToStart(f.getBody());
    body(f.getInductionVar(), tile);
  }
  if (extent > main) body(index(main), extent - main);
}

/// Is op, on the same tile, among what the contraction that is cut reads.
bool Emitter::feedsParts(GenericOp op) {
  return llvm::any_of(op->getUsers(), [&](Operation *u) {
    auto user = dyn_cast<GenericOp>(u);
    return user && nest->roles.count(user) && (user == parts.op || feedsParts(user));
  });
}

struct TileSize {
  int64_t rows, columns;
  int64_t sumRows; ///< of its contraction, were nothing to follow it
};
/// The register tile of a nest.
static TileSize tileOf(Nest &n, const TileTable &table) {
  int64_t width = 32, ops = 0, cost = 0; // cost: instructions of a vector besides the contraction's
  bool narrow = false;
  for (GenericOp op : n.ops) {
    narrow |= getElementTypeOrSelf(op.getResult(0).getType()).getIntOrFloatBitWidth() < 32;
    width = std::max<int64_t>(width, getElementTypeOrSelf(op.getResult(0).getType()).getIntOrFloatBitWidth());
    ops += op.getBody()->getOperations().size();
    for (Operation &x : op.getBody()->without_terminator()) cost += isa<math::FmaOp>(x) ? 0 : isa_and_nonnull<math::MathDialect>(x.getDialect()) ? 20 : 1;
  }
  int64_t most = ops > 12 ? 2 : 4; // vectors at once of a pointwise tile: long bodies need the registers
  int64_t columns = std::max<int64_t>(n.n, 1);
  int64_t perRow = n.contracts && n.m > 1 && !n.vectorReduces ? table.vectors : most;
  if (n.apart) perRow = 1; // a cache line of every lane stays in the first cache
  if (!n.wholeRow) columns = std::min(columns, perRow * table.lanes);
  int64_t vectors = llvm::divideCeil(columns, table.lanes), rows = std::max<int64_t>(1, 4 / vectors);
  if (n.apart && !narrow) rows = table.lanes; // squares that are turned
  if (n.vectorReduces) rows = 4;
  else if (n.contracts) rows = std::clamp<int64_t>(table.rows * table.vectors * 32 / (width * vectors), 1, table.rows + 2);
  int64_t m = std::max<int64_t>(n.m, 1);
  auto even = [&](int64_t most) -> int64_t { return llvm::divideCeil(m, llvm::divideCeil(m, most)); };
  int64_t sumRows = even(rows);
  rows = std::min(rows, std::max<int64_t>(4, 256 / (vectors * std::max<int64_t>(cost, 1)))); // unrolled code costs compile time and the first caches
  return {even(rows), columns, sumRows};
}

void Emitter::writeNest(Nest &n) {
  nest = &n;
  auto [rowTile, laneTile, sumRows] = tileOf(n, table);
  findParts(n, laneTile, sumRows > rowTile);
  outerIndex.assign(n.outer.size(), {});
  auto around = [&](auto &self, unsigned depth, llvm::function_ref<void()> body) -> void {
    if (depth == n.outer.size()) return body();
    loopOver(n.outer[depth], 1, [&](Value at, int64_t) { outerIndex[depth] = at; self(self, depth + 1, body); });
  };
  auto overLanes = [&, laneTile = laneTile](llvm::function_ref<void(Value, int64_t)> body) { loopOver(std::max<int64_t>(n.n, 1), laneTile, body); };
  auto tile = [&] {
    tiles.clear(), owned.clear();
    for (GenericOp op : n.ops)
      if (parts.last || op == parts.op || feedsParts(op)) compute(op);
    for (GenericOp op : n.ops)
      if (parts.last && (places.count(op.getResult(0)) || stored.count(op.getResult(0)))) store(op);
  };
  auto overRows = [&, rowTile = rowTile, sumRows = sumRows](Value lane, int64_t lanes) {
    loopOver(std::max<int64_t>(n.m, 1), parts.apart && !parts.finish ? sumRows : rowTile, [&](Value row, int64_t size) {
      rowStart = row, rows = size, laneStart = lane, columns = lanes;
      tile();
    });
  };
  auto inOrder = [&, laneTile = laneTile, rowTile = rowTile](auto &self, ArrayRef<int> order) -> void {
    if (order.empty()) return tile();
    auto inside = [&] { self(self, order.drop_front()); };
    if (order[0] == N) return loopOver(std::max<int64_t>(n.n, 1), laneTile, [&](Value at, int64_t size) { laneStart = at, columns = size, inside(); });
    if (order[0] == M) return loopOver(n.m, rowTile, [&](Value at, int64_t size) { rowStart = at, rows = size, inside(); });
    loopOver(n.outer[order[0] - Outer], 1, [&](Value at, int64_t) { outerIndex[order[0] - Outer] = at, inside(); });
  };
  bool windows = llvm::any_of(n.ops, [](GenericOp op) { return !windowsOf(op).empty(); });
  rowStart = laneStart = index(0), rows = columns = 1;
  if (n.apart) return forParts([&] { inOrder(inOrder, n.order); });
  auto packFor = [&](Value lane, int64_t lanes) {
    tiles.clear(), laneStart = lane, columns = lanes;
    pack();
  };
  if (windows) // what one tile's lanes read serves all other loops: the weights of all pixels
    return forParts([&] { overLanes([&](Value lane, int64_t lanes) { packFor(lane, lanes), around(around, 0, [&] { overRows(lane, lanes); }); }); });
  auto tilesOf = [&](Value lane, int64_t lanes) { packFor(lane, lanes), overRows(lane, lanes); };
  if (parts.whole) return forParts([&] { packWhole(), around(around, 0, [&] { overLanes(tilesOf); }); });
  around(around, 0, [&] {
    overLanes([&](Value lane, int64_t lanes) {
      laneStart = lane, columns = lanes;
      forParts([&] { tilesOf(lane, lanes); });
    });
  });
}

void Emitter::writeBlock(Value at, int64_t size) {
  start = at, block = size;
  std::vector<Nest> nests = formNests(grid, size, table);
  DenseMap<Operation *, unsigned> nestOf;
  for (auto [i, n] : llvm::enumerate(nests))
    for (GenericOp op : n.ops) nestOf[op] = i;
  for (auto [i, n] : llvm::enumerate(nests))
    for (GenericOp op : n.ops) {
      Value v = op.getResult(0);
      bool crosses = llvm::any_of(op->getUsers(), [&](Operation *u) { return nestOf.count(u) && nestOf[u] != i; });
      if (stored.count(v)) { places[v] = {stored[v], false}; continue; }
      if (!crosses || (places.count(v) && !places[v].local)) continue; // a workspace serves every block
      auto type = cast<RankedTensorType>(v.getType());
      SmallVector<int64_t> shape(type.getShape());
      for (unsigned d = 0; d < shape.size(); ++d)
        if (loopAt(resultMap(op), d) == axisOf(op)) shape[d] = size;
      places[v] = {entryBuffer(shape, memoryType(type, shape).getElementType()), true};
    }
  for (Nest &n : nests) writeNest(n);
}

/// Values that cross nests and are too large for the stack live in the arena.
static SmallVector<Value> workspaces(kernel::GridOp grid, const TileTable &table) {
  constexpr int64_t limit = 64 << 10;
  SmallVector<Value> r;
  auto yielded = grid.getYielded();
  int64_t size = std::min<int64_t>(grid.getBlock(), grid.getExtent());
  std::vector<Nest> nests = formNests(grid, size, table);
  for (Nest &n : nests)
    for (GenericOp op : n.ops) {
      Value v = op.getResult(0);
      if (llvm::is_contained(yielded, v) || llvm::all_of(op->getUsers(), [&](Operation *u) { return llvm::is_contained(n.ops, u); })) continue;
      int64_t bytes = bytesOf(v.getType());
      if (axisOf(op) >= 0 && grid.getExtent()) bytes = bytes / grid.getExtent() * size;
      if (bytes > limit) r.push_back(v);
    }
  return r;
}

/// The kernel of an op of pieces: the op writes it.
static void writePieces(OpBuilder &builder, ir::PiecewiseOpInterface op, kernel::GridOp grid, ValueRange memory, Value begin, Value end, int64_t lanes) {
  ImplicitLocOpBuilder b(op.getLoc(), builder);
  auto index = [&](int64_t i) -> Value { return arith::ConstantIndexOp::create(b, i); };
  int64_t pieces = op.getPieces();
  Value from = index(0), to = index(pieces);
  if (grid.getBlocks() > 1) {
    Value size = index(grid.getBlock());
    from = arith::MulIOp::create(b, begin, size);
    to = arith::MinSIOp::create(b, arith::MulIOp::create(b, end, size), to);
  }
  op.buildPieces(b, memory, from, to, lanes);
}

EmittedKernel emitKernel(kernel::GridOp grid, ModuleOp module, StringRef name, const TileTable &table) {
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  Location loc = grid.getLoc();
  EmittedKernel out;
  SmallVector<Type> types;
  auto yielded = grid.getYielded();
  auto add = [&](EmittedArgument::Kind kind, unsigned i, Type t) {
    auto type = cast<RankedTensorType>(t);
    out.arguments.push_back({kind, i, bytesOf(t)});
    types.push_back(memoryType(type, type.getShape()));
    return types.size() - 1;
  };
  auto pieces = grid.getBody().front().getOps<ir::PiecewiseOpInterface>();
  bool alone = !pieces.empty();
  SmallVector<Value> spaces = alone ? SmallVector<Value>() : workspaces(grid, table);
  SmallVector<RankedTensorType> scratch = alone ? (*pieces.begin()).getScratch() : SmallVector<RankedTensorType>();
  for (auto [i, v] : llvm::enumerate(grid.getInputs())) add(EmittedArgument::Input, i, v.getType());
  SmallVector<unsigned> resultArgument;
  for (auto [i, v] : llvm::enumerate(yielded))
    resultArgument.push_back(grid.getInPlace()[i] >= 0 ? grid.getInPlace()[i] : add(EmittedArgument::Output, i, v.getType()));
  for (Value v : spaces) add(EmittedArgument::Workspace, 0, v.getType());
  for (RankedTensorType t : scratch) add(EmittedArgument::Workspace, 0, t);
  unsigned pointers = types.size();
  types.append(2, b.getIndexType());
  out.function = func::FuncOp::create(b, loc, name, b.getFunctionType(types, {}));
  Block *entry = out.function.addEntryBlock();
  for (unsigned i = 0; i < pointers; ++i) out.function.setArgAttr(i, "llvm.noalias", b.getUnitAttr());
  b.setInsertionPointToStart(entry);
  if (alone) {
    writePieces(b, *pieces.begin(), grid, entry->getArguments().take_front(pointers), entry->getArgument(pointers), entry->getArgument(pointers + 1), table.lanes);
    func::ReturnOp::create(b, loc);
    return out;
  }

  Emitter e(b, grid, table);
  Block &body = grid.getBody().front();
  for (auto [i, a] : llvm::enumerate(body.getArguments())) e.places[a] = {entry->getArgument(i), false};
  for (auto [v, i] : llvm::zip(yielded, resultArgument)) e.stored[v] = entry->getArgument(i);
  for (auto [i, v] : llvm::enumerate(spaces)) e.places[v] = {entry->getArgument(pointers - spaces.size() + i), false};
  for (auto a : body.getArguments()) {
    auto t = cast<RankedTensorType>(a.getType());
    if (t.getRank()) continue;
    Value s = memref::LoadOp::create(e.b, loc, e.places[a].memory, ValueRange{});
    if (t.getElementType().isInteger(1)) s = arith::TruncIOp::create(e.b, loc, e.b.getI1Type(), s);
    e.scalars[a] = s;
  }
  Value begin = entry->getArgument(pointers), end = entry->getArgument(pointers + 1);
  int64_t extent = grid.getExtent(), size = std::min<int64_t>(grid.getBlock(), extent), blocks = grid.getBlocks();
  if (blocks == 1) e.writeBlock({}, size);
  else {
    int64_t tail = extent - (blocks - 1) * size;
    auto c = [&](int64_t i) { return arith::ConstantIndexOp::create(e.b, loc, i); };
    Value last = tail == size ? end : arith::MinSIOp::create(e.b, loc, end, c(blocks - 1)).getResult();
    auto f = scf::ForOp::create(e.b, loc, begin, last, c(1));
    {
      OpBuilder::InsertionGuard g(e.b);
      e.b.setInsertionPointToStart(f.getBody());
      e.writeBlock(arith::MulIOp::create(e.b, loc, f.getInductionVar(), c(size)), size);
    }
    if (tail != size) {
      Value more = arith::CmpIOp::create(e.b, loc, arith::CmpIPredicate::sgt, end, c(blocks - 1));
      auto branch = scf::IfOp::create(e.b, loc, more, /*withElse=*/false);
      OpBuilder::InsertionGuard g(e.b);
      e.b.setInsertionPointToStart(branch.thenBlock());
      for (auto &[v, place] : e.places) if (place.local) place = {};
      SmallVector<Value> stale;
      for (auto &[v, place] : e.places) if (!place.memory) stale.push_back(v);
      for (Value v : stale) e.places.erase(v);
      e.writeBlock(c((blocks - 1) * size), tail);
    }
  }
  func::ReturnOp::create(e.b, loc);
  return out;
}

} // namespace tenon::compiler::cpu
