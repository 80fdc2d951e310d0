// Checks leave bodies: what they check becomes a result, and is checked once after the loop, so that no state has been written before.
#include "compiler/dialect/prim/Prim.h"
#include "compiler/lower/passes.h"

using namespace mlir;
namespace prim = tenon::ir::prim;

namespace {

/// A check inside a body, by the value that the op around it has for its condition.
struct Lifted {
  Location loc;
  Type type; // inside
  StringAttr message;
};

struct LiftChecks : PassWrapper<LiftChecks, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LiftChecks)
  StringRef getArgument() const final { return "lift-checks"; }
  StringRef getDescription() const final { return "Checks inside loops and branches become checks after them"; }
  void getDependentDialects(DialectRegistry &r) const final { r.insert<prim::PrimDialect>(); }

  /// Takes the checks out of a body that ends in a yield; their conditions are yielded after what was.
  static void yieldChecks(Block &block, SmallVectorImpl<Lifted> &lifted, SmallVectorImpl<Value> &conditions) {
    for (auto check : llvm::make_early_inc_range(block.getOps<prim::CheckOp>())) {
      lifted.push_back({check.getLoc(), check.getCondition().getType(), check.getMessageAttr()});
      conditions.push_back(check.getCondition());
      check.erase();
    }
  }
  static void yieldAlso(Block &block, ValueRange values) { block.getTerminator()->insertOperands(block.getTerminator()->getNumOperands(), values); }
  static Value allTrue(OpBuilder &b, Location loc, Type type) { return prim::ConstantOp::create(b, loc, DenseElementsAttr::get(cast<RankedTensorType>(type), true)); }
  static void check(OpBuilder &b, ArrayRef<Lifted> lifted, ValueRange values) {
    for (auto [l, v] : llvm::zip(lifted, values)) prim::CheckOp::create(b, l.loc, v, l.message);
  }

  static void lift(prim::ScanOp op) {
    SmallVector<Lifted> lifted;
    SmallVector<Value> conditions;
    yieldChecks(op.getBlock(), lifted, conditions);
    if (lifted.empty()) return;
    yieldAlso(op.getBlock(), conditions);
    OpBuilder b(op);
    SmallVector<Type> types(op->getResultTypes());
    for (Lifted &l : lifted) {
      SmallVector<int64_t> shape{(int64_t)op.getLength()};
      llvm::append_range(shape, cast<RankedTensorType>(l.type).getShape());
      types.push_back(RankedTensorType::get(shape, b.getI1Type()));
    }
    auto made = prim::ScanOp::create(b, op.getLoc(), types, op.getInits(), op.getXs(), op.getCaptured(), op.getLength(), op.getReverse(), op.getChunkAttr());
    made.getBody().takeBody(op.getBody());
    finish(op, made, lifted, b);
  }

  static void lift(prim::IfOp op) {
    SmallVector<Lifted> first, second;
    SmallVector<Value> a, c;
    yieldChecks(op.getThen().front(), first, a);
    yieldChecks(op.getOtherwise().front(), second, c);
    if (first.empty() && second.empty()) return;
    OpBuilder b(op.getThen().front().getTerminator());
    for (Lifted &l : second) a.push_back(allTrue(b, l.loc, l.type));
    b.setInsertionPoint(op.getOtherwise().front().getTerminator());
    SmallVector<Value> others;
    for (Lifted &l : first) others.push_back(allTrue(b, l.loc, l.type));
    llvm::append_range(others, c);
    llvm::append_range(first, second);
    yieldAlso(op.getThen().front(), a);
    yieldAlso(op.getOtherwise().front(), others);
    b.setInsertionPoint(op);
    SmallVector<Type> types(op->getResultTypes());
    for (Lifted &l : first) types.push_back(l.type);
    auto made = prim::IfOp::create(b, op.getLoc(), types, op.getPredicate(), op.getCaptured());
    made.getThen().takeBody(op.getThen());
    made.getOtherwise().takeBody(op.getOtherwise());
    finish(op, made, first, b);
  }

  /// A check of a while's body holds if it held in every step; its condition may not check.
  static LogicalResult lift(prim::WhileOp op) {
    SmallVector<Lifted> lifted, before;
    SmallVector<Value> conditions, unused;
    yieldChecks(op.getCondition().front(), before, unused);
    if (!before.empty()) return op.emitOpError("its condition checks data (\"") << before[0].message.getValue() << "\"), which only its body may";
    yieldChecks(op.getBody().front(), lifted, conditions);
    if (lifted.empty()) return success();
    OpBuilder b(op);
    size_t n = op.getInits().size();
    SmallVector<Value> inits(op.getInits());
    SmallVector<Type> types(op->getResultTypes());
    for (Lifted &l : lifted) types.push_back(l.type), inits.push_back(allTrue(b, l.loc, l.type));
    SmallVector<Value> all;
    b.setInsertionPoint(op.getBody().front().getTerminator());
    for (auto [i, l] : llvm::enumerate(lifted)) {
      op.getCondition().front().insertArgument(n + i, l.type, l.loc);
      all.push_back(prim::AndOp::create(b, l.loc, op.getBody().front().insertArgument(n + i, l.type, l.loc), conditions[i]));
    }
    yieldAlso(op.getBody().front(), all);
    b.setInsertionPoint(op);
    auto made = prim::WhileOp::create(b, op.getLoc(), types, inits, op.getCaptured(), op.getBoundAttr());
    made.getCondition().takeBody(op.getCondition());
    made.getBody().takeBody(op.getBody());
    finish(op, made, lifted, b);
    return success();
  }

  static void finish(Operation *op, Operation *made, ArrayRef<Lifted> lifted, OpBuilder &b) {
    b.setInsertionPointAfter(made);
    check(b, lifted, made->getResults().take_back(lifted.size()));
    op->replaceAllUsesWith(made->getResults().drop_back(lifted.size()));
    op->erase();
  }

  void runOnOperation() final {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) { // inner ones first
      if (isa<prim::ScanOp, prim::IfOp, prim::WhileOp>(op)) ops.push_back(op);
    });
    for (Operation *op : ops) {
      if (auto scan = dyn_cast<prim::ScanOp>(op)) lift(scan);
      else if (auto branch = dyn_cast<prim::IfOp>(op)) lift(branch);
      else if (failed(lift(cast<prim::WhileOp>(op)))) return signalPassFailure();
    }
  }
};

} // namespace

std::unique_ptr<Pass> tenon::compiler::createLiftChecksPass() { return std::make_unique<LiftChecks>(); }
