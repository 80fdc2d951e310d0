// Any loop nest over constants of one value is a constant of one value.
#pragma once
#include "mlir/IR/PatternMatch.h"

namespace tenon::compiler {
/// Only where the body is exact arithmetic (arith, no math functions): run time would give the same bits.
void populateFoldSplatPatterns(mlir::RewritePatternSet &patterns);
} // namespace tenon::compiler
