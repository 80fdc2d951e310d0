// Waiting for a number to change: spinning for a while, then asleep in the kernel.
#pragma once
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace tenon::rt {

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// About 50 us on the machines at hand: longer than the gap between two launches or two steps, far shorter than anyone would notice.
constexpr int spins = 1500;

/// The number, once it differs from `value`; or `value`, if it did not change for a while.
inline uint32_t spinWhile(const uint32_t &number, uint32_t value) {
  uint32_t now = __atomic_load_n(&number, __ATOMIC_ACQUIRE);
  for (int i = 0; i < spins && now == value; ++i, now = __atomic_load_n(&number, __ATOMIC_ACQUIRE))
    pause();
  return now;
}

/// Zero, once the number is; or what it was last.
inline uint32_t spinUntilZero(const uint32_t &number) {
  uint32_t now = __atomic_load_n(&number, __ATOMIC_ACQUIRE);
  for (int i = 0; i < spins && now; ++i, now = __atomic_load_n(&number, __ATOMIC_ACQUIRE))
    pause();
  return now;
}

/// Sleeps while the number is `value`; may return early.
inline void futexWait(const uint32_t &number, uint32_t value) { syscall(SYS_futex, &number, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0); }
inline void futexWake(const uint32_t &number) { syscall(SYS_futex, &number, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }

} // namespace tenon::rt
