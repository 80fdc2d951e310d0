// Decides which generics become one kernel: an op joins when the grid's axis is one of its parallel loops and every value it shares is cut alike.
#include "compiler/dialect/kernel/Kernel.h"
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace tenon::compiler {

using linalg::GenericOp;

namespace {

constexpr int no = -2;

} // namespace

bool largeContraction(GenericOp op) { return op.getNumReductionLoops() && op.getNumDpsInputs() > 1 && workOf(op) > 50000; }
namespace {

bool parallel(GenericOp op, int loop) { return linalg::isParallelIterator(op.getIteratorTypesArray()[loop]); }

struct Grouper {
  func::FuncOp f;
  const TileTable &table;
  Grouping &g;

  /// The loop of op that group k's grid would cut if op joined; -1: none needed; no: it may not.
  int joins(GenericOp op, unsigned number, bool siblings) {
    Group &k = g.groups[number];
    if (k.single()) return no;
    if (g.threads && (largeContraction(op) || !follows(op, k) || !g.roomFor(k, op->getNumOperands()))) return no;
    int strong = -1, weak = -1;
    for (Value v : g.uses(op).captured)
      if (g.groupOfValue(v) == (int)number) return no;
    for (OpOperand *in : op.getDpsInputOperands()) {
      Value v = in->get();
      if (g.groupOfValue(v) == (int)number) {
        if (underViews(v) != v) return no; // a view of what other blocks write
        int cut = k.cutOf(v);
        if (cut < 0) { if (k.extent) return no; continue; }
        int loop = loopAt(op.getMatchingIndexingMap(in), cut);
        if (loop < 0 || !parallel(op, loop) || (strong >= 0 && strong != loop)) return no; // a reduction over blocks is a barrier
        if (op.getStaticLoopRanges()[loop] != k.extent) return no; // it walks a part of the axis only (a slice)
        strong = loop;
      } else if (auto it = k.cut.find(v); it != k.cut.end() && it->second >= 0) {
        int loop = loopAt(op.getMatchingIndexingMap(in), it->second);
        if (loop >= 0 && parallel(op, loop)) weak = loop;
      }
    }
    if (!k.extent) return no; // one block: merged when levels are known
    // A convolution whose weights are copied is not cut as they are, if its images are much more than its weights.
    if (strong >= 0) return windowsOf(op).empty() || 2 * elementsCut(op, strong) >= elementsCut(op, chooseAxis(op)) ? strong : no;
    // A large contraction cut along an axis that it would not choose itself packs its operand in every block.
    return siblings && weak >= 0 && op.getStaticLoopRanges()[weak] == k.extent && (!largeContraction(op) || chooseAxis(op) == weak) ? weak : no;
  }

  /// On a GPU a large contraction has a kernel of its own, in tiles: with it are only ops that read each of its elements where they write theirs.
  bool follows(GenericOp op, const Group &k) {
    auto large = llvm::find_if(k.ops, [](GenericOp o) { return largeContraction(o); });
    if (large == k.ops.end()) return true;
    GenericOp contraction = *large;
    if (op.getNumReductionLoops() || cast<RankedTensorType>(op.getResult(0).getType()).getShape() != cast<RankedTensorType>(contraction.getResult(0).getType()).getShape() || resultMap(op) != AffineMap::getMultiDimIdentityMap(op.getNumLoops(), op.getContext())) return false;
    return llvm::all_of(op.getDpsInputOperands(), [&](OpOperand *in) { return !llvm::is_contained(k.ops, in->get().getDefiningOp()) || op.getMatchingIndexingMap(in) == resultMap(op); });
  }

  /// The state argument that v ends in after pointwise ops of the same shape, or null.
  Value destination(Value v) {
    for (int hops = 0; hops < 8; ++hops) {
      if (auto u = g.results.updates.find(v); u != g.results.updates.end()) return f.getArgument(u->second);
      Value next;
      for (OpOperand &use : v.getUses())
        if (auto op = dyn_cast<GenericOp>(use.getOwner()); op && op.getNumReductionLoops() == 0 && cast<RankedTensorType>(op.getResult(0).getType()).getShape() == cast<RankedTensorType>(v.getType()).getShape()
            && op.getMatchingIndexingMap(&use).isIdentity())
          next = op.getResult(0);
      if (!next) return {};
      v = next;
    }
    return {};
  }

  /// How much of what op reads a grid over this loop cuts.
  int64_t elementsCut(GenericOp op, int loop) {
    int64_t n = 0;
    for (OpOperand *in : op.getDpsInputOperands()) {
      AffineMap map = op.getMatchingIndexingMap(in);
      for (unsigned d = 0; d < map.getNumResults(); ++d)
        if (loopAt(map, d) == loop) n += cast<RankedTensorType>(in->get().getType()).getNumElements();
    }
    return n;
  }

  /// The loop that a new kernel's grid cuts: as the state it will update was cut (a core keeps its part of the weights), else the one that cuts most of the bytes read,
  /// of equals the outermost of what is read that is long enough for all blocks.
  int chooseAxis(GenericOp op) {
    AffineMap out = resultMap(op);
    if (Value state = destination(op.getResult(0)))
      if (auto it = g.stateCut.find(state); it != g.stateCut.end() && it->second < (int)out.getNumResults()) return loopAt(out, it->second);
    int best = -1;
    std::pair<int64_t, bool> most{-1, false};
    if (AffineMap in = op.getIndexingMapsArray()[0]; in.isPermutation() && in.getNumResults() == out.getNumResults()) out = in;
    for (unsigned r = 0; r < out.getNumResults(); ++r) {
      int loop = loopAt(out, r);
      int64_t size = op.getStaticLoopRanges()[loop];
      if (size < 2) continue;
      if (std::pair now(elementsCut(op, loop), size >= table.blocks); now > most) most = now, best = loop;
    }
    return best;
  }

  void place(GenericOp op) {
    auto cycle = [&](unsigned k) {
      return llvm::any_of(g.uses(op).producers, [&](Operation *producer) {
        auto q = g.groupOf.find(producer);
        return q != g.groupOf.end() && q->second != k && g.reaches(k, q->second, true);
      });
    };
    for (bool siblings : {false, true})
      for (int k = (int)g.groups.size() - 1; k >= 0; --k)
        if (int loop = joins(op, k, siblings); loop != no && !cycle(k)) return g.add(op, k, loop);
    int loop = chooseAxis(op);
    g.groups.emplace_back().extent = loop >= 0 ? op.getStaticLoopRanges()[loop] : 0;
    g.add(op, g.groups.size() - 1, loop);
  }

  /// An op of pieces is a kernel of its own.
  void placeAlone(ir::PiecewiseOpInterface op) {
    g.groupOf[op] = g.groups.size();
    Group &k = g.groups.emplace_back();
    k.alone = op;
    k.extent = op.getPieces() > 1 ? op.getPieces() : 0;
  }

  /// A whole function that takes less than starting a second kernel: one kernel, in program order.
  bool tiny(ArrayRef<GenericOp> ops) {
    int64_t total = 0;
    size_t tensors = 0;
    for (GenericOp op : ops) total += workOf(op), tensors += op->getNumOperands();
    return total < 4000 && (!g.threads || (ops.size() < 100 && tensors <= Grouping::mostTensors)) && g.results.checks.empty() && llvm::none_of(ops, [&](GenericOp op) {
      return llvm::any_of(reads(op), [&](Value v) { return underViews(v) != v || (!captured(op).empty()); });
    });
  }

  void run() {
    SmallVector<GenericOp> ops(f.getBody().front().getOps<GenericOp>());
    bool single = llvm::any_of(f.getBody().front(), [](Operation &op) { return isa<ir::PiecewiseOpInterface>(op) || ir::kernel::isControl(&op); });
    if (ops.size() > 1 && !single && tiny(ops)) {
      g.groups.emplace_back();
      for (GenericOp op : ops) g.add(op, 0, -1);
      return;
    }
    for (Operation &op : f.getBody().front()) {
      if (auto alone = dyn_cast<ir::PiecewiseOpInterface>(op)) placeAlone(alone);
      else if (auto generic = dyn_cast<GenericOp>(op)) place(generic);
      else if (ir::kernel::isControl(&op)) {
        g.groupOf[&op] = g.groups.size();
        g.groups.emplace_back().control = &op;
      }
    }
    mergeGroups(g);
    cutBlocks(table, g);
    assignLevels(f, g);
    mergeSmall(f, g);
  }
};

} // namespace

LogicalResult group(func::FuncOp f, const TileTable &table, Grouping &g) {
  g.threads = table.threads;
  auto ret = cast<func::ReturnOp>(f.getBody().front().getTerminator());
  for (auto [i, v] : llvm::enumerate(ret.getOperands())) {
    if (auto a = f.getResultAttrOfType<IntegerAttr>(i, "tenon.updates")) g.results.updates.try_emplace(v, a.getInt());
    if (f.getResultAttr(i, "tenon.check")) g.results.checks.push_back(v);
  }
  Grouper{f, table, g}.run();
  assignLevels(f, g);
  return success();
}

} // namespace tenon::compiler
