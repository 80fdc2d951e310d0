// Loops of a pointwise nest that lie one after another in all memory become one, so that short innermost axes (the taps of a filter) fill whole vectors.
#include "compiler/codegen/cpu/nests.h"

using namespace mlir;
namespace tenon::compiler::cpu {

using linalg::GenericOp;

namespace {

int loopOf(ArrayRef<int> roles, int role) { return llvm::find(roles, role) - roles.begin(); }

/// Where `map` has the loops at all, they are two axes side by side, and the second is whole.
bool sideBySide(AffineMap map, RankedTensorType type, unsigned first, unsigned second, int64_t extent) {
  if (!map.isFunctionOfDim(first) && !map.isFunctionOfDim(second)) return true;
  for (unsigned d = 0; d < map.getNumResults(); ++d) {
    AffineExpr e = map.getResult(d);
    if (!e.isFunctionOfDim(first) && !e.isFunctionOfDim(second)) continue;
    if (e != getAffineDimExpr(first, map.getContext()) || d + 1 == map.getNumResults()) return false;
    if (map.getResult(++d) != getAffineDimExpr(second, map.getContext()) || type.getDimSize(d) != extent) return false;
  }
  return true;
}

bool canMerge(const Nest &n, int a, int b, bool cut) {
  return llvm::all_of(n.ops, [&](GenericOp op) {
    ArrayRef<int> roles = n.roles.find(op)->second;
    if (!llvm::is_contained(roles, a) || !llvm::is_contained(roles, b)) return false;
    int first = loopOf(roles, a), second = loopOf(roles, b);
    if (cut && (axisOf(op) == first || axisOf(op) == second)) return false;
    for (auto at : op.getBody()->getOps<linalg::IndexOp>())
      if ((int)at.getDim() == first || (int)at.getDim() == second) return false;
    return llvm::all_of(op->getOpOperands(), [&](OpOperand &use) {
      return sideBySide(op.getMatchingIndexingMap(&use), cast<RankedTensorType>(use.get().getType()), first, second, op.getStaticLoopRanges()[second]);
    });
  });
}

int64_t &extentOf(Nest &n, int role) { return role == M ? n.m : role == N ? n.n : n.outer[role - Outer]; }

void merge(Nest &n, int a, int b) {
  int kept = a == N || b == N ? N : a == M || b == M ? M : b, gone = kept == a ? b : a;
  extentOf(n, kept) *= extentOf(n, gone);
  for (auto &[op, roles] : n.roles) {
    int first = loopOf(roles, a), second = loopOf(roles, b);
    roles[first] = Flat, roles[second] = kept;
    for (int &r : roles) r -= gone >= Outer && r > gone;
  }
  if (gone == M) n.m = 0;
  else n.outer.erase(n.outer.begin() + (gone - Outer));
  n.flat = true;
}

} // namespace

void flatten(Nest &n, bool cut) {
  if (n.contracts || n.vectorReduces || n.wholeRow) return;
  for (bool changed = true; changed;) {
    changed = false;
    AffineMap out = resultMap(n.ops.front());
    ArrayRef<int> roles = n.roles[n.ops.front()];
    int before = -1; // the role of the axis before, Flat ones left out
    for (unsigned d = 0; d < out.getNumResults() && !changed; ++d) {
      int role = roles[loopAt(out, d)];
      if (role == Flat) continue;
      if (before >= 0 && role != None && before != None && canMerge(n, before, role, cut)) merge(n, before, role), changed = true;
      before = role;
    }
  }
}

} // namespace tenon::compiler::cpu
