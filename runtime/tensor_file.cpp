// tenon_file: a safetensors file in memory.
#include "runtime/safetensors.h"

using namespace tenon::rt;

struct tenon_file {
  SafetensorsReader reader;
  Array<tenon_named_array> arrays;
  char *data = nullptr;
  ~tenon_file() { free(data); }
};

static tenon_status read(const char *path, tenon_file &file) {
  TENON_TRY(file.reader.open(path));
  size_t count = file.reader.count();
  uint64_t total = 0;
  for (size_t i = 0; i < count; ++i)
    total += (file.reader.tensor(i).end - file.reader.tensor(i).begin + 63) / 64 * 64;
  // Not cleared: every byte is read from the file, or padding.
  file.data = total < SIZE_MAX / 2 ? static_cast<char *>(aligned_alloc(64, total ? total : 64)) : nullptr;
  if (!file.arrays.allocate(count) || !file.data)
    return fail(TENON_ERROR_MEMORY, "%s: out of memory: its tensors take %llu bytes", path, (unsigned long long)total);
  char *next = file.data;
  for (size_t i = 0; i < count; ++i) {
    const StoredTensor &t = file.reader.tensor(i);
    file.arrays[i] = {file.reader.name(i), {next, t.type, t.rank, t.shape}};
    TENON_TRY(file.reader.read(next, t.begin, t.end - t.begin));
    next += (t.end - t.begin + 63) / 64 * 64;
  }
  return TENON_OK;
}

tenon_status tenon_file_read(const char *path, tenon_file **file) {
  if (!path || !file)
    return fail(TENON_ERROR_ARGUMENT, "tenon_file_read: path or file is NULL");
  *file = nullptr;
  tenon_file *made = create<tenon_file>();
  if (!made)
    return outOfMemory();
  if (tenon_status status = read(path, *made))
    return destroy(made), status;
  *file = made;
  return TENON_OK;
}

void tenon_file_free(tenon_file *file) { destroy(file); }
size_t tenon_file_count(const tenon_file *file) { return file ? file->arrays.size() : 0; }
const tenon_named_array *tenon_file_get(const tenon_file *file, size_t i) { return file && i < file->arrays.size() ? &file->arrays[i] : nullptr; }
