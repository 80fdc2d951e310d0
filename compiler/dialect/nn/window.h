// Where windows lie, and what pooling is made of.
#pragma once
#include "compiler/dialect/nn/Nn.h"

namespace tenon::ir::nn {

/// The windows along one dimension: window i covers elements `i * stride - padding + j * dilation`, j in [0, kernel).
struct Window {
  int64_t extent, kernel, stride, padding, dilation, count;
  int64_t reach() const { return (kernel - 1) * dilation + 1; }
  /// Elements that are missing at the end for the last window.
  int64_t missing() const { return std::max<int64_t>(0, (count - 1) * stride + reach() - extent - padding); }
};
/// Of the last dimensions, in order.
using Windows = llvm::SmallVector<Window>;

/// PyTorch's number of windows; 0 or less where none fits.
int64_t windowCount(int64_t extent, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation, bool ceil);
Windows windowsOf(MaxPoolOp op);
Windows windowsOf(MaxPoolIndicesOp op);
Windows windowsOf(AvgPoolOp op);

Expr maxPool(Expr x, const Windows &windows);
Expr maxPoolIndices(Expr x, const Windows &windows);
/// The cotangent goes to the first maximum of each window: every element of x looks into the windows that cover it, so nothing is scattered.
Expr maxPoolGradient(Expr x, Expr y, Expr dy, const Windows &windows);
Expr avgPool(Expr x, const Windows &windows, bool countPadding, int64_t divisor);
Expr avgPoolGradient(Expr x, Expr dy, const Windows &windows, bool countPadding, int64_t divisor);

} // namespace tenon::ir::nn
