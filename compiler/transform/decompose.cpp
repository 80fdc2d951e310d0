// Composites become what they are made of.
#include "compiler/dialect/nn/Nn.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/transform/passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
namespace tenon::compiler {
namespace {

/// Remembers which ops a decomposition made.
struct Made : OpBuilder::Listener {
  SmallVector<Operation *> ops;
  void notifyOperationInserted(Operation *op, OpBuilder::InsertPoint) override { ops.push_back(op); }
};

struct DecomposePass : PassWrapper<DecomposePass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(DecomposePass)
  DecomposePass(bool keep) { keepDifferentiable = keep; }
  DecomposePass(const DecomposePass &other) : PassWrapper(other) {}
  StringRef getArgument() const final { return "decompose"; }
  StringRef getDescription() const final { return "Composites (nn, foreach) become prim ops"; }
  void getDependentDialects(DialectRegistry &registry) const final { registry.insert<ir::prim::PrimDialect, ir::nn::NnDialect>(); }
  Option<bool> keepDifferentiable{*this, "keep-differentiable",
                                  llvm::cl::desc("Composites with a derivative of their own stay in functions that ask for gradients"),
                                  llvm::cl::init(false)};

  LogicalResult decompose(Operation *op, bool keep) {
    auto composite = dyn_cast<ir::DecomposableOpInterface>(op);
    if (!composite || (keep && isa<ir::DifferentiableOpInterface>(op)))
      return success();
    Made made;
    ImplicitLocOpBuilder b(op->getLoc(), op, &made);
    FailureOr<SmallVector<Value>> values = composite.decompose(b);
    if (failed(values))
      return failure();
    op->replaceAllUsesWith(*values);
    op->erase();
    for (Operation *inner : made.ops)
      if (failed(decompose(inner, keep)))
        return failure();
    return success();
  }

  void runOnOperation() final {
    bool keep = keepDifferentiable && getOperation().walk([](ir::prim::GradientOp) { return WalkResult::interrupt(); }).wasInterrupted();
    SmallVector<Operation *> ops;
    // Bodies come before the ops that hold them.
    getOperation().walk<WalkOrder::PostOrder>([&](Operation *op) { ops.push_back(op); });
    for (Operation *op : ops) {
      // In the body of a composite without a derivative nothing is kept: its op can only be spread over tensors when it is elementwise prim.
      Operation *holder = op->getParentOp();
      bool spread = isa_and_nonnull<ir::DecomposableOpInterface>(holder) && !isa<ir::DifferentiableOpInterface>(holder);
      if (failed(decompose(op, keep && !spread)))
        return signalPassFailure();
    }
  }
};

} // namespace

std::unique_ptr<Pass> createDecomposePass(bool keepDifferentiable) {
  return std::make_unique<DecomposePass>(keepDifferentiable);
}

} // namespace tenon::compiler
