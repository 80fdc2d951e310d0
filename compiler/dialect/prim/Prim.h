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
/// A copy of a body in `to`, whose arguments are followed by the cotangents that are not null, and whose ops by the sweep; checks were made by the original.
/// `builder` stands at its end; `flows`: what flows to the body's own arguments.
llvm::LogicalResult sweepCopy(mlir::Region &body, llvm::ArrayRef<Expr> cotangents, mlir::Region &to, mlir::ImplicitLocOpBuilder &builder, llvm::SmallVectorImpl<Expr> &flows);
/// Bodies see state through captured values only: a step's reads and writes have one order.
llvm::LogicalResult verifyStateless(mlir::Operation *op, llvm::StringRef label);
/// Types in an error.
std::string text(mlir::TypeRange types);
} // namespace tenon::ir::prim
