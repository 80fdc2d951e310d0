// Threads that run the shares of a launch. Every share is the same each time, so a core finds in its cache what it left there; a thread
// that comes late (asleep, or its core is busy) loses its share to the caller, and no result depends on who ran what.
#pragma once
#include "runtime/abi.h"
#include "runtime/tenon.h"

namespace tenon::rt {

/// One kernel over consecutive blocks of its grid.
struct Segment {
  tenon_kernel_fn kernel;
  void *const *arguments;
  int64_t begin, end;
};

/// Independent segments, cut into one share per thread: share t is segments [bounds[t], bounds[t + 1]).
struct Launch {
  const Segment *segments;
  const uint32_t *bounds;
  uint32_t shares;
};

inline void runShare(const Launch &launch, uint32_t share) {
  for (uint32_t i = launch.bounds[share]; i < launch.bounds[share + 1]; ++i)
    launch.segments[i].kernel(launch.segments[i].arguments, launch.segments[i].begin, launch.segments[i].end);
}

class Pool;
/// The process's pool of `threads` threads, the caller among them; counted. NULL: out of memory. Its threads start with the first launch.
Pool *acquirePool(uint32_t threads);
void releasePool(Pool *pool);
/// Runs all shares; false: the pool is busy with another caller's launch, nothing was run.
bool runOnPool(Pool &pool, const Launch &launch);

/// $TENON_NUM_THREADS, else the cores that this process may use (affinity, CPU quota of its control groups), at most 16.
uint32_t defaultThreads();
/// Cores that the control groups' CPU quota allows, rounded up; 0: no quota. `root` is a prefix of the paths that are read, for tests.
uint32_t quotaCores(const char *root = "");

} // namespace tenon::rt
