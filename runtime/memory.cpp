// Aligned blocks.
#include "runtime/memory.h"
#include <string.h>
#include <sys/mman.h>

void *tenon::rt::allocateAligned(size_t bytes) {
  constexpr size_t huge = size_t(2) << 20;
  size_t alignment = bytes >= 2 * huge ? huge : 64;
  if (bytes > SIZE_MAX - alignment)
    return nullptr;
  size_t size = (bytes + alignment - 1) / alignment * alignment;
  void *memory = aligned_alloc(alignment, size ? size : alignment);
  if (!memory)
    return nullptr;
  if (alignment == huge)
    madvise(memory, size, MADV_HUGEPAGE); // a hint: the step walks all of its state
  return memset(memory, 0, size ? size : alignment);
}
