// Reading and writing the elements of a tensor's value.
#include "compiler/dialect/interfaces/literal.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cmath>
#include <cstring>

using namespace mlir;
namespace tenon::ir {

int64_t elementBytes(Type element) {
  return std::max<int64_t>(1, element.getIntOrFloatBitWidth() / 8);
}

float roundToBF16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  if (std::isnan(value))
    bits |= 0x00400000;
  else
    bits += 0x7FFF + ((bits >> 16) & 1);
  bits &= 0xFFFF0000;
  std::memcpy(&value, &bits, 4);
  return value;
}

Literal Literal::zeros(RankedTensorType type) {
  return {type, std::vector<char>(type.getNumElements() * elementBytes(type.getElementType()))};
}

Literal Literal::from(ElementsAttr elements) {
  Literal result = zeros(mlir::cast<RankedTensorType>(elements.getShapedType()));
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob(); blob && blob->getData().size() == result.data.size())
      std::memcpy(result.data.data(), blob->getData().data(), result.data.size());
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
  if (element.isBF16()) {
    uint32_t bits = static_cast<uint32_t>(load<uint16_t>(bytes, i)) << 16;
    return {.real = load<float>(reinterpret_cast<const char *>(&bits), 0)};
  }
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
  else if (element.isBF16()) {
    float rounded = roundToBF16(static_cast<float>(value.real));
    store<uint16_t>(bytes, i, static_cast<uint16_t>(load<uint32_t>(reinterpret_cast<const char *>(&rounded), 0) >> 16));
  } else if (element.isInteger(32))
    store<int32_t>(bytes, i, static_cast<int32_t>(value.integer));
  else if (element.isInteger(64))
    store<int64_t>(bytes, i, value.integer);
  else
    bytes[i] = value.integer != 0;
}

} // namespace tenon::ir
