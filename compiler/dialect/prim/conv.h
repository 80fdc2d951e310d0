// prim.conv: its loops and its derivatives.
#pragma once
#include "compiler/dialect/prim/Prim.h"

namespace tenon::ir::prim {

llvm::SmallVector<int64_t> convRanges(ConvOp op);
llvm::SmallVector<mlir::utils::IteratorType> convLoops(ConvOp op);
/// The cotangent of a: each window solved for the index of the result.
Expr convInputGradient(ConvOp op, Expr dy);
/// The cotangent of b: in each window the indices of the result and of b change places.
Expr convKernelGradient(ConvOp op, Expr dy);

} // namespace tenon::ir::prim
