// Asks a sample's function for its gradients.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tenon::test {

bool isReal(mlir::Type tensor);

/// Makes @f return loss = sum(result * weights), and with order 1 the loss's gradients to all floating-point inputs, and with order 2 also
/// the gradients of sum(those * weights). False where there is no floating-point path.
bool addGradients(mlir::func::FuncOp f, int order);

} // namespace tenon::test
