// A model's bytes without the large elements of its initialisers, which stay where they lie: no message ever holds them.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <map>
#include <optional>
#include <string>

namespace tenon::onnx::imports {

struct Lean {
  std::string model;                  ///< for protobuf
  std::map<int, llvm::StringRef> raw; ///< raw_data by the initialiser's number in the model's graph: it is not in `model`
};
/// None where the file cannot be read so (damaged, or of protobuf's rarer forms): protobuf says what it thinks of it.
std::optional<Lean> withoutLargeElements(llvm::StringRef file);

} // namespace tenon::onnx::imports
