// Twelve accumulators in registers, multiplied and added: enough to hide the latency of every CPU with two fma pipes.
#include "peak.h"

#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace {

constexpr int accumulators = 12, rounds = 100000;

#define TENON_FMA_LOOP(target_, vector, splat, fma, store)                                                                                 \
  __attribute__((target(target_))) void target_loop(vector *, float *out) {                                                                \
    vector a[accumulators], b = splat(0.999f), c = splat(0.001f);                                                                          \
    _Pragma("GCC unroll 12") for (int i = 0; i < accumulators; ++i) a[i] = splat(0.01f * i);                                               \
    for (int n = 0; n < rounds; ++n)                                                                                                       \
      _Pragma("GCC unroll 12") for (int i = 0; i < accumulators; ++i) a[i] = fma(a[i], b, c);                                              \
    _Pragma("GCC unroll 12") for (int i = 0; i < accumulators; ++i) store(out + i * sizeof(vector) / sizeof(float), a[i]);                 \
  }
TENON_FMA_LOOP("avx512f", __m512, _mm512_set1_ps, _mm512_fmadd_ps, _mm512_storeu_ps)
TENON_FMA_LOOP("avx2,fma", __m256, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_storeu_ps)
#undef TENON_FMA_LOOP

} // namespace

double fma_peak(int threads) {
  bool wide = __builtin_cpu_supports("avx512f");
  if (!wide && !__builtin_cpu_supports("fma"))
    return 0;
  double flop = 2.0 * accumulators * rounds * (wide ? 16 : 8), least = 1e300;
  std::atomic<int> ready{0};
  std::vector<double> seconds(threads);
  for (int repeat = 0; repeat < 30; ++repeat) {
    std::vector<std::thread> pool;
    ready = 0;
    for (int t = 0; t < threads; ++t)
      pool.emplace_back([&, t] {
        float out[accumulators * 16];
        ++ready;
        while (ready < threads) {} // all at once
        auto start = std::chrono::steady_clock::now();
        wide ? target_loop((__m512 *)nullptr, out) : target_loop((__m256 *)nullptr, out);
        seconds[t] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        volatile float used = out[0];
        (void)used;
      });
    for (std::thread &t : pool)
      t.join();
    least = std::min(least, *std::max_element(seconds.begin(), seconds.end()));
  }
  return flop * threads / least * 1e-9;
}
