// Resizing, one dimension after the other.
#pragma once
#include "compiler/dialect/nn/Nn.h"

namespace tenon::ir::nn {

Expr resize(Expr x, ResizeForm form, llvm::ArrayRef<int64_t> size, llvm::ArrayRef<double> step, bool alignCorners);

} // namespace tenon::ir::nn
