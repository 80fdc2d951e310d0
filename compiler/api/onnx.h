// ONNX, for the frontend and the tools.
#pragma once
#include "compiler/onnx/export.h"

namespace tenon::compiler {
/// exportOnnx; where the module asks for gradients they are answered first, and what leaves is prim.
llvm::Error saveOnnx(mlir::ModuleOp captured, const OnnxOptions &options, llvm::StringRef path);
} // namespace tenon::compiler
