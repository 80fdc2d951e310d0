// The same program in f64: what rounding did to the narrower one is the difference.
#pragma once
#include "compiler/evaluate/evaluate.h"

namespace tenon::compiler {

/// evaluate() with every floating-point tensor in f64, state and results too; rounding casts round nothing. Decomposed first: draws are those of the types written.
llvm::Expected<llvm::SmallVector<Literal>> evaluateWidened(mlir::func::FuncOp function, llvm::ArrayRef<Literal> inputs, llvm::StringMap<Literal> &state);

} // namespace tenon::compiler
