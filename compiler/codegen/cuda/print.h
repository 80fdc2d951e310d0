// CUDA C++ text of kernels that are functions on memrefs.
#pragma once
#include "compiler/codegen/plan.h"

namespace tenon::compiler::cuda {

/// The program of all kernels of a plan, `module` holding their functions by name: a prelude, then a kernel after the other, each under a comment that says what it
/// computes and where the user wrote it. An error names what has no form in CUDA C++.
llvm::Expected<std::string> printProgram(mlir::ModuleOp module, const Plan &plan);

/// What every program starts with: types, conversions, integer arithmetic that wraps, and the plan's commands that are no kernels.
llvm::StringRef prelude();
/// And after it: what contractions in tiles call.
llvm::StringRef tilesPrelude();

} // namespace tenon::compiler::cuda
