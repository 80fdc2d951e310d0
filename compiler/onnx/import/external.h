// Elements in a file beside the model: mapped, never copied before they are checked.
#pragma once
#include "compiler/onnx/proto.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace tenon::onnx::imports {

struct External {
  std::unique_ptr<llvm::MemoryBuffer> file;
  const char *bytes;

  /// The `length` bytes that `tensor` names. Throws Failure where the path leaves `folder` (absolute, "..", a link to elsewhere), is no file, or is too short.
  static External open(const ::onnx::TensorProto &tensor, llvm::StringRef folder, int64_t length);
};

} // namespace tenon::onnx::imports
