// 16-bit floats on processors that have no instructions for them: LLVM would call __extendhfsf2, __truncsfhf2 and __truncsfbf2, which no artifact has.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/PatternMatch.h"

namespace tenon::compiler::cpu {
/// f16 to f32 and back by arithmetic on their bits.
void populateExpandHalfPatterns(mlir::RewritePatternSet &patterns);
/// Integers to bf16 and f16 by way of f32.
void populateThroughSinglePatterns(mlir::RewritePatternSet &patterns);
/// In LLVM's dialect bf16 is only moved (its conversions are expanded): as words of 16 bits, because LLVM moves a bf16 by way of f32 and a call.
void moveBFloat16AsWords(mlir::ModuleOp module);
} // namespace tenon::compiler::cpu
