// Reading and writing the elements of a tensor's value.
#include "compiler/dialect/interfaces/literal.h"
#include "compiler/dialect/interfaces/elements.h"
#include <cmath>
#include <cstring>

using namespace mlir;
namespace tenon::ir {

int64_t elementBytes(Type element) {
  return std::max<int64_t>(1, element.getIntOrFloatBitWidth() / 8);
}

Type promoted(Type element) {
  auto real = dyn_cast<FloatType>(element);
  return real && real.getWidth() < 32 ? Float32Type::get(element.getContext()) : element;
}

double rounded(Type element, double value) {
  if (element.isF64())
    return value;
  if (element.isF32())
    return static_cast<float>(value);
  APFloat number(value);
  bool lost;
  number.convert(mlir::cast<FloatType>(element).getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

Literal Literal::zeros(RankedTensorType type) {
  return {type, std::vector<char>(type.getNumElements() * elementBytes(type.getElementType()))};
}

Literal Literal::from(ElementsAttr elements) {
  Literal result = zeros(mlir::cast<RankedTensorType>(elements.getShapedType()));
  if (auto bytes = bytesIn(elements)) {
    if (bytes->size() == result.data.size())
      llvm::copy(*bytes, result.data.begin());
    return result;
  }
  if (auto dense = dyn_cast<DenseElementsAttr>(elements); dense && dense.isSplat() && !result.data.empty() && result.type.getRank()) {
    Literal one = from(DenseElementsAttr::get(RankedTensorType::get({}, result.type.getElementType()), dense.getSplatValue<Attribute>()));
    for (size_t at = 0; at < result.data.size(); at += one.data.size())
      llvm::copy(one.data, result.data.begin() + at);
    return result;
  }
  int64_t i = 0;
  if (isa<FloatType>(result.type.getElementType())) {
    for (APFloat v : elements.getValues<APFloat>()) {
      bool lost;
      v.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
      result.set(i++, {.real = v.convertToDouble()});
    }
  } else {
    bool flags = result.type.getElementType().isInteger(1);
    for (const APInt &v : elements.getValues<APInt>())
      result.set(i++, {.integer = flags ? static_cast<int64_t>(v.getZExtValue()) : v.getSExtValue()});
  }
  return result;
}

template <class T> static T load(const char *data, int64_t i) {
  T value;
  std::memcpy(&value, data + i * sizeof(T), sizeof(T));
  return value;
}
template <class T> static void store(char *data, int64_t i, T value) {
  std::memcpy(data + i * sizeof(T), &value, sizeof(T));
}

Element Literal::get(int64_t i) const {
  Type element = type.getElementType();
  const char *bytes = data.data();
  if (element.isF32())
    return {.real = load<float>(bytes, i)};
  if (element.isF64())
    return {.real = load<double>(bytes, i)};
  if (isStorage(element))
    return {.real = APFloat(mlir::cast<FloatType>(element).getFloatSemantics(), APInt(16, load<uint16_t>(bytes, i))).convertToDouble()};
  if (element.isInteger(32))
    return {.integer = load<int32_t>(bytes, i)};
  if (element.isInteger(64))
    return {.integer = load<int64_t>(bytes, i)};
  return {.integer = bytes[i] != 0};
}

void Literal::set(int64_t i, Element value) {
  Type element = type.getElementType();
  char *bytes = data.data();
  if (element.isF32())
    store<float>(bytes, i, static_cast<float>(value.real));
  else if (element.isF64())
    store<double>(bytes, i, value.real);
  else if (isStorage(element)) {
    APFloat number(static_cast<float>(value.real));
    bool lost;
    number.convert(mlir::cast<FloatType>(element).getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
    store<uint16_t>(bytes, i, static_cast<uint16_t>(number.bitcastToAPInt().getZExtValue()));
  } else if (element.isInteger(32))
    store<int32_t>(bytes, i, static_cast<int32_t>(value.integer));
  else if (element.isInteger(64))
    store<int64_t>(bytes, i, value.integer);
  else
    bytes[i] = value.integer != 0;
}

} // namespace tenon::ir
