// What every access of a kernel is asked where TENON_HOST_WATCH is defined (-fsanitize-coverage=func,trace-loads,trace-stores calls the functions at the end): is it inside of
// one of the kernel's tensors (TENON_EXPORT says how long they are), and has no other thread read or written the place without a barrier between, one of them to write.
// Kernels that do not say so are not watched. Threads of a warp are ordered by __syncwarp too (not by shuffles), blocks by nothing. What an asynchronous copy writes is written when it is waited for.
#pragma once
#include "host_block.h"

namespace tenon_host {

struct Range {
  uintptr_t begin, end;
  bool holds(uintptr_t at) const { return at >= begin && at < end; }
};

struct Watch {
  Range tensors[512], shared[2], own[8]; // own: what is the host form's: stacks, the library's image
  unsigned n_tensors, n_own;
  uint32_t launch;
};
static Watch watch;

/// Who touched a byte last. Several: other threads did so in the same phase.
struct Touch {
  uint32_t launch, block;
  uint16_t phase, warpPhase, thread;
  bool several, blocks;
};
struct Page {
  uintptr_t address;
  Touch read[4096], written[4096];
};

// Pages of memory that kernels touch, by address: a table with open addressing.
inline Page *pageOf(uintptr_t at) {
  constexpr uintptr_t size = 1 << 18;
  static Page **table;
  auto map = [](size_t bytes) {
    void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? (abort(), nullptr) : memory;
  };
  if (!table)
    table = static_cast<Page **>(map(size * sizeof *table));
  uintptr_t address = at / 4096;
  for (uintptr_t i = address * 0x9e3779b97f4a7c15u >> 46;; i = (i + 1) % size) {
    if (!table[i])
      table[i] = static_cast<Page *>(map(sizeof(Page))), table[i]->address = address;
    if (table[i]->address == address)
      return table[i];
  }
}

inline void touch(void *pointer, unsigned bytes, bool writes) {
  uintptr_t at = reinterpret_cast<uintptr_t>(pointer), frame = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (!block || !here || !watch.n_tensors || at - frame + (1 << 20) < 2 << 20 || at - reinterpret_cast<uintptr_t>(block) < sizeof *block || pointer == &here || pointer == &block)
    return;
  bool shared = watch.shared[0].holds(at) || watch.shared[1].holds(at);
  for (unsigned i = 0; i < watch.n_own && !shared; ++i)
    if (watch.own[i].holds(at))
      return;
  const char *what = writes ? "writes" : "reads";
  bool inside = shared;
  for (unsigned i = 0; i < watch.n_tensors && !inside; ++i)
    inside = at >= watch.tensors[i].begin && at + bytes <= watch.tensors[i].end;
  if (!inside) {
    intptr_t past = INTPTR_MAX;
    unsigned nearest = 0;
    for (unsigned i = 0; i < watch.n_tensors; ++i)
      if (intptr_t distance = at - watch.tensors[i].end; distance > -(1 << 30) && distance < past && (distance >= 0 || at < watch.tensors[i].begin))
        past = distance, nearest = i;
    fault("it %s %u bytes outside of its tensors (%ld after the end of parameter %u)", what, bytes, long(past), nearest);
  }
  const Touch now = {watch.launch, uint32_t(block->index.x + block->grid.x * (block->index.y + uint64_t(block->grid.y) * block->index.z)), uint16_t(block->phase),
                     uint16_t(block->warps[here->number / 32].phase), uint16_t(here->number), false, false};
  auto meets = [&](const Touch &t) { // without an order between
    if (t.launch != now.launch || (t.block != now.block && (shared || block->atomics)))
      return false;
    if (t.block != now.block || t.blocks)
      return true;
    return t.phase == now.phase && (t.several || (t.thread != now.thread && (t.thread / 32 != now.thread / 32 || t.warpPhase == now.warpPhase)));
  };
  for (unsigned i = 0; i < bytes; ++i) {
    Page &page = *pageOf(at + i);
    Touch &read = page.read[(at + i) % 4096], &written = page.written[(at + i) % 4096];
    for (const Touch *t : {&written, writes ? &read : nullptr})
      if (t && meets(*t))
        fault("race: it %s a place of %s memory that thread %u of block %u has %s%s, and there is no barrier between", what, shared ? "shared" : "global", t->thread, t->block,
              t == &written ? "written" : "read", t->several || t->blocks ? " (and others)" : "");
    Touch &mine = writes ? written : read;
    Touch next = now;
    if (!writes && read.launch == now.launch)
      next.blocks = read.blocks || (read.block != now.block && !shared), next.several = read.block == now.block && (meets(read) || (read.several && read.phase == now.phase));
    mine = next;
  }
}

/// Before a launch: where things are.
inline void watchLaunch(void **parameters, const uint64_t *lengths, void *shared, size_t sharedBytes, void *dynamic, size_t dynamicBytes, void *stacks, void *room, size_t roomBytes) {
  auto range = [](const void *begin, size_t bytes) { return Range{reinterpret_cast<uintptr_t>(begin), reinterpret_cast<uintptr_t>(begin) + bytes}; };
  watch.n_tensors = watch.n_own = 0;
  ++watch.launch;
  for (; lengths[watch.n_tensors] && watch.n_tensors < 511; ++watch.n_tensors)
    watch.tensors[watch.n_tensors] = range(*static_cast<void **>(parameters[watch.n_tensors]), lengths[watch.n_tensors]);
  if (watch.n_tensors) // the status comes last
    watch.tensors[watch.n_tensors] = range(*static_cast<void **>(parameters[watch.n_tensors]), 4), ++watch.n_tensors;
  watch.shared[0] = range(shared, sharedBytes), watch.shared[1] = range(dynamic, dynamicBytes);
  watch.own[watch.n_own++] = range(stacks, 1024 * stackBytes), watch.own[watch.n_own++] = range(room, roomBytes);
  dl_iterate_phdr(
      [](dl_phdr_info *info, size_t, void *) {
        uintptr_t code = reinterpret_cast<uintptr_t>(&tenon_host_switch);
        Range parts[6];
        unsigned n = 0;
        bool mine = false;
        for (unsigned i = 0; i < info->dlpi_phnum && n < 6; ++i)
          if (const auto &h = info->dlpi_phdr[i]; h.p_type == PT_LOAD)
            parts[n] = {info->dlpi_addr + h.p_vaddr, info->dlpi_addr + h.p_vaddr + h.p_memsz}, mine |= parts[n++].holds(code);
        if (mine)
          memcpy(watch.own + watch.n_own, parts, sizeof parts), watch.n_own += n;
        return int(mine);
      },
      nullptr);
}
} // namespace tenon_host

#define TENON_HOST_TOUCH(bytes)                                                                                                            \
  extern "C" __attribute__((weak, visibility("hidden"), no_sanitize("coverage"))) void __sanitizer_cov_load##bytes(void *at) { tenon_host::touch(at, bytes, false); } \
  extern "C" __attribute__((weak, visibility("hidden"), no_sanitize("coverage"))) void __sanitizer_cov_store##bytes(void *at) { tenon_host::touch(at, bytes, true); }
TENON_HOST_TOUCH(1)
TENON_HOST_TOUCH(2)
TENON_HOST_TOUCH(4)
TENON_HOST_TOUCH(8)
TENON_HOST_TOUCH(16)
#undef TENON_HOST_TOUCH
