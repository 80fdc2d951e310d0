// The derivative of a scan: a scan in the other direction. The forward one is given further results, the residuals that the backward body reads;
// gradients of what is captured are carries that accumulate.
#include "compiler/dialect/interfaces/sweep.h"
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::ir::prim {

namespace {

RankedTensorType tensorOf(Value v) { return mlir::cast<RankedTensorType>(v.getType()); }

/// The carries through which a gradient may come: from a result that has a cotangent, through the body, perhaps several steps back.
llvm::SmallBitVector differentiatedCarries(ScanOp op, ArrayRef<Expr> cotangents) {
  size_t n = op.getInits().size();
  Operation *yield = op.getYield();
  llvm::SmallBitVector carries(n);
  for (size_t i = 0; i < n; ++i)
    carries[i] = bool(cotangents[i]);
  DenseSet<Value> wanted;
  for (size_t i = n; i < cotangents.size(); ++i)
    if (cotangents[i])
      wanted.insert(yield->getOperand(i));
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned i : carries.set_bits())
      wanted.insert(yield->getOperand(i));
    for (Operation &inner : llvm::reverse(op.getBlock().without_terminator()))
      if (llvm::any_of(inner.getResults(), [&](Value v) { return wanted.contains(v); }))
        for (Value v : inner.getOperands())
          if (isReal(v))
            wanted.insert(v);
    for (auto [i, carry] : llvm::enumerate(op.getCarries()))
      if (wanted.contains(carry) && !carries[i])
        carries[i] = changed = true;
  }
  return carries;
}

/// Builds the backward scan of `forward`, a copy of `op` whose body has been swept.
struct Backward {
  ScanOp op, forward;
  ImplicitLocOpBuilder &outer;
  Block *body = nullptr; // of the backward scan, while its arguments are still being found
  SmallVector<Value> inits, xs, captured, extra;
  DenseMap<Value, Value> known = DenseMap<Value, Value>(); // a value of the forward body: what the backward body has for it

  Value argument(size_t at, Type type) { return body->insertArgument(at, type, op.getLoc()); }
  Value carry(Value init) {
    inits.push_back(init);
    return argument(inits.size() - 1, init.getType());
  }
  Value slice(Value stack, Type type) {
    xs.push_back(stack);
    return argument(inits.size() + xs.size() - 1, type);
  }
  Value capture(Value v) {
    captured.push_back(v);
    return argument(inits.size() + xs.size() + captured.size() - 1, v.getType());
  }

  /// Computed again rather than kept: what needs no step's data, and what spreads a smaller value; all, where only carries are kept.
  bool isCheap(Value v) {
    Operation *made = v.getDefiningOp();
    if (made && op.recomputes())
      return true;
    if (!made)
      return llvm::is_contained(forward.getInner(), v);
    if (!isMemoryEffectFree(made) || made->getNumRegions())
      return false;
    if (made->getNumOperands() == 1 && tensorOf(made->getOperand(0)).getNumElements() < tensorOf(v).getNumElements())
      return true;
    return llvm::all_of(made->getOperands(), [&](Value operand) { return isCheap(operand); });
  }

  /// What the backward body reads for a value of the forward body.
  Value residual(Value v, OpBuilder &b) {
    Value &have = known[v];
    if (have)
      return have;
    if (auto arg = dyn_cast<BlockArgument>(v)) {
      size_t i = arg.getArgNumber(), n = op.getInits().size(), m = op.getXs().size();
      if (i >= n + m)
        return have = capture(op.getCaptured()[i - n - m]);
      if (i >= n)
        return have = slice(op.getXs()[i - n], v.getType());
    } else if (isCheap(v)) {
      Operation *made = v.getDefiningOp();
      IRMapping map;
      for (Value operand : made->getOperands())
        map.map(operand, residual(operand, b));
      Operation *again = b.clone(*made, map);
      again->walk([](CheckOp check) { check.erase(); }); // made when it was computed first
      for (auto [from, to] : llvm::zip(made->getResults(), again->getResults()))
        known[from] = to;
      return known[v];
    }
    Value stack; // filled in when the forward scan has its results
    extra.push_back(v);
    Value arg = slice(stack, v.getType());
    return known[v] = arg;
  }

  /// The forward scan with the residuals among its results.
  ScanOp extended() {
    size_t n = op.getInits().size();
    Operation *yield = forward.getYield();
    SmallVector<int64_t> place; // of each residual among the results
    SmallVector<Type> types(forward->getResultTypes());
    for (Value v : extra) {
      auto stacked = llvm::find(yield->getOperands().drop_front(n), v);
      size_t at = n + (stacked - yield->getOperands().drop_front(n).begin());
      if (at == yield->getNumOperands()) {
        yield->insertOperands(at, v);
        SmallVector<int64_t> shape{int64_t(op.getLength())};
        llvm::append_range(shape, tensorOf(v).getShape());
        types.push_back(RankedTensorType::get(shape, tensorOf(v).getElementType()));
      }
      place.push_back(at);
    }
    ImplicitLocOpBuilder b(op.getLoc(), op);
    auto made = ScanOp::create(b, types, op.getInits(), op.getXs(), op.getCaptured(), op.getLength(), op.getReverse(), op.getChunkAttr());
    made.getBody().takeBody(forward.getBody());
    size_t next = 0;
    for (Value &x : xs)
      if (!x)
        x = made->getResult(place[next++]);
    return made;
  }
};

} // namespace

SmallVector<Expr> ScanOp::vjp(ImplicitLocOpBuilder &outer, ArrayRef<Expr> cotangents) {
  if (getChunk() && getChunk() != 1 && *getChunk() < getLength())
    return vjpOfChunks(outer, cotangents);
  size_t n = getInits().size();
  llvm::SmallBitVector carries = differentiatedCarries(*this, cotangents);
  OpBuilder before(*this);
  Backward back{*this, mlir::cast<ScanOp>(before.clone(**this)), outer, nullptr, {}, {}, {}, {}};
  ScanOp forward = back.forward;
  Block &block = forward.getBlock();
  Operation *yield = forward.getYield();

  // The body is swept in place, with its results' cotangents as arguments; what comes after `last` is the backward body.
  Operation *last = yield->getPrevNode();
  ImplicitLocOpBuilder b(getLoc(), yield);
  unsigned arguments = block.getNumArguments();
  DenseSet<Value> active = dependents(block.getArguments(), block.begin(), block.end());
  DenseMap<Value, Expr> flows;
  SmallVector<std::pair<Value, size_t>> seeds; // argument, result
  for (auto [i, v] : llvm::enumerate(yield->getOperands()))
    if (i < n ? carries[i] : bool(cotangents[i])) {
      Value seed = block.addArgument(v.getType(), getLoc());
      seeds.push_back({seed, i});
      flows[v] = flows[v] + Expr(&b, seed);
    }
  // Sums of cotangents stand before what the sweep adds: its end is the first op after `last`.
  Operation *mark = ConstantOp::create(b, DenseElementsAttr::get(RankedTensorType::get({}, b.getI1Type()), false));
  if (Operation *first = last ? last->getNextNode() : &block.front(); first != mark)
    mark->moveBefore(first);
  if (failed(sweep(mark->getIterator(), b, active, flows))) {
    forward.erase();
    return {};
  }

  Block body;
  back.body = &body;
  ImplicitLocOpBuilder inner(getLoc(), getContext());
  inner.setInsertionPointToEnd(&body);
  auto zeros = [&](Type type) { return splat(outer, mlir::cast<RankedTensorType>(type), 0).value; };
  outer.setLoc(getLoc());
  for (auto [seed, i] : seeds) {
    if (i < n)
      back.known[seed] = back.carry(cotangents[i] ? cotangents[i].value : zeros(seed.getType()));
  }
  SmallVector<std::pair<size_t, Value>> sums; // captured values with a gradient: number, the carry that accumulates it
  for (auto [k, v] : llvm::enumerate(forward.getInner()))
    if (isReal(v) && flows.lookup(v))
      sums.push_back({k, back.carry(zeros(v.getType()))});
  for (auto [seed, i] : seeds)
    if (i >= n)
      back.known[seed] = back.slice(cotangents[i].value, seed.getType());

  for (Operation *op = mark->getNextNode(), *next; op != yield; op = next) {
    next = op->getNextNode();
    SmallVector<Value> operands;
    for (Value v : op->getOperands())
      operands.push_back(v.getParentBlock() == &block ? back.residual(v, inner) : v);
    op->moveBefore(&body, body.end());
    op->setOperands(operands);
    inner.setInsertionPointToEnd(&body);
  }
  mark->erase();
  auto flowing = [&](Value v) -> Value {
    Expr e = flows.lookup(v);
    if (!e)
      return {};
    return e.value.getParentBlock() == &block ? back.residual(e.value, inner) : e.value;
  };
  SmallVector<Value> yielded;
  for (auto [i, v] : llvm::enumerate(forward.getCarries()))
    if (carries[i]) {
      Value flow = flowing(v);
      yielded.push_back(flow ? flow : splat(inner, tensorOf(v), 0).value);
    }
  for (auto [k, sum] : sums)
    yielded.push_back((Expr(&inner, sum) + Expr(&inner, flowing(block.getArgument(n + getXs().size() + k)))).value);
  SmallVector<size_t> scanned;
  for (auto [j, v] : llvm::enumerate(forward.getSlices()))
    if (Value flow = isReal(v) ? flowing(v) : Value()) {
      scanned.push_back(j);
      yielded.push_back(flow);
    }
  YieldOp::create(inner, yielded);

  block.eraseArguments(arguments, block.getNumArguments() - arguments);
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
  ScanOp made = back.extended();
  forward.erase();
  (*this)->replaceAllUsesWith((*made).getResults().take_front((*this)->getNumResults()));
  SmallVector<Type> types(ValueRange(back.inits).getTypes());
  for (size_t j : scanned)
    types.push_back(getXs()[j].getType());
  auto result = ScanOp::create(outer, types, back.inits, back.xs, back.captured, getLength(), !getReverse(), getChunkAttr());
  result.getBody().push_back(new Block);
  Block &target = result.getBlock();
  for (BlockArgument arg : body.getArguments())
    arg.replaceAllUsesWith(target.addArgument(arg.getType(), arg.getLoc()));
  target.getOperations().splice(target.end(), body.getOperations());

  SmallVector<Expr> flowsOut((*this)->getNumOperands());
  size_t next = 0;
  for (unsigned i : carries.set_bits())
    flowsOut[i] = {&outer, result->getResult(next++)};
  for (auto [k, sum] : sums)
    flowsOut[n + getXs().size() + k] = {&outer, result->getResult(next++)};
  for (size_t j : scanned)
    flowsOut[n + j] = {&outer, result->getResult(next++)};
  return flowsOut;
}

} // namespace tenon::ir::prim
