// The operands of pointwise ops in ONNX, which repeats elements by itself.
#pragma once
#include "compiler/dialect/interfaces/onnx.h"

namespace tenon::ir {
/// The operands' names. Of a pointwise op: what only repeats elements to its shape is left to ONNX's broadcasting, where the others still give that shape.
llvm::SmallVector<std::string> onnxOperands(mlir::Operation *op, OnnxBuilder &o);
} // namespace tenon::ir
