// Elements as attributes: copied where they are few, referred to where they lie where they are many.
#include "compiler/dialect/interfaces/elements.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
namespace tenon::ir {

DenseElementsAttr denseElements(RankedTensorType type, ArrayRef<char> data) {
  if (!type.getElementType().isInteger(1))
    return DenseElementsAttr::getFromRawBuffer(type, data);
  std::vector<char> flags(data.size()); // stored in bits there, in bytes here
  llvm::transform(data, flags.begin(), [](char c) { return c != 0; });
  return DenseElementsAttr::get(type, ArrayRef(reinterpret_cast<const bool *>(flags.data()), flags.size()));
}

ElementsAttr elementsAt(RankedTensorType type, ArrayRef<char> data) {
  if (data.size() < size_t(1) << 16)
    return denseElements(type, data);
  // The place is the name, so that the context does not grow with every use of the same memory.
  std::string name = ("at" + Twine::utohexstr(uint64_t(data.data())) + "_" + Twine(data.size())).str();
  auto &known = DenseResourceElementsHandle::getManagerInterface(type.getContext()).getBlobManager();
  if (auto *entry = known.lookup(name); entry && entry->getBlob() && entry->getBlob()->getData().data() == data.data())
    return DenseResourceElementsAttr::get(type, DenseResourceElementsHandle(entry, type.getContext()->getLoadedDialect<BuiltinDialect>()));
  return DenseResourceElementsAttr::get(type, name, UnmanagedAsmResourceBlob::allocateWithAlign(data, 1));
}

std::optional<ArrayRef<char>> bytesIn(ElementsAttr elements) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    auto *blob = resource.getRawHandle().getBlob();
    return blob ? blob->getData() : ArrayRef<char>();
  }
  auto dense = dyn_cast<DenseElementsAttr>(elements);
  if (!dense || dense.isSplat() || dense.getElementType().isInteger(1))
    return std::nullopt;
  return dense.getRawData();
}

} // namespace tenon::ir
