// Bodies become private functions: kernels are formed in them as in any other.
#include "compiler/dialect/kernel/Kernel.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/lower/passes.h"

using namespace mlir;
namespace prim = tenon::ir::prim;
namespace kernel = tenon::ir::kernel;

namespace {

struct OutlineLoops : PassWrapper<OutlineLoops, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(OutlineLoops)
  StringRef getArgument() const final { return "outline-loops"; }
  StringRef getDescription() const final { return "Loops and branches call private functions, their bodies"; }
  void getDependentDialects(DialectRegistry &r) const final { r.insert<kernel::KernelDialect>(); }

  /// A private function of the block, whose first `carries` results update its first arguments.
  func::FuncOp outline(Block &block, Location loc, StringRef name, size_t carries) {
    auto b = OpBuilder::atBlockEnd(getOperation().getBody());
    auto f = func::FuncOp::create(b, loc, name, b.getFunctionType(block.getArgumentTypes(), block.getTerminator()->getOperandTypes()));
    f.setPrivate();
    f->setAttr("tenon.body", b.getUnitAttr());
    Block *entry = f.addEntryBlock();
    entry->getOperations().splice(entry->end(), block.getOperations());
    for (auto [from, to] : llvm::zip(block.getArguments(), entry->getArguments())) from.replaceAllUsesWith(to);
    Operation *yield = entry->getTerminator();
    b.setInsertionPoint(yield);
    func::ReturnOp::create(b, yield->getLoc(), yield->getOperands());
    yield->erase();
    for (size_t i = 0; i < carries; ++i) f.setResultAttr(i, "tenon.updates", b.getI64IntegerAttr(i));
    SymbolTable(getOperation()).insert(f); // makes the name its own
    return f;
  }

  void convert(prim::ScanOp op) {
    OpBuilder b(op);
    auto f = outline(op.getBlock(), op.getLoc(), "scan", op.getInits().size());
    auto loop = kernel::LoopOp::create(b, op.getLoc(), op->getResultTypes(), f.getSymName(), op.getInits(), op.getXs(), op.getCaptured(), op.getLength(), op.getReverse(), -1, 0);
    op->replaceAllUsesWith(loop);
    op->erase();
  }

  /// The condition is computed once before the loop and again at the end of each pass: a flag among the carries.
  void convert(prim::WhileOp op) {
    OpBuilder b(op);
    size_t n = op.getInits().size();
    SmallVector<Value> inits(op.getInits()), more;
    prim::inlineBlock(op.getCondition().front(), op.getOperands(), b, more);
    llvm::append_range(inits, more);
    Block &body = op.getBody().front();
    Type flag = more[0].getType();
    body.insertArgument(n, flag, op.getLoc());
    SmallVector<Value> next(body.getTerminator()->getOperands()), again;
    llvm::append_range(next, body.getArguments().drop_front(n + 1));
    OpBuilder inside(body.getTerminator());
    prim::inlineBlock(op.getCondition().front(), next, inside, again);
    body.getTerminator()->insertOperands(n, again);
    auto f = outline(body, op.getLoc(), "while", n + 1);
    SmallVector<Type> types(op->getResultTypes());
    types.push_back(flag);
    int64_t most = op.getBound() ? *op.getBound() : std::numeric_limits<int64_t>::max();
    auto loop = kernel::LoopOp::create(b, op.getLoc(), types, f.getSymName(), inits, ValueRange(), op.getCaptured(), most, false, n, 0);
    op->replaceAllUsesWith(loop->getResults().take_front(n));
    op->erase();
  }

  void convert(prim::IfOp op) {
    OpBuilder b(op);
    auto then = outline(op.getThen().front(), op.getLoc(), "then", 0), otherwise = outline(op.getOtherwise().front(), op.getLoc(), "otherwise", 0);
    auto branch = kernel::BranchOp::create(b, op.getLoc(), op->getResultTypes(), op.getPredicate(), then.getSymName(), otherwise.getSymName(), op.getCaptured(), 0);
    op->replaceAllUsesWith(branch);
    op->erase();
  }

  void runOnOperation() final {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) { // inner ones first
      if (isa<prim::ScanOp, prim::WhileOp, prim::IfOp>(op)) ops.push_back(op);
    });
    for (Operation *op : ops) {
      if (auto scan = dyn_cast<prim::ScanOp>(op)) convert(scan);
      else if (auto loop = dyn_cast<prim::WhileOp>(op)) convert(loop);
      else convert(cast<prim::IfOp>(op));
    }
  }
};

} // namespace

std::unique_ptr<Pass> tenon::compiler::createOutlineLoopsPass() { return std::make_unique<OutlineLoops>(); }
