// Chains of pointwise ops become one linalg.generic, so that grouping sees few ops and each value is written once.
#include "compiler/lower/grouping.h"
#include "compiler/lower/passes.h"
#include "mlir/Dialect/Affine/Utils.h"

using namespace mlir;

namespace {

/// Only moves data: its body yields an input (a broadcast, a transpose).
bool moves(linalg::GenericOp op) { return isa<BlockArgument>(op.getBody()->getTerminator()->getOperand(0)); }

/// Worth computing again in each user rather than kept in memory: scalars without costly functions.
bool cheapScalar(linalg::GenericOp op) {
  return op.getNumLoops() == 0 && llvm::none_of(op.getBody()->without_terminator(), [](Operation &x) { return isa<math::MathDialect>(x.getDialect()); });
}

bool fuses(OpOperand *operand) {
  auto consumer = cast<linalg::GenericOp>(operand->getOwner());
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  if (!producer || producer.getNumResults() != 1) return false; // upstream's fusion leaves a dead result for a while
  if (!tenon::compiler::windowsOf(consumer).empty()) return false; // what is read through windows is read many times: from memory
  AffineMap map = consumer.getMatchingIndexingMap(operand);
  bool repeats = llvm::any_of(map.getResults(), [](AffineExpr e) { return e.walk([](AffineExpr x) { return x.getKind() == AffineExprKind::FloorDiv ? WalkResult::interrupt() : WalkResult::advance(); }).wasInterrupted(); });
  bool everyElementOnce = !repeats && (map.isPermutation() || consumer.getNumReductionLoops() == 0);
  bool free = producer.getNumDpsInputs() == 0 && tenon::compiler::captured(producer).empty(); // a pad reads its operand by index
  if (free || moves(producer) || cheapScalar(producer)) return true;
  // Flags are not kept in memory where that can be avoided: bytes instead of bits, and a conversion at each end.
  bool flag = getElementTypeOrSelf(operand->get().getType()).isInteger(1);
  return everyElementOnce && (flag || operand->get().hasOneUse());
}

/// Gives each reader that fuses a copy of its own: a fused generic has one result, not those of all it took in.
struct CopyForEachReader : OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::GenericOp op, PatternRewriter &r) const override {
    for (OpOperand *in : op.getDpsInputOperands()) {
      if (in->get().hasOneUse() || !fuses(in)) continue;
      Operation *copy = r.clone(*in->get().getDefiningOp());
      r.modifyOpInPlace(op, [&] { in->set(copy->getResult(0)); });
      return success();
    }
    return failure();
  }
};

struct FusePointwise : PassWrapper<FusePointwise, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FusePointwise)
  StringRef getArgument() const final { return "fuse-pointwise"; }
  StringRef getDescription() const final { return "Chains of pointwise generics become one"; }
  void getDependentDialects(DialectRegistry &r) const final { r.insert<linalg::LinalgDialect, tensor::TensorDialect, arith::ArithDialect>(); }
  void runOnOperation() final {
    RewritePatternSet p(&getContext());
    p.add<CopyForEachReader>(&getContext(), /*benefit=*/2);
    linalg::populateElementwiseOpsFusionPatterns(p, [](OpOperand *in) { return in->get().hasOneUse() && fuses(in); });
    linalg::populateEraseUnusedOperandsAndResultsPatterns(p);
    linalg::GenericOp::getCanonicalizationPatterns(p, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(p)))) return signalPassFailure();
    getOperation().walk(expandIndex);
  }

  /// Where a reader's map was composed with an index of its producer: plain arithmetic, which lanes can do. `d mod size` is d, see LowerToLinalg.
  static void expandIndex(affine::AffineApplyOp apply) {
    OpBuilder b(apply);
    AffineMap map = apply.getAffineMap();
    AffineExpr e = map.getResult(0);
    if (auto part = dyn_cast<AffineBinaryOpExpr>(e); part && part.getKind() == AffineExprKind::Mod) e = part.getLHS();
    ValueRange operands = apply.getOperands();
    Value v = affine::expandAffineExpr(b, apply.getLoc(), e, operands.take_front(map.getNumDims()), operands.drop_front(map.getNumDims()));
    apply.replaceAllUsesWith(v);
    apply.erase();
  }
};

} // namespace

std::unique_ptr<Pass> tenon::compiler::createFusePointwisePass() { return std::make_unique<FusePointwise>(); }
