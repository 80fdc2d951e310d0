// prim in ONNX: the forms that are longer than an expression. Nothing: an op, or a case of it, has none.
#pragma once
#include "compiler/dialect/prim/Prim.h"

namespace tenon::ir::prim {

// Pointwise.
OnnxForm onnx(NotOp op, OnnxBuilder &o);
OnnxForm onnx(Expm1Op op, OnnxBuilder &o);
OnnxForm onnx(Log1pOp op, OnnxBuilder &o);
OnnxForm onnx(Atan2Op op, OnnxBuilder &o);
/// Division and remainder: whole numbers by 0 have a value, and do not trap.
OnnxForm onnxQuotient(mlir::Operation *op, llvm::StringRef name, OnnxBuilder &o);
/// And, or, xor: of flags alone; of the bits of numbers only from opset 18 on.
OnnxForm onnxBits(mlir::Operation *op, llvm::StringRef name, OnnxBuilder &o);
OnnxForm onnx(CompareOp op, OnnxBuilder &o);

// Reductions and products.
OnnxForm onnxReduce(mlir::Operation *op, llvm::StringRef name, llvm::ArrayRef<int64_t> dimensions, OnnxBuilder &o);
/// MatMul where it is one, else Einsum.
OnnxForm onnx(ContractOp op, OnnxBuilder &o);
/// A Conv between transposes; whatever it cannot say is said of its operands before.
OnnxForm onnx(ConvOp op, OnnxBuilder &o);

// Shapes.
OnnxForm onnx(IotaOp op, OnnxBuilder &o);
OnnxForm onnx(BroadcastOp op, OnnxBuilder &o);
OnnxForm onnx(SliceOp op, OnnxBuilder &o);
OnnxForm onnx(PadOp op, OnnxBuilder &o);
OnnxForm onnx(RepeatInterleaveOp op, OnnxBuilder &o);
OnnxForm onnx(ReverseOp op, OnnxBuilder &o);

// Places that are data.
OnnxForm onnx(GatherOp op, OnnxBuilder &o);
OnnxForm onnx(ScatterOp op, OnnxBuilder &o);
OnnxForm onnx(ArgsortOp op, OnnxBuilder &o);
OnnxForm onnx(DynamicSliceOp op, OnnxBuilder &o);
OnnxForm onnx(DynamicUpdateSliceOp op, OnnxBuilder &o);

// Loops and branches.
OnnxForm onnx(ScanOp op, OnnxBuilder &o);
OnnxForm onnx(WhileOp op, OnnxBuilder &o);
OnnxForm onnx(IfOp op, OnnxBuilder &o);

} // namespace tenon::ir::prim
