// A tensor's value: its type and its elements.
#pragma once
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include <vector>

namespace tenon::ir {

/// One element while computing: floats as double (an f32 or bf16 is exact there), integers sign-extended, i1 as 0 or 1.
union Element {
  double real;
  int64_t integer;
};

/// Row-major bytes; i1 takes a byte.
struct Literal {
  mlir::RankedTensorType type;
  std::vector<char> data;

  /// Zeros.
  static Literal zeros(mlir::RankedTensorType type);
  static Literal from(mlir::ElementsAttr elements);
  Element get(int64_t index) const;
  /// The value must be exact in the element type.
  void set(int64_t index, Element value);
};

/// Bytes of one element in memory.
int64_t elementBytes(mlir::Type element);
/// Rounds to the nearest bf16, ties to even.
float roundToBF16(float value);

} // namespace tenon::ir

namespace tenon::compiler {
using ir::Element, ir::elementBytes, ir::Literal, ir::roundToBF16;
} // namespace tenon::compiler
