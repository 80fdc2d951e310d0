// Named state: its symbols.
#include "compiler/dialect/interfaces/elements.h"
#include "compiler/dialect/interfaces/literal.h"
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::ir::prim {

LogicalResult StateOp::verify() {
  if (getInitial() && getInitial()->getShapedType() != getType())
    return emitOpError() << "the initial value " << getInitial()->getShapedType() << " must have the state's type " << getType() << " (C1)";
  if (auto initial = dyn_cast_or_null<DenseResourceElementsAttr>(getInitialAttr())) {
    auto type = cast<RankedTensorType>(getType());
    if (size_t expected = type.getNumElements() * elementBytes(type.getElementType()); bytesIn(initial)->size() != expected)
      return emitOpError() << "the initial value's resource must have " << expected << " bytes, it has " << bytesIn(initial)->size() << " (C1)";
  }
  if (!getAlias())
    return success();
  auto root = SymbolTable::lookupNearestSymbolFrom<StateOp>((*this)->getParentOp(), getAliasAttr());
  if (!root || root.getType() != getType() || root.getAlias() || getInitial())
    return emitOpError() << "the alias " << getAliasAttr() << " must be another state of type " << getType()
                         << " that has no alias itself and holds the value (C2)";
  return success();
}

StateOp StateOp::resolve(Operation *from, FlatSymbolRefAttr name) {
  auto state = SymbolTable::lookupNearestSymbolFrom<StateOp>(from, name);
  return state && state.getAlias() ? SymbolTable::lookupNearestSymbolFrom<StateOp>(from, state.getAliasAttr()) : state;
}

static LogicalResult verifyUse(Operation *op, FlatSymbolRefAttr name, Type type, SymbolTableCollection &symbols) {
  auto state = symbols.lookupNearestSymbolFrom<StateOp>(op, name);
  if (!state)
    return op->emitOpError() << "there is no state " << name << " (C1)";
  if (state.getType() != type)
    return op->emitOpError() << "the state " << name << " is " << state.getType() << ", used as " << type << " (C1)";
  return success();
}
LogicalResult ReadOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyUse(*this, getStateAttr(), getY().getType(), symbols);
}
LogicalResult WriteOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyUse(*this, getStateAttr(), getValue().getType(), symbols);
}

} // namespace tenon::ir::prim
