// The reverse sweep. It knows no op: every derivative is the op's own.
#include "compiler/dialect/interfaces/sweep.h"

using namespace mlir;
namespace tenon::ir {

bool isReal(Value v) {
  auto type = dyn_cast<RankedTensorType>(v.getType());
  return type && isa<FloatType>(type.getElementType());
}

DenseSet<Value> dependents(ValueRange sources, Block::iterator begin, Block::iterator end) {
  DenseSet<Value> result(sources.begin(), sources.end());
  for (Operation &op : llvm::make_range(begin, end))
    if (llvm::any_of(op.getOperands(), [&](Value v) { return result.contains(v); }))
      result.insert(op.getResults().begin(), op.getResults().end());
  return result;
}

/// Adds to `cotangents` what flows from op's results to those operands that matter.
static LogicalResult pullBack(Operation *op, ImplicitLocOpBuilder &b, const DenseSet<Value> &active, DenseMap<Value, Expr> &cotangents) {
  SmallVector<Expr> incoming;
  for (Value result : op->getResults())
    incoming.push_back(cotangents.lookup(result));
  auto matters = [&](Value v) { return active.contains(v) && isReal(v); };
  if (llvm::none_of(incoming, [](const Expr &e) { return bool(e); }) || llvm::none_of(op->getOperands(), matters))
    return success();
  auto differentiable = dyn_cast<DifferentiableOpInterface>(op);
  if (!differentiable)
    return op->emitOpError("has no derivative");
  b.setLoc(op->getLoc());
  SmallVector<Expr> flows = differentiable.vjp(b, incoming);
  if (flows.size() != op->getNumOperands())
    return failure();
  for (auto [operand, flow] : llvm::zip_equal(op->getOperands(), flows)) {
    if (!flow || !matters(operand))
      continue;
    if (flow.value.getType() != operand.getType())
      return op->emitOpError() << "its derivative has type " << flow.value.getType() << " for an operand of " << operand.getType();
    Expr &sum = cotangents[operand];
    sum = sum + flow;
  }
  return success();
}

LogicalResult sweep(Block::iterator end, ImplicitLocOpBuilder &b, const DenseSet<Value> &active, DenseMap<Value, Expr> &cotangents) {
  SmallVector<Operation *> ops;
  for (Operation &op : llvm::make_range(end->getBlock()->begin(), end))
    ops.push_back(&op);
  for (Operation *op : llvm::reverse(ops))
    if (failed(pullBack(op, b, active, cotangents)))
      return failure();
  return success();
}

} // namespace tenon::ir
