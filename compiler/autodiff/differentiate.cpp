// The reverse sweep. It knows no op: every derivative is the op's own.
#include "compiler/autodiff/differentiate.h"
#include "compiler/dialect/prim/Prim.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
namespace tenon::compiler {
namespace {

bool isReal(Value v) {
  auto type = dyn_cast<RankedTensorType>(v.getType());
  return type && isa<FloatType>(type.getElementType());
}

/// The values above `end` that depend on one of `sources`, these included.
DenseSet<Value> dependents(ValueRange sources, Operation *end) {
  DenseSet<Value> result(sources.begin(), sources.end());
  for (Operation &op : llvm::make_range(end->getBlock()->begin(), end->getIterator()))
    if (llvm::any_of(op.getOperands(), [&](Value v) { return result.contains(v); }))
      result.insert(op.getResults().begin(), op.getResults().end());
  return result;
}

/// Adds to `cotangents` what flows from op's results to those operands that matter.
LogicalResult pullBack(Operation *op, ImplicitLocOpBuilder &b, const DenseSet<Value> &active, DenseMap<Value, ir::Expr> &cotangents) {
  SmallVector<ir::Expr> incoming;
  for (Value result : op->getResults())
    incoming.push_back(cotangents.lookup(result));
  auto matters = [&](Value v) { return active.contains(v) && isReal(v); };
  if (llvm::none_of(incoming, [](const ir::Expr &e) { return bool(e); }) || llvm::none_of(op->getOperands(), matters))
    return success();
  auto differentiable = dyn_cast<ir::DifferentiableOpInterface>(op);
  if (!differentiable)
    return op->emitOpError("has no derivative");
  b.setLoc(op->getLoc());
  for (auto [operand, flow] : llvm::zip_equal(op->getOperands(), differentiable.vjp(b, incoming))) {
    if (!flow || !matters(operand))
      continue;
    if (flow.value.getType() != operand.getType())
      return op->emitOpError() << "its derivative has type " << flow.value.getType() << " for an operand of " << operand.getType();
    ir::Expr &sum = cotangents[operand];
    sum = sum + flow;
  }
  return success();
}

LogicalResult answer(ir::prim::GradientOp request) {
  ImplicitLocOpBuilder b(request.getLoc(), request);
  DenseSet<Value> active = dependents(request.getWrt(), request);
  DenseMap<Value, ir::Expr> cotangents;
  RankedTensorType loss = request.getLoss().getType();
  if (active.contains(request.getLoss()))
    cotangents[request.getLoss()] = request.getSeed() ? ir::Expr(&b, request.getSeed()) : ir::splat(b, loss, 1);
  SmallVector<Operation *> slice;
  for (Operation &op : llvm::make_range(request->getBlock()->begin(), request->getIterator()))
    slice.push_back(&op);
  for (Operation *op : llvm::reverse(slice))
    if (failed(pullBack(op, b, active, cotangents)))
      return failure();
  b.setLoc(request.getLoc());
  SmallVector<Value> results;
  for (Value v : request.getWrt()) {
    ir::Expr gradient = cotangents.lookup(v);
    results.push_back(gradient ? gradient.value : ir::splat(b, mlir::cast<RankedTensorType>(v.getType()), 0).value);
  }
  request->replaceAllUsesWith(results);
  request->erase();
  return success();
}

struct DifferentiatePass : PassWrapper<DifferentiatePass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(DifferentiatePass)
  StringRef getArgument() const final { return "differentiate"; }
  StringRef getDescription() const final { return "Answers gradient requests"; }
  void getDependentDialects(DialectRegistry &registry) const final { registry.insert<ir::prim::PrimDialect>(); }

  void runOnOperation() final {
    SmallVector<ir::prim::GradientOp> requests;
    getOperation().walk([&](ir::prim::GradientOp op) { requests.push_back(op); });
    for (ir::prim::GradientOp request : requests)
      if (failed(answer(request)))
        return signalPassFailure();
    if (requests.empty())
      return;
    // Rules give a cotangent for every operand; what nobody asked for goes.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(getOperation().getBody().front())))
      if (isOpTriviallyDead(&op))
        op.erase();
  }
};

} // namespace

std::unique_ptr<Pass> createDifferentiatePass() {
  return std::make_unique<DifferentiatePass>();
}

} // namespace tenon::compiler
