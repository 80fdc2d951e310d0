// What grouping asks of ops and groups: what they read, which loop a dimension is, what they cost, who needs whom.
#include "compiler/dialect/kernel/Kernel.h"
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace tenon::compiler {

using linalg::GenericOp;

Value underViews(Value v) {
  while (Operation *op = v.getDefiningOp()) {
    if (isa<GenericOp, ir::PiecewiseOpInterface>(op) || ir::kernel::isControl(op) || op->getNumOperands() != 1 || !isa<RankedTensorType>(op->getOperand(0).getType())) break;
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

SmallVector<Value> reads(Operation *op) {
  auto generic = dyn_cast<GenericOp>(op);
  if (!generic) return SmallVector<Value>(op->getOperands());
  SmallVector<Value> r(generic.getDpsInputs());
  llvm::append_range(r, captured(generic));
  return r;
}

SmallVector<Operation *> Group::members() const {
  if (alone) return {alone};
  if (control) return {control};
  return SmallVector<Operation *>(ops.begin(), ops.end());
}

int loopAt(AffineMap map, unsigned d) {
  AffineExpr e = map.getResult(d);
  if (auto part = dyn_cast<AffineBinaryOpExpr>(e); part && part.getKind() == AffineExprKind::Mod) e = part.getLHS(); // the first part of an axis
  auto dim = dyn_cast<AffineDimExpr>(e);
  return dim ? (int)dim.getPosition() : -1;
}

bool stepsByOne(AffineExpr e, unsigned loop) {
  if (auto dim = dyn_cast<AffineDimExpr>(e)) return dim.getPosition() == loop;
  auto sum = dyn_cast<AffineBinaryOpExpr>(e);
  if (sum && sum.getKind() == AffineExprKind::Mod) return stepsByOne(sum.getLHS(), loop);
  if (!sum || sum.getKind() != AffineExprKind::Add) return false;
  AffineExpr l = sum.getLHS(), r = sum.getRHS();
  return l.isFunctionOfDim(loop) ? stepsByOne(l, loop) && !r.isFunctionOfDim(loop) : stepsByOne(r, loop);
}

AffineMap resultMap(GenericOp op) { return op.getMatchingIndexingMap(op.getDpsInitOperand(0)); }

int64_t workOf(Operation *any) {
  auto op = dyn_cast<GenericOp>(any);
  if (auto pieces = dyn_cast<ir::PiecewiseOpInterface>(any)) return pieces.getWork();
  if (!op) return 0; // a loop: its body's kernels say it
  int64_t points = 1;
  for (int64_t n : op.getStaticLoopRanges()) points *= n;
  int64_t costly = 0;
  for (Operation &x : op.getBody()->without_terminator()) costly += isa<math::MathDialect>(x.getDialect()) && !isa<math::FmaOp>(x);
  return points * (op.getNumReductionLoops() ? 4 : 8) * (1 + 4 * costly) / 128 + 5;
}

const Grouping::Uses &Grouping::uses(Operation *op) const {
  std::unique_ptr<Uses> &found = known[op];
  if (found) return *found;
  found = std::make_unique<Uses>();
  if (auto generic = dyn_cast<GenericOp>(op)) found->captured = tenon::compiler::captured(generic);
  for (Value v : reads(op))
    if (Operation *producer = underViews(v).getDefiningOp()) found->producers.push_back(producer);
  return *found;
}

int Grouping::groupOfValue(Value v) const {
  Operation *op = underViews(v).getDefiningOp();
  auto it = op ? groupOf.find(op) : groupOf.end();
  return it == groupOf.end() ? -1 : (int)it->second;
}

bool Grouping::reaches(unsigned from, unsigned to, bool direct) const {
  SmallVector<bool> seen(groups.size());
  auto up = [&](auto &self, unsigned x, bool straight) -> bool {
    for (Operation *op : groups[x].members())
      for (Operation *producer : uses(op).producers) {
        auto it = groupOf.find(producer);
        unsigned y = it == groupOf.end() ? x : it->second;
        if (y == x) continue;
        if (y == from) {
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

void Grouping::add(GenericOp op, unsigned number, int loop) {
  Group &k = groups[number];
  k.ops.push_back(op);
  k.axis[op] = loop;
  groupOf[op] = number;
  auto note = [&](Value v, AffineMap m) {
    int d = -1;
    for (unsigned i = 0; i < m.getNumResults(); ++i)
      if (loop >= 0 && loopAt(m, i) == loop) d = i;
    auto [it, isNew] = k.cut.try_emplace(v, d);
    if (!isNew && d >= 0) it->second = d;
    if (isa<BlockArgument>(v) && d >= 0) stateCut.try_emplace(v, d);
  };
  for (OpOperand *in : op.getDpsInputOperands())
    if (groupOfValue(in->get()) != (int)number) note(in->get(), op.getMatchingIndexingMap(in));
  note(op.getResult(0), resultMap(op));
}

int64_t Grouping::work(const Group &k) const {
  int64_t w = 0;
  for (Operation *op : k.members()) w += workOf(op);
  return w;
}

} // namespace tenon::compiler
