// Loops and memory of piecewise ops.
#include "compiler/dialect/interfaces/pieces.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
namespace tenon::ir::pieces {

Value number(ImplicitLocOpBuilder &b, int64_t n) { return arith::ConstantIndexOp::create(b, n); }

Value reshape(ImplicitLocOpBuilder &b, Value memory, ArrayRef<int64_t> shape) {
  auto type = MemRefType::get(shape, mlir::cast<MemRefType>(memory.getType()).getElementType());
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t d = (int64_t)shape.size() - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * shape[d + 1];
  return memref::ReinterpretCastOp::create(b, type, memory, /*offset=*/0, shape, strides);
}

Value indexAt(ImplicitLocOpBuilder &b, Value memory, ValueRange at) { return arith::IndexCastOp::create(b, b.getIndexType(), memref::LoadOp::create(b, memory, at)); }

void loop(ImplicitLocOpBuilder &b, Value from, Value to, llvm::function_ref<void(Value)> body) {
  auto f = scf::ForOp::create(b, from, to, number(b, 1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(f.getBody());
  body(f.getInductionVar());
}

void when(ImplicitLocOpBuilder &b, Value condition, llvm::function_ref<void()> body) {
  auto f = scf::IfOp::create(b, condition, /*withElse=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(f.thenBlock());
  body();
}

void run(ImplicitLocOpBuilder &b, Value from, Value to, int64_t extent, int64_t lanes, llvm::function_ref<void(Value, int64_t)> body) {
  if (extent == 1)
    return body(from, 1);
  if (extent >= 0 && extent < lanes)
    return loop(b, from, to, [&](Value at) { body(at, 1); });
  Value step = number(b, lanes), length = arith::SubIOp::create(b, to, from);
  Value main = arith::AddIOp::create(b, from, arith::SubIOp::create(b, length, arith::RemUIOp::create(b, length, step)));
  {
    auto f = scf::ForOp::create(b, from, main, step);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(f.getBody());
    body(f.getInductionVar(), lanes);
  }
  if (extent < 0 || extent % lanes)
    loop(b, main, to, [&](Value at) { body(at, 1); });
}

Value load(ImplicitLocOpBuilder &b, Value memory, ValueRange at, int64_t lanes) {
  if (lanes == 1)
    return memref::LoadOp::create(b, memory, at);
  return vector::LoadOp::create(b, VectorType::get(lanes, mlir::cast<MemRefType>(memory.getType()).getElementType()), memory, at);
}
void store(ImplicitLocOpBuilder &b, Value v, Value memory, ValueRange at, int64_t lanes) {
  if (lanes == 1)
    memref::StoreOp::create(b, v, memory, at);
  else
    vector::StoreOp::create(b, v, memory, at);
}
Value splat(ImplicitLocOpBuilder &b, TypedAttr n, int64_t lanes) {
  Value scalar = arith::ConstantOp::create(b, n);
  return lanes == 1 ? scalar : vector::BroadcastOp::create(b, VectorType::get(lanes, n.getType()), scalar).getResult();
}

} // namespace tenon::ir::pieces
