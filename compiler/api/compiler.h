// The compiler's face to the frontend and the tools: a captured module goes in, an artifact comes out.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>

namespace tenon::compiler {

struct Options {
  /// "host", or a CPU name that LLVM knows ("haswell", "skylake-avx512", "x86-64"): features follow from it. Or GPUs: "cuda" (PTX for all from compute_80 on),
  /// "cuda:sm_90,sm_86" (machine code for these as well). Or both in one artifact: "host,cuda:sm_90".
  std::string target = "host";
  /// Time of each stage to stderr.
  bool timing = false;
  /// Remarks for each value that fusion left in memory.
  bool remarks = false;
  /// What the last stage printed is written to stderr: "captured", "prim", "kernels", "plan", "llvm", "optimized".
  std::string printAfterStage;
};

/// A context with every dialect of the pipeline loaded; single-threaded, so that compiling is reproducible.
std::unique_ptr<mlir::MLIRContext> makeContext();

/// Compiles `captured` (nn + prim ops, gradient requests, state) and writes the artifact to `path` by atomic replace.
/// The module is consumed. Errors are full sentences with the user's file and line.
llvm::Error compileModule(mlir::ModuleOp captured, const Options &options, llvm::StringRef path);

/// Writes what a stage leaves to `path` ("-": standard output): "captured", "prim", "kernels", "plan", "traffic" (bytes that the plan moves), "loops"
/// (kernels before LLVM), "cuda" (their CUDA C++), "llvm", "asm" or "obj".
llvm::Error emitStage(mlir::ModuleOp captured, const Options &options, llvm::StringRef stage, llvm::StringRef path);

/// Where code for such a target runs: an option's, or the one that an artifact's plan says.
struct Devices {
  bool cpu, gpu;
};
Devices devicesOf(llvm::StringRef target);

/// What a cached artifact depends on besides the IR: the compiler's build, LLVM's version and the target's features; of NVRTC only which file the user named.
std::string buildKey(const Options &options);

} // namespace tenon::compiler
