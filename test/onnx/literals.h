// The frontend's tensors as cases.
#pragma once
#include "mlir/IR/Builders.h"
#include "test/onnx/cases.h"
#include <tenon/tenon.h>
#include <cstring>

namespace tenon::test {

inline compiler::Literal literal(const Tensor &t) {
  static auto *context = new mlir::MLIRContext;
  mlir::Builder b(context);
  mlir::Type element = t.dtype() == kFloat    ? mlir::Type(b.getF32Type())
                       : t.dtype() == kDouble ? mlir::Type(b.getF64Type())
                       : t.dtype() == kLong   ? mlir::Type(b.getI64Type())
                       : t.dtype() == kInt    ? mlir::Type(b.getI32Type())
                                              : mlir::Type(b.getI1Type());
  auto sizes = t.sizes().vec();
  compiler::Literal l = compiler::Literal::zeros(mlir::RankedTensorType::get(sizes, element));
  auto flat = t.detach().contiguous();
  std::memcpy(l.data.data(), flat.data_ptr(), l.data.size());
  return l;
}
inline std::vector<NamedLiteral> named(const std::string &prefix, const TensorList &tensors) {
  std::vector<NamedLiteral> result;
  for (size_t i = 0; i < tensors.size(); ++i)
    result.push_back({prefix + std::to_string(i), literal(tensors[i])});
  return result;
}

} // namespace tenon::test
