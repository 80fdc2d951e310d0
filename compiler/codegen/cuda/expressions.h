// The text of one operation on scalars.
#pragma once
#include "mlir/IR/Operation.h"
#include <string>

namespace tenon::compiler::cuda {

/// "float", "long long", "bf16"; `wide`: indices have 64 bits. Empty where a type has no form.
std::string typeName(mlir::Type type, bool wide);
/// A number as a literal of exactly this value; empty where it has no form.
std::string literal(mlir::Attribute value, bool wide);
/// An expression of the operands' texts, or empty for an op that is none.
std::string expression(mlir::Operation *op, llvm::ArrayRef<std::string> operands, bool wide);

} // namespace tenon::compiler::cuda
