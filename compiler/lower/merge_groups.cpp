// Merges groups that greedy placement left apart: equal grids that cut alike, and kernels too small to be started on their own.
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace tenon::compiler {

using linalg::GenericOp;

namespace {

struct Merger {
  Grouping &g;

  /// May group j become part of group i: the same grid, every value between them cut alike, and no way between them through a third.
  bool merges(unsigned i, unsigned j) {
    Group &a = g.groups[i], &b = g.groups[j];
    if (a.extent != b.extent || !a.extent || a.single() || b.single() || !g.roomFor(a, b.cut.size())) return false;
    auto large = [](GenericOp op) { return largeContraction(op); };
    if (g.threads && (llvm::any_of(a.ops, large) || llvm::any_of(b.ops, large))) return false; // it has a kernel of its own
    bool connected = false;
    for (auto *from : {&a, &b}) {
      Group &to = from == &a ? b : a;
      unsigned number = from == &a ? i : j;
      for (GenericOp op : to.ops) {
        for (Value v : g.uses(op).captured)
          if (g.groupOfValue(v) == (int)number) return false;
        for (OpOperand *in : op.getDpsInputOperands()) {
          Value v = in->get();
          if (g.groupOfValue(v) == (int)number) {
            if (underViews(v) != v) return false;
            int cut = from->cutOf(v);
            if (cut < 0 || to.axis[op] < 0 || loopAt(op.getMatchingIndexingMap(in), cut) != to.axis[op]) return false;
            connected = true;
          } else if (auto it = from->cut.find(v); it != from->cut.end() && it->second >= 0 && it->second == to.cutOf(v) && isa<BlockArgument>(v))
            connected |= from == &a; // siblings: they read the same part of an input
        }
      }
    }
    return connected && !g.reaches(i, j, false) && !g.reaches(j, i, true);
  }

  void mergeInto(unsigned i, unsigned j) {
    for (GenericOp op : g.groups[j].ops) g.add(op, i, g.groups[j].axis[op]);
    llvm::sort(g.groups[i].ops, [](GenericOp x, GenericOp y) { return x->isBeforeInBlock(y); });
    g.groups.erase(g.groups.begin() + j);
    for (auto &[op, k] : g.groupOf)
      if (k > j) --k;
  }

  void mergeGroups() {
    for (bool changed = true; changed;) {
      changed = false;
      for (unsigned i = 0; i < g.groups.size() && !changed; ++i)
        for (unsigned j = i + 1; j < g.groups.size() && !changed; ++j)
          if (merges(i, j)) mergeInto(i, j), changed = true;
    }
  }

  bool small(const Group &k) { return !k.single() && k.blocks() == 1 && g.work(k) < 5000; }

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
      for (Operation *op : k.members()) {
        auto here = [&](Operation *producer) { auto it = g.groupOf.find(producer); return it != g.groupOf.end() && it->second == i; };
        if (j == i || llvm::none_of(g.uses(op).producers, here)) continue;
        for (Value v : reads(op))
          if (g.groupOfValue(v) == (int)i) {
            if (k.single() || underViews(v) != v || llvm::is_contained(g.uses(op).captured, v) || (found >= 0 && found != (int)j)) return -1;
            found = j;
          }
      }
    return found;
  }

  /// On a GPU a launch costs more than on a core: independent kernels with equal grids become one, though they share nothing.
  bool besideOnDevice(const Group &a, const Group &b) {
    auto large = [](GenericOp op) { return largeContraction(op); };
    return g.threads && a.level == b.level && a.extent && a.extent == b.extent && a.block == b.block && !a.single() && !b.single() && llvm::none_of(a.ops, large) && llvm::none_of(b.ops, large) &&
           g.roomFor(a, b.cut.size()) && a.ops.size() + b.ops.size() <= 32; // their values are in registers
  }

  void mergeSmall(func::FuncOp f) {
    for (bool changed = true; changed;) {
      changed = false;
      for (unsigned i = 0; i < g.groups.size() && !changed; ++i) {
        bool checks = llvm::any_of(g.results.checks, [&](Value v) { return g.groupOfValue(v) == (int)i; });
        int j = small(g.groups[i]) && !checks ? onlyReader(i) : -1;
        if (j >= 0 && small(g.groups[j]) && g.roomFor(g.groups[i], g.groups[j].cut.size())) mergeBlocks(std::min<int>(i, j), std::max<int>(i, j)), changed = true;
      }
    }
    assignLevels(f, g);
    for (unsigned i = 0; i < g.groups.size(); ++i)
      for (unsigned j = i + 1; j < g.groups.size();)
        if (g.groups[i].level == g.groups[j].level && !g.groups[i].single() && !g.groups[j].single() && g.groups[i].blocks() == 1 && g.groups[j].blocks() == 1 && (small(g.groups[i]) || small(g.groups[j])) && g.roomFor(g.groups[i], g.groups[j].cut.size())) mergeBlocks(i, j);
        else if (besideOnDevice(g.groups[i], g.groups[j])) mergeInto(i, j);
        else ++j;
  }
};

} // namespace

void mergeGroups(Grouping &g) { Merger{g}.mergeGroups(); }
void mergeSmall(func::FuncOp f, Grouping &g) { Merger{g}.mergeSmall(f); }

} // namespace tenon::compiler
