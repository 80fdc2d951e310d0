// Writes safetensors files.
#include "runtime/safetensors.h"
#include "runtime/text.h"
#include "runtime/type.h"
#include <string.h>

namespace tenon::rt {

static void quote(const char *string, Text &text) {
  text.append("\"", 1);
  for (const char *c = string; *c; ++c)
    if (*c == '"' || *c == '\\')
      text.add("\\%c", *c);
    else if (static_cast<unsigned char>(*c) < 0x20)
      text.add("\\u%04x", *c);
    else
      text.append(c, 1);
  text.append("\"", 1);
}

static tenon_status check(const char *path, const tenon_named_array *arrays, size_t count) {
  if (count && !arrays)
    return fail(TENON_ERROR_ARGUMENT, "%s: the tensors to write are NULL", path);
  for (size_t i = 0; i < count; ++i) {
    const tenon_array &a = arrays[i].array;
    uint64_t bytes;
    if (!arrays[i].name || !*arrays[i].name || !strcmp(arrays[i].name, "__metadata__"))
      return fail(TENON_ERROR_ARGUMENT, "%s: tensor %zu has no name, or a reserved one", path, i);
    if (!safetensorsName(a.type) || a.rank > TENON_RANK_LIMIT || (a.rank && !a.shape) || !bytesOf(a.type, a.rank, a.shape, bytes) || (bytes && !a.data))
      return fail(TENON_ERROR_ARGUMENT, "%s: tensor %s has a type, shape or data that cannot be written", path, arrays[i].name);
  }
  Array<const char *> names;
  if (!names.allocate(count))
    return outOfMemory();
  for (size_t i = 0; i < count; ++i)
    names[i] = arrays[i].name;
  qsort(names.data(), count, sizeof(char *),
        [](const void *a, const void *b) { return strcmp(*static_cast<const char *const *>(a), *static_cast<const char *const *>(b)); });
  for (size_t i = 1; i < count; ++i)
    if (!strcmp(names[i - 1], names[i]))
      return fail(TENON_ERROR_ARGUMENT, "%s: two tensors are called %s", path, names[i]);
  return TENON_OK;
}

tenon_status writeSafetensors(const char *path, const tenon_named_array *arrays, size_t count, const char *const *metadata) {
  TENON_TRY(check(path, arrays, count));
  Text header;
  header.append("{", 1);
  if (metadata && *metadata) {
    header.add("\"__metadata__\":{");
    for (const char *const *pair = metadata; *pair; pair += 2) {
      header.add(pair == metadata ? "" : ",");
      quote(pair[0], header);
      header.append(":", 1);
      quote(pair[1], header);
    }
    header.add("}");
  }
  // Wide elements first: every tensor is then aligned to its element.
  Array<size_t> order;
  if (!order.allocate(count))
    return outOfMemory();
  size_t next = 0;
  uint64_t offset = 0, bytes = 0;
  for (size_t width = 8; width; width /= 2)
    for (size_t i = 0; i < count; ++i) {
      const tenon_array &a = arrays[i].array;
      if (tenon_type_bytes(a.type) != width)
        continue;
      order[next++] = i;
      header.add(header.size() > 1 ? "," : "");
      quote(arrays[i].name, header);
      header.add(":{\"dtype\":\"%s\",\"shape\":[", safetensorsName(a.type));
      for (uint32_t d = 0; d < a.rank; ++d)
        header.add("%s%lld", d ? "," : "", (long long)a.shape[d]);
      bytesOf(a.type, a.rank, a.shape, bytes);
      header.add("],\"data_offsets\":[%llu,%llu]}", (unsigned long long)offset, (unsigned long long)(offset + bytes));
      offset += bytes;
    }
  header.append("}", 1);
  while (header.size() % 8 && !header.failed())
    header.append(" ", 1);
  if (header.failed())
    return outOfMemory();
  unsigned char length[8];
  for (int i = 0; i < 8; ++i)
    length[i] = header.size() >> 8 * i & 0xff;
  Replacement file;
  TENON_TRY(file.open(path));
  TENON_TRY(file.write(length, 8));
  TENON_TRY(file.write(header.c_str(), header.size()));
  for (size_t i : order) {
    const tenon_array &a = arrays[i].array;
    bytesOf(a.type, a.rank, a.shape, bytes);
    TENON_TRY(file.write(a.data, bytes));
  }
  return file.commit();
}

} // namespace tenon::rt

tenon_status tenon_file_write(const char *path, const tenon_named_array *arrays, size_t count) {
  if (!path)
    return tenon::rt::fail(TENON_ERROR_ARGUMENT, "tenon_file_write: path is NULL");
  return tenon::rt::writeSafetensors(path, arrays, count, nullptr);
}
