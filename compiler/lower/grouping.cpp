// Decides which generics become one kernel: an op joins when the grid's axis is one of its parallel loops and every value it shares is cut alike.
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace tenon::compiler {

using linalg::GenericOp;

Value underViews(Value v) {
  while (Operation *op = v.getDefiningOp()) {
    if (isa<GenericOp>(op) || op->getNumOperands() != 1 || !isa<RankedTensorType>(op->getOperand(0).getType())) break;
    v = op->getOperand(0);
  }
  return v;
}

SmallVector<Value> captured(GenericOp op) {
  llvm::SetVector<Value> values;
  getUsedValuesDefinedAbove(op->getRegions(), values);
  SmallVector<Value> r;
  for (Value v : values)
    if (isa<RankedTensorType>(v.getType())) r.push_back(v);
  return r;
}

SmallVector<Value> reads(GenericOp op) {
  SmallVector<Value> r(op.getDpsInputs());
  llvm::append_range(r, captured(op));
  return r;
}

int loopAt(AffineMap map, unsigned d) {
  AffineExpr e = map.getResult(d);
  if (auto part = dyn_cast<AffineBinaryOpExpr>(e); part && part.getKind() == AffineExprKind::Mod) e = part.getLHS(); // the first part of an axis
  auto dim = dyn_cast<AffineDimExpr>(e);
  return dim ? (int)dim.getPosition() : -1;
}

AffineMap resultMap(GenericOp op) { return op.getMatchingIndexingMap(op.getDpsInitOperand(0)); }

int64_t workOf(GenericOp op) {
  int64_t points = 1;
  for (int64_t n : op.getStaticLoopRanges()) points *= n;
  int64_t costly = 0;
  for (Operation &x : op.getBody()->without_terminator()) costly += isa<math::MathDialect>(x.getDialect()) && !isa<math::FmaOp>(x);
  return points * (op.getNumReductionLoops() ? 4 : 8) * (1 + 4 * costly) / 128 + 5;
}

int Grouping::groupOfValue(Value v) const {
  Operation *op = underViews(v).getDefiningOp();
  auto it = op ? groupOf.find(op) : groupOf.end();
  return it == groupOf.end() ? -1 : (int)it->second;
}

bool Grouping::reaches(unsigned from, unsigned to, bool direct) const {
  SmallVector<bool> seen(groups.size());
  auto up = [&](auto &self, unsigned x, bool straight) -> bool {
    for (GenericOp op : groups[x].ops)
      for (Value v : reads(op)) {
        int y = groupOfValue(v);
        if (y < 0 || y == (int)x) continue;
        if (y == (int)from) {
          if (straight) return true;
          continue;
        }
        if (!seen[y]) {
          seen[y] = true;
          if (self(self, y, true)) return true;
        }
      }
    return false;
  };
  return up(up, to, direct);
}

namespace {

constexpr int no = -2;

bool parallel(GenericOp op, int loop) { return linalg::isParallelIterator(op.getIteratorTypesArray()[loop]); }

struct Grouper {
  func::FuncOp f;
  const TileTable &table;
  Grouping &g;
  DenseMap<Value, int> stateCut; ///< the dimension in which a state argument was cut by its first reader

  /// The loop of op that group k's grid would cut if op joined; -1: none needed; no: it may not.
  int joins(GenericOp op, unsigned number, bool siblings) {
    Group &k = g.groups[number];
    int strong = -1, weak = -1;
    bool inside = false;
    for (Value v : captured(op))
      if (g.groupOfValue(v) == (int)number) return no;
    for (OpOperand *in : op.getDpsInputOperands()) {
      Value v = in->get();
      if (g.groupOfValue(v) == (int)number) {
        if (underViews(v) != v) return no; // a view of what other blocks write
        inside = true;
        int cut = k.cut.lookup(v);
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
    if (strong >= 0) return strong;
    return siblings && weak >= 0 && op.getStaticLoopRanges()[weak] == k.extent ? weak : no;
  }

  void add(GenericOp op, unsigned number, int loop) {
    Group &k = g.groups[number];
    k.ops.push_back(op);
    k.axis[op] = loop;
    g.groupOf[op] = number;
    auto note = [&](Value v, AffineMap m) {
      int d = -1;
      for (unsigned i = 0; i < m.getNumResults(); ++i)
        if (loop >= 0 && loopAt(m, i) == loop) d = i;
      auto [it, isNew] = k.cut.try_emplace(v, d);
      if (!isNew && d >= 0) it->second = d;
      if (isa<BlockArgument>(v) && d >= 0) stateCut.try_emplace(v, d);
    };
    for (OpOperand *in : op.getDpsInputOperands())
      if (g.groupOfValue(in->get()) != (int)number) note(in->get(), op.getMatchingIndexingMap(in));
    note(op.getResult(0), resultMap(op));
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

  /// The loop that a new kernel's grid cuts: as the state it will update was cut (a core keeps its part of the weights), else the one that cuts most of the bytes read.
  int chooseAxis(GenericOp op) {
    AffineMap out = resultMap(op);
    if (Value state = destination(op.getResult(0)))
      if (auto it = stateCut.find(state); it != stateCut.end() && it->second < (int)out.getNumResults()) return loopAt(out, it->second);
    int best = -1;
    int64_t most = -1;
    for (unsigned r = 0; r < out.getNumResults(); ++r) {
      int loop = loopAt(out, r);
      int64_t bytes = 0, size = op.getStaticLoopRanges()[loop];
      if (size < 2) continue;
      for (OpOperand *in : op.getDpsInputOperands())
        for (unsigned d = 0; d < op.getMatchingIndexingMap(in).getNumResults(); ++d)
          if (loopAt(op.getMatchingIndexingMap(in), d) == loop) bytes += cast<RankedTensorType>(in->get().getType()).getNumElements();
      if (bytes > most) most = bytes, best = loop;
    }
    return best;
  }

  /// May group j become part of group i: the same grid, every value between them cut alike, and no way between them through a third.
  bool merges(unsigned i, unsigned j) {
    Group &a = g.groups[i], &b = g.groups[j];
    if (a.extent != b.extent || !a.extent) return false;
    bool connected = false;
    for (auto *from : {&a, &b}) {
      Group &to = from == &a ? b : a;
      unsigned number = from == &a ? i : j;
      for (GenericOp op : to.ops) {
        for (Value v : captured(op))
          if (g.groupOfValue(v) == (int)number) return false;
        for (OpOperand *in : op.getDpsInputOperands()) {
          Value v = in->get();
          if (g.groupOfValue(v) == (int)number) {
            if (underViews(v) != v) return false;
            int cut = from->cut.lookup(v);
            if (cut < 0 || to.axis[op] < 0 || loopAt(op.getMatchingIndexingMap(in), cut) != to.axis[op]) return false;
            connected = true;
          } else if (auto it = from->cut.find(v); it != from->cut.end() && it->second >= 0 && it->second == to.cut.lookup(v) && isa<BlockArgument>(v))
            connected |= from == &a; // siblings: they read the same part of an input
        }
      }
    }
    return connected && !g.reaches(i, j, false) && !g.reaches(j, i, true);
  }

  void place(GenericOp op) {
    auto cycle = [&](unsigned k) {
      return llvm::any_of(reads(op), [&](Value v) {
        int q = g.groupOfValue(v);
        return q >= 0 && q != (int)k && g.reaches(k, q, true);
      });
    };
    for (bool siblings : {false, true})
      for (int k = (int)g.groups.size() - 1; k >= 0; --k)
        if (int loop = joins(op, k, siblings); loop != no && !cycle(k)) return add(op, k, loop);
    int loop = chooseAxis(op);
    g.groups.emplace_back().extent = loop >= 0 ? op.getStaticLoopRanges()[loop] : 0;
    add(op, g.groups.size() - 1, loop);
  }

  void mergeInto(unsigned i, unsigned j) {
    for (GenericOp op : g.groups[j].ops) add(op, i, g.groups[j].axis[op]);
    llvm::sort(g.groups[i].ops, [](GenericOp x, GenericOp y) { return x->isBeforeInBlock(y); });
    g.groups.erase(g.groups.begin() + j);
    for (auto &[op, k] : g.groupOf)
      if (k > j) --k;
  }

  /// Greedy placement is blind to ops that depend on nothing (a one-hot) and to consumers that came later.
  void mergeGroups() {
    for (bool changed = true; changed;) {
      changed = false;
      for (unsigned i = 0; i < g.groups.size() && !changed; ++i)
        for (unsigned j = i + 1; j < g.groups.size() && !changed; ++j)
          if (merges(i, j)) mergeInto(i, j), changed = true;
    }
  }

  int64_t work(const Group &k) {
    int64_t w = 0;
    for (GenericOp op : k.ops) w += workOf(op);
    return w;
  }

  /// Blocks: at least a few, none so small that starting it costs more than it computes; multiples of a vector where lanes are cut.
  void cutBlocks() {
    for (Group &k : g.groups) {
      if (!k.extent) continue;
      int64_t most = std::min<int64_t>(std::max<int64_t>(1, work(k) / 1500), 16);
      int64_t blocks = std::clamp<int64_t>(table.blocks, 1, most);
      bool lanes = false, contracts = false;
      for (GenericOp op : k.ops) {
        AffineMap out = resultMap(op);
        lanes |= out.getNumResults() && loopAt(out, out.getNumResults() - 1) == k.axis[op];
        contracts |= op.getNumReductionLoops() && op.getNumDpsInputs() > 1;
      }
      int64_t unit = lanes ? table.lanes * (contracts ? table.vectors : 1) : 1;
      k.block = std::min(k.extent, (int64_t)llvm::alignTo(llvm::divideCeil(k.extent, blocks), unit));
    }
  }

  bool small(const Group &k) { return k.blocks() == 1 && work(k) < 5000; }

  void mergeBlocks(unsigned i, unsigned j) {
    for (Group *k : {&g.groups[i], &g.groups[j]}) {
      k->extent = 0;
      for (auto &[op, loop] : k->axis) loop = -1;
      for (auto &[v, d] : k->cut) d = -1;
    }
    mergeInto(i, j);
  }

  /// The one group that reads what group i computes, or -1.
  int onlyReader(unsigned i) {
    int found = -1;
    for (auto [j, k] : llvm::enumerate(g.groups))
      for (GenericOp op : k.ops)
        for (Value v : reads(op))
          if (g.groupOfValue(v) == (int)i && j != i) {
            if (underViews(v) != v || llvm::is_contained(captured(op), v) || (found >= 0 && found != (int)j)) return -1;
            found = j;
          }
    return found;
  }

  /// Small kernels of one block are not started apart: those that only another reads join it, those of one level join each other.
  void mergeSmall() {
    for (bool changed = true; changed;) {
      changed = false;
      for (unsigned i = 0; i < g.groups.size() && !changed; ++i) {
        bool checks = llvm::any_of(g.results.checks, [&](Value v) { return g.groupOfValue(v) == (int)i; });
        int j = small(g.groups[i]) && !checks ? onlyReader(i) : -1;
        if (j >= 0 && small(g.groups[j])) mergeBlocks(std::min<int>(i, j), std::max<int>(i, j)), changed = true;
      }
    }
    assignLevels(f, g);
    for (unsigned i = 0; i < g.groups.size(); ++i)
      for (unsigned j = i + 1; j < g.groups.size();)
        if (g.groups[i].level == g.groups[j].level && g.groups[i].blocks() == 1 && g.groups[j].blocks() == 1 && (small(g.groups[i]) || small(g.groups[j]))) mergeBlocks(i, j);
        else ++j;
  }

  /// A whole function that takes less than starting a second kernel: one kernel, in program order.
  bool tiny(ArrayRef<GenericOp> ops) {
    int64_t total = 0;
    for (GenericOp op : ops) total += workOf(op);
    return total < 4000 && g.results.checks.empty() && llvm::none_of(ops, [&](GenericOp op) {
      return llvm::any_of(reads(op), [&](Value v) { return underViews(v) != v || (!captured(op).empty()); });
    });
  }

  void run() {
    SmallVector<GenericOp> ops(f.getBody().front().getOps<GenericOp>());
    if (ops.size() > 1 && tiny(ops)) {
      g.groups.emplace_back();
      for (GenericOp op : ops) add(op, 0, -1);
      return;
    }
    for (GenericOp op : ops) place(op);
    mergeGroups();
    cutBlocks();
    assignLevels(f, g);
    mergeSmall();
  }
};

} // namespace

LogicalResult group(func::FuncOp f, const TileTable &table, Grouping &g) {
  auto ret = cast<func::ReturnOp>(f.getBody().front().getTerminator());
  for (auto [i, v] : llvm::enumerate(ret.getOperands())) {
    if (auto a = f.getResultAttrOfType<IntegerAttr>(i, "tenon.updates")) g.results.updates.try_emplace(v, a.getInt());
    if (f.getResultAttr(i, "tenon.check")) g.results.checks.push_back(v);
  }
  Grouper{f, table, g, DenseMap<Value, int>()}.run();
  assignLevels(f, g);
  return success();
}

} // namespace tenon::compiler
