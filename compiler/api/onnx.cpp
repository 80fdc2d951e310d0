// ONNX, for the frontend and the tools.
#include "compiler/api/onnx.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/transform/pipeline.h"

using namespace mlir;
namespace tenon::compiler {

llvm::Error saveOnnx(ModuleOp module, const OnnxOptions &options, StringRef path) {
  bool asks = module.walk([](ir::prim::GradientOp) { return WalkResult::interrupt(); }).wasInterrupted();
  if (asks) {
    std::string said;
    ScopedDiagnosticHandler handler(module.getContext(), [&](Diagnostic &d) {
      said = d.str();
      return success();
    });
    PassManager passes(module.getContext());
    passes.enableVerifier(false);
    addPrimPipeline(passes);
    if (failed(passes.run(module)))
      return llvm::createStringError(said.empty() ? "onnx: the gradients cannot be answered" : said);
  }
  return exportOnnx(module, options, path);
}

} // namespace tenon::compiler
