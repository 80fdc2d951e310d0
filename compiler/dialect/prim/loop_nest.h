// Words that the entries' loop nests are written in.
#pragma once
#include "compiler/dialect/interfaces/scalar.h"
#include "compiler/dialect/prim/Prim.h"

namespace tenon::ir::prim {

llvm::SmallVector<int64_t> resultShape(mlir::Operation *op);
/// Of operand 0.
llvm::SmallVector<int64_t> operandShape(mlir::Operation *op);
llvm::SmallVector<mlir::utils::IteratorType> parallelLoops(mlir::Operation *op);
llvm::SmallVector<mlir::utils::IteratorType> reductionLoops(mlir::Operation *op, llvm::ArrayRef<int64_t> dimensions);

llvm::SmallVector<mlir::AffineMap> identityMaps(mlir::Operation *op);
/// Every operand is a scalar.
llvm::SmallVector<mlir::AffineMap> scalarOperandMaps(mlir::Operation *op);
/// `map` for operand 0, identity for the result.
llvm::SmallVector<mlir::AffineMap> operandMap(mlir::Operation *op, mlir::AffineMap map);
llvm::SmallVector<mlir::AffineMap> reductionMaps(mlir::Operation *op, llvm::ArrayRef<int64_t> dimensions);
mlir::AffineMap broadcastMap(BroadcastOp op);
mlir::AffineMap reshapeMap(ReshapeOp op);
mlir::AffineMap transposeMap(TransposeOp op);
mlir::AffineMap sliceMap(SliceOp op);
mlir::AffineMap reverseMap(ReverseOp op);
mlir::AffineMap repeatMap(RepeatInterleaveOp op);
llvm::SmallVector<mlir::AffineMap> padMaps(PadOp op);
llvm::SmallVector<mlir::AffineMap> concatMaps(ConcatOp op);
llvm::SmallVector<mlir::AffineMap> gatherMaps(GatherOp op);
llvm::SmallVector<mlir::AffineMap> dynamicSliceMaps(DynamicSliceOp op);
llvm::SmallVector<mlir::AffineMap> dynamicUpdateSliceMaps(DynamicUpdateSliceOp op);
llvm::SmallVector<int64_t> contractRanges(ContractOp op);
llvm::SmallVector<mlir::utils::IteratorType> contractLoops(ContractOp op);

mlir::TypedAttr number(mlir::Type element, double n);
/// -infinity and infinity, or the bounds of an integer.
mlir::TypedAttr lowest(mlir::Type element);
mlir::TypedAttr highest(mlir::Type element);

/// A body's result; a number takes the type asked for.
mlir::Value inType(mlir::ImplicitLocOpBuilder &b, Scalar s, mlir::Type type);
mlir::Value padBody(PadOp op, mlir::ImplicitLocOpBuilder &b, mlir::ValueRange args, mlir::ValueRange operands, mlir::Type element);
mlir::Value concatBody(ConcatOp op, mlir::ImplicitLocOpBuilder &b, mlir::ValueRange args, mlir::ValueRange operands, mlir::Type element);
mlir::Value gatherBody(GatherOp op, mlir::ImplicitLocOpBuilder &b, mlir::ValueRange args, mlir::ValueRange operands, mlir::Type element);
mlir::Value dynamicSliceBody(DynamicSliceOp op, mlir::ImplicitLocOpBuilder &b, mlir::ValueRange args, mlir::ValueRange operands, mlir::Type element);
mlir::Value dynamicUpdateSliceBody(DynamicUpdateSliceOp op, mlir::ImplicitLocOpBuilder &b, mlir::ValueRange args, mlir::ValueRange operands, mlir::Type element);
mlir::Value philoxBody(PhiloxOp op, mlir::ImplicitLocOpBuilder &b, mlir::ValueRange args, mlir::ValueRange operands, mlir::Type element);
/// The four words of Philox4x32-10 for four counter words and two key words, all i32.
llvm::SmallVector<mlir::Value> philox4x32(mlir::ImplicitLocOpBuilder &b, mlir::ValueRange counter, mlir::ValueRange key);

} // namespace tenon::ir::prim
