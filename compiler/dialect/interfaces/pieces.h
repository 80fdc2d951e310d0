// What the bodies of piecewise ops are written with: loops, and runs of elements that lie together in memory, a vector at a time.
#pragma once
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace tenon::ir::pieces {

/// A shape around one of its dimensions: [outer, extent, inner].
struct Around {
  int64_t outer = 1, extent = 1, inner = 1;
  Around(llvm::ArrayRef<int64_t> shape, int64_t dimension) : extent(shape[dimension]) {
    for (int64_t n : shape.take_front(dimension)) outer *= n;
    for (int64_t n : shape.drop_front(dimension + 1)) inner *= n;
  }
  llvm::SmallVector<int64_t> shape() const { return {outer, extent, inner}; }
};

mlir::Value number(mlir::ImplicitLocOpBuilder &b, int64_t n);
/// A row-major memref under another shape.
mlir::Value reshape(mlir::ImplicitLocOpBuilder &b, mlir::Value memory, llvm::ArrayRef<int64_t> shape);
/// An element of an integer memref as an index.
mlir::Value indexAt(mlir::ImplicitLocOpBuilder &b, mlir::Value memory, mlir::ValueRange at);

/// for (i = from; i < to; ++i)
void loop(mlir::ImplicitLocOpBuilder &b, mlir::Value from, mlir::Value to, llvm::function_ref<void(mlir::Value)> body);
void when(mlir::ImplicitLocOpBuilder &b, mlir::Value condition, llvm::function_ref<void()> body);

/// Elements from `from` to `to`, `lanes` at a time and then one by one: body(first, lanes or 1). `extent`: how many there are, where it is known.
void run(mlir::ImplicitLocOpBuilder &b, mlir::Value from, mlir::Value to, int64_t extent, int64_t lanes, llvm::function_ref<void(mlir::Value, int64_t)> body);
/// `lanes` elements at `at`: a vector, or a scalar where it is 1.
mlir::Value load(mlir::ImplicitLocOpBuilder &b, mlir::Value memory, mlir::ValueRange at, int64_t lanes);
void store(mlir::ImplicitLocOpBuilder &b, mlir::Value v, mlir::Value memory, mlir::ValueRange at, int64_t lanes);
/// A number in all lanes.
mlir::Value splat(mlir::ImplicitLocOpBuilder &b, mlir::TypedAttr n, int64_t lanes);

} // namespace tenon::ir::pieces
