// f16 to f32 and back for processors that have no instruction for it: LLVM would call __extendhfsf2 and __truncsfhf2, which no artifact has.
#pragma once
#include "mlir/IR/PatternMatch.h"

namespace tenon::compiler::cpu {
void populateExpandHalfPatterns(mlir::RewritePatternSet &patterns);
} // namespace tenon::compiler::cpu
