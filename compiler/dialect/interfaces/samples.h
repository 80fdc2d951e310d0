// Small cases of an op, written in its own entry.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace tenon::ir {
/// `text` is either what follows the operands in the op's generic form, `<{attributes}> : (operand types) -> result types`, or a whole
/// module (it contains "func.func"). `T` as an element type stands for each of f32 f64 bf16 f16 i32 i64 i1; those that the verifier refuses are skipped.
struct Sample {
  llvm::StringRef text;
  /// Bounds of random floating-point inputs.
  double low, high;
  /// Bounds of random integer inputs.
  int64_t lowInteger, highInteger;
};
} // namespace tenon::ir
