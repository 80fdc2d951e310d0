// Element types: between the plan's DLPack pairs, the API's numbers and safetensors' names.
#pragma once
#include "runtime/abi.h"
#include "runtime/tenon.h"

namespace tenon::rt {

/// The API's number of a plan's type; 0 if the runtime does not know it. A boolean of 1 or 8 bits is one byte.
inline tenon_type typeOf(tenon_dtype d) {
  if (d.lanes != 1)
    return tenon_type(0);
  if (d.code == TENON_KIND_BOOL)
    return d.bits == 1 || d.bits == 8 ? TENON_BOOL : tenon_type(0);
  tenon_type type = tenon_type(d.code << 8 | d.bits);
  return tenon_type_bytes(type) ? type : tenon_type(0);
}

/// "F32", or NULL.
const char *safetensorsName(tenon_type type);
/// The type of safetensors' name of `size` characters; 0 if unknown.
tenon_type safetensorsType(const char *name, size_t size);

} // namespace tenon::rt
