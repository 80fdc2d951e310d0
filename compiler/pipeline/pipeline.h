// The order of the stages, from a captured module to an artifact: the one place that knows it.
#pragma once
#include "compiler/codegen/cpu/target.h"
#include "compiler/codegen/cuda/target.h"
#include "compiler/codegen/image.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

namespace tenon::compiler {
namespace cuda { struct Image; }

/// One compilation; each step needs the one before it. Errors are full sentences with the user's lines.
class Pipeline {
public:
  /// `gpu`: the kernels are for GPUs, and `target` is the processor beside them.
  Pipeline(mlir::ModuleOp module, cpu::Target target, std::optional<cuda::Target> gpu = {}) : module(module), target(std::move(target)), gpu(std::move(gpu)) {}
  /// Also code for GPUs in the same artifact: the stages after prim have a pipeline of their own for it.
  void addGpus(cuda::Target gpu);

  llvm::Error toPrim();
  llvm::Error toKernels();
  llvm::Error toPlan();   ///< also writes the kernels' loops, and for GPUs their text
  llvm::Error toLLVM();
  llvm::Error optimize(); ///< LLVM's O3
  llvm::Error toArtifact(llvm::StringRef path);
  /// What `stage` left, as text ("obj": bytes).
  void print(llvm::StringRef stage, llvm::raw_ostream &os);

private:
  llvm::Error tidy();
  llvm::Expected<DeviceCode> toImages();
  llvm::Error describeKernels(const cuda::Image &image);

public:
  mlir::ModuleOp module;
  std::unique_ptr<Pipeline> gpus; ///< beside a CPU's
  mlir::OwningOpRef<mlir::ModuleOp> copy; ///< their module
  cpu::Target target;
  std::optional<cuda::Target> gpu;
  Plan plan;
  std::string text; ///< CUDA C++
  mlir::OwningOpRef<mlir::ModuleOp> loops; ///< kernels as functions on memrefs, later in LLVM's dialect
  llvm::LLVMContext context;
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::Module> code;
  bool remarks = false; ///< missed fusions, what kernels take on a GPU
};

} // namespace tenon::compiler
