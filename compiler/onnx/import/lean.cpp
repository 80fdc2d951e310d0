// Three messages are walked, model, graph and initialiser, by protobuf's wire format: a key (number and kind of a field), then a number or a length and as many bytes.
#include "compiler/onnx/import/lean.h"
#include "compiler/onnx/proto.h"

namespace tenon::onnx::imports {
namespace {

using llvm::StringRef;
constexpr size_t large = size_t(1) << 16;

struct Field {
  unsigned number;
  std::optional<StringRef> bytes; ///< of a field with a length
  StringRef whole;                ///< the key included
};

std::optional<uint64_t> varint(StringRef &from) {
  uint64_t value = 0;
  for (unsigned i = 0; i < 10 && i < from.size(); ++i) {
    value |= uint64_t(from[i] & 127) << (7 * i);
    if (!(from[i] & 128)) {
      from = from.drop_front(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

/// The field at the beginning, taken away; none: it cannot be read.
std::optional<Field> next(StringRef &from) {
  StringRef rest = from;
  auto key = varint(rest);
  if (!key || *key > UINT32_MAX)
    return std::nullopt;
  Field field{unsigned(*key >> 3), std::nullopt, {}};
  uint64_t skipped = 0;
  switch (*key & 7) {
  case 0:
    if (!varint(rest))
      return std::nullopt;
    break;
  case 1: skipped = 8; break;
  case 5: skipped = 4; break;
  case 2:
    if (auto length = varint(rest); length && *length <= rest.size()) {
      field.bytes = rest.take_front(*length);
      skipped = *length;
      break;
    }
    return std::nullopt;
  default: return std::nullopt; // groups
  }
  if (skipped > rest.size())
    return std::nullopt;
  rest = rest.drop_front(skipped);
  field.whole = from.drop_back(rest.size());
  from = rest;
  return field;
}

void append(std::string &to, unsigned number, StringRef bytes) {
  for (uint64_t n : {uint64_t(number << 3 | 2), uint64_t(bytes.size())}) {
    for (; n > 127; n >>= 7)
      to.push_back(static_cast<char>(n | 128));
    to.push_back(static_cast<char>(n));
  }
  to += bytes;
}

/// Calls `visit` on the fields until it says false; whether all could be read.
template <class Visit> bool fields(StringRef message, Visit visit) {
  while (!message.empty()) {
    auto field = next(message);
    if (!field || !visit(*field))
      return false;
  }
  return true;
}

bool initialiser(StringRef message, std::string &to, std::optional<StringRef> &raw) {
  return fields(message, [&](const Field &f) {
    if (f.number == unsigned(::onnx::TensorProto::kRawDataFieldNumber) && f.bytes) {
      if (raw) // of two the last would count
        return false;
      raw = f.bytes;
    } else {
      to += f.whole;
    }
    return true;
  });
}

} // namespace

std::optional<Lean> withoutLargeElements(StringRef file) {
  Lean lean;
  int number = 0;
  auto graph = [&](StringRef message, std::string &to) {
    return fields(message, [&](const Field &f) {
      if (f.number != unsigned(::onnx::GraphProto::kInitializerFieldNumber) || !f.bytes) {
        to += f.whole;
        return true;
      }
      std::string tensor;
      std::optional<StringRef> raw;
      if (f.bytes->size() < large || !initialiser(*f.bytes, tensor, raw) || !raw || raw->size() < large) {
        to += f.whole;
      } else {
        append(to, f.number, tensor);
        lean.raw[number] = *raw;
      }
      ++number;
      return true;
    });
  };
  bool read = fields(file, [&](const Field &f) {
    if (f.number != unsigned(::onnx::ModelProto::kGraphFieldNumber) || !f.bytes) {
      lean.model += f.whole;
      return true;
    }
    std::string inner; // the field may occur several times: protobuf merges what it says
    if (!graph(*f.bytes, inner))
      return false;
    append(lean.model, f.number, inner);
    return true;
  });
  return read ? std::optional(std::move(lean)) : std::nullopt;
}

} // namespace tenon::onnx::imports
