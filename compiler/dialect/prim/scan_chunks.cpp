// The derivative of a scan in chunks: it becomes a scan over chunks whose steps are a scan, and one over the steps that remain. Of a chunk nothing is kept but the carries
// that it begins with. Gradients of what is captured go from chunk to chunk, so that they are summed in the order of the plain scan.
#include "compiler/dialect/prim/Prim.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
namespace tenon::ir::prim {

namespace {

RankedTensorType tensorOf(Value v) { return mlir::cast<RankedTensorType>(v.getType()); }

RankedTensorType withLeading(ArrayRef<int64_t> extents, RankedTensorType t, size_t drop) {
  SmallVector<int64_t> shape(extents);
  llvm::append_range(shape, t.getShape().drop_front(drop));
  return RankedTensorType::get(shape, t.getElementType());
}

/// `from` of length chunks * steps + rest as two scans: which steps each has, and their parts of stacks.
struct Chunks {
  ScanOp from;
  int64_t steps, chunks, rest;
  ScanOp main, last; // `last` is null where nothing remains

  explicit Chunks(ScanOp op) : from(op), steps(*op.getChunk()), chunks(int64_t(op.getLength()) / steps), rest(int64_t(op.getLength()) % steps) {}

  Expr part(ImplicitLocOpBuilder &b, Value stack, int64_t begin, int64_t size) {
    if (size == int64_t(from.getLength()))
      return {&b, stack};
    SmallVector<int64_t> offsets(tensorOf(stack).getRank(), 0), sizes(tensorOf(stack).getShape()), strides(offsets.size(), 1);
    offsets[0] = begin, sizes[0] = size;
    return slice({&b, stack}, offsets, sizes, strides);
  }
  Value mainPart(ImplicitLocOpBuilder &b, Value stack) {
    return reshape(part(b, stack, from.getReverse() ? rest : 0, chunks * steps), withLeading({chunks, steps}, tensorOf(stack), 1).getShape()).value;
  }
  Value lastPart(ImplicitLocOpBuilder &b, Value stack) { return part(b, stack, from.getReverse() ? 0 : chunks * steps, rest).value; }
  /// The stack of which these are the parts.
  Value joined(ImplicitLocOpBuilder &b, Value inMain, Value inLast) {
    Value all = reshape({&b, inMain}, withLeading({chunks * steps}, tensorOf(inMain), 2).getShape()).value;
    if (!rest)
      return all;
    return ConcatOp::create(b, from.getReverse() ? ValueRange{inLast, all} : ValueRange{all, inLast}, 0);
  }

  ScanOp scan(ImplicitLocOpBuilder &b, ValueRange inits, ValueRange xs, ValueRange captured, int64_t length, IntegerAttr chunk, ArrayRef<int64_t> leading) {
    SmallVector<Type> types(inits.getTypes());
    for (Value stack : from.getStacked())
      types.push_back(withLeading(leading, tensorOf(stack), 1));
    return ScanOp::create(b, types, inits, xs, captured, length, from.getReverse(), chunk);
  }
  void copyBody(ScanOp to) {
    IRMapping map;
    from.getBody().cloneInto(&to.getBody(), map);
  }

  void build(ImplicitLocOpBuilder &b) {
    SmallVector<Value> xs, rests;
    for (Value x : from.getXs()) {
      xs.push_back(mainPart(b, x));
      if (rest)
        rests.push_back(lastPart(b, x));
    }
    main = scan(b, from.getInits(), xs, from.getCaptured(), chunks, b.getI64IntegerAttr(1), {chunks, steps});
    SmallVector<Type> arguments(from.getInits().getTypes());
    for (Value x : xs)
      arguments.push_back(withLeading({}, tensorOf(x), 1));
    llvm::append_range(arguments, from.getCaptured().getTypes());
    {
      OpBuilder::InsertionGuard guard(b);
      Block *block = b.createBlock(&main.getBody(), {}, arguments, SmallVector<Location>(arguments.size(), b.getLoc()));
      ScanOp inner = scan(b, main.getCarries(), main.getSlices(), main.getInner(), steps, {}, {steps});
      copyBody(inner);
      b.setInsertionPointToEnd(block);
      YieldOp::create(b, inner->getResults());
    }
    SmallVector<Value> results(main.getFinals());
    if (rest) {
      last = scan(b, main.getFinals(), rests, from.getCaptured(), rest, {}, {rest});
      copyBody(last);
      results.assign(last.getFinals().begin(), last.getFinals().end());
    }
    for (auto [j, stack] : llvm::enumerate(main.getStacked()))
      results.push_back(joined(b, stack, rest ? last.getStacked()[j] : Value()));
    from->replaceAllUsesWith(results);
  }
};

/// Where a backward scan starts a sum: from zero, or null if `sum` is no such result.
OpOperand *startOf(Value sum) {
  auto result = dyn_cast<OpResult>(sum);
  auto scan = result ? dyn_cast<ScanOp>(result.getOwner()) : ScanOp();
  if (!scan || result.getResultNumber() >= scan.getInits().size() || !matchPattern(scan.getInits()[result.getResultNumber()], m_AnyZeroFloat()))
    return nullptr;
  return &scan.getInitsMutable()[result.getResultNumber()];
}

/// In a scan over chunks, `carry + (the chunk's sum, from zero)` becomes the chunk's sum from the carry on.
void sumOn(ScanOp chunks) {
  for (auto [carry, next] : llvm::zip(chunks.getCarries(), chunks.getYield()->getOpOperands())) {
    auto add = next.get().getDefiningOp<AddOp>();
    if (!add || !add->hasOneUse() || !carry.hasOneUse() || !llvm::is_contained(add->getOperands(), Value(carry)))
      continue;
    Value sum = add->getOperand(0) == carry ? add->getOperand(1) : add->getOperand(0);
    OpOperand *start = sum.hasOneUse() ? startOf(sum) : nullptr;
    if (!start)
      continue;
    start->set(carry);
    next.set(sum);
    add.erase();
  }
}

} // namespace

SmallVector<Expr> ScanOp::vjpOfChunks(ImplicitLocOpBuilder &outer, ArrayRef<Expr> cotangents) {
  size_t n = getInits().size(), m = getXs().size();
  Chunks split(*this);
  ImplicitLocOpBuilder before(getLoc(), *this);
  split.build(before);
  outer.setLoc(getLoc());
  SmallVector<Expr> toMain(cotangents), toLast(cotangents), last(getNumOperands());
  for (size_t j = n; j < cotangents.size(); ++j)
    if (Expr c = cotangents[j]) {
      toMain[j] = {&outer, split.mainPart(outer, c.value)};
      if (split.rest)
        toLast[j] = {&outer, split.lastPart(outer, c.value)};
    }
  if (split.rest) {
    last = split.last.vjp(outer, toLast);
    if (last.empty())
      return {};
    std::copy_n(last.begin(), n, toMain.begin());
  }
  SmallVector<Expr> flows(getNumOperands());
  if (llvm::any_of(toMain, [](const Expr &e) { return bool(e); })) {
    flows = split.main.vjp(outer, toMain);
    if (flows.empty())
      return {};
  }
  for (Expr &flow : flows)
    if (auto scan = flow ? flow.value.getDefiningOp<ScanOp>() : ScanOp()) {
      sumOn(scan);
      break;
    }
  for (size_t k = n + m; k < flows.size(); ++k) {
    OpOperand *start = flows[k] && last[k] ? startOf(flows[k].value) : nullptr;
    if (start)
      start->set(last[k].value);
    else
      flows[k] = flows[k] + last[k];
  }
  for (size_t j = n; j < n + m; ++j)
    if (flows[j] || last[j]) {
      auto type = tensorOf(getOperand(j));
      Value inMain = flows[j] ? flows[j].value : splat(outer, withLeading({split.chunks, split.steps}, type, 1), 0).value;
      Value inLast = last[j] || !split.rest ? last[j].value : splat(outer, withLeading({split.rest}, type, 1), 0).value;
      flows[j] = {&outer, split.joined(outer, inMain, inLast)};
    }
  return flows;
}

} // namespace tenon::ir::prim
