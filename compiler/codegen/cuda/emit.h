// A kernel for a GPU: from a kernel.grid to a function on memrefs with threads, shared memory and barriers.
#pragma once
#include "compiler/codegen/plan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon::compiler::cuda {

constexpr int64_t threads = 256; ///< of a block

struct EmittedKernel {
  mlir::func::FuncOp function;     ///< (memrefs...): the tensors, then the workspaces
  std::vector<int64_t> workspaces; ///< bytes
};

/// Writes `grid` into `module` as a function `name`: block b of the grid is gpu.block_id. Flags (i1) are bytes in memory.
EmittedKernel emitKernel(tenon::ir::kernel::GridOp grid, mlir::ModuleOp module, llvm::StringRef name);

} // namespace tenon::compiler::cuda
