// A captured module leaves as an ONNX model.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <map>
#include <string>

namespace tenon::compiler {

struct OnnxOptions {
  /// 13 to 17.
  int64_t opset = 17;
  /// The function that leaves; empty: the module has one.
  std::string function = {};
  /// Metadata.
  std::string model_name = {}, doc = {};
  int64_t model_version = 0;
  /// Names of dimensions that move: (input, dimension) to a name.
  std::map<std::pair<std::string, int64_t>, std::string> axes = {};
  /// Weights of at least so many bytes go to a file beside the model (path + ".data"); negative: only where the model would pass 2 GB otherwise.
  int64_t external_bytes = -1;
  /// Batch norm with running statistics becomes part of the convolution or linear layer before it: fewer numbers and nodes, other last bits.
  bool fold_batch_norm = false;
};

/// Writes the function to `path`, by a temporary file: whole or not at all. Several functions of one name ("tenon.function") are the same function at several sizes: what
/// moved between them becomes dynamic. libonnx has checked the model and its shapes. Requests for gradients are answered before (compiler/api/onnx.h). The module is consumed.
llvm::Error exportOnnx(mlir::ModuleOp captured, const OnnxOptions &options, llvm::StringRef path);

} // namespace tenon::compiler
