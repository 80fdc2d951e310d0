// Tensors in files of their own, as test data has them.
#pragma once
#include "compiler/dialect/interfaces/literal.h"
#include "llvm/Support/Error.h"

namespace tenon::onnx {
/// A TensorProto (.pb).
llvm::Expected<ir::Literal> readTensor(llvm::StringRef path, mlir::MLIRContext &context);
} // namespace tenon::onnx
