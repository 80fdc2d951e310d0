// A kernel for a GPU: from a kernel.grid to a function on memrefs with threads, shared memory and barriers.
#pragma once
#include "compiler/codegen/plan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon::compiler::cuda {

constexpr int64_t threads = 256; ///< of a block

/// Writes `grid` into `module` as a function `name` on memrefs: the tensors, then the workspaces. Flags (i1) are bytes in memory. gpu.block_id counts the blocks of
/// the grid, each with as many neighbours as there are parts.
Emission emitKernel(tenon::ir::kernel::GridOp grid, mlir::ModuleOp module, llvm::StringRef name);

} // namespace tenon::compiler::cuda
