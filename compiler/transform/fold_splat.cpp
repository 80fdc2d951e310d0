// Constant folding for all loop nests at once: the body is folded on the splats' elements.
#include "compiler/transform/fold_splat.h"
#include "compiler/dialect/prim/Prim.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
namespace tenon::compiler {
namespace {

Attribute toFloat(Attribute number, FloatType type) {
  APFloat value = mlir::cast<FloatAttr>(number).getValue();
  bool lost;
  value.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
  return FloatAttr::get(type, value);
}

/// The body's value for constant arguments; null where it does not fold exactly.
Attribute foldBody(Block &body, ArrayRef<Attribute> arguments, Value result) {
  DenseMap<Value, Attribute> known;
  for (auto [argument, value] : llvm::zip_equal(body.getArguments(), arguments))
    known[argument] = value;
  for (Operation &op : body) {
    SmallVector<Attribute> operands;
    for (Value v : op.getOperands())
      operands.push_back(known.lookup(v));
    SmallVector<OpFoldResult> folded;
    if (!isa<arith::ArithDialect>(op.getDialect()) || failed(op.fold(operands, folded)) || folded.size() != op.getNumResults())
      return {};
    for (auto [value, fold] : llvm::zip_equal(op.getResults(), folded))
      if (!(known[value] = isa<Attribute>(fold) ? mlir::cast<Attribute>(fold) : known.lookup(mlir::cast<Value>(fold))))
        return {};
  }
  return known.lookup(result);
}

struct FoldSplat : OpInterfaceRewritePattern<ir::LoopNestOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(ir::LoopNestOpInterface op, PatternRewriter &rewriter) const override {
    if (op->getNumOperands() == 0 || llvm::is_contained(op.getIterators(), utils::IteratorType::reduction) ||
        llvm::is_contained(op.getLoopMaps(), AffineMap()))
      return failure();
    Block body;
    SmallVector<Attribute> arguments;
    for (Value operand : op->getOperands()) {
      DenseElementsAttr constant;
      if (!matchPattern(operand, m_Constant(&constant)) || !constant.isSplat())
        return failure();
      Type type = promoted(constant.getElementType());
      Attribute value = constant.getSplatValue<Attribute>();
      arguments.push_back(isa<FloatType>(type) ? toFloat(value, mlir::cast<FloatType>(type)) : value);
      body.addArgument(type, op.getLoc());
    }
    auto type = mlir::cast<RankedTensorType>(op->getResult(0).getType());
    OpBuilder b(op.getContext());
    b.setInsertionPointToEnd(&body);
    Value result = op.buildBody(b, op.getLoc(), body.getArguments(), op->getOperands(), promoted(type.getElementType()));
    Attribute value = foldBody(body, arguments, result);
    if (!value)
      return failure();
    if (auto element = dyn_cast<FloatType>(type.getElementType()))
      value = toFloat(value, element);
    rewriter.replaceOpWithNewOp<ir::prim::ConstantOp>(op, DenseElementsAttr::get(type, value));
    return success();
  }
};

} // namespace

void populateFoldSplatPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldSplat>(patterns.getContext());
}

} // namespace tenon::compiler
