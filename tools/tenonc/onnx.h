// tenonc net.onnx: what the command line says of its inputs, and the module that follows.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace tenon::onnx {
class Model;
}

/// The model must live as long as the module. `dims`: "batch=8", by the name that the file gives an open dimension, or "input.0=8" by input and position; `values`: "shape=2,3", elements of an input that decide shapes.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> importOnnx(const tenon::onnx::Model &model, const std::string &path, const std::vector<std::string> &dims,
                                                                 const std::vector<std::string> &values, mlir::MLIRContext &context);
