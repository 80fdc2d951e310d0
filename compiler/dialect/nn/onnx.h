// nn in ONNX: the forms that are longer than an expression. Nothing: the decomposition leaves instead.
#pragma once
#include "compiler/dialect/nn/Nn.h"

namespace tenon::ir::nn {

OnnxForm onnx(SoftplusOp op, OnnxBuilder &o);
OnnxForm onnx(PreluOp op, OnnxBuilder &o);
OnnxForm onnx(HardtanhOp op, OnnxBuilder &o);
OnnxForm onnx(LinearOp op, OnnxBuilder &o);
OnnxForm onnx(EmbeddingOp op, OnnxBuilder &o);
OnnxForm onnx(ConvOp op, OnnxBuilder &o);
OnnxForm onnx(ConvTransposeOp op, OnnxBuilder &o);
OnnxForm onnx(MaxPoolOp op, OnnxBuilder &o);
OnnxForm onnx(MaxPoolIndicesOp op, OnnxBuilder &o);
OnnxForm onnx(AvgPoolOp op, OnnxBuilder &o);
OnnxForm onnx(BatchNormOp op, OnnxBuilder &o);
OnnxForm onnx(InstanceNormOp op, OnnxBuilder &o);
OnnxForm onnx(GroupNormOp op, OnnxBuilder &o);
OnnxForm onnx(LayerNormOp op, OnnxBuilder &o);
OnnxForm onnx(NllLossOp op, OnnxBuilder &o);
OnnxForm onnx(CrossEntropyOp op, OnnxBuilder &o);
OnnxForm onnx(RnnOp op, OnnxBuilder &o);
OnnxForm onnx(LstmOp op, OnnxBuilder &o);
OnnxForm onnx(GruOp op, OnnxBuilder &o);

} // namespace tenon::ir::nn
