// State inside one function: a read sees the write above it, and only the last write of each state stays.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon::compiler {
/// Afterwards a function reads each state once at most, writes it once at most, and names aliases by the state they stand for.
void forwardState(mlir::func::FuncOp f);
} // namespace tenon::compiler
