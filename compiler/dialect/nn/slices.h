// Windows as slices of their input: slice j holds, for every window, its element at place j.
#pragma once
#include "compiler/dialect/nn/window.h"

namespace tenon::ir::nn {

/// More slices than this are not written side by side.
inline constexpr int64_t mostSlices = 16;

/// x with `value` around it, as far as windows reach.
Expr padded(Expr x, const Windows &windows, Expr value);
/// Visits all indices of a box in row-major order.
void forEach(llvm::ArrayRef<int64_t> extents, llvm::function_ref<void(llvm::ArrayRef<int64_t>)> visit);

/// Dimensions that are reduced together: from slices, or (`folds`: windows lie side by side) by reshape and a reduction.
struct Stage {
  struct Dimension {
    int64_t dimension;
    Window window;
  };
  llvm::SmallVector<Dimension> dimensions;
  bool folds = false;
};
llvm::SmallVector<Stage> stagesOf(const Windows &windows, int64_t rank);
/// One slice of the padded x per place in the window, in row-major order.
llvm::SmallVector<Expr> slices(Expr x, const Stage &stage);
/// x with each dimension of the stage as [count, kernel]; `inside` are the dimensions of the kernels.
Expr folded(Expr x, const Stage &stage, llvm::SmallVectorImpl<int64_t> &inside);

} // namespace tenon::ir::nn
