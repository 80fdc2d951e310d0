// Host memory of a tensor: 64-byte aligned, counted, recycled.
#pragma once
#include <cstddef>
#include <memory>

namespace tenon::detail {

struct Storage {
  explicit Storage(size_t bytes); // uninitialised
  Storage(void *foreign, size_t bytes) : data(foreign), bytes(bytes), foreign(true) {}
  ~Storage();
  Storage(const Storage &) = delete;
  void *data;
  size_t bytes;
  bool foreign = false; // the caller's memory (from_blob): it may change behind our back
};
using StoragePtr = std::shared_ptr<Storage>;
inline StoragePtr make_storage(size_t bytes) { return std::make_shared<Storage>(bytes); }

} // namespace tenon::detail
