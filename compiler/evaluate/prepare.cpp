// Makes a captured function one that can be evaluated op by op.
#include "compiler/evaluate/prepare.h"
#include "compiler/autodiff/differentiate.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/transform/passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
namespace tenon::compiler {

llvm::Expected<OwningOpRef<ModuleOp>> prepare(func::FuncOp function) {
  function.getContext()->loadDialect<arith::ArithDialect, math::MathDialect, linalg::LinalgDialect, tensor::TensorDialect>();
  // What computes something without being a loop nest, pieces or a constant is a composite or a request.
  auto needsWork = [](Operation &op) {
    return (isMemoryEffectFree(&op) || op.getNumRegions()) && !isa<ir::LoopNestOpInterface, ir::PiecewiseOpInterface>(op) && !op.hasTrait<OpTrait::ConstantLike>();
  };
  if (llvm::none_of(function.getBody().front().without_terminator(), needsWork))
    return OwningOpRef<ModuleOp>();
  OwningOpRef<ModuleOp> module = ModuleOp::create(function.getLoc());
  OpBuilder b = OpBuilder::atBlockEnd(module->getBody());
  for (auto state : function->getParentRegion()->getOps<ir::prim::StateOp>())
    b.clone(*state);
  b.clone(*function);
  PassManager pm(function.getContext(), ModuleOp::getOperationName());
  OpPassManager &passes = pm.nest<func::FuncOp>();
  passes.addPass(createDecomposePass(/*keepDifferentiable=*/true));
  // Equal ops are one before they are differentiated: their cotangents are summed first, however the trace was cut.
  passes.addPass(createCSEPass());
  passes.addPass(createDifferentiatePass());
  passes.addPass(createDecomposePass());
  std::string said;
  ScopedDiagnosticHandler handler(function.getContext(), [&](Diagnostic &d) {
    said += d.str();
    return success();
  });
  if (failed(pm.run(*module)))
    return llvm::createStringError("the function cannot be evaluated: " + said);
  return module;
}

} // namespace tenon::compiler
