// Recordings of functions as one module over one table of named state: what artifacts and ONNX models are made from.
#pragma once
#include "frontend/tensor/compiled.h"

namespace tenon::detail {

struct NamedFunction {
  std::string name;
  std::vector<Variant *> variants; ///< of several signatures
  CompileOptions options;          ///< names of inputs and outputs
};
/// State has its current values as initial ones. Call it with the lock held.
mlir::OwningOpRef<mlir::ModuleOp> artifact_module(const std::vector<NamedFunction> &functions);

} // namespace tenon::detail
