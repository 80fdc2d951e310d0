// Orders groups in levels and decides which new state may overwrite the old in place.
#include "compiler/dialect/kernel/Kernel.h"
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace tenon::compiler {

using linalg::GenericOp;

namespace {

/// Who reads a state argument, views included.
void readers(Value argument, SmallVectorImpl<Operation *> &found) {
  for (Operation *user : argument.getUsers()) {
    if (isa<ir::PiecewiseOpInterface>(user) || ir::kernel::isControl(user)) found.push_back(user);
    else if (auto op = user->getParentOfType<GenericOp>()) found.push_back(op); // from inside a body
    else if (auto op = dyn_cast<GenericOp>(user)) found.push_back(op);
    else if (user->getNumResults() == 1) readers(user->getResult(0), found);
  }
}

/// A loop's carry that is also a result of the step: it is written to the stack, then copied to the carry.
bool stacks(func::FuncOp f, Value value, unsigned argument) {
  auto results = f.getBody().front().getTerminator()->getOperands();
  return f->hasAttr("tenon.body") && (llvm::count(results, value) > 1 || llvm::is_contained(results, f.getArgument(argument)));
}

/// In the writer's own kernel, a reader of the old state must keep to the writer's block.
/// `carry`: of a loop, which next step is often a contraction with itself: all its tiles would have to be read before one is written.
bool sameBlock(Group &k, GenericOp reader, Value argument, Value result, bool carry) {
  if (carry && llvm::any_of(k.ops, [](GenericOp op) { return op.getNumReductionLoops() > 0; })) return false;
  bool writes = reader.getResult(0) == result; // an op may read what it overwrites only element by element
  for (OpOperand *in : reader.getDpsInputOperands())
    if (writes && underViews(in->get()) == argument && (in->get() != argument || reader.getMatchingIndexingMap(in) != resultMap(reader))) return false;
  if (writes && llvm::is_contained(captured(reader), argument)) return false;
  if (llvm::any_of(reads(reader), [&](Value v) { return v != argument && underViews(v) == argument; })) return false; // another name for the memory: no order is known
  if (k.blocks() == 1) return true;
  if (llvm::is_contained(captured(reader), argument)) return false;
  int cut = k.cutOf(result);
  for (OpOperand *in : reader.getDpsInputOperands())
    if (underViews(in->get()) == argument && (in->get() != argument || cut < 0 || loopAt(reader.getMatchingIndexingMap(in), cut) != k.axis[reader])) return false;
  return true;
}

/// Inside a kernel, who reads old state comes before the op that overwrites it. Where that goes in a circle (a reader needs the new value, or two updates read each other's
/// old one), a state is copied instead.
void dropCircles(func::FuncOp f, Grouping &g, unsigned number) {
  auto before = [&](Operation *op) {
    SmallVector<Operation *> r;
    for (Operation *producer : g.uses(op).producers) r.push_back(producer);
    if (auto in = op->getNumResults() ? g.inPlace.find(op->getResult(0)) : g.inPlace.end(); in != g.inPlace.end()) readers(f.getArgument(in->second), r);
    llvm::erase_if(r, [&](Operation *o) { auto q = g.groupOf.find(o); return o == op || q == g.groupOf.end() || q->second != number; });
    return r;
  };
  for (GenericOp writer : g.groups[number].ops) {
    if (!g.inPlace.count(writer.getResult(0))) continue;
    DenseSet<Operation *> seen;
    SmallVector<Operation *> stack{writer};
    while (!stack.empty())
      for (Operation *o : before(stack.pop_back_val()))
        if (seen.insert(o).second) stack.push_back(o);
    if (seen.contains(writer)) g.inPlace.erase(writer.getResult(0));
  }
}

} // namespace

void assignLevels(func::FuncOp f, Grouping &g) {
  g.inPlace.clear();
  llvm::SmallDenseSet<unsigned> taken;
  DenseMap<unsigned, bool> known;
  auto beforeCheck = [&](unsigned k) { // a check needs what group k computes
    auto [it, fresh] = known.try_emplace(k, false);
    if (fresh)
      it->second = llvm::any_of(g.results.checks, [&](Value v) { int c = g.groupOfValue(v); return c == (int)k || (c >= 0 && g.reaches(k, c, true)); });
    return it->second;
  };
  for (auto [value, argument] : g.results.updates) {
    auto op = value.getDefiningOp<GenericOp>(); // a view, an argument or a constant is copied instead
    if (!op || stacks(f, value, argument) || !taken.insert(argument).second) continue;
    unsigned home = g.groupOf[op];
    SmallVector<Operation *> old;
    readers(f.getArgument(argument), old);
    bool safe = !beforeCheck(home); // as running statistics: they are copied when the check has passed
    for (Operation *r : old)
      safe &= g.groupOf[r] != home ? !g.reaches(home, g.groupOf[r], true) : sameBlock(g.groups[home], cast<GenericOp>(r), f.getArgument(argument), value, f->hasAttr("tenon.body"));
    if (safe) g.inPlace[value] = argument;
  }
  for (unsigned k = 0; k < g.groups.size(); ++k) dropCircles(f, g, k);
  for (Group &k : g.groups) k.level = 0;
  for (int round = 0;; ++round) {
    int checks = -1;
    for (Value v : g.results.checks)
      if (int k = g.groupOfValue(v); k >= 0) checks = std::max(checks, g.groups[k].level);
    bool changed = false;
    for (auto [i, k] : llvm::enumerate(g.groups)) {
      int level = k.level;
      for (Operation *op : k.members()) {
        for (Operation *producer : g.uses(op).producers)
          if (auto q = g.groupOf.find(producer); q != g.groupOf.end() && q->second != i) level = std::max(level, g.groups[q->second].level + 1);
        auto in = op->getNumResults() ? g.inPlace.find(op->getResult(0)) : g.inPlace.end();
        if (in == g.inPlace.end()) continue;
        level = std::max(level, checks + 1);
        SmallVector<Operation *> old;
        readers(f.getArgument(in->second), old);
        for (Operation *r : old)
          if (g.groupOf[r] != i) level = std::max(level, g.groups[g.groupOf[r]].level + 1);
      }
      changed |= level != k.level;
      k.level = level;
    }
    if (!changed) return;
    if (round > (int)g.groups.size() + 8) { // readers and writers go in a circle: those on it are copied instead
      unsigned worst = 0;
      for (auto [i, k] : llvm::enumerate(g.groups))
        if (k.level > g.groups[worst].level) worst = i;
      bool dropped = false;
      for (GenericOp op : g.groups[worst].ops) dropped |= g.inPlace.erase(op.getResult(0));
      if (!dropped) g.inPlace.clear();
      for (Group &k : g.groups) k.level = 0;
      round = 0;
    }
  }
}

} // namespace tenon::compiler
