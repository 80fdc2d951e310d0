// Functions of the math dialect that have no instruction and no good expansion upstream, as straight vector code.
#pragma once
#include "mlir/IR/PatternMatch.h"

namespace tenon::compiler::cpu {

/// sin and cos of f32 (up to 1e9 where there is fma, to 1e6 elsewhere; beyond, some value of a sine), and exp, expm1, log, log1p, tanh, erf, sin, cos of f64: at most 2 ulp, NaN and infinities as in libm.
void populateExpandMathPatterns(mlir::RewritePatternSet &patterns);

} // namespace tenon::compiler::cpu
