// The reference evaluator: what a captured or prim function means, by plain loops. The oracle of tests and of --verify.
#pragma once
#include "compiler/dialect/interfaces/Interfaces.h"
#include "compiler/dialect/interfaces/literal.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <functional>

namespace tenon::compiler {

/// What has been computed so far, by value.
using EvaluatedValues = std::function<const Literal &(mlir::Value)>;
/// Called after every op, those of bodies too.
using EvaluationObserver = std::function<void(mlir::Operation &, const EvaluatedValues &)>;

/// Runs `function` (composites are decomposed and gradients answered on a copy first). `state` maps names to values; what a read does not
/// find there starts from its initial value or zeros. A failed check is an error with its message and line, and leaves `state` as it was.
llvm::Expected<llvm::SmallVector<Literal>> evaluate(mlir::func::FuncOp function, llvm::ArrayRef<Literal> inputs,
                                                    llvm::StringMap<Literal> &state, const EvaluationObserver &observer = nullptr);

/// One loop nest: every iteration in order, sums in the order of the loops. bf16 and f16 are computed in f32 and rounded once.
llvm::Expected<Literal> evaluateLoopNest(ir::LoopNestOpInterface op, llvm::ArrayRef<const Literal *> operands);

} // namespace tenon::compiler
