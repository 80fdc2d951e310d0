// The plan as initialised data in an LLVM module: the one exported symbol of an artifact.
#pragma once
#include "compiler/codegen/plan.h"
#include "llvm/IR/Module.h"

namespace tenon::compiler {

/// Adds TENON_PLAN_SYMBOL to `module`; kernels refer to the functions tenon_<name> in it.
void writeImage(const Plan &plan, llvm::StringRef target, llvm::Module &module);
/// What a GPU's driver loads: kind and architecture as in tenon_image.
struct DeviceImage {
  uint32_t kind, architecture;
  std::vector<char> bytes;
};
/// The same for a plan whose kernels, of `threads` threads a block, are in `images` alone, made by CUDA `version` (13000: 13.0); adds TENON_CUDA_SYMBOL.
void writeImage(const Plan &plan, llvm::StringRef target, llvm::Module &module, llvm::ArrayRef<DeviceImage> images, unsigned version, unsigned threads);
/// "tenon 0.1.0, LLVM 22.1.8".
std::string compilerVersion();

} // namespace tenon::compiler
