// From emitted kernels to an object file in memory.
#pragma once
#include "compiler/codegen/cpu/target.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"

namespace tenon::compiler::cpu {

/// Functions on memrefs become LLVM's dialect; each `kernels` name gets an entry point tenon_<name>(arguments, begin, end).
mlir::LogicalResult lowerToLLVM(mlir::ModuleOp module, const Target &target, llvm::ArrayRef<std::string> kernels);
/// Translates to LLVM IR for the target.
std::unique_ptr<llvm::Module> translate(mlir::ModuleOp module, const Target &target, llvm::TargetMachine &machine, llvm::LLVMContext &context);
/// LLVM's O3.
void optimize(llvm::Module &module, llvm::TargetMachine &machine);
/// Machine code or assembly text.
llvm::SmallVector<char> generate(llvm::Module &module, llvm::TargetMachine &machine, llvm::CodeGenFileType type);

} // namespace tenon::compiler::cpu
