// What libonnx says of a model: its checker, then its shape inference, in this process.
#pragma once
#include "compiler/onnx/proto.h"
#include "llvm/Support/Error.h"

namespace tenon::onnx {
/// An error with libonnx's words where `model` breaks the standard or its shapes do not fit. Inferred shapes are not kept.
/// The opset must be one that libonnx knows (1.12: 17 at most).
llvm::Error checkModel(const ::onnx::ModelProto &model);
} // namespace tenon::onnx
