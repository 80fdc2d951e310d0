// For the frontend's own folders (functional, nn, optim, data): how to append an op to the trace, draw random numbers,
// name state and tell a compiled function what it depends on. Includes MLIR; never included by a public header.
#pragma once
#include "mlir/IR/PatternMatch.h"
#include "compiler/dialect/nn/Nn.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/tensor.h"
#include "frontend/tensor/recorder.h"
#include <cstring>
#include <new>

namespace tenon::record {

/// Appends one op: record::op<ir::nn::LinearOp>({x, w, b}, loc). Attributes are set on its properties:
///   record::op<ir::nn::SoftmaxOp>({x}, loc, [&](auto &p) { p.dim = builder().getI64IntegerAttr(dim); });
/// Undefined tensors among the operands are left out (optional operands at the end). The op's own type rule and verifier
/// run; what they say is thrown as Error with `loc`. No broadcasting and no promotion happen here.
template <class OpTy, class SetProperties = std::nullptr_t>
TensorList ops(llvm::ArrayRef<Tensor> operands, Location loc, SetProperties set = nullptr, llvm::ArrayRef<mlir::Type> types = {}) {
  using Properties = typename OpTy::Properties;
  // Zeroed storage: the bytes of the properties are part of the trace's structure, padding included.
  alignas(Properties) char bytes[sizeof(Properties)];
  std::memset(bytes, 0, sizeof bytes);
  auto *properties = new (bytes) Properties();
  if constexpr (!std::is_same_v<SetProperties, std::nullptr_t>)
    set(*properties);
  TensorList results;
  append(opcode<OpTy>(), operands, {bytes, sizeof bytes}, loc, results, types);
  return results;
}
template <class OpTy, class SetProperties = std::nullptr_t> Tensor op(llvm::ArrayRef<Tensor> operands, Location loc, SetProperties set = nullptr) {
  return std::move(ops<OpTy>(operands, loc, std::move(set))[0]);
}
/// For ops whose result type does not follow: record::op_as<ir::nn::RandomUniformOp>(tensor_type(sizes, dtype), {seed, counter}, loc).
template <class OpTy, class SetProperties = std::nullptr_t>
Tensor op_as(mlir::Type type, llvm::ArrayRef<Tensor> operands, Location loc, SetProperties set = nullptr) {
  return std::move(ops<OpTy>(operands, loc, std::move(set), type)[0]);
}

} // namespace tenon::record
