// Operands of one number.
#pragma once
#include "compiler/onnx/import/node.h"

namespace tenon::onnx::imports {

/// An operand of one integer that decides shapes.
inline int64_t integerOf(Node &n, size_t i) {
  Dims v = n.ints(i);
  n.expect(v.size() == 1, "operand " + llvm::Twine(i) + " must be one number");
  return v[0];
}

} // namespace tenon::onnx::imports
