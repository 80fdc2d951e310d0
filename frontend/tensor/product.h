// Contractions by names of indices. Internal.
#pragma once
#include "frontend/tensor/record.h"

namespace tenon::detail {

/// A contraction written as in einsum: contract("mm", a, b, "bmk", "bkn", "bmn", loc). Every letter occurs in two of the three.
Tensor contract(const char *op, const Tensor &a, const Tensor &b, llvm::StringRef ia, llvm::StringRef ib, llvm::StringRef iy, Location loc);

} // namespace tenon::detail
