// A grid of blocks: what a launch does in the host form. Static shared memory is thread-local memory of the library that the kernels are compiled to;
// it and the dynamic one hold NaN bytes when a block begins.
#pragma once
#include "host_block.h"
#include <utility>

namespace tenon_host {

struct Launch {
  const char *kernel;
  Dim grid, size;
  bool (*plain)(unsigned block);
  void (*body)(void *);
  void *argument;
  uint64_t next; // block
  unsigned sharedBytes;
  void **parameters;
  const uint64_t *lengths; // in bytes, of the tensors that the first parameters are; a 0 after them
};

// Where this library's thread-local memory is for this thread; not found in a program, whose other variables are there too.
struct Shared {
  void *data = nullptr;
  size_t bytes = 0;
};
inline Shared findShared() {
  Shared found;
  here = nullptr; // the first access makes the memory
  dl_iterate_phdr(
      [](dl_phdr_info *info, size_t, void *data) {
        Shared candidate;
        bool mine = false;
        for (unsigned i = 0; i < info->dlpi_phnum; ++i) {
          const auto &h = info->dlpi_phdr[i];
          uintptr_t at = reinterpret_cast<uintptr_t>(&tenon_host_switch) - info->dlpi_addr - h.p_vaddr;
          mine |= h.p_type == PT_LOAD && at < h.p_memsz;
          if (h.p_type == PT_TLS)
            candidate.data = info->dlpi_tls_data, candidate.bytes = h.p_memsz;
        }
        if (mine && info->dlpi_name && *info->dlpi_name && candidate.data)
          *static_cast<Shared *>(data) = candidate;
        return int(mine);
      },
      &found);
  return found;
}

// Stacks and fibers are kept from launch to launch.
struct Room {
  Room *next;
  char *stacks, *shared;
  Fiber fibers[1024];
  unsigned order[1024];
};
constexpr size_t sharedLimit = 227 << 10;
struct Rooms {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  Room *free = nullptr;
  static char *map(size_t bytes) {
    void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
      abort();
    return static_cast<char *>(memory);
  }
  Room *take() {
    pthread_mutex_lock(&mutex);
    Room *room = free;
    free = room ? room->next : free;
    pthread_mutex_unlock(&mutex);
    if (!room) {
      room = reinterpret_cast<Room *>(map(sizeof(Room)));
      room->stacks = map(1024 * stackBytes), room->shared = map(sharedLimit);
    }
    return room;
  }
  void give(Room *room) {
    pthread_mutex_lock(&mutex);
    room->next = free, free = room;
    pthread_mutex_unlock(&mutex);
  }
  ~Rooms() {
    for (Room *room = free, *next; room; room = next) {
      next = room->next;
      munmap(room->stacks, 1024 * stackBytes), munmap(room->shared, sharedLimit), munmap(room, sizeof(Room));
    }
  }
};
static Rooms rooms;
} // namespace tenon_host
#ifdef TENON_HOST_WATCH
#include "host_watch.h"
#endif

namespace tenon_host {

inline void *runBlocks(void *data) {
  Launch &l = *static_cast<Launch *>(data);
  block = nullptr;
  Room *room = rooms.take();
  Block b = {};
  b.kernel = l.kernel, b.size = l.size, b.grid = l.grid, b.body = l.body, b.argument = l.argument;
  b.threads = l.size.x * l.size.y * l.size.z, b.fibers = room->fibers, b.order = room->order, b.shared = room->shared;
  const char *schedule = getenv("TENON_HOST_SCHEDULE");
  b.schedule = !schedule ? forward : !strncmp(schedule, "reverse", 7) ? reverse : !strncmp(schedule, "random", 6) ? random : !strcmp(schedule, "greedy") ? greedy : forward;
  unsigned seed = b.schedule == random && schedule[6] == ':' ? atoi(schedule + 7) : 1;
  uint64_t count = uint64_t(l.grid.x) * l.grid.y * l.grid.z, i;
  Shared shared;
#ifdef TENON_HOST_WATCH
  shared = findShared();
  watchLaunch(l.parameters, l.lengths, shared.data, shared.bytes, room->shared, l.sharedBytes, room->stacks, room, sizeof *room);
#endif
  while ((i = __atomic_fetch_add(&l.next, 1, __ATOMIC_RELAXED)) < count) {
    if (b.schedule == reverse)
      i = count - 1 - i;
    else if (b.schedule == random)
      i = (i * 2654435761u + seed) % count; // a prime: each block once
    b.index = {unsigned(i % l.grid.x), unsigned(i / l.grid.x % l.grid.y), unsigned(i / (uint64_t(l.grid.x) * l.grid.y))};
    b.atomics = false;
    b.random = (seed * 2654435761u + unsigned(i) * 97) | 1;
    b.plain = l.plain(unsigned(i));
    if (!b.plain && !shared.data)
      shared = findShared();
    if (!b.plain)
      memset(shared.data, 0xff, shared.bytes);
    memset(b.shared, 0xff, l.sharedBytes);
    block = &b;
    if (b.plain)
      runPlain(b);
    else
      runFibers(b, room->stacks);
  }
  rooms.give(room);
  return nullptr;
}

/// Bytes of dynamic shared memory of this thread's next launch.
inline unsigned &nextShared() {
  static unsigned bytes;
  return bytes;
}

template <class Body> TENON_HOST_UNWATCHED void invoke(void *body) { (*static_cast<Body *>(body))(); }

template <class Body>
inline void run(const char *kernel, bool (*plain)(unsigned), const unsigned grid[3], const unsigned size[3], void **parameters, const uint64_t *lengths, Body body) {
  Launch l = {kernel, {grid[0], grid[1], grid[2]}, {size[0], size[1], size[2]}, plain, invoke<Body>, &body, 0, nextShared(), parameters, lengths};
  nextShared() = 0;
  const char *text = getenv("TENON_HOST_THREADS");
  unsigned threads = text ? atoi(text) : 1;
  pthread_t others[16];
  unsigned started = 0;
  while (started + 1 < threads && started < 16 && !pthread_create(&others[started], nullptr, runBlocks, &l))
    ++started;
  runBlocks(&l);
  while (started)
    pthread_join(others[--started], nullptr);
}

template <class... P, size_t... I>
inline void launch(const char *kernel, bool (*plain)(unsigned), void (*code)(P...), const unsigned grid[3], const unsigned size[3], void **parameters, const uint64_t *lengths,
                   std::index_sequence<I...>) {
  run(kernel, plain, grid, size, parameters, lengths, [=]() TENON_HOST_UNWATCHED { code(*static_cast<std::remove_cv_t<P> *>(parameters[I])...); });
}
template <class... P>
inline void launch(const char *kernel, bool (*plain)(unsigned), void (*code)(P...), const unsigned grid[3], const unsigned size[3], void **parameters, const uint64_t *lengths) {
  launch(kernel, plain, code, grid, size, parameters, lengths, std::index_sequence_for<P...>());
}

/// The sizes of a kernel's parameters, and a 0.
template <class F> struct Sizes;
template <class... P> struct Sizes<void (*)(P...)> {
  unsigned bytes[sizeof...(P) + 1] = {sizeof(P)..., 0};
};
} // namespace tenon_host

extern "C" __attribute__((visibility("default"), weak)) void tenon_host_shared(unsigned bytes) { tenon_host::nextShared() = bytes; }
