// Folds, and the numbers of constants: the same as an importer's, so that a model that came in leaves as it was.
#include "compiler/onnx/simplify.h"
#include "compiler/dialect/interfaces/elements.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/evaluate/evaluate.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
namespace tenon::onnx {

static constexpr int64_t most = int64_t(1) << 22; // elements

static int64_t elementsOf(TypeRange types) {
  int64_t count = 0;
  for (Type t : types)
    count += mlir::cast<RankedTensorType>(t).getNumElements();
  return count;
}

/// The results of an op whose operands are constants; empty where it is kept.
static SmallVector<ir::Literal> computed(Operation &op) {
  if (op.getNumOperands() == 0 || !llvm::all_of(op.getOperands(), [](Value v) { return matchPattern(v, m_Constant()); }))
    return {};
  int64_t given = elementsOf(op.getOperandTypes());
  if (given > most || elementsOf(op.getResultTypes()) > std::max<int64_t>(given, 1))
    return {};
  OwningOpRef<ModuleOp> module = ModuleOp::create(op.getLoc());
  OpBuilder outer = OpBuilder::atBlockEnd(module->getBody());
  auto function = func::FuncOp::create(outer, op.getLoc(), "fold", FunctionType::get(op.getContext(), {}, op.getResultTypes()));
  OpBuilder b = OpBuilder::atBlockEnd(function.addEntryBlock());
  IRMapping map;
  for (Value v : op.getOperands())
    if (!map.contains(v))
      b.clone(*v.getDefiningOp(), map);
  func::ReturnOp::create(b, op.getLoc(), b.clone(op, map)->getResults());
  llvm::StringMap<ir::Literal> state;
  auto results = compiler::evaluate(function, {}, state);
  if (!results) {
    llvm::consumeError(results.takeError()); // a failed check: it leaves as it is
    return {};
  }
  return std::move(*results);
}

void simplify(func::FuncOp function) {
  SmallVector<Operation *> ops;
  function.walk([&](Operation *op) {
    if (op->getNumResults() && !op->getNumRegions() && !op->hasTrait<OpTrait::ConstantLike>() && isMemoryEffectFree(op))
      ops.push_back(op);
  });
  for (Operation *op : ops) {
    OpBuilder b(op);
    SmallVector<Value> values;
    if (succeeded(b.tryFold(op, values)) && !values.empty()) {
      op->replaceAllUsesWith(values);
      op->erase();
      continue;
    }
    if (SmallVector<ir::Literal> literals = computed(*op); !literals.empty()) {
      for (auto [result, literal] : llvm::zip_equal(op->getResults(), literals))
        result.replaceAllUsesWith(ir::prim::ConstantOp::create(b, op->getLoc(), ir::denseElements(literal.type, literal.data)));
      op->erase();
    }
  }
}

} // namespace tenon::onnx
