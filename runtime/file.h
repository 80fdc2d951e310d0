// Files: read exactly, replaced atomically.
#pragma once
#include "runtime/error.h"
#include <stddef.h>

namespace tenon::rt {

/// An open file descriptor, closed at the end.
class Descriptor {
public:
  explicit Descriptor(int number = -1) : number(number) {}
  Descriptor(const Descriptor &) = delete;
  ~Descriptor();
  int number;
};

/// Opens a regular file for reading and tells its size.
tenon_status openToRead(const char *path, Descriptor &file, uint64_t &size);
/// Reads exactly `size` bytes at `offset`.
tenon_status readAt(const char *path, const Descriptor &file, void *data, uint64_t size, uint64_t offset);

/// Writes a file that appears at `path` whole or not at all: a temporary file beside it, synced, renamed. What is there and is no regular
/// file (a pipe, /dev/null) is written directly.
class Replacement {
public:
  Replacement() = default;
  ~Replacement(); // without commit() nothing is left
  tenon_status open(const char *path);
  tenon_status write(const void *data, size_t size);
  tenon_status commit();

private:
  tenon_status failed(const char *what);
  Descriptor file_;
  char *path_ = nullptr, *temporary_ = nullptr; // temporary_: NULL where written directly
};

} // namespace tenon::rt
