// safetensors: 8 bytes of header length, a JSON header (name -> dtype, shape, data_offsets), the data. A file from anywhere is hostile:
// nothing of it is believed before it is checked.
#pragma once
#include "runtime/file.h"
#include "runtime/memory.h"
#include "runtime/tenon.h"

namespace tenon::rt {

struct StoredTensor {
  size_t name; // where it begins among the names
  tenon_type type;
  uint32_t rank;
  int64_t shape[TENON_RANK_LIMIT];
  uint64_t begin, end; // bytes of the data
};

/// An open file whose header is read and checked: names are unique, tensors cover the data without holes or overlap and to its end.
class SafetensorsReader {
public:
  ~SafetensorsReader();
  tenon_status open(const char *path);
  size_t count() const { return count_; }
  const StoredTensor &tensor(size_t i) const { return tensors_[i]; }
  const char *name(size_t i) const { return names_ + tensors_[i].name; }
  uint64_t dataBytes() const { return dataBytes_; }
  /// Reads `size` bytes of the data.
  tenon_status read(void *to, uint64_t begin, uint64_t size) const;

private:
  tenon_status parse(const char *header, size_t size);
  tenon_status checkOffsets();
  const char *path_ = "";
  Descriptor file_;
  StoredTensor *tensors_ = nullptr;
  size_t count_ = 0;
  char *names_ = nullptr;
  uint64_t dataBegin_ = 0, dataBytes_ = 0;
};

/// Writes tensors atomically; `metadata` is NULL or pairs of names and values, ended by NULL.
tenon_status writeSafetensors(const char *path, const tenon_named_array *arrays, size_t count, const char *const *metadata);

/// Bytes of a tensor of these sizes; false if they do not fit.
bool bytesOf(tenon_type type, uint32_t rank, const int64_t *shape, uint64_t &bytes);

} // namespace tenon::rt
