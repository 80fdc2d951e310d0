// --verify: an artifact against the reference evaluator.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

/// Runs every function of `captured` in the evaluator and in the artifact on the same random inputs and state, and compares
/// outputs and new state: error <= tolerance * (largest magnitude + 0.01) (f64 1e-9, f32 1e-4, bf16 2e-2, f16 4e-3; integers and flags equal).
/// `device`: as in tenon_options.
llvm::Error verifyArtifact(mlir::ModuleOp captured, llvm::StringRef path, uint32_t device);
