// How a tile meets memory: indices, loads and stores of scalars, whole vectors, partial vectors and lanes that lie apart.
#include "compiler/codegen/cpu/emitter.h"

using namespace mlir;
namespace tenon::compiler::cpu {

using linalg::GenericOp;

Value Emitter::index(int64_t i) { return arith::ConstantIndexOp::create(b, loc, i); }
Value Emitter::plus(Value a, Value c) { return b.createOrFold<arith::AddIOp>(loc, a, c); }

Value Emitter::mask(int64_t lanes) {
  return vector::ConstantMaskOp::create(b, loc, VectorType::get(table.lanes, b.getI1Type()), ArrayRef<int64_t>{lanes});
}

Value Emitter::splat(Value s) { return isVector(s) ? s : vector::BroadcastOp::create(b, loc, VectorType::get(table.lanes, s.getType()), s).getResult(); }

SmallVector<Value> Emitter::located(Value &memory, ValueRange at) {
  if (!nest->flat || at.size() < 2) return SmallVector<Value>(at);
  auto [axis, place] = line(memory, at);
  memory = axis;
  return {place};
}

Value Emitter::load(Value memory, ValueRange at, Type element) {
  SmallVector<Value> where = located(memory, at);
  Value v = memref::LoadOp::create(b, loc, memory, where);
  if (v.getType() == element) return v;
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, v, arith::ConstantOp::create(b, loc, b.getZeroAttr(v.getType())));
}

Value Emitter::loadVector(Value memory, ValueRange at, Type element, int64_t lanes) {
  SmallVector<Value> where = located(memory, at);
  Type stored = cast<MemRefType>(memory.getType()).getElementType();
  auto type = VectorType::get(table.lanes, stored);
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  Value v = lanes == table.lanes ? vector::LoadOp::create(b, loc, type, memory, where).getResult()
                                 : vector::MaskedLoadOp::create(b, loc, type, memory, where, mask(lanes), zero).getResult();
  return stored == element ? v : arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, v, zero).getResult();
}

Value Emitter::asStored(Value v, Value memory) {
  Type stored = cast<MemRefType>(memory.getType()).getElementType();
  if (getElementTypeOrSelf(v.getType()) == stored) return v;
  return arith::ExtUIOp::create(b, loc, isVector(v) ? (Type)VectorType::get(table.lanes, stored) : stored, v);
}

void Emitter::storeVector(Value v, Value memory, ValueRange at, int64_t lanes) {
  SmallVector<Value> where = located(memory, at);
  v = asStored(v, memory);
  if (!isVector(v)) memref::StoreOp::create(b, loc, v, memory, where);
  else if (lanes == table.lanes) vector::StoreOp::create(b, loc, v, memory, where);
  else vector::MaskedStoreOp::create(b, loc, memory, where, mask(lanes), v);
}

Value Emitter::loopIndex(GenericOp op, int loop, int64_t i, int64_t j, const Own &own, bool whole) {
  Value x;
  switch (int role = nest->roles[op][loop]) {
  case M: x = plus(rowStart, i); break;
  case N: x = plus(laneStart, j * table.lanes); break;
  case K: x = own.k[loop]; break;
  case V: x = own.v; break;
  case Flat: return index(0);
  default: x = outerIndex[role - Outer];
  }
  return whole && start && loop == axisOf(op) ? plus(x, start) : x;
}

Value Emitter::affine(AffineExpr e, GenericOp op, int64_t i, int64_t j, const Own &own, bool whole) {
  if (auto d = dyn_cast<AffineDimExpr>(e)) return loopIndex(op, d.getPosition(), i, j, own, whole);
  if (auto c = dyn_cast<AffineConstantExpr>(e)) return index(c.getValue());
  auto binary = cast<AffineBinaryOpExpr>(e);
  if (binary.getKind() == AffineExprKind::Mod) return affine(binary.getLHS(), op, i, j, own, whole); // the first part of an axis
  Value l = affine(binary.getLHS(), op, i, j, own, whole), r = affine(binary.getRHS(), op, i, j, own, whole);
  switch (binary.getKind()) {
  case AffineExprKind::Add: return plus(l, r);
  case AffineExprKind::Mul: return b.createOrFold<arith::MulIOp>(loc, l, r);
  case AffineExprKind::FloorDiv: return b.createOrFold<arith::FloorDivSIOp>(loc, l, r);
  case AffineExprKind::CeilDiv: return b.createOrFold<arith::CeilDivSIOp>(loc, l, r);
  default: return b.createOrFold<arith::RemSIOp>(loc, l, r);
  }
}

Value Emitter::read(GenericOp op, OpOperand *in, int64_t i, int64_t j, const Own &own) {
  if (auto s = scalars.find(in->get()); s != scalars.end()) return s->second;
  Place place = places.lookup(in->get());
  assert(place.memory && "a value that is neither in a register nor in memory");
  AffineMap map = op.getMatchingIndexingMap(in);
  ArrayRef<int> roles = nest->roles[op];
  Type element = getElementTypeOrSelf(in->get().getType());
  int laneLoop = -1;
  bool contiguous = true;
  for (unsigned l = 0; l < roles.size(); ++l)
    if ((roles[l] == N || roles[l] == V) && map.isFunctionOfDim(l)) laneLoop = l;
  for (unsigned d = 0; laneLoop >= 0 && d < map.getNumResults(); ++d) {
    bool last = d + 1 == map.getNumResults();
    contiguous &= last ? stepsByOne(map.getResult(d), laneLoop) : !map.getResult(d).isFunctionOfDim(laneLoop);
  }
  auto at = [&](Own shifted, int64_t lane) {
    SmallVector<Value> r;
    Value kept = laneStart;
    if (lane) {
      if (laneLoop >= 0 && roles[laneLoop] == V) shifted.v = plus(shifted.v, lane);
      else laneStart = plus(laneStart, lane);
    }
    r = this->place(op, in, i, j, shifted, !place.local);
    laneStart = kept;
    return r;
  };
  if (laneLoop < 0) return load(place.memory, at(own, 0), element);
  int64_t lanes = roles[laneLoop] == V ? own.valid : valid(j);
  if (contiguous) return loadVector(place.memory, at(own, 0), element, lanes);
  unsigned last = map.getNumResults() - 1;
  bool along = map.getResult(last).isFunctionOfDim(laneLoop); // lanes lie along the innermost axis, but apart
  for (unsigned d = 0; d < last; ++d) along &= !map.getResult(d).isFunctionOfDim(laneLoop);
  if (along)
    if (Value v = readLanes(map.getResult(last), b.getAffineDimExpr(laneLoop), map.getNumDims(), place.memory, at(own, 0), element, lanes, roles[laneLoop] == N)) return v;
  return readApart(op, in, laneLoop, place.memory, [&](int64_t lane) { return at(own, lane); }, lanes);
}

void Emitter::store(GenericOp op) {
  Tile &t = *tiles[op.getResult(0)];
  Place place = stored.count(op.getResult(0)) ? Place{stored[op.getResult(0)], false} : places.lookup(op.getResult(0));
  AffineMap map = resultMap(op);
  if (inSquares(op, map, cast<MemRefType>(place.memory.getType()).getElementType(), t)) return storeSquares(op, t, place);
  ArrayRef<int> roles = nest->roles[op];
  int lanes = -1;
  for (unsigned d = 0; d < map.getNumResults(); ++d)
    if (roles[loopAt(map, d)] == N) lanes = d;
  for (int64_t i = 0; i < t.m; ++i)
    for (int64_t j = 0; j < t.n; ++j) {
      SmallVector<Value> at;
      for (unsigned d = 0; d < map.getNumResults(); ++d) at.push_back(loopIndex(op, loopAt(map, d), i, j, {}, !place.local));
      Value v = t.at(i, j);
      if (!t.lanes || lanes + 1 == (int)map.getNumResults()) { storeVector(v, place.memory, at, valid(j)); continue; }
      int64_t step = 1; // lanes go apart in memory
      for (unsigned d = lanes + 1; d < map.getNumResults(); ++d) step *= cast<MemRefType>(place.memory.getType()).getDimSize(d);
      Apart a = apart(place.memory, at, step);
      vector::ScatterOp::create(b, loc, Type(), a.memory, a.at, a.steps, mask(valid(j)), asStored(v, place.memory), /*alignment=*/IntegerAttr());
    }
}

} // namespace tenon::compiler::cpu
