// CUDA C++ on a CPU: included before the text that NVRTC gets, unchanged, it makes that text a shared library of functions
//   void tenon_host_KERNEL(const unsigned grid[3], const unsigned block[3], void **parameters)
// clang++ -x c++ -std=c++17 -O1 -ffp-contract=off -shared -fPIC -include host.h TEXT (TENON_HOST is defined here: the text's prelude leaves its macros alone.)
//
//   TENON_KERNEL(threads) k0(const float *a0, unsigned *status) { ... }   a kernel; then one of
//   TENON_EXPORT(k0)                  threads are fibers that meet at barriers and in warps (host_block.h)
//   TENON_EXPORT_FREE(k0)             neither barriers nor shuffles inside: threads run one after the other
//   TENON_EXPORT_WHERE(k0, block < 8) so it is in blocks of which the expression is true
//   TENON_EXPORT(k0, 4000, 4)         how many bytes the tensors have that its first parameters are; the status word follows them
//   TENON_DYNAMIC_SHARED(T, name);    inside a kernel: T *name, the launch's dynamic shared memory
//   tenon_host::meet, copyLater, commitCopies, waitCopies: for the host form of mma, ldmatrix, cp.async
#pragma once
#define TENON_HOST 1
#pragma clang attribute push(__attribute__((no_sanitize("coverage"))), apply_to = function)
#include "host_grid.h"
#include "host_math.h"

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __shared__ static thread_local

#ifdef TENON_HOST_WATCH // every access as it is written
#define TENON_KERNEL(threads) static __attribute__((noinline, optnone)) void
#else
#define TENON_KERNEL(threads) static void
#endif
#define TENON_HOST_EXPORT(kernel, free, ...)                                                                                               \
  extern "C" __attribute__((visibility("default"))) const tenon_host::Sizes<decltype(&kernel)> tenon_host_##kernel##_sizes = {};           \
  extern "C" __attribute__((visibility("default"))) void tenon_host_##kernel(const unsigned grid[3], const unsigned block[3], void **parameters) { \
    static const uint64_t lengths[] = {__VA_ARGS__ __VA_OPT__(, ) 0};                                                                      \
    tenon_host::launch(#kernel, [](unsigned block) -> bool { return (void)block, free; }, kernel, grid, block, parameters, lengths);       \
  }
#define TENON_EXPORT(kernel, ...) TENON_HOST_EXPORT(kernel, false, __VA_ARGS__)
#define TENON_EXPORT_FREE(kernel, ...) TENON_HOST_EXPORT(kernel, true, __VA_ARGS__)
#define TENON_EXPORT_WHERE(kernel, free, ...) TENON_HOST_EXPORT(kernel, free, __VA_ARGS__)
#define TENON_DYNAMIC_SHARED(type, name) type *const name = reinterpret_cast<type *>(tenon_host::block->shared)

#define threadIdx (tenon_host::here->thread)
#define blockIdx (tenon_host::block->index)
#define blockDim (tenon_host::block->size)
#define gridDim (tenon_host::block->grid)
#define warpSize 32

#define __syncthreads() tenon_host::barrier(__LINE__)
#define __syncwarp(...) tenon_host::syncWarp(__LINE__, ##__VA_ARGS__)
#define __shfl_sync(...) tenon_host::shuffle(__LINE__, "__shfl_sync", tenon_host::fromLane, __VA_ARGS__)
#define __shfl_xor_sync(...) tenon_host::shuffle(__LINE__, "__shfl_xor_sync", tenon_host::fromXor, __VA_ARGS__)
#define __shfl_up_sync(...) tenon_host::shuffle(__LINE__, "__shfl_up_sync", tenon_host::fromUp, __VA_ARGS__)
#define __shfl_down_sync(...) tenon_host::shuffle(__LINE__, "__shfl_down_sync", tenon_host::fromDown, __VA_ARGS__)
#define __ballot_sync(mask, predicate) tenon_host::ballot(__LINE__, "__ballot_sync", mask, predicate)
#define __any_sync(mask, predicate) int(tenon_host::ballot(__LINE__, "__any_sync", mask, predicate) != 0)
#define __all_sync(mask, predicate) int(tenon_host::ballot(__LINE__, "__all_sync", mask, predicate) == unsigned(mask))

namespace tenon_host {

inline void syncWarp(int site, unsigned mask = ~0u) {
  meet(mask, site, "__syncwarp", nullptr, [](void **) { ++block->warps[here->number / 32].phase; });
}

struct Exchange {
  uint64_t value, result;
  unsigned source;
};
// Which lane a lane reads; the segment has `width` lanes.
inline unsigned fromLane(unsigned lane, unsigned n, unsigned width) { return (lane & ~(width - 1)) | (n & (width - 1)); }
inline unsigned fromXor(unsigned lane, unsigned n, unsigned width) { return (lane ^ n) < (lane & ~(width - 1)) + width ? lane ^ n : lane; }
inline unsigned fromUp(unsigned lane, unsigned n, unsigned width) { return (lane & (width - 1)) >= n ? lane - n : lane; }
inline unsigned fromDown(unsigned lane, unsigned n, unsigned width) { return (lane & (width - 1)) + n < width ? lane + n : lane; }

template <class T> inline T shuffle(int site, const char *what, unsigned (*from)(unsigned, unsigned, unsigned), unsigned mask, T value, unsigned n, unsigned width = 32) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8, "shuffles move 32 or 64 bits");
  Exchange mine = {0, ~uint64_t(0), from(here->number & 31, n, width)};
  memcpy(&mine.value, &value, sizeof value);
  meet(mask, site, what, &mine, [](void **offers) {
    for (unsigned i = 0; i < 32; ++i)
      if (Exchange *to = static_cast<Exchange *>(offers[i]))
        if (const Exchange *source = static_cast<Exchange *>(offers[to->source])) // else undefined: NaN
          to->result = source->value;
  });
  memcpy(&value, &mine.result, sizeof value);
  return value;
}

inline unsigned ballot(int site, const char *what, unsigned mask, int predicate) {
  Exchange mine = {uint64_t(predicate != 0), 0, 0};
  meet(mask, site, what, &mine, [](void **offers) {
    uint64_t votes = 0;
    for (unsigned i = 0; i < 32; ++i)
      votes |= offers[i] ? static_cast<Exchange *>(offers[i])->value << i : 0;
    for (unsigned i = 0; i < 32; ++i)
      if (offers[i])
        static_cast<Exchange *>(offers[i])->result = votes;
  });
  return unsigned(mine.result);
}
} // namespace tenon_host

inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __threadfence(); }
[[noreturn]] inline void tenon_host::misaligned() { fault("a vector is read or written at an address that is not aligned to its size"); }
[[noreturn]] inline void __trap() { tenon_host::fault("__trap"); }
#pragma clang attribute pop
