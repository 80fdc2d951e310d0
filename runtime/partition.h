// Which thread computes which blocks of a launch.
#pragma once
#include "runtime/memory.h"
#include "runtime/pool.h"

namespace tenon::rt {

/// One call of a launch with its numbers known.
struct Grid {
  tenon_kernel_fn kernel;
  void *const *arguments;
  int64_t blocks, work;
};

/// How many threads a launch of `work` nanoseconds deserves: below 3 us waking another costs more than it saves.
uint32_t sharesFor(int64_t work, uint32_t threads);

/// Cuts the grids into `shares` shares: segments needs room for count * shares, bounds for shares + 1. The blocks of each grid are cut
/// evenly and in order, so grids with equally many blocks are cut alike from launch to launch; the odd blocks go to who has least to do.
/// False: out of memory.
bool partition(const Grid *grids, uint32_t count, uint32_t shares, Segment *segments, uint32_t *bounds);

} // namespace tenon::rt
