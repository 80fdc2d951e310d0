// The kernel dialect's definitions and its verifier.
#include "compiler/dialect/kernel/Kernel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include "compiler/dialect/kernel/Kernel.dialect.cpp.inc"
#define GET_OP_CLASSES
#include "compiler/dialect/kernel/Kernel.cpp.inc"

using namespace mlir;
namespace tenon::ir::kernel {

void KernelDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/kernel/Kernel.cpp.inc"
      >();
}

LogicalResult GridOp::verify() {
  if (getYielded().getTypes() != getResultTypes())
    return emitOpError("C1: yields types other than its results");
  if (getInPlace().size() != getNumResults())
    return emitOpError("C2: expected one inPlace entry per result");
  for (auto [result, operand] : llvm::zip(getResults(), getInPlace()))
    if (operand != -1 && (operand < 0 || operand >= (int64_t)getNumOperands() || getOperand(operand).getType() != result.getType()))
      return emitOpError("C2: inPlace entry ") << operand << " is no operand of type " << result.getType();
  for (Operation &op : getBody().front())
    if (isa<linalg::LinalgOp>(op) && !isa<linalg::FillOp>(op) && !op.getAttrOfType<IntegerAttr>("axis"))
      return op.emitOpError("C3: expected an integer `axis` inside kernel.grid");
  return success();
}

static LogicalResult verifyBody(Operation *op, FlatSymbolRefAttr name, TypeRange arguments, TypeRange results, SymbolTableCollection &symbols) {
  auto f = symbols.lookupNearestSymbolFrom<func::FuncOp>(op, name);
  if (!f || TypeRange(f.getArgumentTypes()) != arguments || TypeRange(f.getResultTypes()) != results)
    return op->emitOpError("C1: there is no function ") << name << " of the types that it is called with";
  return success();
}
static Type sliceOf(Type stack) {
  auto type = cast<RankedTensorType>(stack);
  return RankedTensorType::get(type.getShape().drop_front(), type.getElementType());
}

LogicalResult LoopOp::verifySymbolUses(SymbolTableCollection &symbols) {
  size_t n = getInits().size();
  SmallVector<Type> arguments(getInits().getTypes()), stacks(getXs().getTypes()), results(getResultTypes());
  if (results.size() < n) return emitOpError("C1: expected its carries among its results");
  stacks.append(results.begin() + n, results.end());
  if (llvm::any_of(stacks, [](Type t) { return cast<RankedTensorType>(t).getRank() == 0; })) return emitOpError("C1: expected stacks of rank 1 or more");
  for (Type t : getXs().getTypes()) arguments.push_back(sliceOf(t));
  llvm::append_range(arguments, getCaptured().getTypes());
  for (Type &t : llvm::drop_begin(results, n)) t = sliceOf(t);
  int64_t flag = getFlag();
  if (flag < -1 || flag >= (int64_t)n || (flag >= 0 && getInits()[flag].getType() != RankedTensorType::get({}, IntegerType::get(getContext(), 1))))
    return emitOpError("C2: flag ") << flag << " is no carry of type tensor<i1>";
  return verifyBody(*this, getBodyAttr(), arguments, results, symbols);
}

LogicalResult BranchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  for (FlatSymbolRefAttr name : {getThenAttr(), getOtherwiseAttr()})
    if (failed(verifyBody(*this, name, getCaptured().getTypes(), getResultTypes(), symbols))) return failure();
  return success();
}

} // namespace tenon::ir::kernel
