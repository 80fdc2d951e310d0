// A model's file.
#pragma once
#include "compiler/onnx/graph.h"

namespace tenon::onnx {

/// Writes `model` with these initializers to `path`, each by a temporary file: whole or not at all. No more than one weight is in memory twice. Weights of at least `external`
/// bytes go to path + ".data"; negative: only where the model would pass protobuf's 2 GB.
llvm::Error writeModel(const ::onnx::ModelProto &model, const std::vector<Initializer> &weights, int64_t external, llvm::StringRef path);

} // namespace tenon::onnx
