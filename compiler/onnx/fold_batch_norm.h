// Batch norm with running statistics as a part of the layer before it.
#pragma once
#include "compiler/onnx/graph.h"

namespace tenon::onnx {
/// Every BatchNormalization of numbers that never change, of what a Conv, ConvTranspose or Gemm makes for it alone: that layer's weight and bias take it up.
void foldBatchNorm(Graph &graph);
} // namespace tenon::onnx
