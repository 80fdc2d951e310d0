// Where an opened library lies in memory, so that a plan's pointers can be checked before they are followed.
#pragma once
#include <stdint.h>

namespace tenon::rt {

class Image {
public:
  /// The loaded segments of the library that holds `address`.
  explicit Image(const void *address);
  /// Whether `count` objects of `size` bytes at `pointer` are the library's own, readable, and aligned.
  bool holds(const void *pointer, uint64_t count, uint64_t size, uint64_t alignment = 1) const;
  /// Whether a string at `pointer` ends inside.
  bool holdsString(const char *pointer) const;
  bool holdsCode(const void *pointer) const;

private:
  struct Segment {
    uintptr_t begin, end;
    bool code;
  };
  static constexpr unsigned limit = 16;
  const Segment *find(uintptr_t address) const;
  Segment segments_[limit];
  unsigned count_ = 0;
};

} // namespace tenon::rt
