// The passes from captured to prim, and their registration.
#include "compiler/transform/pipeline.h"
#include "compiler/autodiff/differentiate.h"
#include "compiler/transform/passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
namespace tenon::compiler {

void addPrimPipeline(OpPassManager &pm) {
  OpPassManager &function = pm.nest<func::FuncOp>();
  function.addPass(createDecomposePass(/*keepDifferentiable=*/true));
  // Equal ops are one before they are differentiated: their cotangents are summed first, however the trace was cut.
  function.addPass(createMergeEqualPass());
  function.addPass(createDifferentiatePass());
  function.addPass(createDecomposePass());
  function.addPass(createSimplifyPass());
}

void registerPasses() {
  registerPass([] { return createDecomposePass(); });
  registerPass([] { return createDifferentiatePass(); });
  registerPass([] { return createMergeEqualPass(); });
  registerPass([] { return createSimplifyPass(); });
  PassPipelineRegistration<>("prim-pipeline", "From captured to prim: decompose, differentiate, simplify", addPrimPipeline);
}

} // namespace tenon::compiler
