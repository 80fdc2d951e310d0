// Derivatives that the user says, and values computed again for theirs: verifiers, meaning, derivatives.
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::ir::prim {

LogicalResult CustomGradientOp::verify() {
  if (getValues().empty() || TypeRange(getValues().getTypes()) != (*this)->getResultTypes())
    return emitOpError() << "has values " << text(getValues().getTypes()) << " and results " << text((*this)->getResultTypes()) << ", expected one type or more, the same (C1)";
  SmallVector<Type> arguments(getValues().getTypes());
  llvm::append_range(arguments, getValues().getTypes());
  llvm::append_range(arguments, getCaptured().getTypes());
  Block &body = getBackward().front();
  if (TypeRange(arguments) != TypeRange(body.getArgumentTypes()))
    return emitOpError() << "the body takes " << text(body.getArgumentTypes()) << ", expected " << text(arguments) << " (C2)";
  if (TypeRange yielded = body.getTerminator()->getOperandTypes(); yielded != TypeRange(getInputs().getTypes()))
    return emitOpError() << "the body yields " << text(yielded) << ", expected " << text(getInputs().getTypes()) << " (C3)";
  return verifyStateless(*this, "C4");
}

FailureOr<SmallVector<Value>> CustomGradientOp::decompose(ImplicitLocOpBuilder &) { return SmallVector<Value>(getValues()); }

SmallVector<Expr> CustomGradientOp::vjp(ImplicitLocOpBuilder &b, ArrayRef<Expr> cotangents) {
  SmallVector<Value> arguments, flows;
  for (auto [cotangent, value] : llvm::zip_equal(cotangents, getValues()))
    arguments.push_back(cotangent ? cotangent.value : splat(b, mlir::cast<RankedTensorType>(value.getType()), 0).value);
  llvm::append_range(arguments, getMade());
  llvm::append_range(arguments, getCaptured());
  inlineBlock(getBackward().front(), arguments, b, flows);
  SmallVector<Expr> result(getValues().size());
  for (Value flow : flows)
    result.push_back({&b, flow});
  result.resize((*this)->getNumOperands());
  return result;
}

LogicalResult CheckpointOp::verify() {
  Block &body = getBody().front();
  if (TypeRange(body.getArgumentTypes()) != TypeRange(getCaptured().getTypes()))
    return emitOpError() << "the body takes " << text(body.getArgumentTypes()) << ", expected " << text(getCaptured().getTypes()) << " (C1)";
  if (TypeRange yielded = body.getTerminator()->getOperandTypes(); yielded != (*this)->getResultTypes())
    return emitOpError() << "the body yields " << text(yielded) << ", expected " << text((*this)->getResultTypes()) << " (C2)";
  return verifyStateless(*this, "C3");
}

FailureOr<SmallVector<Value>> CheckpointOp::decompose(ImplicitLocOpBuilder &b) {
  SmallVector<Value> results;
  inlineBlock(getBody().front(), getCaptured(), b, results);
  return results;
}

SmallVector<Expr> CheckpointOp::vjp(ImplicitLocOpBuilder &b, ArrayRef<Expr> cotangents) {
  Region again;
  ImplicitLocOpBuilder inside(getLoc(), getContext());
  SmallVector<Expr> flows;
  SmallVector<Value> arguments(getCaptured()), yielded;
  if (failed(sweepCopy(getBody(), cotangents, again, inside, flows)))
    return {};
  for (Expr c : cotangents)
    if (c)
      arguments.push_back(c.value);
  Operation *yield = again.front().getTerminator();
  for (Expr &flow : flows)
    if (flow)
      yielded.push_back(flow.value);
  yield->setOperands(yielded);
  yielded.clear();
  inlineBlock(again.front(), arguments, b, yielded);
  size_t next = 0;
  for (Expr &flow : flows)
    if (flow)
      flow = {&b, yielded[next++]};
  return flows;
}

} // namespace tenon::ir::prim
