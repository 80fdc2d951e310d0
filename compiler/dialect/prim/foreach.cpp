// foreach: its verifier, and its meaning as ops on whole tensors.
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::ir::prim {

static RankedTensorType tensorOf(Value v) {
  return mlir::cast<RankedTensorType>(v.getType());
}

LogicalResult ForeachOp::verify() {
  size_t count = getCount();
  if (getCount() < 1 || getLists().size() % count)
    return emitOpError() << getLists().size() << " tensors are no whole number of lists of " << getCount() << " (C1)";
  size_t lists = getLists().size() / count;
  for (auto [i, value] : llvm::enumerate(getLists())) {
    RankedTensorType type = tensorOf(value), first = tensorOf(getLists()[i % count]), head = tensorOf(getLists()[i / count * count]);
    if (type.getShape() != first.getShape() || type.getElementType() != head.getElementType())
      return emitOpError() << "tensor " << i % count << " of list " << i / count << " is " << type << ", expected the shape of " << first
                           << " and the elements of " << head << " (C2)";
  }
  Block &body = getBody().front();
  if (body.getNumArguments() != getShared().size() + lists)
    return emitOpError() << "the body takes " << body.getNumArguments() << " values, expected " << getShared().size() + lists << " (C3)";
  for (auto [i, argument] : llvm::enumerate(body.getArguments())) {
    Value source = i < getShared().size() ? getShared()[i] : getLists()[(i - getShared().size()) * count];
    if (argument.getType() != RankedTensorType::get({}, tensorOf(source).getElementType()))
      return emitOpError() << "argument " << i << " of the body is " << argument.getType() << ", expected a scalar of "
                           << tensorOf(source).getElementType() << " (C3)";
    if (i < getShared().size() && tensorOf(source).getRank())
      return emitOpError() << "shared value " << i << " is " << source.getType() << ", expected a scalar (C5)";
  }
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getValues().size() * count != getUpdated().size())
    return emitOpError() << "expected " << (yield ? yield.getValues().size() * count : 0) << " results, got " << getUpdated().size()
                         << " (C4)";
  for (auto [i, result] : llvm::enumerate(getUpdated())) {
    RankedTensorType wanted = tensorOf(getLists()[i % count]).clone(tensorOf(yield.getValues()[i / count]).getElementType());
    if (result.getType() != wanted)
      return emitOpError() << "result " << i % count << " of list " << i / count << " is " << result.getType() << ", expected " << wanted
                           << " (C4)";
  }
  return success();
}

/// Copies the body's ops whose operands are all the same for every element: they stay scalars and are computed once.
static void copyUniform(ForeachOp op, ImplicitLocOpBuilder &b, IRMapping &uniform) {
  Block &body = op.getBody().front();
  uniform.map(body.getArguments().take_front(op.getShared().size()), op.getShared());
  for (Operation &inner : body.without_terminator())
    if (llvm::all_of(inner.getOperands(), [&](Value v) { return uniform.contains(v); }))
      b.clone(inner, uniform);
}

FailureOr<SmallVector<Value>> ForeachOp::decompose(ImplicitLocOpBuilder &b) {
  Block &body = getBody().front();
  size_t count = getCount(), lists = getLists().size() / count;
  for (Operation &inner : body.without_terminator())
    if (!isa<LoopNestOpInterface>(inner) && !inner.hasTrait<OpTrait::ConstantLike>())
      return emitOpError() << "'" << inner.getName() << "' in the body is not elementwise";
  IRMapping uniform;
  copyUniform(*this, b, uniform);
  auto yield = mlir::cast<YieldOp>(body.getTerminator());
  SmallVector<Value> results(getUpdated().size());
  for (size_t i = 0; i < count; ++i) {
    ArrayRef<int64_t> shape = tensorOf(getLists()[i]).getShape();
    IRMapping map;
    for (size_t l = 0; l < lists; ++l)
      map.map(body.getArgument(getShared().size() + l), getLists()[l * count + i]);
    auto spread = [&](Value v) -> Value {
      if (!map.contains(v))
        map.map(v, broadcast(Expr(&b, uniform.lookup(v)), shape, {}).value);
      return map.lookup(v);
    };
    for (Operation &inner : body.without_terminator()) {
      if (uniform.contains(inner.getResult(0)))
        continue;
      OperationState state(inner.getLoc(), inner.getName());
      for (Value v : inner.getOperands())
        state.operands.push_back(spread(v));
      state.addTypes(tensorOf(inner.getResult(0)).clone(shape));
      state.attributes = inner.getDiscardableAttrDictionary();
      state.propertiesAttr = inner.getPropertiesAsAttribute();
      map.map(inner.getResult(0), b.create(state)->getResult(0));
    }
    for (auto [j, value] : llvm::enumerate(yield.getValues()))
      results[j * count + i] = spread(value);
  }
  return results;
}

} // namespace tenon::ir::prim
