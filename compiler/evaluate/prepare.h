// Makes a captured function one that can be evaluated op by op.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace tenon::compiler {
/// A module with a copy of the function and the states, decomposed and with its gradients answered; null where the function is prim
/// already. Loads the dialects that loop bodies are written in.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> prepare(mlir::func::FuncOp function);
} // namespace tenon::compiler
