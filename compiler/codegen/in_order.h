// What code for any target asks of a kernel's ops: the loop that the grid cuts, and an order in which old state is read before it is overwritten.
#pragma once
#include "compiler/dialect/kernel/Kernel.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace tenon::compiler {

/// The loop that the grid cuts, or -1.
int axisOf(mlir::linalg::GenericOp op);
/// The buffer of old state that op overwrites, or null.
mlir::Value overwrites(tenon::ir::kernel::GridOp grid, mlir::linalg::GenericOp op);
/// Who reads `old`, itself or in the body of an op.
mlir::linalg::GenericOp readerOf(mlir::Operation *user);
/// Program order, but whoever overwrites state in place comes after all that read it.
llvm::SmallVector<mlir::linalg::GenericOp> inOrder(tenon::ir::kernel::GridOp grid);

} // namespace tenon::compiler
