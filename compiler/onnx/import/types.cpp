// ONNX's element types in Tenon's, and the elements of tensors in files.
#include "compiler/onnx/import/external.h"
#include "compiler/onnx/import/node.h"
#include <cstring>

using namespace mlir;
namespace tenon::onnx::imports {
using T = pb::TensorProto;

// Of several elements in a byte, the first in its lowest bits. libonnx 1.12 does not name them.
constexpr int uint4 = 21, int4 = 22, uint2 = 25, int2 = 26;

Type storageType(int dtype, MLIRContext &c) {
  switch (dtype) {
  case T::FLOAT: return Float32Type::get(&c);
  case T::DOUBLE: return Float64Type::get(&c);
  case T::FLOAT16: return Float16Type::get(&c);
  case T::BFLOAT16: return BFloat16Type::get(&c);
  case T::BOOL: return IntegerType::get(&c, 1);
  case int2: case uint2: case int4: case uint4: case T::INT8: case T::UINT8: case T::INT16: case T::UINT16: case T::INT32: return IntegerType::get(&c, 32);
  case T::INT64: case T::UINT32: case T::UINT64: return IntegerType::get(&c, 64);
  default: return Type();
  }
}

const char *dtypeName(int dtype) {
  static const char *names[] = {"undefined", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "double", "uint32", "uint64", "complex64",
                                "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1", "float8e8m0", "uint2", "int2"};
  return dtype >= 0 && size_t(dtype) < std::size(names) ? names[dtype] : "unknown";
}

int dtypeOf(Type e) {
  return e.isF32() ? T::FLOAT : e.isF64() ? T::DOUBLE : e.isF16() ? T::FLOAT16 : e.isBF16() ? T::BFLOAT16 : e.isInteger(1) ? T::BOOL : e.isInteger(32) ? T::INT32 : T::INT64;
}

IntegerForm integerForm(int dtype) {
  switch (dtype) {
  case int2: return {2, true};
  case uint2: return {2, false};
  case int4: return {4, true};
  case uint4: return {4, false};
  case T::INT8: return {8, true};
  case T::UINT8: return {8, false};
  case T::INT16: return {16, true};
  case T::UINT16: return {16, false};
  case T::INT32: return {32, true};
  case T::UINT32: return {32, false};
  case T::INT64: return {64, true};
  case T::UINT64: return {64, false};
  default: return {0, false};
  }
}

Expr wrapped(Expr x, int dtype) {
  auto [bits, isSigned] = integerForm(dtype);
  if (bits == 0 || bits == 64 || (bits == 32 && isSigned))
    return x;
  double mask = std::ldexp(1.0, bits) - 1, half = std::ldexp(1.0, bits - 1);
  Expr all = ir::like(mask, x);
  return isSigned ? ((x + half) & all) - half : x & all;
}

Expr saturated(Expr x, int dtype) {
  auto [bits, isSigned] = integerForm(dtype);
  if (bits == 0 || bits > 32)
    return x;
  return min(max(x, isSigned ? -std::ldexp(1.0, bits - 1) : 0.0), isSigned ? std::ldexp(1.0, bits - 1) - 1 : std::ldexp(1.0, bits) - 1);
}

int64_t elementsOf(ArrayRef<int64_t> shape, int64_t most) {
  // An extent of 0 hides no overflow of the others.
  int64_t n = 1, positive = 1;
  for (int64_t d : shape) {
    if (d < 0)
      throw Failure{"a shape has the negative extent " + std::to_string(d)};
    if (d > 0 && positive > most / d)
      throw Failure{"a shape of " + std::to_string(shape.size()) + " dimensions has more elements than are possible here"};
    positive *= std::max<int64_t>(1, d);
    n *= d;
  }
  return n;
}

namespace {
/// Bits of one element in raw data; 0: no such form.
int64_t rawBits(int dtype) {
  switch (dtype) {
  case T::BOOL: return 8;
  case T::FLOAT16: case T::BFLOAT16: return 16;
  case T::FLOAT: return 32;
  case T::DOUBLE: return 64;
  default: return integerForm(dtype).bits;
  }
}
template <class From> void widen(const char *raw, Literal &l) {
  for (int64_t i = 0, n = l.type.getNumElements(); i < n; ++i) {
    From v;
    std::memcpy(&v, raw + i * sizeof v, sizeof v);
    l.set(i, {.integer = static_cast<int64_t>(v)});
  }
}
void unpack(const char *raw, IntegerForm form, Literal &l) {
  for (int64_t i = 0, n = l.type.getNumElements(); i < n; ++i) {
    int64_t v = uint8_t(raw[i * form.bits / 8]) >> (i * form.bits % 8) & ((1 << form.bits) - 1);
    l.set(i, {.integer = form.isSigned && v >> (form.bits - 1) ? v - (1 << form.bits) : v});
  }
}
void fromRaw(const char *raw, int dtype, Literal &l) {
  if (auto form = integerForm(dtype); form.bits && form.bits < 8)
    return unpack(raw, form, l);
  switch (dtype) {
  case T::INT8: return widen<int8_t>(raw, l);
  case T::UINT8: return widen<uint8_t>(raw, l);
  case T::INT16: return widen<int16_t>(raw, l);
  case T::UINT16: return widen<uint16_t>(raw, l);
  case T::UINT32: return widen<uint32_t>(raw, l);
  case T::BOOL: return widen<uint8_t>(raw, l);
  default: std::memcpy(l.data.data(), raw, l.data.size());
  }
}
/// Whether raw data has the form that Tenon has.
bool isOwnForm(int dtype) { return integerForm(dtype).bits == 64 || dtype == T::INT32 || isFloat(dtype); }
} // namespace

Elements elementsIn(const pb::TensorProto &t, StringRef folder, MLIRContext &context, std::optional<StringRef> raw) {
  auto bad = [&](const Twine &what) -> Failure { return {("tensor '" + t.name() + "': " + what).str()}; };
  Type element = storageType(t.data_type(), context);
  if (!element)
    throw bad(Twine("elements of type ") + dtypeName(t.data_type()) + " have no form in Tenon");
  if (t.has_segment())
    throw bad("it is stored in segments, which is not supported");
  Dims shape(t.dims().begin(), t.dims().end());
  int64_t n;
  try {
    n = elementsOf(shape, int64_t(1) << 34);
  } catch (Failure &f) {
    throw bad(f.message);
  }
  int64_t bytes = (n * rawBits(t.data_type()) + 7) / 8;
  auto type = RankedTensorType::get(shape, element);
  auto filled = [&](auto &&fill) {
    auto l = std::make_shared<Literal>(Literal::zeros(type));
    fill(*l);
    return Elements{type, l->data, nullptr, l};
  };
  auto lying = [&](const char *data, std::shared_ptr<llvm::MemoryBuffer> file) {
    if (isOwnForm(t.data_type()))
      return Elements{type, {data, size_t(bytes)}, std::move(file), nullptr};
    return filled([&](Literal &l) { fromRaw(data, t.data_type(), l); });
  };
  if (t.data_location() == T::EXTERNAL) {
    External data = External::open(t, folder, bytes);
    return lying(data.bytes, std::move(data.file));
  }
  if (!raw && t.has_raw_data())
    raw = t.raw_data();
  if (raw) {
    if (int64_t(raw->size()) != bytes)
      throw bad("its shape needs " + Twine(bytes) + " bytes of data, the file has " + Twine(raw->size()));
    return lying(raw->data(), nullptr);
  }
  auto typed = [&](const auto &field, auto &&set) {
    if (field.size() != n)
      throw bad("its shape has " + Twine(n) + " elements, the file has " + Twine(field.size()));
    return filled([&](Literal &l) {
      for (int64_t i = 0; i < n; ++i)
        set(l, i, field.Get(i));
    });
  };
  auto real = [](Literal &l, int64_t i, double v) { l.set(i, {.real = v}); };
  auto whole = [](Literal &l, int64_t i, int64_t v) { l.set(i, {.integer = v}); };
  if (rawBits(t.data_type()) < 8) { // each number is a byte
    if (t.int32_data_size() != bytes)
      throw bad("its shape needs " + Twine(bytes) + " bytes of data, the file has " + Twine(t.int32_data_size()));
    std::string packed(t.int32_data().begin(), t.int32_data().end());
    return lying(packed.data(), nullptr);
  }
  switch (t.data_type()) {
  case T::FLOAT: return typed(t.float_data(), real);
  case T::DOUBLE: return typed(t.double_data(), real);
  case T::FLOAT16: case T::BFLOAT16:
    return typed(t.int32_data(), [](Literal &l, int64_t i, int32_t v) {
      uint16_t bits = static_cast<uint16_t>(v);
      std::memcpy(l.data.data() + 2 * i, &bits, 2);
    });
  case T::INT64: return typed(t.int64_data(), whole);
  case T::UINT32: case T::UINT64: return typed(t.uint64_data(), [&](Literal &l, int64_t i, uint64_t v) { whole(l, i, int64_t(v)); });
  default: return typed(t.int32_data(), whole);
  }
}

} // namespace tenon::onnx::imports
