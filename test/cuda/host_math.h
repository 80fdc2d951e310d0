// CUDA's built-in types and functions that C++ and libm lack.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

namespace tenon_host {
[[noreturn]] void misaligned();
// Vectors are read and written as a whole: at an address that does not allow it a GPU stops.
template <unsigned alignment> inline void checkAligned(const void *at) {
  uintptr_t address = reinterpret_cast<uintptr_t>(at);
  asm("" : "+r"(address)); // else the compiler knows the answer from the type
  if (address % alignment)
    misaligned();
}
} // namespace tenon_host

#define TENON_HOST_VECTOR(Name, T, alignment, copy, ...)                                                                                   \
  struct alignas(alignment) Name {                                                                                                         \
    T __VA_ARGS__;                                                                                                                         \
    Name() = default;                                                                                                                      \
    Name(const Name &o) { tenon_host::checkAligned<alignment>(&o), copy; }                                                                 \
    Name &operator=(const Name &o) { return tenon_host::checkAligned<alignment>(this), tenon_host::checkAligned<alignment>(&o), copy, *this; }
#define TENON_HOST_VECTORS(T, name, align2, align4)                                                                                        \
  TENON_HOST_VECTOR(name##2, T, align2, (x = o.x, y = o.y), x, y) name##2(T x, T y) : x(x), y(y) {} };                                     \
  struct name##3 { T x, y, z; };                                                                                                           \
  TENON_HOST_VECTOR(name##4, T, align4, (x = o.x, y = o.y, z = o.z, w = o.w), x, y, z, w) name##4(T x, T y, T z, T w) : x(x), y(y), z(z), w(w) {} }; \
  inline name##2 make_##name##2(T x, T y) { return {x, y}; }                                                                               \
  inline name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; }                                                                       \
  inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
TENON_HOST_VECTORS(signed char, char, 2, 4)
TENON_HOST_VECTORS(unsigned char, uchar, 2, 4)
TENON_HOST_VECTORS(short, short, 4, 8)
TENON_HOST_VECTORS(unsigned short, ushort, 4, 8)
TENON_HOST_VECTORS(int, int, 8, 16)
TENON_HOST_VECTORS(unsigned, uint, 8, 16)
TENON_HOST_VECTORS(long long, longlong, 16, 16)
TENON_HOST_VECTORS(unsigned long long, ulonglong, 16, 16)
TENON_HOST_VECTORS(float, float, 8, 16)
TENON_HOST_VECTORS(double, double, 16, 16)
#undef TENON_HOST_VECTORS
#undef TENON_HOST_VECTOR

namespace tenon_host {
template <class To, class From> inline To bits(From value) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &value, sizeof to);
  return to;
}
} // namespace tenon_host

inline unsigned __float_as_uint(float v) { return tenon_host::bits<unsigned>(v); }
inline int __float_as_int(float v) { return tenon_host::bits<int>(v); }
inline float __uint_as_float(unsigned v) { return tenon_host::bits<float>(v); }
inline float __int_as_float(int v) { return tenon_host::bits<float>(v); }
inline long long __double_as_longlong(double v) { return tenon_host::bits<long long>(v); }
inline double __longlong_as_double(long long v) { return tenon_host::bits<double>(v); }

inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned(uint64_t(a) * b >> 32); }
inline int __mulhi(int a, int b) { return int(int64_t(a) * b >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) { return (unsigned long long)((unsigned __int128)a * b >> 64); }
inline int __popc(unsigned v) { return __builtin_popcount(v); }
inline int __clz(int v) { return v ? __builtin_clz(unsigned(v)) : 32; }
inline int __ffs(int v) { return __builtin_ffs(v); }

// The smaller, the larger: for floats the number where the other is NaN.
template <class A, class B> inline auto min(A a, B b) {
  using T = decltype(a + b);
  return T(a) < T(b) ? T(a) : T(b);
}
template <class A, class B> inline auto max(A a, B b) {
  using T = decltype(a + b);
  return T(a) > T(b) ? T(a) : T(b);
}
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
inline double max(double a, double b) { return fmax(a, b); }

inline float rsqrtf(float v) { return 1.0f / sqrtf(v); }
inline double rsqrt(double v) { return 1.0 / sqrt(v); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __expf(float v) { return expf(v); }
inline float __logf(float v) { return logf(v); }
inline float __powf(float a, float b) { return powf(a, b); }
inline float __saturatef(float v) { return v > 0 ? v < 1 ? v : 1 : 0; }
// Each operation rounded by itself: never contracted.
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __frcp_rn(float a) { return 1.0f / a; }
inline float __fsqrt_rn(float a) { return sqrtf(a); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dsub_rn(double a, double b) { return a - b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __ddiv_rn(double a, double b) { return a / b; }
inline double __dsqrt_rn(double a) { return sqrt(a); }
inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }
inline float __double2float_rn(double v) { return float(v); }
inline float __int2float_rn(int v) { return float(v); }
inline float __uint2float_rn(unsigned v) { return float(v); }
inline int __float2int_rn(float v) { return int(rintf(v)); }
inline int __float2int_rz(float v) { return int(v); }

template <class T> inline T __ldg(const T *p) { return *p; }
template <class T> inline T __ldcg(const T *p) { return *p; }
template <class T> inline T __ldcs(const T *p) { return *p; }
template <class T> inline void __stcs(T *p, T v) { *p = v; }
template <class T> inline void __stcg(T *p, T v) { *p = v; }

// Blocks may run on several OS threads: atomics are.
namespace tenon_host {
template <class T, class F> __attribute__((noinline)) T update(T *p, F next) {
  block->atomics = true;
  using Word = std::conditional_t<sizeof(T) == 4, unsigned, unsigned long long>;
  Word *word = reinterpret_cast<Word *>(p), old = __atomic_load_n(word, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(word, &old, bits<Word>(T(next(bits<T>(old)))), true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return bits<T>(old);
}
} // namespace tenon_host
template <class T, class V> inline T atomicAdd(T *p, V v) { return tenon_host::update(p, [=](T old) { return old + T(v); }); }
template <class T, class V> inline T atomicMax(T *p, V v) { return tenon_host::update(p, [=](T old) { return old > T(v) ? old : T(v); }); }
template <class T, class V> inline T atomicMin(T *p, V v) { return tenon_host::update(p, [=](T old) { return old < T(v) ? old : T(v); }); }
template <class T, class V> inline T atomicOr(T *p, V v) { return tenon_host::update(p, [=](T old) { return old | T(v); }); }
template <class T, class V> inline T atomicExch(T *p, V v) { return tenon_host::update(p, [=](T) { return T(v); }); }
template <class T, class V, class W> inline T atomicCAS(T *p, V expected, W v) {
  return tenon_host::update(p, [=](T old) { return old == T(expected) ? T(v) : old; });
}
