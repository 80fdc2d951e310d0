// The kernel dialect: what fusion decided, before buffers and loops.
#pragma once
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "compiler/dialect/kernel/Kernel.dialect.h.inc"
#define GET_OP_CLASSES
#include "compiler/dialect/kernel/Kernel.h.inc"

namespace tenon::ir::kernel {
/// A loop or branch: commands of private functions.
inline bool isControl(mlir::Operation *op) { return mlir::isa<LoopOp, BranchOp>(op); }
} // namespace tenon::ir::kernel
