// The plan as initialised data in an LLVM module: the one exported symbol of an artifact.
#pragma once
#include "compiler/codegen/plan.h"
#include "llvm/IR/Module.h"

namespace tenon::compiler {

/// What a GPU's driver loads: kind and architecture as in tenon_image.
struct DeviceImage {
  uint32_t kind, architecture;
  std::vector<char> bytes;
};
/// Code for GPUs: a plan whose kernels, of `threads` threads a block, are in images, made by CUDA `version` (13000: 13.0).
struct DeviceCode {
  const Plan &plan;
  std::string target;
  std::vector<DeviceImage> images;
  unsigned version, threads;
};

/// Adds TENON_PLAN_SYMBOL to `module`: `plan`, whose kernels refer to the functions tenon_<name> in it, or without one that of `gpu`; and TENON_CUDA_SYMBOL, if there is code for GPUs.
void writeImage(const Plan *plan, llvm::StringRef target, const DeviceCode *gpu, llvm::Module &module);
/// "tenon 0.1.0, LLVM 22.1.8".
std::string compilerVersion();

} // namespace tenon::compiler
