// The passes from captured to prim, in their order.
#pragma once
namespace mlir {
class OpPassManager;
}
namespace tenon::compiler {
/// On a module: decompose, differentiate, decompose what was kept for its derivative, simplify. After it only prim ops are left, and no
/// requests.
void addPrimPipeline(mlir::OpPassManager &pm);
} // namespace tenon::compiler
