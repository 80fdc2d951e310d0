// An op joins a nest when its result has the nest's dimensions and it reads what the nest computes at its own element only.
#include "compiler/codegen/cuda/nests.h"
#include "mlir/Analysis/SliceAnalysis.h"

using namespace mlir;
namespace tenon::compiler::cuda {

using linalg::GenericOp;
namespace kernel = tenon::ir::kernel;

SmallVector<int> space(GenericOp op) {
  AffineMap out = resultMap(op);
  SmallVector<int> r;
  for (unsigned d = 0; d < out.getNumResults(); ++d) r.push_back(loopAt(out, d));
  return r;
}

std::optional<vector::CombiningKind> combiner(GenericOp op) {
  Operation *last = op.getBody()->getTerminator()->getOperand(0).getDefiningOp();
  if (isa_and_nonnull<math::FmaOp>(last)) return last->getOperand(2) == op.getRegionOutputArgs()[0] ? std::optional(vector::CombiningKind::ADD) : std::nullopt;
  SmallVector<Operation *> ops;
  if (matchReduction(op.getRegionOutputArgs(), 0, ops) && ops.size() == 1) return linalg::getCombinerOpKind(ops[0]);
  return std::nullopt;
}

bool readsOwnElement(GenericOp op, OpOperand &in) {
  if (in.getOperandNumber() == 0 && !windowsOf(op).empty()) return false;
  return op.getMatchingIndexingMap(&in) == resultMap(op);
}

std::optional<std::array<Value, 2>> factorsOf(GenericOp op) {
  auto last = op.getBody()->getTerminator()->getOperand(0).getDefiningOp<math::FmaOp>();
  if (!last || op.getNumDpsInputs() < 2 || last.getC() != op.getRegionOutputArgs()[0]) return std::nullopt;
  auto sources = [&](auto &self, Value v) -> unsigned { // bits: the operands that it is computed from, and 4: others
    if (auto a = dyn_cast<BlockArgument>(v)) return 1u << a.getArgNumber();
    if (isa<linalg::IndexOp, tensor::ExtractOp>(v.getDefiningOp())) return 4;
    unsigned all = 0;
    for (Value used : v.getDefiningOp()->getOperands()) all |= self(self, used);
    return all;
  };
  unsigned a = sources(sources, last.getA()), b = sources(sources, last.getB());
  if (a == 1 && b == 2) return {{last.getA(), last.getB()}};
  if (a == 2 && b == 1) return {{last.getB(), last.getA()}};
  return std::nullopt;
}

std::optional<Roles> rolesOf(GenericOp op) {
  if (!op.getNumReductionLoops() || !factorsOf(op)) return std::nullopt;
  AffineMap a = op.getIndexingMapsArray()[0], b = op.getIndexingMapsArray()[1];
  Roles r;
  for (auto [l, kind] : llvm::enumerate(op.getIteratorTypesArray())) {
    bool inA = a.isFunctionOfDim(l), inB = b.isFunctionOfDim(l);
    if (kind == utils::IteratorType::reduction) r.k.push_back(l);
    else if (inA && inB) r.batch.push_back(l);
    else if (inA || inB) (inA ? r.m : r.n).push_back(l);
    else return std::nullopt;
  }
  AffineMap out = resultMap(op);
  auto endsWith = [](SmallVector<unsigned> &loops, std::initializer_list<AffineMap> maps) {
    for (AffineMap m : maps)
      for (auto it = loops.begin(); m.getNumResults() && it != loops.end(); ++it)
        if (stepsByOne(m.getResults().back(), *it)) return (void)std::rotate(it, it + 1, loops.end());
  };
  endsWith(r.m, {a, out}), endsWith(r.n, {b, out}), endsWith(r.k, {a, b});
  return r;
}

bool sumsHalves(GenericOp op) {
  auto factors = factorsOf(op);
  auto isHalf = [&](unsigned i) {
    auto extended = (*factors)[i].getDefiningOp<arith::ExtFOp>();
    return extended && extended.getIn() == op.getRegionInputArgs()[i] && (extended.getIn().getType().isBF16() || extended.getIn().getType().isF16());
  };
  return factors && isHalf(0) && isHalf(1) && op.getRegionInputArgs()[0].getType() == op.getRegionInputArgs()[1].getType() && getElementTypeOrSelf(op.getResult(0).getType()).isF32();
}

namespace {

struct NestFormer {
  kernel::GridOp grid;
  int64_t threads;
  std::vector<Nest> nests;
  DenseMap<Operation *, int> nestOf;

  Nest seed(GenericOp op) {
    Nest n;
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    n.extents.assign(type.getShape().begin(), type.getShape().end());
    for (auto [d, loop] : llvm::enumerate(space(op)))
      if (loop >= 0 && loop == axisOf(op)) n.cut = d;
    for (auto [d, size] : llvm::enumerate(n.extents)) n.elements *= (int)d == n.cut ? std::min<int64_t>(size, grid.getBlock()) : size;
    return n;
  }

  /// The first nest in which op may be: after what it reads, and after the readers of what it overwrites.
  int earliest(GenericOp op) {
    int first = 0;
    auto after = [&](Operation *o, bool same) {
      if (auto it = o ? nestOf.find(o) : nestOf.end(); it != nestOf.end()) first = std::max(first, it->second + (same ? 0 : 1));
    };
    for (OpOperand *in : op.getDpsInputOperands()) {
      auto producer = in->get().getDefiningOp<GenericOp>();
      after(producer, producer && readsOwnElement(op, *in));
    }
    for (Value v : captured(op)) after(v.getDefiningOp(), false); // read by index: it must be in memory
    if (Value old = overwrites(grid, op))
      for (OpOperand &use : old.getUses()) {
        auto u = dyn_cast<GenericOp>(use.getOwner());
        bool own = u && !u.getNumReductionLoops() && readsOwnElement(u, use);
        if (!u) u = readerOf(use.getOwner());
        if (u && u != op) after(u, own);
      }
    return first;
  }

  /// Threads that share the sums of an element where a block has more threads than elements.
  int64_t teamOf(const Nest &n) {
    int64_t longest = 0;
    for (GenericOp op : n.ops) {
      if (!op.getNumReductionLoops()) continue;
      if (!combiner(op)) return 1;
      int64_t length = 1;
      for (auto [extent, kind] : llvm::zip(op.getStaticLoopRanges(), op.getIteratorTypesArray()))
        if (kind == utils::IteratorType::reduction) length *= extent;
      longest = std::max(longest, length);
    }
    if (longest < 8) return 1;
    int64_t idle = threads / std::max<int64_t>(1, n.elements), most = longest / 4;
    if (n.elements <= 2 && most >= threads) return threads;
    return llvm::bit_floor<uint64_t>(std::clamp<int64_t>(std::min(idle, most), 1, 32));
  }

  /// The larger a tile the fewer reads of an operand.
  static SmallVector<Tile> tilesFor(GenericOp op) {
    if (!sumsHalves(op)) return getElementTypeOrSelf(op.getResult(0).getType()).isF32() ? SmallVector<Tile>{{128, 128}, {64, 64}, {32, 32}} : SmallVector<Tile>{{64, 64}, {32, 32}};
    return {{128, 128, true}, {128, 64, true}, {64, 128, true}, {64, 64, true}, {64, 32, true}, {32, 64, true}};
  }

  /// A kernel of one nest needs no barrier between its elements: blocks share them, and a large contraction is computed in tiles.
  void share(Nest &n) {
    int64_t blocks = grid.getBlocks();
    bool sums = llvm::any_of(n.ops, [](GenericOp op) { return op.getNumReductionLoops() > 0; });
    auto roles = rolesOf(n.ops.front());
    bool alone = llvm::none_of(ArrayRef(n.ops).drop_front(), [](GenericOp op) { return op.getNumReductionLoops() > 0; });
    if (roles && alone)
      for (Tile tile : tilesFor(n.ops.front())) {
        SmallVector<int64_t> ranges = n.ops.front().getStaticLoopRanges();
        auto sizeOf = [&](ArrayRef<unsigned> loops) {
          int64_t size = 1;
          for (unsigned l : loops) size *= (int)l == axisOf(n.ops.front()) ? std::min<int64_t>(grid.getBlock(), ranges[l]) : ranges[l];
          return size;
        };
        int64_t rows = sizeOf(roles->m), columns = sizeOf(roles->n), count = llvm::divideCeil(rows, tile.rows) * llvm::divideCeil(columns, tile.columns);
        bool large = tile.rows > 64 || tile.columns > 64, small = tile.rows < 64 || tile.columns < 64;
        int64_t made = count * tile.rows * tile.columns, used = rows * columns;
        count *= sizeOf(roles->batch);
        if (count * blocks < (large ? 128 : small ? 32 : 64) || (large ? 4 * made > 5 * used : made > 2 * used)) continue; // too few for all processors, or too much beyond the edges
        n.tile = tile, n.team = 1, n.parts = count;
        return;
      }
    if (n.team == 1) n.parts = std::clamp<int64_t>(n.elements / ((sums ? 1 : 4) * threads), 1, std::max<int64_t>(1, 65536 / blocks));
  }

  void run() {
    for (GenericOp op : inOrder(grid)) {
      Nest own = seed(op);
      int chosen = -1;
      for (int k = earliest(op); k < (int)nests.size() && chosen < 0; ++k)
        if (nests[k].extents == own.extents && nests[k].cut == own.cut) chosen = k;
      if (chosen < 0) {
        chosen = nests.size();
        nests.push_back(own);
      }
      nests[chosen].ops.push_back(op);
      nestOf[op] = chosen;
    }
    for (Nest &n : nests) n.team = teamOf(n);
    if (nests.size() == 1 && nests[0].elements) share(nests[0]);
  }
};

} // namespace

std::vector<Nest> formNests(kernel::GridOp grid, int64_t threads) {
  NestFormer former{grid, threads, {}, DenseMap<Operation *, int>()};
  former.run();
  return std::move(former.nests);
}

} // namespace tenon::compiler::cuda
