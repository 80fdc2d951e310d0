// A fixed partition: it depends on the grids and the number of threads alone.
#include "runtime/partition.h"

namespace tenon::rt {

uint32_t sharesFor(int64_t work, uint32_t threads) {
  constexpr int64_t least = 1500; // nanoseconds a thread
  return work < 2 * least ? 1 : uint64_t(work / least) < threads ? uint32_t(work / least) : threads;
}

bool partition(const Grid *grids, uint32_t count, uint32_t shares, Segment *segments, uint32_t *bounds) {
  Array<uint32_t> order;
  Array<double> load;       // of each share, nanoseconds
  Array<int64_t> taken;     // blocks of each grid and share
  if (!order.allocate(count) || !load.allocate(shares) || !taken.allocate(size_t(count) * shares))
    return false;
  auto blockWork = [&](uint32_t g) { return grids[g].blocks ? double(grids[g].work) / grids[g].blocks : 0; };
  for (uint32_t g = 0; g < count; ++g) { // heaviest blocks first: the light ones fill the gaps
    uint32_t at = g;
    for (; at && blockWork(order[at - 1]) < blockWork(g); --at)
      order[at] = order[at - 1];
    order[at] = g;
  }
  for (uint32_t g : order) {
    int64_t *mine = &taken[size_t(g) * shares];
    for (uint32_t s = 0; s < shares; ++s) {
      mine[s] = grids[g].blocks / shares;
      load[s] += mine[s] * blockWork(g);
    }
    for (int64_t odd = grids[g].blocks % shares; odd > 0; --odd) {
      uint32_t best = shares;
      for (uint32_t s = 0; s < shares; ++s)
        if (mine[s] == grids[g].blocks / shares && (best == shares || load[s] < load[best]))
          best = s;
      ++mine[best];
      load[best] += blockWork(g);
    }
  }
  uint32_t next = 0;
  Array<int64_t> begin;
  if (!begin.allocate(count))
    return false;
  for (uint32_t s = 0; s < shares; ++s) {
    bounds[s] = next;
    for (uint32_t g = 0; g < count; ++g) {
      int64_t blocks = taken[size_t(g) * shares + s];
      if (blocks)
        segments[next++] = {grids[g].kernel, grids[g].arguments, begin[g], begin[g] + blocks};
      begin[g] += blocks;
    }
  }
  bounds[shares] = next;
  return true;
}

} // namespace tenon::rt
