// Loop nests whose results are known without running them: over constants of one value, or over nothing.
#pragma once
#include "mlir/IR/PatternMatch.h"

namespace tenon::compiler {
/// Only where the body is exact arithmetic (arith, no math functions): run time would give the same bits.
void populateFoldSplatPatterns(mlir::RewritePatternSet &patterns);
/// What has no elements, and what sums over none.
void populateFoldEmptyPatterns(mlir::RewritePatternSet &patterns);
} // namespace tenon::compiler
