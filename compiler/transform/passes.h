// The passes from captured to prim.
#pragma once
#include "mlir/Pass/Pass.h"
#include <memory>

namespace tenon::compiler {

/// Replaces composites (nn, foreach) by what they are made of, until none is left. With `keepDifferentiable`, composites that have a
/// derivative of their own stay whole in functions that ask for gradients: the derivative is taken first.
std::unique_ptr<mlir::Pass> createDecomposePass(bool keepDifferentiable = false);

/// Equal ops become one, numbers saved of one computation too: run before gradients are answered.
std::unique_ptr<mlir::Pass> createMergeEqualPass();

/// Folds, common subexpressions, dead code; reads of state see the write above them, and only the last write stays.
/// No fold changes a bit of a result (except the sign of a zero that is summed alone).
std::unique_ptr<mlir::Pass> createSimplifyPass();

/// Makes the passes of compiler/{autodiff,transform} known to tenon-opt.
void registerPasses();

} // namespace tenon::compiler
