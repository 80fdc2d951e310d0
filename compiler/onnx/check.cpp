// What libonnx says of a model.
#include "compiler/onnx/check.h"
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wall"
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>
#pragma clang diagnostic pop

namespace tenon::onnx {

llvm::Error checkModel(const ::onnx::ModelProto &model) {
  try {
    ::onnx::checker::check_model(model);
    auto inferred = model;
    ::onnx::ShapeInferenceOptions strict(/*check_type=*/true, /*strict_mode=*/1, /*data_prop=*/true);
    ::onnx::shape_inference::InferShapes(inferred, ::onnx::OpSchemaRegistry::Instance(), strict);
  } catch (const std::exception &e) {
    return llvm::createStringError(std::string("libonnx refuses the model: ") + e.what());
  }
  return llvm::Error::success();
}

} // namespace tenon::onnx
