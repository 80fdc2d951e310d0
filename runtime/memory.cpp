// Aligned blocks: inside a larger one of calloc, which knows fresh pages to be zero. The word before a block says where that one begins.
#include "runtime/memory.h"
#include <sys/mman.h>

namespace tenon::rt {

void *allocateAligned(size_t bytes) {
  constexpr size_t huge = size_t(2) << 20;
  size_t alignment = bytes >= 2 * huge ? huge : 64;
  if (bytes > SIZE_MAX / 2)
    return nullptr;
  void *raw = calloc(1, bytes + alignment + sizeof(void *));
  if (!raw)
    return nullptr;
  uintptr_t address = (reinterpret_cast<uintptr_t>(raw) + sizeof(void *) + alignment - 1) / alignment * alignment;
  reinterpret_cast<void **>(address)[-1] = raw;
  if (alignment == huge)
    madvise(reinterpret_cast<void *>(address), bytes / huge * huge, MADV_HUGEPAGE); // a hint: a step walks all of its state
  return reinterpret_cast<void *>(address);
}

void freeAligned(void *memory) {
  if (memory)
    free(static_cast<void **>(memory)[-1]);
}

} // namespace tenon::rt
