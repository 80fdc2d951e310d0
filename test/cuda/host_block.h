// A block of CUDA threads on one OS thread: a fiber each; they go on until they meet at a barrier or in their warp. What real hardware may do with
// a wrong program (threads that wait for others that have ended, or wait in different places) ends the process with a message.
//
// $TENON_HOST_SCHEDULE says which thread goes on where several could: forward (default), reverse, random[:SEED], greedy (a warp as far as it gets).
// Blocks run one after the other in the same order, on $TENON_HOST_THREADS OS threads (default 1).
#pragma once
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#if !defined(__x86_64__)
#error "fibers are written for x86-64"
#endif

// Keeps the callee-saved registers and the stack pointer of one fiber, goes on with those of another.
extern "C" void tenon_host_switch(void **from, void *to);
asm(R"(.text
.weak tenon_host_switch
.hidden tenon_host_switch
.type tenon_host_switch,@function
tenon_host_switch:
 pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15
 movq %rsp,(%rdi); movq %rsi,%rsp
 popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp
 ret
)");

#define TENON_HOST_UNWATCHED __attribute__((no_sanitize("coverage"))) // templates and lambdas need it, other functions have it from host.h

namespace tenon_host {

struct Dim {
  unsigned x, y, z;
};
enum State : unsigned char { ready, atBarrier, inWarp, ended };

/// A copy that may land at any time until it is waited for: it lands then.
struct Copy {
  void *to;
  const void *from;
  unsigned bytes, exist, group;
};

struct Fiber {
  void *stack;
  Dim thread;
  unsigned number, mask; // of the block; of the lanes that it waits for
  int site;              // line
  State state;
  const char *what;
  void *offer; // to its warp
  unsigned copies, group;
  Copy copy[64];
};
struct Warp {
  unsigned waiting, gone; // lanes
  unsigned phase;         // how often it met at __syncwarp
};
struct Block {
  const char *kernel;
  Dim index, size, grid;
  unsigned threads, alive, arrived, random, position, phase; // phase: how often it met at a barrier
  int schedule;
  bool plain;   // said to have neither barriers nor shuffles: no fibers
  bool atomics; // it has used some: what other blocks did before may be ordered
  Fiber *fibers;
  unsigned *order;
  Warp warps[32];
  void *home;
  void (*body)(void *);
  void *argument;
  char *shared; // dynamic
};
static thread_local Fiber *here;
static thread_local Block *block;

[[noreturn, gnu::format(printf, 1, 2), gnu::noinline]] inline void fault(const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  fprintf(stderr, "tenon_host: kernel %s, block (%u,%u,%u), thread %u: %s\n", block->kernel, block->index.x, block->index.y, block->index.z, here->number, text);
  abort();
}

inline unsigned nextRandom(unsigned &state) { return state ^= state << 13, state ^= state >> 17, state ^= state << 5; }

// Whether an access is one that a thread may make (host_watch.h).
#ifdef TENON_HOST_WATCH
void touch(void *at, unsigned bytes, bool writes);
#else
inline void touch(void *, unsigned, bool) {}
#endif

enum Schedule { forward, reverse, random, greedy };

// The next fiber that can go on; NULL where none is left.
inline Fiber *pick() {
  Block &b = *block;
  if (b.schedule == greedy) {
    Fiber *warp = b.fibers + (here->number & ~31u);
    for (unsigned i = 1; i < 32; ++i)
      if (unsigned lane = (here->number + i) & 31; warp - b.fibers + lane < b.threads && warp[lane].state == ready)
        return warp + lane;
  }
  unsigned start = b.schedule == random ? nextRandom(b.random) % b.threads : b.position + 1;
  for (unsigned i = 0; i < b.threads; ++i) {
    unsigned at = (start + i) % b.threads;
    if (Fiber *f = b.fibers + b.order[at]; f->state == ready)
      return b.position = at, f;
  }
  if (b.alive == 0)
    return nullptr;
  char text[400];
  int length = 0;
  for (unsigned i = 0; i < b.threads && length < 300; ++i)
    if (const Fiber &f = b.fibers[i]; f.state != ended && (i == 0 || f.site != b.fibers[i - 1].site || f.what != b.fibers[i - 1].what))
      length += snprintf(text + length, sizeof text - length, " thread %u at %s (line %d, lanes %08x);", i, f.what, f.site, f.mask);
  fault("deadlock: %u threads wait for each other:%s", b.alive, text);
}

inline void goOn() {
  Fiber *from = here, *to = pick();
  here = to ? to : from;
  tenon_host_switch(&from->stack, to ? to->stack : block->home);
}

inline void barrier(int site, const char *what = "__syncthreads") {
  Block &b = *block;
  if (b.plain)
    fault("%s (line %d) in a kernel that is exported as free of barriers", what, site);
  if (b.alive != b.threads)
    fault("divergent barrier: %s (line %d) after %u threads of the block have ended", what, site, b.threads - b.alive);
  here->site = site, here->what = what, here->state = atBarrier, here->mask = ~0u;
  if (++b.arrived < b.threads)
    return goOn();
  for (unsigned i = 0; i < b.threads; ++i) {
    if (b.fibers[i].site != site)
      fault("divergent barrier: at line %d, and thread %u at line %d", site, i, b.fibers[i].site);
    b.fibers[i].state = ready;
  }
  b.arrived = 0, ++b.phase;
}

/// Meets the lanes of `mask`; the last one calls combine(offers) with what each lane offers (NULL outside of the mask), then all go on.
template <class Combine> inline void meet(unsigned mask, int site, const char *what, void *offer, Combine combine) {
  Block &b = *block;
  Fiber &me = *here;
  unsigned lane = me.number & 31, first = me.number & ~31u;
  if (b.plain)
    fault("%s (line %d) in a kernel that is exported as free of barriers", what, site);
  if (!(mask >> lane & 1) || (b.threads - first < 32 && mask >> (b.threads - first)))
    fault("%s (line %d): its mask %08x lacks the lane itself, or has lanes that the block has not", what, site, mask);
  Warp &w = b.warps[me.number / 32];
  if (w.gone & mask)
    fault("%s (line %d) waits for lanes %08x, which have ended", what, site, w.gone & mask);
  me.offer = offer, me.mask = mask, me.site = site, me.what = what, me.state = inWarp;
  w.waiting |= 1u << lane;
  bool last = (w.waiting & mask) == mask;
  void *offers[32] = {};
  for (unsigned i = 0; i < 32 && last; ++i)
    if (mask >> i & 1) {
      Fiber &f = b.fibers[first + i];
      last = f.mask == mask; // else it waits for others first
      if (last && (f.site != site || f.what != what))
        fault("divergent warp: %s (line %d), and lane %u at %s (line %d)", what, site, i, f.what, f.site);
      offers[i] = f.offer;
    }
  if (!last)
    return goOn();
  combine(offers);
  w.waiting &= ~mask;
  for (unsigned i = 0; i < 32; ++i)
    if (mask >> i & 1)
      b.fibers[first + i].state = ready;
}

/// cp.async and its groups. Only `exist` bytes are read, the others are zeros.
inline void copyLater(void *to, const void *from, unsigned bytes, unsigned exist) {
  if (exist > bytes)
    fault("an asynchronous copy of %u bytes reads %u", bytes, exist);
  if (here->copies == sizeof here->copy / sizeof *here->copy)
    fault("more asynchronous copies than the host form holds");
  if (reinterpret_cast<uintptr_t>(to) % bytes || reinterpret_cast<uintptr_t>(from) % bytes)
    fault("an asynchronous copy of %u bytes is not aligned", bytes);
  if (exist)
    touch(const_cast<void *>(from), exist, false);
  here->copy[here->copies++] = {to, from, bytes, exist, here->group};
}
inline void copyLater(void *to, const void *from, unsigned bytes) { copyLater(to, from, bytes, bytes); }
inline void commitCopies() { ++here->group; }
/// All groups but the last `left` have landed.
inline void waitCopies(unsigned left) {
  unsigned kept = 0;
  for (unsigned i = 0; i < here->copies; ++i)
    if (const Copy c = here->copy[i]; c.group + left < here->group)
      touch(c.to, c.bytes, true), memcpy(c.to, c.from, c.exist), memset(static_cast<char *>(c.to) + c.exist, 0, c.bytes - c.exist);
    else
      here->copy[kept++] = c;
  here->copies = kept;
}

inline void threadEnds() {
  Block &b = *block;
  here->state = ended, --b.alive;
  if (b.arrived)
    fault("divergent barrier: it ended while %u threads wait at __syncthreads", b.arrived);
  Warp &w = b.warps[here->number / 32];
  w.gone |= 1u << (here->number & 31);
  for (unsigned i = 0; i < 32 && w.waiting; ++i)
    if (const Fiber *f = &b.fibers[(here->number & ~31u) + i]; w.waiting >> i & 1 && f->mask & w.gone)
      fault("it ended, and lane %u waits for it at %s (line %d)", i, f->what, f->site);
}
inline void fiberMain() {
  block->body(block->argument);
  threadEnds();
  goOn();
  __builtin_unreachable();
}

constexpr size_t stackBytes = 64 << 10;

inline Dim threadIndex(const Block &b, unsigned i) { return {i % b.size.x, i / b.size.x % b.size.y, i / (b.size.x * b.size.y)}; }

inline void runPlain(Block &b) {
  here = b.fibers;
  for (unsigned i = 0; i < b.threads; ++i) {
    here->number = b.schedule == reverse ? b.threads - 1 - i : i;
    here->thread = threadIndex(b, here->number), here->copies = here->group = 0;
    b.body(b.argument);
  }
}

inline void runFibers(Block &b, char *stacks) {
  b.alive = b.threads, b.arrived = b.phase = 0;
  memset(b.warps, 0, sizeof b.warps);
  for (unsigned i = 0; i < b.threads; ++i) {
    b.order[i] = b.schedule == reverse ? b.threads - 1 - i : i;
    if (unsigned other = b.schedule == random ? nextRandom(b.random) % (i + 1) : i; other != i)
      b.order[i] = b.order[other], b.order[other] = i;
    Fiber &f = b.fibers[i];
    f.thread = threadIndex(b, i), f.number = i, f.state = ready, f.copies = f.group = 0, f.site = 0, f.what = "its start";
    void **top = reinterpret_cast<void **>(stacks + (i + 1) * stackBytes);
    *--top = nullptr; // a call pushed a return address here: the stack is aligned as the ABI wants it
    *--top = reinterpret_cast<void *>(fiberMain);
    f.stack = top -= 6;
    memset(top, 0, 6 * sizeof(void *));
  }
  b.position = 0;
  here = b.fibers + b.order[0];
  tenon_host_switch(&b.home, here->stack);
}
} // namespace tenon_host
