// An artifact's file: checked as bytes, then opened.
#pragma once
#include "runtime/error.h"
#include "runtime/abi.h"
#include "runtime/tenon.h"
#include <stddef.h>

namespace tenon::rt {

/// The library that an artifact is, and the plan in it.
struct Artifact {
  void *library = nullptr;
  const tenon_plan *plan = nullptr;
  const tenon_cuda *cuda = nullptr; // NULL: no code for GPUs
  uint64_t bytes = 0;

  Artifact() = default;
  Artifact(const Artifact &) = delete;
  ~Artifact();
  /// Reads the file into a private copy, checks the copy's trailer, opens that copy.
  tenon_status open(const char *path);
};

/// Checks trailer, length, digest, processor and features of an artifact of `size` bytes; `path` is for messages.
tenon_status checkTrailer(const char *path, const unsigned char *bytes, uint64_t size);

/// FNV-1a over little-endian words of 8 bytes, the rest bytewise: any change of one word changes it.
inline uint64_t digestOf(const unsigned char *bytes, uint64_t size) {
  constexpr uint64_t prime = 0x100000001b3;
  uint64_t digest = 0xcbf29ce484222325;
  for (; size >= 8; bytes += 8, size -= 8) {
    uint64_t word;
    __builtin_memcpy(&word, bytes, 8);
    digest = (digest ^ word) * prime;
  }
  for (; size; ++bytes, --size)
    digest = (digest ^ *bytes) * prime;
  return digest;
}

} // namespace tenon::rt
