// Lanes that lie apart in memory by a rule: near ones come as whole vectors whose elements are brought to their lanes, the rest by gather and scatter.
//
//   the index               what lanes read               from
//   lane * step + ...       every step-th element         `step` vectors; where steps are long, one gather
//   (lane + c) floordiv r   each element r times          one vector
#include "compiler/codegen/cpu/emitter.h"

using namespace mlir;
namespace tenon::compiler::cpu {

using linalg::GenericOp;

/// Without `mod size`, which only says that a loop walks the first part of an axis.
static AffineExpr plain(AffineExpr e) {
  auto both = dyn_cast<AffineBinaryOpExpr>(e);
  if (!both) return e;
  AffineExpr l = plain(both.getLHS()), r = plain(both.getRHS());
  if (both.getKind() == AffineExprKind::Mod) return l;
  return getAffineBinaryOpExpr(both.getKind(), l, r);
}

/// How far lane 1 lies from lane 0 where that is a number.
static std::optional<int64_t> stepOf(AffineExpr e, AffineExpr lane, unsigned dims) {
  AffineExpr next = e.replace(lane, lane + 1);
  if (auto step = dyn_cast<AffineConstantExpr>(simplifyAffineExpr(next - e, dims, 0))) return step.getValue();
  return std::nullopt;
}

Value Emitter::readLanes(AffineExpr innermost, AffineExpr lane, unsigned dims, Value memory, SmallVector<Value> at, Type element, int64_t lanes, bool aligned) {
  AffineExpr e = plain(innermost);
  // Lane l takes element place[l], counted from where lane 0 reads.
  SmallVector<int64_t> place(table.lanes, 0);
  auto divided = dyn_cast<AffineBinaryOpExpr>(e);
  if (std::optional<int64_t> step = stepOf(e, lane, dims)) {
    if (*step < 1 || *step > 4) return {};
    for (int64_t l = 0; l < lanes; ++l) place[l] = l * *step;
  } else if (divided && divided.getKind() == AffineExprKind::FloorDiv && isa<AffineConstantExpr>(divided.getRHS()) && aligned) {
    int64_t times = cast<AffineConstantExpr>(divided.getRHS()).getValue();
    auto shift = dyn_cast<AffineConstantExpr>(simplifyAffineExpr(divided.getLHS() - lane, dims, 0));
    if (!shift || table.lanes % times) return {}; // the first lane's index must be a multiple, so that all vectors are alike
    int64_t phase = llvm::mod(shift.getValue(), times);
    for (int64_t l = 0; l < lanes; ++l) place[l] = (phase + l) / times;
  } else
    return {};
  int64_t count = place[lanes - 1] + 1;
  Value result;
  for (int64_t begin = 0; begin < count; begin += table.lanes) {
    SmallVector<Value> from(at);
    from.back() = plus(from.back(), begin);
    Value v = loadVector(memory, from, element, std::min(table.lanes, count - begin));
    SmallVector<int64_t> shuffle(table.lanes);
    bool identity = !result;
    for (int64_t l = 0; l < table.lanes; ++l) {
      bool here = l < lanes && place[l] >= begin && place[l] < begin + table.lanes;
      shuffle[l] = !result ? (here ? place[l] : 0) : here ? table.lanes + place[l] - begin : l;
      identity &= shuffle[l] == l || l >= lanes;
    }
    result = identity ? v : vector::ShuffleOp::create(b, loc, result ? result : v, v, shuffle).getResult();
  }
  return result;
}

std::optional<int64_t> Emitter::laneStep(GenericOp op, OpOperand *in, int lane) {
  for (const ir::Window &w : windowsOf(op))
    if (in->getOperandNumber() == 0 && ((int)w.out == lane || (int)w.tap == lane)) return std::nullopt;
  AffineMap map = op.getMatchingIndexingMap(in);
  int64_t total = 0, stride = 1;
  for (int d = map.getNumResults() - 1; d >= 0; --d) {
    std::optional<int64_t> step = stepOf(plain(map.getResult(d)), b.getAffineDimExpr(lane), map.getNumDims());
    if (!step) return std::nullopt;
    total += *step * stride;
    stride *= cast<MemRefType>(places.lookup(in->get()).memory.getType()).getDimSize(d);
  }
  return total;
}

std::pair<Value, Value> Emitter::line(Value memory, ValueRange at) {
  auto type = cast<MemRefType>(memory.getType());
  Value place = index(0);
  int64_t stride = 1;
  for (int d = type.getRank() - 1; d >= 0; --d) {
    place = plus(b.createOrFold<arith::MulIOp>(loc, at[d], index(stride)), place);
    stride *= type.getDimSize(d);
  }
  ReassociationIndices all(llvm::to_vector(llvm::seq<int64_t>(0, type.getRank())));
  return {memref::CollapseShapeOp::create(b, loc, memory, SmallVector<ReassociationIndices>{all}), place};
}

Emitter::Apart Emitter::apart(Value memory, ArrayRef<Value> at, int64_t step) {
  SmallVector<int64_t> steps;
  for (int64_t l = 0; l < table.lanes; ++l) steps.push_back(l * step);
  auto steady = DenseIntElementsAttr::get(VectorType::get(table.lanes, b.getI64Type()), steps);
  auto [axis, place] = line(memory, at);
  return {axis, place, arith::ConstantOp::create(b, loc, steady)};
}

Value Emitter::readApart(GenericOp op, OpOperand *in, int lane, Value memory, llvm::function_ref<SmallVector<Value>(int64_t)> at, int64_t lanes) {
  Type stored = cast<MemRefType>(memory.getType()).getElementType(), element = getElementTypeOrSelf(in->get().getType());
  auto zero = [&](Type t) -> Value { return arith::ConstantOp::create(b, loc, b.getZeroAttr(t)); };
  if (auto step = laneStep(op, in, lane)) {
    Apart a = apart(memory, at(0), *step);
    auto type = VectorType::get(table.lanes, stored);
    Value v = vector::GatherOp::create(b, loc, type, a.memory, a.at, a.steps, mask(lanes), zero(type));
    return stored == element ? v : arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, v, zero(type)).getResult();
  }
  SmallVector<Value> elements; // by no rule
  for (int64_t l = 0; l < table.lanes; ++l) elements.push_back(l < lanes ? load(memory, at(l), element) : zero(element));
  return vector::FromElementsOp::create(b, loc, VectorType::get(table.lanes, element), elements);
}

} // namespace tenon::compiler::cpu
