// What happens on a tile: pointwise bodies, and reductions by index, by vector and in registers.
#include "compiler/codegen/cpu/emitter.h"
#include "mlir/Analysis/SliceAnalysis.h"

using namespace mlir;
namespace tenon::compiler::cpu {

using linalg::GenericOp;

Value Emitter::body(GenericOp op, ArrayRef<Value> args, int64_t i, int64_t j, const Own &own) {
  IRMapping map;
  for (auto [from, to] : llvm::zip(op.getBody()->getArguments(), args))
    if (to) map.map(from, to);
  gatherLanes = own.v ? own.valid : valid(j);
  for (Operation &x : op.getBody()->without_terminator()) {
    if (auto idx = dyn_cast<linalg::IndexOp>(x)) {
      Value v = loopIndex(op, idx.getDim(), i, j, own, true);
      if (int role = nest->roles[op][idx.getDim()]; role == N || role == V)
        v = arith::AddIOp::create(b, loc, splat(v), vector::StepOp::create(b, loc, VectorType::get(table.lanes, b.getIndexType())));
      map.map(idx.getResult(), v);
      continue;
    }
    if (auto extract = dyn_cast<tensor::ExtractOp>(x)) {
      map.map(extract.getResult(), gather(extract, map));
      continue;
    }
    SmallVector<Value> operands;
    bool vector = false;
    for (Value v : x.getOperands()) {
      Value w = map.lookupOrNull(v);
      if (!w) map.map(v, w = b.clone(*v.getDefiningOp())->getResult(0)); // a constant outside of the body
      operands.push_back(w);
      vector |= isVector(w);
    }
    SmallVector<Type> results;
    for (Type t : x.getResultTypes()) results.push_back(vector ? VectorType::get(table.lanes, t) : t);
    if (vector)
      for (Value &v : operands) v = splat(v);
    OperationState s(loc, x.getName(), operands, results);
    s.addAttributes(SmallVector<NamedAttribute>(x.getDiscardableAttrs()));
    s.propertiesAttr = x.getPropertiesAsAttribute();
    map.map(x.getResults(), b.create(s)->getResults());
  }
  Value r = op.getBody()->getTerminator()->getOperand(0);
  Value w = map.lookupOrNull(r);
  return w ? w : b.clone(*r.getDefiningOp())->getResult(0);
}

SmallVector<Value> Emitter::inputs(GenericOp op, int64_t i, int64_t j, const Own &own) {
  SmallVector<Value> r;
  for (OpOperand *in : op.getDpsInputOperands()) {
    if (op.getMatchingBlockArgument(in).use_empty()) { r.push_back({}); continue; }
    if (auto p = packed.find(in); p != packed.end()) {
      SmallVector<Value> at;
      for (auto [l, role] : llvm::enumerate(nest->roles[op]))
        if (role == K && op.getMatchingIndexingMap(in).isFunctionOfDim(l)) at.push_back((int)l == parts.loop ? own.part : own.k[l]);
      at.push_back(index(j * table.lanes));
      r.push_back(loadVector(p->second, at, getElementTypeOrSelf(in->get().getType()), table.lanes));
      continue;
    }
    if (auto p = packedWhole.find(in); p != packedWhole.end()) {
      AffineMap map = op.getMatchingIndexingMap(in);
      SmallVector<Value> at;
      for (auto [l, role] : llvm::enumerate(nest->roles[op]))
        if (role == K && map.isFunctionOfDim(l)) at.push_back((int)l == parts.loop ? own.part : own.k[l]);
      bool row = nest->roles[op][loopAt(map, map.getNumResults() - 1)] == M;
      at.push_back(row ? plus(rowStart, i) : plus(laneStart, j * table.lanes));
      Type element = getElementTypeOrSelf(in->get().getType());
      r.push_back(row ? load(p->second, at, element) : loadVector(p->second, at, element, table.lanes));
      continue;
    }
    if (auto s = squares.find(in); s != squares.end()) { r.push_back(s->second[i * llvm::divideCeil(columns, table.lanes) + j]); continue; }
    auto t = tiles.find(in->get());
    r.push_back(t != tiles.end() ? t->second->at(i, j) : read(op, in, i, j, own));
  }
  return r;
}

Value Emitter::initial(GenericOp op) {
  auto fill = op.getDpsInits()[0].getDefiningOp<linalg::FillOp>();
  if (!fill) llvm::report_fatal_error("an accumulation must start from linalg.fill");
  return b.clone(*fill.getInputs()[0].getDefiningOp())->getResult(0);
}

static vector::CombiningKind combiner(GenericOp op) {
  // A body that multiplies into its accumulator by fma adds.
  Operation *last = op.getBody()->getTerminator()->getOperand(0).getDefiningOp();
  if (isa_and_nonnull<math::FmaOp>(last)) return vector::CombiningKind::ADD;
  SmallVector<Operation *> ops;
  if (matchReduction(op.getRegionOutputArgs(), 0, ops) && ops.size() == 1)
    if (auto kind = linalg::getCombinerOpKind(ops[0])) return *kind;
  llvm::report_fatal_error("a reduction whose combiner is not known");
}

void Emitter::computePointwise(GenericOp op, Tile &t) {
  readSquares(op, t);
  for (int64_t i = 0; i < t.m; ++i)
    for (int64_t j = 0; j < t.n; ++j) {
      SmallVector<Value> args = inputs(op, i, j, {});
      args.push_back({});
      Value r = body(op, args, i, j, {});
      t.at(i, j) = t.lanes ? splat(r) : r;
    }
}

/// A reduction along lanes that are in registers: one accumulator, its vectors in order, then across.
void Emitter::computeInRegisters(GenericOp op, Tile &t) {
  vector::CombiningKind kind = combiner(op);
  int64_t vectors = llvm::divideCeil(columns, table.lanes);
  for (int64_t i = 0; i < t.m; ++i) {
    Value acc = splat(initial(op));
    for (int64_t j = 0; j < vectors; ++j) {
      SmallVector<Value> args = inputs(op, i, j, {});
      args.push_back(acc);
      Value next = splat(body(op, args, i, j, {}));
      acc = valid(j) < table.lanes ? arith::SelectOp::create(b, loc, mask(valid(j)), next, acc).getResult() : next;
    }
    t.at(i, 0) = vector::ReductionOp::create(b, loc, kind, acc, arith::FastMathFlags::reassoc);
  }
}

SmallVector<Value> Emitter::reduceLoops(GenericOp op, ArrayRef<unsigned> loops, unsigned depth, SmallVector<Value> carried, Own &own, llvm::function_ref<SmallVector<Value>(ValueRange)> step) {
  if (depth == loops.size()) return step(carried);
  bool cut = op == parts.op && (int)loops[depth] == parts.loop;
  std::array<Value, 3> bounds{index(0), index(cut ? parts.length : range(op, loops[depth])), index(1)};
  for (const ir::Window &w : windowsOf(op))
    if (w.tap == loops[depth]) bounds = taps(op, w, own);
  auto f = scf::ForOp::create(b, loc, bounds[0], bounds[1], bounds[2], carried);
  OpBuilder::InsertionGuard g(b);
  b.setInsertionPointToStart(f.getBody());
  own.k[loops[depth]] = f.getInductionVar();
  if (cut) own.part = f.getInductionVar(), own.k[loops[depth]] = plus(parts.begin, own.part);
  SmallVector<Value> out = reduceLoops(op, loops, depth + 1, SmallVector<Value>(f.getRegionIterArgs()), own, step);
  if (!carried.empty()) scf::YieldOp::create(b, loc, out);
  return SmallVector<Value>(f.getResults());
}

static SmallVector<unsigned> loopsOf(ArrayRef<int> roles, int role) {
  SmallVector<unsigned> r;
  for (unsigned l = 0; l < roles.size(); ++l)
    if (roles[l] == role) r.push_back(l);
  return r;
}

/// Sums over loops of the op's own, one index at a time, for a whole tile of accumulators: the contraction.
void Emitter::computeByIndex(GenericOp op, Tile &t) {
  Value zero = initial(op);
  SmallVector<Value> acc(t.values.size(), t.lanes ? splat(zero) : zero);
  auto waiting = [&](auto visit) { // each accumulator with its place between parts
    for (int64_t i = 0; i < t.m; ++i)
      for (int64_t j = 0; j < t.n; ++j) {
        SmallVector<Value> at;
        if (parts.whole) at = outerIndex;
        at.append({plus(rowStart, i), parts.whole ? plus(laneStart, j * table.lanes) : index(j * table.lanes)});
        visit(i * t.n + j, at);
      }
  };
  Type element = zero.getType();
  if (op == parts.op && !parts.first) waiting([&](int64_t k, ValueRange at) { acc[k] = loadVector(parts.sums, at, element, table.lanes); });
  if (op == parts.op && parts.finish) {
    t.values = acc;
    return;
  }
  Own own;
  own.k.resize(op.getNumLoops());
  t.values = reduceLoops(op, loopsOf(nest->roles[op], K), 0, acc, own, [&](ValueRange in) {
    SmallVector<Value> out;
    for (int64_t i = 0; i < t.m; ++i)
      for (int64_t j = 0; j < t.n; ++j) {
        SmallVector<Value> args = inputs(op, i, j, own);
        args.push_back(in[i * t.n + j]);
        Value r = body(op, args, i, j, own);
        out.push_back(t.lanes ? splat(r) : r);
      }
    return out;
  });
  if (op == parts.op && !parts.last) waiting([&](int64_t k, ValueRange at) { storeVector(t.values[k], parts.sums, at, table.lanes); });
}

/// A reduction along memory: vectors of the row into four accumulators (one for short rows, as in registers), then across. The order follows from the length alone.
void Emitter::computeByVector(GenericOp op, Tile &t) {
  vector::CombiningKind kind = combiner(op);
  unsigned loop = loopsOf(nest->roles[op], V)[0];
  int64_t length = range(op, loop), ways = length <= table.wholeRow ? 1 : 4, stride = ways * table.lanes;
  Own own;
  own.k.resize(op.getNumLoops());
  SmallVector<Value> acc(t.m * ways, splat(initial(op)));
  auto vectorAt = [&](Value at, int64_t lanes, int64_t way, SmallVector<Value> &values) {
    own.v = at, own.valid = lanes;
    for (int64_t i = 0; i < t.m; ++i) {
      Value &a = values[i * ways + way];
      SmallVector<Value> args = inputs(op, i, 0, own);
      args.push_back(a);
      Value next = splat(body(op, args, i, 0, own));
      a = lanes < table.lanes ? arith::SelectOp::create(b, loc, mask(lanes), next, a).getResult() : next;
    }
  };
  acc = reduceLoops(op, loopsOf(nest->roles[op], K), 0, acc, own, [&](ValueRange carried) {
    SmallVector<Value> values(carried);
    int64_t main = ways == 1 ? 0 : length / stride * stride;
    if (main) {
      auto f = scf::ForOp::create(b, loc, index(0), index(main), index(stride), values);
      OpBuilder::InsertionGuard g(b);
      b.setInsertionPointToStart(f.getBody());
      SmallVector<Value> inner(f.getRegionIterArgs());
      for (int64_t w = 0; w < ways; ++w) vectorAt(plus(f.getInductionVar(), w * table.lanes), table.lanes, w, inner);
      scf::YieldOp::create(b, loc, inner);
      values = SmallVector<Value>(f.getResults());
    }
    for (int64_t at = main, w = 0; at < length; at += table.lanes, ++w) vectorAt(index(at), std::min(table.lanes, length - at), w % ways, values);
    return values;
  });
  for (int64_t i = 0; i < t.m; ++i) {
    ArrayRef<Value> a = ArrayRef<Value>(acc).slice(i * ways, ways);
    Value sum = a[0];
    if (ways == 4)
      sum = vector::makeArithReduction(b, loc, kind, vector::makeArithReduction(b, loc, kind, a[0], a[1]), vector::makeArithReduction(b, loc, kind, a[2], a[3]));
    t.at(i, 0) = vector::ReductionOp::create(b, loc, kind, sum, arith::FastMathFlags::reassoc);
  }
}

void Emitter::compute(GenericOp op) {
  ArrayRef<int> roles = nest->roles[op];
  bool inRegisters = false;
  for (unsigned l = 0; l < roles.size(); ++l) inRegisters |= roles[l] == N && reduces(op, l);
  bool lanes = llvm::is_contained(roles, N) && !inRegisters;
  loc = op.getLoc();
  owned.push_back(std::make_unique<Tile>(llvm::is_contained(roles, M), lanes, rows, llvm::divideCeil(columns, table.lanes)));
  Tile &t = *owned.back();
  if (inRegisters) computeInRegisters(op, t);
  else if (llvm::is_contained(roles, V)) computeByVector(op, t);
  else if (llvm::is_contained(roles, K)) computeByIndex(op, t);
  else computePointwise(op, t);
  tiles[op.getResult(0)] = &t;
}

} // namespace tenon::compiler::cpu
