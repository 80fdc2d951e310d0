// Folds, common subexpressions, dead code, and reads of state that see the write above them.
#include "compiler/dialect/prim/Prim.h"
#include "compiler/transform/fold_splat.h"
#include "compiler/transform/forward_state.h"
#include "compiler/transform/passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Iterators.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
namespace tenon::compiler {
namespace {

/// Once gradients are answered: saved is what is stored, stop_gradient is its operand.
void dropMarkers(func::FuncOp f) {
  bool pending = f.walk([](ir::prim::GradientOp) { return WalkResult::interrupt(); }).wasInterrupted();
  if (pending)
    return;
  f.walk<WalkOrder::PostOrder>([](Operation *op) {
    Value source;
    if (auto saved = dyn_cast<ir::prim::SavedOp>(op))
      source = saved.getStored();
    else if (auto stop = dyn_cast<ir::prim::StopGradientOp>(op))
      source = stop.getX();
    else
      return;
    op->getResult(0).replaceAllUsesWith(source);
    op->erase();
  });
}

/// A check that always holds is none.
void dropTrueChecks(func::FuncOp f) {
  f.walk([](ir::prim::CheckOp check) {
    DenseElementsAttr value;
    if (matchPattern(check.getCondition(), m_Constant(&value)) && value.isSplat() && value.getSplatValue<bool>())
      check.erase();
  });
}

struct SimplifyPass : PassWrapper<SimplifyPass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SimplifyPass)
  StringRef getArgument() const final { return "simplify"; }
  StringRef getDescription() const final {
    return "Folds, common subexpressions, dead code, forwarding of state; no bit of a result changes";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<ir::prim::PrimDialect, arith::ArithDialect, math::MathDialect, linalg::LinalgDialect, tensor::TensorDialect>();
  }

  FrozenRewritePatternSet patterns;
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateFoldSplatPatterns(set);
    populateFoldEmptyPatterns(set);
    // Not getRegisteredOperationsByDialect: its binary search misses ours among all of MLIR's dialects.
    for (RegisteredOperationName name : context->getRegisteredOperations())
      if (name.getDialectNamespace() == ir::prim::PrimDialect::getDialectNamespace())
        name.getCanonicalizationPatterns(set, context);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() final {
    func::FuncOp f = getOperation();
    if (f.isExternal())
      return;
    dropMarkers(f);
    forwardState(f);
    if (failed(applyPatternsGreedily(f, patterns, GreedyRewriteConfig().setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled))))
      return signalPassFailure();
    IRRewriter rewriter(&getContext());
    DominanceInfo dominance(f);
    eliminateCommonSubExpressions(rewriter, dominance, f);
    // Values that became one may make a write the value that was read.
    forwardState(f);
    dropTrueChecks(f);
    f.walk<WalkOrder::PostOrder, ReverseIterator>([](Operation *op) {
      if (isOpTriviallyDead(op))
        op->erase();
    });
  }
};

} // namespace

std::unique_ptr<Pass> createSimplifyPass() {
  return std::make_unique<SimplifyPass>();
}

} // namespace tenon::compiler
