// ONNX forms that many ops are made of.
#include "compiler/dialect/interfaces/onnx_pointwise.h"
#include "compiler/dialect/interfaces/Interfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
namespace tenon::ir {

SmallVector<std::string> onnxOperands(Operation *op, OnnxBuilder &o) {
  SmallVector<std::string> names;
  auto nest = dyn_cast<LoopNestOpInterface>(op);
  auto shapeOf = [](Type t) { return mlir::cast<RankedTensorType>(t).getShape(); };
  bool alike = nest && op->getNumOperands() > 1 && llvm::all_of(op->getOperandTypes(), [&](Type t) { return shapeOf(t) == shapeOf(op->getResult(0).getType()); });
  if (!alike || !llvm::all_of(nest.getLoopMaps(), [](AffineMap map) { return map.isIdentity(); })) {
    for (Value v : op->getOperands())
      names.push_back(o(v));
    return names;
  }
  ArrayRef<int64_t> whole = shapeOf(op->getResult(0).getType());
  SmallVector<SmallVector<int64_t>> seen(op->getNumOperands(), SmallVector<int64_t>(whole)); // the operands' shapes, 1 in front
  auto stillWhole = [&](unsigned i, const SmallVector<int64_t> &shape) {
    return llvm::all_of(llvm::seq<size_t>(0, whole.size()), [&](size_t d) {
      return shape[d] == whole[d] || llvm::any_of(llvm::seq<size_t>(0, seen.size()), [&](size_t k) { return k != i && seen[k][d] == whole[d]; });
    });
  };
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    std::optional<OnnxRepeated> repeated;
    DenseElementsAttr splat;
    if (auto maker = operand.getDefiningOp<OnnxOpInterface>())
      repeated = maker.getOnnxRepeated();
    if (!whole.empty() && matchPattern(operand, m_Constant(&splat)) && splat.isSplat())
      repeated = OnnxRepeated{SmallVector<int64_t>(whole.size(), 1), [splat](OnnxBuilder &o) {
        return o.constant(DenseElementsAttr::get(RankedTensorType::get({}, splat.getElementType()), splat.getSplatValue<Attribute>()));
      }};
    if (!repeated || !stillWhole(i, repeated->shape)) {
      names.push_back(o(operand));
      continue;
    }
    seen[i] = repeated->shape;
    names.push_back(repeated->write(o));
  }
  return names;
}

/// Attributes are single precision: in double those that lose digits are left to the decomposition.
static bool loses(Operation *op, ArrayRef<OnnxAttribute> attributes) {
  bool wide = llvm::any_of(op->getOperandTypes(), [](Type t) { return getElementTypeOrSelf(t).isF64(); });
  return wide && llvm::any_of(attributes, [](const OnnxAttribute &a) {
           auto *real = std::get_if<double>(&a.value);
           return real && static_cast<double>(static_cast<float>(*real)) != *real;
         });
}

OnnxForm OnnxBuilder::plain(Operation *op, StringRef name, ArrayRef<OnnxAttribute> attributes, int64_t since) {
  if (opset < since || loses(op, attributes))
    return std::nullopt;
  return nodes(name, onnxOperands(op, *this), attributes, op->getNumResults());
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
  return constant(DenseElementsAttr::get(RankedTensorType::get(static_cast<int64_t>(values.size()), IndexType::get(context)), values)); // "index": written out, however equal
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
