// Names and bytes of element types; the text of sizes, devices and errors.
#include "frontend/tensor/types.h"
#include <algorithm>
#include <atomic>
#include <bit>
#include <ostream>

namespace tenon {

Error::Error(const std::string &message, const Location &where)
    : std::runtime_error([&] {
        std::string file = where.file_name();
        return message + " (" + file.substr(file.find_last_of('/') + 1) + ":" + std::to_string(where.line()) + ")";
      }()) {}

std::size_t element_size(Dtype dtype) {
  constexpr std::size_t sizes[] = {1, 4, 8, 2, 2, 4, 8};
  return sizes[int(dtype)];
}
const char *name(Dtype dtype) {
  constexpr const char *names[] = {"bool", "int32", "int64", "float16", "bfloat16", "float32", "float64"};
  return names[int(dtype)];
}
std::ostream &operator<<(std::ostream &out, Dtype dtype) { return out << name(dtype); }

BFloat16::BFloat16(float value) {
  auto word = std::bit_cast<uint32_t>(value);
  bool nan = value != value;
  bits = nan ? uint16_t(word >> 16 | 0x40) : uint16_t((word + 0x7fff + (word >> 16 & 1)) >> 16);
}
BFloat16::operator float() const { return std::bit_cast<float>(uint32_t(bits) << 16); }

Half::Half(float value) {
  auto word = std::bit_cast<uint32_t>(value);
  uint32_t size = word & 0x7fffffff, sign = word >> 16 & 0x8000;
  constexpr uint32_t bias = (127 - 15) << 23; // between the exponents, in place
  if (size >= 143u << 23) // 2^16 and more; numbers that round up to it become infinite below
    bits = uint16_t(sign | (size > 0x7f800000 ? 0x7e00 : 0x7c00));
  else if (size >= 113u << 23)
    bits = uint16_t(sign | (size - bias + 0xfff + (size >> 13 & 1)) >> 13);
  else // a multiple of 2^-24
    bits = uint16_t(sign | (std::bit_cast<uint32_t>(std::bit_cast<float>(size) + 0.5f) - std::bit_cast<uint32_t>(0.5f)));
}
Half::operator float() const {
  uint32_t exponent = bits >> 10 & 31, digits = bits & 0x3ff;
  float size = exponent == 0    ? float(digits) * 0x1p-24f
               : exponent == 31 ? std::bit_cast<float>(0x7f800000 | digits << 13)
                                : std::bit_cast<float>((exponent + 112) << 23 | digits << 13);
  return bits >> 15 ? -size : size;
}

Device::Device(const std::string &text) : type_(kCPU), index_(-1) {
  auto colon = text.find(':');
  auto kind = text.substr(0, colon);
  if (kind != "cpu" && kind != "cuda")
    throw Error("Device: expected \"cpu\" or \"cuda\", got \"" + text + "\"");
  type_ = kind == "cpu" ? kCPU : kCUDA;
  if (colon != std::string::npos)
    index_ = std::stoi(text.substr(colon + 1));
}
std::string Device::str() const { return std::string(type_ == kCPU ? "cpu" : "cuda") + (index_ < 0 ? "" : ":" + std::to_string(index_)); }
std::ostream &operator<<(std::ostream &out, const Device &device) { return out << device.str(); }

std::ostream &operator<<(std::ostream &out, const Scalar &s) {
  if (s.isFloatingPoint())
    return out << s.toDouble();
  if (s.isBoolean())
    return out << (s.toBool() ? "true" : "false");
  return out << s.toLong();
}

bool IntArrayRef::equals(IntArrayRef o) const { return std::equal(begin(), end(), o.begin(), o.end()); }
std::ostream &operator<<(std::ostream &out, IntArrayRef sizes) {
  out << '[';
  for (std::size_t i = 0; i < sizes.size(); ++i)
    out << (i ? ", " : "") << sizes[i];
  return out << ']';
}

} // namespace tenon
