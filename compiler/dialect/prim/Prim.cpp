// The dialect `prim`: registration, and the methods generated from its entries.
#include "compiler/dialect/prim/Prim.h"
#include "compiler/dialect/prim/conv.h"
#include "compiler/dialect/prim/loop_nest.h"
#include "compiler/dialect/prim/onnx.h"
#include "compiler/dialect/prim/rules.h"
#include "mlir/IR/DialectImplementation.h"

#include "compiler/dialect/prim/Prim.dialect.cpp.inc"
#include "compiler/dialect/prim/Prim.enums.cpp.inc"
#define GET_OP_CLASSES
#include "compiler/dialect/prim/Prim.cpp.inc"

namespace tenon::ir::prim {

void PrimDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "compiler/dialect/prim/Prim.cpp.inc"
      >();
}

mlir::Operation *PrimDialect::materializeConstant(mlir::OpBuilder &builder, mlir::Attribute value, mlir::Type, mlir::Location loc) {
  auto elements = llvm::dyn_cast<mlir::ElementsAttr>(value);
  return elements ? ConstantOp::create(builder, loc, elements) : nullptr;
}

} // namespace tenon::ir::prim
