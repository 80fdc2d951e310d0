// A captured function without what is known before it leaves.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon::onnx {
/// Folds ops, and computes those of constants that do not grow by it, as importing does: what leaves comes back as it was.
void simplify(mlir::func::FuncOp function);
} // namespace tenon::onnx
