// What happens for one element: reads, the op's body, sums by one thread or by a team.
#include "compiler/codegen/cuda/emitter.h"
#include "mlir/Dialect/Vector/Transforms/VectorTransforms.h"

using namespace mlir;
namespace tenon::compiler::cuda {

using linalg::GenericOp;

Value Emitter::load(Value memory, ValueRange at, Type element) {
  Value v = memref::LoadOp::create(b, loc, memory, at);
  return v.getType() == element ? v : arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, v, arith::ConstantOp::create(b, loc, b.getZeroAttr(v.getType()))).getResult();
}

void Emitter::store(Value v, Value memory, ValueRange at) {
  Type inMemory = cast<MemRefType>(memory.getType()).getElementType();
  if (v.getType() != inMemory) v = arith::ExtUIOp::create(b, loc, inMemory, v);
  memref::StoreOp::create(b, loc, v, memory, at);
}

Value Emitter::affine(AffineExpr e, ArrayRef<Value> loops) {
  if (auto d = dyn_cast<AffineDimExpr>(e)) return loops[d.getPosition()];
  if (auto c = dyn_cast<AffineConstantExpr>(e)) return index(c.getValue());
  auto binary = cast<AffineBinaryOpExpr>(e);
  if (binary.getKind() == AffineExprKind::Mod) return affine(binary.getLHS(), loops); // the first part of an axis
  Value l = affine(binary.getLHS(), loops), r = affine(binary.getRHS(), loops);
  switch (binary.getKind()) {
  case AffineExprKind::Add: return add(l, r);
  case AffineExprKind::Mul: return b.createOrFold<arith::MulIOp>(loc, l, r);
  case AffineExprKind::FloorDiv: return b.createOrFold<arith::FloorDivSIOp>(loc, l, r);
  default: return b.createOrFold<arith::CeilDivSIOp>(loc, l, r);
  }
}

/// The loops that give op's result its place, at the element at hand.
Emitter::Loops Emitter::loopsOf(GenericOp op) {
  Loops loops{SmallVector<Value>(op.getNumLoops()), SmallVector<Value>(op.getNumLoops())};
  for (auto [d, loop] : llvm::enumerate(space(op)))
    if (loop >= 0) loops.at[loop] = at[d], loops.local[loop] = local[d];
  for (auto [l, v] : llvm::enumerate(loops.at)) // an axis of one element that the result does not have
    if (!v) loops.at[l] = loops.local[l] = index(0);
  return loops;
}

Value Emitter::inside(GenericOp op, const Loops &loops, SmallVectorImpl<Value> &place) {
  Value all;
  auto holds = [&](Value flag) { all = all ? arith::AndIOp::create(b, loc, all, flag).getResult() : flag; };
  auto compare = [&](arith::CmpIPredicate p, Value x, int64_t n) { return arith::CmpIOp::create(b, loc, p, x, index(n)); };
  auto type = cast<RankedTensorType>(op.getDpsInputs()[0].getType());
  for (const ir::Window &w : windowsOf(op)) {
    Value e = add(add(mul(loops.at[w.out], w.stride), mul(loops.at[w.tap], w.dilation)), index(-w.padding));
    if (!alwaysInside(op, w)) {
      holds(compare(arith::CmpIPredicate::sge, e, 0));
      holds(compare(arith::CmpIPredicate::slt, e, (type.getDimSize(w.dimension) - 1) * w.inputDilation + 1));
      if (w.inputDilation > 1) holds(compare(arith::CmpIPredicate::eq, rem(e, w.inputDilation), 0));
    }
    place[w.dimension] = div(e, w.inputDilation);
  }
  return all;
}

Value Emitter::read(GenericOp op, OpOperand *in, const Loops &loops) {
  Value v = in->get();
  if (auto r = registers.find(v); r != registers.end()) return r->second;
  const Place &place = places.find(v)->second;
  SmallVector<Value> where;
  for (AffineExpr e : op.getMatchingIndexingMap(in).getResults()) where.push_back(affine(e, place.local ? loops.local : loops.at));
  if (in->getOperandNumber() == 0 && !windowsOf(op).empty()) inside(op, loops, where);
  return load(place.memory, where, getElementTypeOrSelf(v.getType()));
}

Value Emitter::body(GenericOp op, const Loops &loops, Value accumulator) {
  IRMapping map;
  for (OpOperand *in : op.getDpsInputOperands())
    if (BlockArgument a = op.getMatchingBlockArgument(in); !a.use_empty()) map.map(a, read(op, in, loops));
  if (accumulator) map.map(op.getRegionOutputArgs()[0], accumulator);
  auto known = [&](Value v) {
    Value w = map.lookupOrNull(v);
    if (!w) map.map(v, w = b.clone(*v.getDefiningOp())->getResult(0)); // a constant outside of the body
    return w;
  };
  for (Operation &x : op.getBody()->without_terminator()) {
    if (auto i = dyn_cast<linalg::IndexOp>(x)) map.map(i.getResult(), loops.at[i.getDim()]);
    else if (auto extract = dyn_cast<tensor::ExtractOp>(x)) {
      SmallVector<Value> where = llvm::map_to_vector(extract.getIndices(), known);
      map.map(extract.getResult(), load(places.find(extract.getTensor())->second.memory, where, extract.getType()));
    } else {
      for (Value v : x.getOperands()) known(v);
      b.clone(x, map);
    }
  }
  return known(op.getBody()->getTerminator()->getOperand(0));
}

Value Emitter::initial(GenericOp op) {
  auto fill = op.getDpsInits()[0].getDefiningOp<linalg::FillOp>();
  if (!fill) llvm::report_fatal_error("an accumulation must start from linalg.fill");
  return b.clone(*fill.getInputs()[0].getDefiningOp())->getResult(0);
}

/// The sums of a team's threads become one, which all of them get.
Value Emitter::acrossTeam(GenericOp op, Value partial) {
  vector::CombiningKind kind = *combiner(op);
  Type type = partial.getType();
  int64_t width = std::min<int64_t>(nest->team, 32);
  auto exchanged = [&](Value v, int64_t distance) -> Value {
    bool flag = type.isInteger(1);
    if (flag) v = arith::ExtUIOp::create(b, loc, b.getI32Type(), v);
    Value other = gpu::ShuffleOp::create(b, loc, v, (int32_t)distance, 32, gpu::ShuffleMode::XOR).getShuffleResult();
    return flag ? arith::TruncIOp::create(b, loc, type, other).getResult() : other;
  };
  for (int64_t distance = width / 2; distance; distance /= 2) partial = vector::makeArithReduction(b, loc, kind, partial, exchanged(partial, distance));
  if (nest->team <= 32) return partial;
  auto space = gpu::AddressSpaceAttr::get(b.getContext(), gpu::AddressSpace::Workgroup);
  Type inMemory = type.isInteger(1) ? b.getI8Type() : type;
  Value &memory = teamSums[inMemory]; // barriers stand around each use
  if (!memory) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(&b.getInsertionBlock()->getParent()->getParentOfType<func::FuncOp>().getBody().front());
    memory = memref::AllocaOp::create(b, loc, MemRefType::get({threads / 32}, inMemory, MemRefLayoutAttrInterface(), space));
  }
  {
    OpBuilder::InsertionGuard guard(b);
    Value first = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, rem(thread, 32), index(0));
    b.setInsertionPointToStart(scf::IfOp::create(b, loc, first, /*withElse=*/false).thenBlock());
    store(partial, memory, div(thread, 32));
  }
  gpu::BarrierOp::create(b, loc);
  Value sum = load(memory, index(0), type);
  for (int64_t w = 1; w < threads / 32; ++w) sum = vector::makeArithReduction(b, loc, kind, sum, load(memory, index(w), type));
  gpu::BarrierOp::create(b, loc); // the next element's sums come to the same places
  return sum;
}

Value Emitter::reduce(GenericOp op) {
  SmallVector<unsigned> loops;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (auto [l, kind] : llvm::enumerate(op.getIteratorTypesArray()))
    if (kind == utils::IteratorType::reduction) loops.push_back(l);
  Loops now = loopsOf(op);
  auto term = [&](Value accumulator) -> Value {
    SmallVector<Value> place(cast<RankedTensorType>(op.getDpsInputs()[0].getType()).getRank());
    Value exists = windowsOf(op).empty() ? Value() : inside(op, now, place);
    if (!exists) return body(op, now, accumulator);
    auto branch = scf::IfOp::create(b, loc, TypeRange{accumulator.getType()}, exists, /*withElse=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, loc, body(op, now, accumulator));
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, loc, accumulator);
    return branch.getResult(0);
  };
  auto over = [&](Value from, Value to, Value step, Value accumulator, llvm::function_ref<Value(Value, Value)> inner) -> Value {
    auto f = scf::ForOp::create(b, loc, from, to, step, accumulator);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(f.getBody());
    scf::YieldOp::create(b, loc, inner(f.getInductionVar(), f.getRegionIterArg(0)));
    return f.getResult(0);
  };
  if (!lane) {
    auto nested = [&](auto &self, unsigned depth, Value accumulator) -> Value {
      if (depth == loops.size()) return term(accumulator);
      return over(index(0), index(ranges[loops[depth]]), index(1), accumulator, [&](Value i, Value sum) {
        now.at[loops[depth]] = now.local[loops[depth]] = i;
        return self(self, depth + 1, sum);
      });
    };
    return nested(nested, 0, initial(op));
  }
  int64_t terms = 1;
  for (unsigned l : loops) terms *= ranges[l];
  Value partial = over(lane, index(terms), index(nest->team), initial(op), [&](Value number, Value sum) {
    Value rest = number;
    for (unsigned l : llvm::reverse(loops)) {
      now.at[l] = now.local[l] = l == loops.front() ? rest : rem(rest, ranges[l]);
      rest = div(rest, ranges[l]);
    }
    return term(sum);
  });
  return acrossTeam(op, partial);
}

Value Emitter::compute(GenericOp op) {
  loc = op.getLoc();
  return op.getNumReductionLoops() ? reduce(op) : body(op, loopsOf(op), {});
}

} // namespace tenon::compiler::cuda
