// Reads by index in a body: whole vectors where neighbouring lanes read neighbours in memory, else element by element.
#include "compiler/codegen/cpu/emitter.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
namespace tenon::compiler::cpu {

using linalg::GenericOp;

/// The index of the lanes' loop, moved by what is the same in all lanes.
bool Emitter::inStep(Value v, IRMapping &map) {
  auto vector = [&](Value x) { Value y = map.lookupOrNull(x); return y && isVector(y); };
  if (auto sum = v.getDefiningOp<arith::AddIOp>()) {
    Value l = sum.getLhs(), r = sum.getRhs();
    return vector(l) != vector(r) && inStep(vector(l) ? l : r, map);
  }
  return v.getDefiningOp<linalg::IndexOp>() && vector(v);
}

/// Reads at an index in step that is clamped to the axis (a pad's, a concatenation's), where vectors lie inside of the axis or outside of it, never across its ends.
Value Emitter::gatherClamped(Value clamped, IRMapping &map, Value memory, SmallVector<Value> at, Type element, int64_t size) {
  Value v = clamped;
  auto numberOf = [](Value x) { IntegerAttr n; return matchPattern(x, m_Constant(&n)) ? std::optional(n.getInt()) : std::nullopt; };
  while (v.getDefiningOp<arith::MaxSIOp>() || v.getDefiningOp<arith::MinSIOp>()) {
    bool low = v.getDefiningOp<arith::MaxSIOp>();
    if (numberOf(v.getDefiningOp()->getOperand(1)) != (low ? 0 : size - 1)) return {};
    v = v.getDefiningOp()->getOperand(0);
  }
  int64_t offset = 0;
  if (auto moved = v.getDefiningOp(); moved && isa<arith::AddIOp, arith::SubIOp>(moved)) {
    std::optional<int64_t> by = numberOf(moved->getOperand(1));
    if (!by) return {};
    offset = isa<arith::SubIOp>(moved) ? -*by : *by, v = moved->getOperand(0);
  }
  auto lane = v.getDefiningOp<linalg::IndexOp>();
  Value first = lane ? map.lookupOrNull(v) : Value();
  if (v == clamped || !first || !isVector(first) || size % table.lanes || offset % table.lanes) return {};
  auto op = cast<GenericOp>(lane->getParentOp());
  if (start && (int)lane.getDim() == axisOf(op) && grid.getBlock() % table.lanes) return {};
  first = vector::ExtractOp::create(b, loc, first, ArrayRef<int64_t>{0});
  first = plus(first, offset);
  Value inside = arith::MinSIOp::create(b, loc, arith::MaxSIOp::create(b, loc, first, index(0)), index(size - table.lanes));
  at.back() = inside;
  Value whole = loadVector(memory, at, element, table.lanes);
  auto edge = [&](arith::CmpIPredicate beyond, int64_t end) {
    Value flag = arith::CmpIOp::create(b, loc, beyond, first, inside);
    whole = arith::SelectOp::create(b, loc, flag, splat(vector::ExtractOp::create(b, loc, whole, ArrayRef<int64_t>{end})), whole);
  };
  edge(arith::CmpIPredicate::slt, 0), edge(arith::CmpIPredicate::sgt, table.lanes - 1);
  return whole;
}

Value Emitter::gather(tensor::ExtractOp extract, IRMapping &map) {
  Place place = places.lookup(extract.getTensor());
  Type element = extract.getType();
  SmallVector<Value> at;
  bool vector = false;
  for (Value v : extract.getIndices()) {
    Value x = map.lookupOrNull(v);
    if (!x) x = b.clone(*v.getDefiningOp(), map)->getResult(0);
    at.push_back(x), vector |= isVector(x);
  }
  if (!vector) return load(place.memory, at, element);
  // Only the last index moves from lane to lane, by one: lanes lie together in memory.
  if (llvm::none_of(ArrayRef(at).drop_back(), [&](Value x) { return isVector(x); }) && inStep(extract.getIndices().back(), map)) {
    at.back() = vector::ExtractOp::create(b, loc, at.back(), ArrayRef<int64_t>{0});
    return loadVector(place.memory, at, element, gatherLanes);
  }
  int64_t size = extract.getTensor().getType().getShape().back();
  if (llvm::none_of(ArrayRef(at).drop_back(), [&](Value x) { return isVector(x); }))
    if (Value v = gatherClamped(extract.getIndices().back(), map, place.memory, at, element, size)) return v;
  SmallVector<Value> elements;
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(element));
  for (int64_t l = 0; l < table.lanes; ++l) {
    if (l >= gatherLanes) { elements.push_back(zero); continue; } // an index beyond the row means nothing
    SmallVector<Value> lane;
    for (Value x : at) lane.push_back(isVector(x) ? vector::ExtractOp::create(b, loc, x, ArrayRef<int64_t>{l}).getResult() : x);
    elements.push_back(load(place.memory, lane, element));
  }
  return vector::FromElementsOp::create(b, loc, VectorType::get(table.lanes, element), elements);
}

} // namespace tenon::compiler::cpu
