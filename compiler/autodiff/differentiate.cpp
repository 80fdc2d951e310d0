// The reverse sweep. It knows no op: every derivative is the op's own.
#include "compiler/autodiff/differentiate.h"
#include "compiler/dialect/interfaces/sweep.h"
#include "compiler/dialect/prim/Prim.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Iterators.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
namespace tenon::compiler {
namespace {

LogicalResult answer(ir::prim::GradientOp request) {
  ImplicitLocOpBuilder b(request.getLoc(), request);
  DenseSet<Value> active = ir::dependents(request.getWrt(), request->getBlock()->begin(), request->getIterator());
  SmallVector<Value> wrt(request.getWrt()); // a loop's derivative puts another loop in its place: these stay the keys
  DenseMap<Value, ir::Expr> cotangents;
  RankedTensorType loss = request.getLoss().getType();
  if (active.contains(request.getLoss()))
    cotangents[request.getLoss()] = request.getSeed() ? ir::Expr(&b, request.getSeed()) : ir::splat(b, loss, 1);
  if (failed(ir::sweep(request->getIterator(), b, active, cotangents)))
    return failure();
  b.setLoc(request.getLoc());
  SmallVector<Value> results;
  for (Value v : wrt) {
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
    getOperation().walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
      if (isOpTriviallyDead(op))
        op->erase();
    });
  }
};

} // namespace

std::unique_ptr<Pass> createDifferentiatePass() {
  return std::make_unique<DifferentiatePass>();
}

} // namespace tenon::compiler
