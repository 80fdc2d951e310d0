// A kernel as loops over vectors: from a kernel.grid to a function on memrefs.
#pragma once
#include "compiler/codegen/cpu/nests.h"
#include "compiler/codegen/plan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon::compiler::cpu {

/// One pointer argument of an emitted kernel.
struct EmittedArgument {
  enum Kind { Input, Output, Workspace } kind;
  unsigned index = 0;    ///< of the grid's operand or result
  int64_t bytes = 0;     ///< of the tensor, or of the workspace
};

struct EmittedKernel {
  mlir::func::FuncOp function; ///< (memrefs..., begin: index, end: index)
  std::vector<EmittedArgument> arguments;
};

/// Writes `grid` into `module` as a function `name`. Flags (i1) are bytes in memory.
EmittedKernel emitKernel(tenon::ir::kernel::GridOp grid, mlir::ModuleOp module, llvm::StringRef name, const TileTable &table);

} // namespace tenon::compiler::cpu
