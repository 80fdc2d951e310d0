// Recordings of functions as one module over one table of named state: what artifacts and ONNX models are made from.
#pragma once
#include "frontend/tensor/compiled.h"

namespace tenon::detail {

struct NamedFunction {
  std::string name;
  std::vector<Variant *> variants; ///< of several signatures
  CompileOptions options;          ///< names of inputs and outputs
};
/// A module that refers to numbers of tensors where they lie.
struct ArtifactModule {
  std::vector<StoragePtr> numbers;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};
/// State has its current values as initial ones. Call it, and use the module, with the lock held.
ArtifactModule artifact_module(const std::vector<NamedFunction> &functions);

} // namespace tenon::detail
