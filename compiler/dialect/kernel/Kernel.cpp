// The kernel dialect's definitions and its verifier.
#include "compiler/dialect/kernel/Kernel.h"
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

} // namespace tenon::ir::kernel
