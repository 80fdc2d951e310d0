// Derivatives that are longer than an expression.
#pragma once
#include "compiler/dialect/prim/Prim.h"

namespace tenon::ir::prim {

llvm::SmallVector<int64_t> inverse(llvm::ArrayRef<int64_t> permutation);
/// The adjoint of broadcast: sums over what was repeated.
Expr sumToOperand(BroadcastOp op, Expr dy);
/// The adjoint of slice: zeros around and between.
Expr unslice(SliceOp op, Expr dy);
/// The adjoints of pad: the operand's place, and the sum of all others.
Expr unpad(PadOp op, Expr dy);
Expr unpadValue(PadOp op, Expr dy);
/// The adjoint of repeat_interleave: the sum of an element's copies, in their order.
Expr sumOfRepeats(RepeatInterleaveOp op, Expr dy);
/// The adjoint of concat: one slice per operand.
llvm::SmallVector<Expr> unconcat(ConcatOp op, Expr dy);
/// The adjoints of the ops whose places are data.
llvm::SmallVector<Expr> unscatter(ScatterOp op, Expr dy);
llvm::SmallVector<Expr> uncumsum(CumsumOp op, Expr dy);
llvm::SmallVector<Expr> unslice(DynamicSliceOp op, Expr dy);
llvm::SmallVector<Expr> unupdateSlice(DynamicUpdateSliceOp op, Expr dy);

} // namespace tenon::ir::prim
