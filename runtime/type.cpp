// The table of element types.
#include "runtime/type.h"
#include <string.h>

namespace {
struct Row {
  tenon_type type;
  const char *name, *safetensors;
};
constexpr Row rows[] = {
    {TENON_FLOAT32, "float32", "F32"}, {TENON_FLOAT64, "float64", "F64"}, {TENON_INT64, "int64", "I64"},        {TENON_INT32, "int32", "I32"},
    {TENON_BOOL, "bool", "BOOL"},      {TENON_FLOAT16, "float16", "F16"}, {TENON_BFLOAT16, "bfloat16", "BF16"}, {TENON_INT8, "int8", "I8"},
    {TENON_INT16, "int16", "I16"},     {TENON_UINT8, "uint8", "U8"},      {TENON_UINT16, "uint16", "U16"},      {TENON_UINT32, "uint32", "U32"},
    {TENON_UINT64, "uint64", "U64"},
};
const Row *find(tenon_type type) {
  for (const Row &row : rows)
    if (row.type == type)
      return &row;
  return nullptr;
}
} // namespace

const char *tenon_type_name(tenon_type type) {
  const Row *row = find(type);
  return row ? row->name : "unknown";
}

size_t tenon_type_bytes(tenon_type type) { return find(type) ? (type & 0xff) / 8 : 0; }

const char *tenon::rt::safetensorsName(tenon_type type) {
  const Row *row = find(type);
  return row ? row->safetensors : nullptr;
}

tenon_type tenon::rt::safetensorsType(const char *name, size_t size) {
  for (const Row &row : rows)
    if (strlen(row.safetensors) == size && !memcmp(row.safetensors, name, size))
      return row.type;
  return tenon_type(0);
}
