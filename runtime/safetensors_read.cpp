// Reads and checks the header of a safetensors file.
#include "runtime/json.h"
#include "runtime/safetensors.h"
#include "runtime/type.h"
#include <string.h>

namespace tenon::rt {

bool bytesOf(tenon_type type, uint32_t rank, const int64_t *shape, uint64_t &bytes) {
  bytes = tenon_type_bytes(type);
  bool empty = false, overflow = false;
  for (uint32_t d = 0; d < rank; ++d) {
    if (shape[d] < 0)
      return false;
    empty |= shape[d] == 0;
    overflow |= shape[d] && __builtin_mul_overflow(bytes, uint64_t(shape[d]), &bytes);
  }
  bytes = empty ? 0 : bytes;
  return empty || (!overflow && bytes < uint64_t(1) << 60);
}

namespace {
// One list of numbers; false: something else, or more than `limit`.
bool numbers(Json &json, int64_t *values, uint32_t limit, uint32_t &count) {
  count = 0;
  if (!json.take('['))
    return false;
  if (json.take(']'))
    return true;
  do {
    uint64_t value;
    if (count == limit || !json.number(value))
      return false;
    values[count++] = int64_t(value);
  } while (json.take(','));
  return json.take(']');
}

// {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}; what is wrong with it otherwise.
const char *tensorEntry(Json &json, StoredTensor &t) {
  bool hasType = false, hasShape = false, hasOffsets = false;
  if (!json.take('{'))
    return "has no description";
  do {
    Text key;
    if (!json.string(key) || !json.take(':'))
      return "has a damaged description";
    if (!strcmp(key.c_str(), "dtype")) {
      Text type;
      if (hasType || !json.string(type) || !(t.type = safetensorsType(type.c_str(), type.size())))
        return "has an unknown dtype";
      hasType = true;
    } else if (!strcmp(key.c_str(), "shape")) {
      if (hasShape || !numbers(json, t.shape, TENON_RANK_LIMIT, t.rank))
        return "has a damaged shape, or more than 16 dimensions";
      hasShape = true;
    } else if (!strcmp(key.c_str(), "data_offsets")) {
      int64_t offsets[2];
      uint32_t count;
      if (hasOffsets || !numbers(json, offsets, 2, count) || count != 2)
        return "has damaged data_offsets";
      t.begin = offsets[0], t.end = offsets[1], hasOffsets = true;
    } else if (!json.skip())
      return "has a damaged description";
  } while (json.take(','));
  if (!json.take('}'))
    return "has a damaged description";
  if (!hasType || !hasShape || !hasOffsets)
    return "lacks dtype, shape or data_offsets";
  uint64_t bytes;
  if (!bytesOf(t.type, t.rank, t.shape, bytes))
    return "has a shape that is too large";
  return t.begin <= t.end && t.end - t.begin == bytes ? nullptr : "has data_offsets that do not fit its dtype and shape";
}
} // namespace

tenon_status SafetensorsReader::parse(const char *header, size_t size) {
  Json json(header, size);
  auto damaged = [&] { return fail(TENON_ERROR_FORMAT, "%s: its safetensors header is damaged at byte %zu", path_, 8 + json.position()); };
  Text names;
  size_t capacity = 0;
  if (!json.take('{'))
    return damaged();
  for (bool more = !json.take('}'); more;) {
    size_t name = names.size();
    if (!json.string(names) || !json.take(':'))
      return damaged();
    names.append("", 1);
    if (names.failed())
      return outOfMemory();
    if (!strcmp(names.c_str() + name, "__metadata__")) {
      if (!json.skip())
        return damaged();
    } else {
      if (count_ == capacity) {
        capacity = capacity * 2 + 16;
        auto *grown = static_cast<StoredTensor *>(realloc(tensors_, capacity * sizeof *tensors_));
        if (!grown)
          return outOfMemory();
        tensors_ = grown;
      }
      StoredTensor &t = tensors_[count_] = {};
      t.name = name;
      if (const char *wrong = tensorEntry(json, t))
        return fail(TENON_ERROR_FORMAT, "%s: tensor %s %s", path_, names.c_str() + name, wrong);
      ++count_;
    }
    more = json.take(',');
    if (!more && !json.take('}'))
      return damaged();
  }
  if (!json.done())
    return damaged();
  names_ = names.release();
  return names_ ? checkOffsets() : outOfMemory();
}

tenon_status SafetensorsReader::checkOffsets() {
  struct Order {
    const StoredTensor *tensors;
    const char *names;
  } order{tensors_, names_};
  Array<uint32_t> sorted;
  if (count_ > UINT32_MAX || !sorted.allocate(count_))
    return outOfMemory();
  for (size_t i = 0; i < count_; ++i)
    sorted[i] = uint32_t(i);
  auto sort = [&](int (*compare)(const void *, const void *, void *)) { qsort_r(sorted.data(), count_, sizeof(uint32_t), compare, &order); };
  sort([](const void *a, const void *b, void *data) {
    auto &o = *static_cast<const Order *>(data);
    return strcmp(o.names + o.tensors[*static_cast<const uint32_t *>(a)].name, o.names + o.tensors[*static_cast<const uint32_t *>(b)].name);
  });
  for (size_t i = 1; i < count_; ++i)
    if (!strcmp(name(sorted[i - 1]), name(sorted[i])))
      return fail(TENON_ERROR_FORMAT, "%s: two tensors are called %s", path_, name(sorted[i]));
  sort([](const void *a, const void *b, void *data) {
    auto &o = *static_cast<const Order *>(data);
    const StoredTensor &s = o.tensors[*static_cast<const uint32_t *>(a)], &t = o.tensors[*static_cast<const uint32_t *>(b)];
    return s.begin != t.begin ? (s.begin < t.begin ? -1 : 1) : s.end < t.end ? -1 : int(s.end > t.end);
  });
  uint64_t next = 0;
  for (uint32_t i : sorted) {
    if (tensors_[i].begin != next)
      return fail(TENON_ERROR_FORMAT, "%s: tensor %s begins at byte %llu of the data, %llu was expected (the tensors overlap or leave a hole)", path_, name(i),
                  (unsigned long long)tensors_[i].begin, (unsigned long long)next);
    next = tensors_[i].end;
  }
  if (next != dataBytes_)
    return fail(TENON_ERROR_FORMAT, "%s: has %llu bytes of data, its tensors take %llu", path_, (unsigned long long)dataBytes_, (unsigned long long)next);
  return TENON_OK;
}

tenon_status SafetensorsReader::open(const char *path) {
  constexpr uint64_t largest = 100 << 20; // of a header, as everywhere else
  path_ = path;
  uint64_t fileBytes, length;
  TENON_TRY(openToRead(path, file_, fileBytes));
  if (fileBytes < 8)
    return fail(TENON_ERROR_FORMAT, "%s: is no safetensors file: it has %llu bytes", path, (unsigned long long)fileBytes);
  unsigned char bytes[8];
  TENON_TRY(readAt(path, file_, bytes, 8, 0));
  length = 0;
  for (int i = 8; i-- > 0;)
    length = length << 8 | bytes[i];
  if (length > largest || length > fileBytes - 8)
    return fail(TENON_ERROR_FORMAT, "%s: is no safetensors file, or truncated: its header claims %llu bytes, %llu follow", path, (unsigned long long)length,
                (unsigned long long)(fileBytes - 8));
  Array<char> header;
  if (!header.allocate(length))
    return outOfMemory();
  TENON_TRY(readAt(path, file_, header.data(), length, 8));
  dataBegin_ = 8 + length, dataBytes_ = fileBytes - dataBegin_;
  return parse(header.data(), length);
}

tenon_status SafetensorsReader::read(void *to, uint64_t begin, uint64_t size) const { return readAt(path_, file_, to, size, dataBegin_ + begin); }

SafetensorsReader::~SafetensorsReader() {
  free(tensors_);
  free(names_);
}

} // namespace tenon::rt
