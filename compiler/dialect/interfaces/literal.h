// A tensor's value: its type and its elements.
#pragma once
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include <vector>

namespace tenon::ir {

/// One element while computing: floats as double (narrower ones are exact there), integers sign-extended, i1 as 0 or 1.
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
  /// Rounds to the element type.
  void set(int64_t index, Element value);
};

/// Bytes of one element in memory.
int64_t elementBytes(mlir::Type element);
/// What arithmetic on an element is done in: f32 where the type is only storage (bf16, f16).
mlir::Type promoted(mlir::Type element);
inline bool isStorage(mlir::Type element) { return promoted(element) != element; }
/// The nearest value of a float type, ties to even; infinite where that is too large.
double rounded(mlir::Type element, double value);

} // namespace tenon::ir

namespace tenon::compiler {
using ir::Element, ir::elementBytes, ir::isStorage, ir::Literal, ir::promoted, ir::rounded;
} // namespace tenon::compiler
