// A model's file. Weights are appended to the message by hand: a second occurrence of the field `graph` is merged into the first (protobuf's encoding says so), so that no
// message ever holds them all.
#include "compiler/dialect/interfaces/elements.h"
#include "compiler/onnx/write.h"
#include "compiler/dialect/interfaces/literal.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
namespace tenon::onnx {
namespace {

constexpr int64_t align = 4096, limit = (int64_t(1) << 31) - (int64_t(1) << 20);

std::string varint(uint64_t n) {
  std::string bytes;
  for (; n > 127; n >>= 7)
    bytes.push_back(static_cast<char>(n | 128));
  bytes.push_back(static_cast<char>(n));
  return bytes;
}
/// The head of field `number`, of that many bytes.
std::string field(unsigned number, uint64_t bytes) { return varint(number << 3 | 2) + varint(bytes); }

int64_t bytes(const Initializer &w) { return w.type.getNumElements() * ir::elementBytes(w.type.getElementType()); }

/// Calls `use` on a weight's elements, where they are if they can be used so.
template <class Use> void withBytes(const Initializer &w, Use use) {
  if (auto there = w.value ? ir::bytesIn(w.value) : std::nullopt)
    return use(StringRef(there->data(), there->size()));
  use(StringRef(bytesOf(w.type, w.value)));
}

} // namespace

llvm::Error writeModel(const ::onnx::ModelProto &model, const std::vector<Initializer> &weights, int64_t external, StringRef path) {
  std::string head = model.SerializeAsString(), data = (path + ".data").str();
  int64_t total = static_cast<int64_t>(head.size());
  for (auto &w : weights)
    total += bytes(w) + 256;
  if (external < 0)
    external = total > limit ? 1024 : std::numeric_limits<int64_t>::max();
  auto outside = [&](const Initializer &w) { return bytes(w) >= external; };
  if (llvm::any_of(weights, outside))
    if (auto error = llvm::writeToOutput(data, [&](llvm::raw_ostream &out) {
          for (auto &w : weights) {
            if (!outside(w))
              continue;
            withBytes(w, [&](StringRef elements) { out << elements; });
            out.write_zeros(static_cast<unsigned>(-bytes(w) & (align - 1)));
          }
          return llvm::Error::success();
        }))
      return error;
  return llvm::writeToOutput(path, [&](llvm::raw_ostream &out) {
    out << head;
    int64_t at = 0;
    for (auto &w : weights) {
      ::onnx::TensorProto tensor;
      tensor.set_name(w.name);
      tensor.set_data_type(elementType(w.type.getElementType()));
      for (int64_t n : w.type.getShape())
        tensor.add_dims(n);
      std::string raw;
      if (outside(w)) {
        tensor.set_data_location(::onnx::TensorProto::EXTERNAL);
        for (auto [key, value] : {std::pair<std::string, std::string>("location", llvm::sys::path::filename(data).str()), {"offset", std::to_string(at)}, {"length", std::to_string(bytes(w))}}) {
          auto &entry = *tensor.add_external_data();
          entry.set_key(key), entry.set_value(value);
        }
        at += (bytes(w) + align - 1) & ~(align - 1);
      } else {
        raw = field(::onnx::TensorProto::kRawDataFieldNumber, bytes(w));
      }
      std::string front = tensor.SerializeAsString() + raw;
      uint64_t size = front.size() + (outside(w) ? 0 : bytes(w));
      std::string initializer = field(::onnx::GraphProto::kInitializerFieldNumber, size);
      out << field(::onnx::ModelProto::kGraphFieldNumber, initializer.size() + size) << initializer << front;
      if (!outside(w))
        withBytes(w, [&](StringRef elements) { out << elements; });
    }
    return llvm::Error::success();
  });
}

} // namespace tenon::onnx
