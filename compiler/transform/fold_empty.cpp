// What has no elements, or sums over none, is a constant: no kernel has a grid of no blocks.
#include "compiler/dialect/prim/Prim.h"
#include "compiler/transform/fold_splat.h"

using namespace mlir;
namespace tenon::compiler {
namespace {

struct FoldEmpty : RewritePattern {
  explicit FoldEmpty(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const final {
    if (!isa_and_nonnull<ir::prim::PrimDialect>(op->getDialect()) || op->getNumResults() != 1 || op->hasTrait<OpTrait::ConstantLike>() || !isMemoryEffectFree(op))
      return failure();
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!type)
      return failure();
    TypedAttr value;
    if (type.getNumElements() == 0)
      value = rewriter.getZeroAttr(type.getElementType());
    else if (auto nest = dyn_cast<ir::LoopNestOpInterface>(op); nest && llvm::is_contained(nest.getLoopRanges(), 0))
      value = nest.getInitial(type.getElementType());
    if (!value)
      return failure();
    rewriter.replaceOpWithNewOp<ir::prim::ConstantOp>(op, DenseElementsAttr::get(type, Attribute(value)));
    return success();
  }
};

} // namespace

void populateFoldEmptyPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldEmpty>(patterns.getContext());
}
} // namespace tenon::compiler
