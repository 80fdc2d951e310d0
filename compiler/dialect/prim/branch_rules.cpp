// Derivatives of while, as a scan over its bound, and of if.
#include "compiler/dialect/interfaces/sweep.h"
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::ir::prim {

SmallVector<Expr> WhileOp::vjp(ImplicitLocOpBuilder &outer, ArrayRef<Expr> cotangents) {
  if (!getBound()) {
    emitOpError("has no derivative without a bound on its steps");
    return {};
  }
  size_t n = getInits().size();
  ImplicitLocOpBuilder b(getLoc(), *this);
  ScanOp scan = makeScan(b);
  (*this)->replaceAllUsesWith((*scan).getResults().take_front(n));
  SmallVector<Expr> incoming(cotangents);
  incoming.push_back({});
  SmallVector<Expr> flows = scan.vjp(outer, incoming);
  if (!flows.empty())
    flows.erase(flows.begin() + n);
  return flows;
}

LogicalResult sweepCopy(Region &body, ArrayRef<Expr> cotangents, Region &to, ImplicitLocOpBuilder &b, SmallVectorImpl<Expr> &flows) {
  IRMapping map;
  body.cloneInto(&to, map);
  to.walk([](CheckOp check) { check.erase(); });
  Block &block = to.front();
  Operation *yield = block.getTerminator();
  b.setInsertionPoint(yield);
  DenseSet<Value> active = dependents(block.getArguments(), block.begin(), block.end());
  DenseMap<Value, Expr> sums;
  // The sweep's end: sums of cotangents come after it.
  Operation *mark = ConstantOp::create(b, DenseElementsAttr::get(RankedTensorType::get({}, b.getI1Type()), false));
  size_t n = block.getNumArguments();
  for (auto [v, cotangent] : llvm::zip_equal(yield->getOperands(), cotangents))
    if (cotangent) {
      Value seed = block.addArgument(v.getType(), b.getLoc());
      Expr &sum = sums[v];
      sum = sum + Expr(&b, seed);
    }
  if (failed(sweep(mark->getIterator(), b, active, sums)))
    return failure();
  mark->erase();
  for (Value v : block.getArguments().take_front(n))
    flows.push_back(isReal(v) ? sums.lookup(v) : Expr());
  return success();
}

/// The branch that was taken is computed again, and swept.
SmallVector<Expr> IfOp::vjp(ImplicitLocOpBuilder &outer, ArrayRef<Expr> cotangents) {
  SmallVector<Value> operands(getCaptured());
  for (Expr c : cotangents)
    if (c)
      operands.push_back(c.value);
  Region then, otherwise;
  ImplicitLocOpBuilder a(getLoc(), getContext()), c(getLoc(), getContext());
  SmallVector<Expr> first, second;
  if (failed(sweepCopy(getThen(), cotangents, then, a, first)) || failed(sweepCopy(getOtherwise(), cotangents, otherwise, c, second)))
    return {};
  SmallVector<size_t> numbers;
  SmallVector<Type> types;
  for (size_t k = 0; k < first.size(); ++k)
    if (first[k] || second[k]) {
      numbers.push_back(k);
      types.push_back(getCaptured()[k].getType());
    }
  auto finish = [&](Region &region, ArrayRef<Expr> flows, ImplicitLocOpBuilder &b) {
    Operation *yield = region.front().getTerminator();
    b.setInsertionPoint(yield);
    SmallVector<Value> values;
    for (size_t k : numbers)
      values.push_back(flows[k] ? flows[k].value : splat(b, mlir::cast<RankedTensorType>(getCaptured()[k].getType()), 0).value);
    yield->setOperands(values);
  };
  finish(then, first, a);
  finish(otherwise, second, c);
  outer.setLoc(getLoc());
  auto result = IfOp::create(outer, types, getPredicate(), operands);
  result.getThen().takeBody(then);
  result.getOtherwise().takeBody(otherwise);
  SmallVector<Expr> flows((*this)->getNumOperands());
  for (auto [j, k] : llvm::enumerate(numbers))
    flows[1 + k] = {&outer, result->getResult(j)};
  return flows;
}

} // namespace tenon::ir::prim
