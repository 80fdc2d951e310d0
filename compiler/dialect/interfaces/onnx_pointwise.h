// The operands of pointwise ops in ONNX, which repeats elements by itself.
#pragma once
#include "compiler/dialect/interfaces/onnx.h"

namespace tenon::ir {
/// The operands' names. Of a pointwise op: what only repeats elements to its shape is left to ONNX's broadcasting, where the others still give that shape.
llvm::SmallVector<std::string> onnxOperands(mlir::Operation *op, OnnxBuilder &o);
/// Numbers 0 ... n - 1 of that type, with this many extents of 1 behind.
std::string onnxPlaces(OnnxBuilder &o, mlir::Type element, int64_t n, int64_t behind);
} // namespace tenon::ir
