// The text before every program of kernels: no #include, and no inline assembly outside of it. TENON_HOST: compiled for a processor, by tests.
#include "compiler/codegen/cuda/print.h"

namespace tenon::compiler::cuda {

llvm::StringRef prelude() {
  return R"(#ifndef TENON_HOST
#define TENON_KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)
#define TENON_EXPORT(kernel, ...)
#define TENON_EXPORT_FREE(kernel, ...)
#define TENON_EXPORT_WHERE(kernel, free, ...)
#endif
#define TENON_INLINE static __device__ __forceinline__

struct bf16 { unsigned short word; };
struct f16 { unsigned short word; };

// Integers as their bits: arithmetic on them wraps.
TENON_INLINE unsigned bits(bool x) { return x; }
TENON_INLINE unsigned bits(unsigned char x) { return x; }
TENON_INLINE unsigned bits(int x) { return (unsigned)x; }
TENON_INLINE unsigned long long bits(long long x) { return (unsigned long long)x; }
template <class T> TENON_INLINE T larger(T a, T b) { return a > b ? a : b; }
template <class T> TENON_INLINE T smaller(T a, T b) { return a < b ? a : b; }
template <class T> TENON_INLINE T floor_divide(T a, T b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }
// An index that is far outside stays outside.
TENON_INLINE int narrow(long long x) { return (int)(x > 2147483647ll ? 2147483647ll : x < -2147483648ll ? -2147483648ll : x); }

// NaN if one of both is; 0 is larger than -0.
TENON_INLINE bool negative(float x) { return __float_as_int(x) < 0; }
TENON_INLINE bool negative(double x) { return __double_as_longlong(x) < 0; }
template <class T> TENON_INLINE T maximum(T a, T b) { return a > b || a != a || (a == b && !negative(a)) ? a : b; }
template <class T> TENON_INLINE T minimum(T a, T b) { return a < b || a != a || (a == b && negative(a)) ? a : b; }

template <class T, class S> TENON_INLINE T bit_cast(S x) {
  static_assert(sizeof(T) == sizeof(S), "equal widths");
  union { S from; T to; } both = {x};
  return both.to;
}

TENON_INLINE float single(bf16 x) { return __uint_as_float((unsigned)x.word << 16); }
TENON_INLINE bf16 round_to_bf16(float x) {
  unsigned word = __float_as_uint(x);
  if (x != x) return {(unsigned short)(word >> 16 | 64)};
  return {(unsigned short)((word + 0x7fff + (word >> 16 & 1)) >> 16)};
}
// Halves through the exponent's arithmetic: subnormals are multiples of 2^-24.
TENON_INLINE float single(f16 x) {
  unsigned sign = (unsigned)(x.word & 0x8000) << 16, rest = x.word & 0x7fff;
  if (rest >= 0x7c00) return __uint_as_float(sign | 0x7f800000 | (rest & 0x3ff) << 13);
  if (rest >= 0x400) return __uint_as_float(sign | ((rest << 13) + (112u << 23)));
  float tiny = (float)rest * 5.9604644775390625e-8f;
  return sign ? -tiny : tiny;
}
TENON_INLINE f16 round_to_f16(float x) {
  unsigned word = __float_as_uint(x), sign = word >> 16 & 0x8000, rest = word & 0x7fffffff;
  if (rest > 0x7f800000) return {(unsigned short)(sign | 0x7e00 | (rest >> 13 & 0x3ff))};
  if (rest >= 0x477ff000) return {(unsigned short)(sign | 0x7c00)};
  if (rest < 0x38800000) return {(unsigned short)(sign | (unsigned)rintf(__uint_as_float(rest) * 16777216.0f))};
  return {(unsigned short)(sign | ((rest + 0xfff + (rest >> 13 & 1) - (112u << 23)) >> 13))};
}
TENON_INLINE bf16 round_to_bf16(double x) { return round_to_bf16((float)x); }
TENON_INLINE f16 round_to_f16(double x) { return round_to_f16((float)x); }

// The plan's commands that are no kernels: a block for every 64 KiB.
TENON_KERNEL(256) tenon_copy(unsigned char *to, const unsigned char *from, unsigned long long bytes, const unsigned *status) {
  if (*status) return;
  const unsigned long long begin = blockIdx.x * 65536ull, end = begin + 65536 < bytes ? begin + 65536 : bytes;
  if (((unsigned long long)to | (unsigned long long)from) % 16 == 0) {
    const unsigned long long whole = begin + (end > begin ? (end - begin) / 16 * 16 : 0);
    for (unsigned long long i = begin + threadIdx.x * 16; i < whole; i += 4096) *(uint4 *)(to + i) = *(const uint4 *)(from + i);
    for (unsigned long long i = whole + threadIdx.x; i < end; i += 256) to[i] = from[i];
  } else
    for (unsigned long long i = begin + threadIdx.x; i < end; i += 256) to[i] = from[i];
}
TENON_EXPORT_FREE(tenon_copy)
TENON_KERNEL(256) tenon_fill(unsigned char *to, unsigned long long bytes, unsigned word, const unsigned *status) {
  if (*status) return;
  const unsigned long long begin = blockIdx.x * 65536ull, end = begin + 65536 < bytes ? begin + 65536 : bytes;
  for (unsigned long long i = begin + threadIdx.x; i < end; i += 256) to[i] = (unsigned char)(word >> 8 * (i % 4));
}
TENON_EXPORT_FREE(tenon_fill)
TENON_KERNEL(256) tenon_check(const unsigned char *flags, unsigned long long bytes, unsigned number, unsigned *status) {
  if (*status) return;
  const unsigned long long begin = blockIdx.x * 65536ull, end = begin + 65536 < bytes ? begin + 65536 : bytes;
  bool all = true;
  for (unsigned long long i = begin + threadIdx.x; i < end; i += 256) all = all && flags[i];
  if (!all) *status = number;
}
TENON_EXPORT_FREE(tenon_check)
)";
}

} // namespace tenon::compiler::cuda
