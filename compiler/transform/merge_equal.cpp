// Equal ops are one before they are differentiated, so that their cotangents are summed in the same order however the trace was cut.
#include "compiler/dialect/prim/Prim.h"
#include "compiler/transform/passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"

using namespace mlir;
namespace tenon::compiler {
namespace {

struct MergeEqual : PassWrapper<MergeEqual, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MergeEqual)
  StringRef getArgument() const final { return "merge-equal"; }
  StringRef getDescription() const final { return "Common subexpressions; numbers saved of one computation are one number"; }

  void runOnOperation() final {
    func::FuncOp f = getOperation();
    IRRewriter rewriter(&getContext());
    for (bool changed = true; changed;) {
      DominanceInfo dominance(f);
      eliminateCommonSubExpressions(rewriter, dominance, f);
      changed = false;
      DenseMap<Value, Value> first; // by what was computed
      for (auto saved : llvm::make_early_inc_range(f.getBody().front().getOps<ir::prim::SavedOp>())) {
        auto [known, isNew] = first.try_emplace(saved.getComputed(), saved.getY());
        if (isNew)
          continue;
        rewriter.replaceOp(saved, known->second);
        changed = true;
      }
    }
  }
};

} // namespace

std::unique_ptr<Pass> createMergeEqualPass() { return std::make_unique<MergeEqual>(); }

} // namespace tenon::compiler
