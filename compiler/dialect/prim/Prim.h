// The dialect `prim`.
#pragma once
#include "compiler/dialect/interfaces/Interfaces.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace tenon::ir::prim {
/// What reads and writes of state act on.
struct StateResource : mlir::SideEffects::Resource::Base<StateResource> {
  llvm::StringRef getName() final { return "state"; }
};
/// What checks act on: they are neither dropped nor reordered.
struct CheckResource : mlir::SideEffects::Resource::Base<CheckResource> {
  llvm::StringRef getName() final { return "check"; }
};
} // namespace tenon::ir::prim

#include "compiler/dialect/prim/Prim.dialect.h.inc"
#include "compiler/dialect/prim/Prim.enums.h.inc"
#define GET_OP_CLASSES
#include "compiler/dialect/prim/Prim.h.inc"

namespace tenon::ir::prim {
/// Clones the ops of a body to the builder's place, with `arguments` for its own; `results`: what it yields.
void inlineBlock(mlir::Block &from, mlir::ValueRange arguments, mlir::OpBuilder &builder, llvm::SmallVectorImpl<mlir::Value> &results);
} // namespace tenon::ir::prim
