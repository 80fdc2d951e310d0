// A function of MLIR written into the thread's trace, op by op.
#pragma once
#include "frontend/tensor/recorder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon::onnx {
/// `function` is one block of prim and nn ops without state; `arguments` have its types. Gradients flow as through ops that the user wrote.
TensorList replay(mlir::func::FuncOp function, const TensorList &arguments, Location loc);
} // namespace tenon::onnx
