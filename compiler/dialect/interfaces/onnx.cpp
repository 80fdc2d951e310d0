// ONNX forms that many ops are made of.
#include "compiler/dialect/interfaces/onnx.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
namespace tenon::ir {

OnnxForm OnnxBuilder::plain(Operation *op, StringRef name, ArrayRef<OnnxAttribute> attributes, int64_t since) {
  if (opset < since)
    return std::nullopt;
  SmallVector<std::string> operands;
  for (Value v : op->getOperands())
    operands.push_back((*this)(v));
  return nodes(name, operands, attributes, op->getNumResults());
}

std::string OnnxBuilder::number(Type element, double value) {
  auto type = RankedTensorType::get({}, element);
  if (auto real = dyn_cast<FloatType>(element)) {
    APFloat v(value);
    bool lost;
    v.convert(real.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
    return constant(DenseElementsAttr::get(type, v));
  }
  return constant(DenseElementsAttr::get(type, APInt(element.getIntOrFloatBitWidth(), static_cast<uint64_t>(static_cast<int64_t>(value)), true, true)));
}
std::string OnnxBuilder::integer(int64_t value) { return constant(DenseElementsAttr::get(RankedTensorType::get({}, IntegerType::get(context, 64)), value)); }
std::string OnnxBuilder::integers(ArrayRef<int64_t> values) {
  return constant(DenseElementsAttr::get(RankedTensorType::get(static_cast<int64_t>(values.size()), IntegerType::get(context, 64)), values));
}

std::string OnnxBuilder::transpose(std::string x, ArrayRef<int64_t> permutation) {
  return llvm::is_sorted(permutation) ? x : node("Transpose", {x}, {{"perm", permutation.vec()}});
}
std::string OnnxBuilder::slice(std::string x, ArrayRef<int64_t> starts, ArrayRef<int64_t> ends, ArrayRef<int64_t> steps) {
  return node("Slice", {x, integers(starts), integers(ends), integers(llvm::to_vector(llvm::seq<int64_t>(0, starts.size()))), integers(steps)});
}
std::string OnnxBuilder::pad(std::string x, ArrayRef<int64_t> low, ArrayRef<int64_t> high, std::string value) {
  SmallVector<int64_t> pads(low);
  llvm::append_range(pads, high);
  return llvm::all_of(pads, [](int64_t n) { return n == 0; }) ? x : node("Pad", {x, integers(pads), value});
}

} // namespace tenon::ir
