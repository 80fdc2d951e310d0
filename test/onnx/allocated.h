// What a program holds from malloc, counted in front of glibc's: included once in a program.
#pragma once
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <malloc.h>

namespace tenon::test {
inline std::atomic<int64_t> held, mostHeld; ///< bytes now; at most since it was last set
inline void *taken(void *p) {
  auto now = held += p ? int64_t(malloc_usable_size(p)) : 0;
  for (auto most = mostHeld.load(); now > most && !mostHeld.compare_exchange_weak(most, now);)
    ;
  return p;
}
inline void given(void *p) { held -= p ? int64_t(malloc_usable_size(p)) : 0; }
} // namespace tenon::test

extern "C" {
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

void *malloc(size_t n) { return tenon::test::taken(__libc_malloc(n)); }
void *calloc(size_t n, size_t size) { return tenon::test::taken(__libc_calloc(n, size)); }
void *realloc(void *p, size_t n) {
  tenon::test::given(p);
  void *q = __libc_realloc(p, n);
  tenon::test::taken(q || n == 0 ? q : p);
  return q;
}
void *memalign(size_t align, size_t n) { return tenon::test::taken(__libc_memalign(align, n)); }
void *aligned_alloc(size_t align, size_t n) { return memalign(align, n); }
int posix_memalign(void **p, size_t align, size_t n) { return (*p = memalign(align, n)) ? 0 : ENOMEM; }
void free(void *p) {
  tenon::test::given(p);
  __libc_free(p);
}
}
