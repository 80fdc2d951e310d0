// Functions of a real number whose decomposition is longer than an expression.
#pragma once
#include "compiler/dialect/nn/Nn.h"

namespace tenon::ir::nn {

Expr asinh(Expr x);
Expr erfinv(Expr x);
Expr lgamma(Expr x);
/// The op, and what it decomposes into.
Expr digamma(Expr x);
Expr digammaOf(Expr x);

} // namespace tenon::ir::nn
