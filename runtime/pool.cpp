// The pool: bounded spinning, then futex. One ticket per worker says which launch is offered to it and whether somebody took the share.
#include "runtime/pool.h"
#include "runtime/cpu.h"
#include "runtime/futex.h"
#include "runtime/memory.h"
#include <pthread.h>
#include <signal.h>

namespace tenon::rt {

namespace {
constexpr uint32_t stopped = UINT32_MAX; // the ticket that ends a worker
constexpr size_t stack = size_t(8) << 20; // kernels keep tiles on it

/// A ticket is 2 * launch while the share is offered, 2 * launch + 1 once it is taken.
struct alignas(64) Worker {
  uint32_t ticket = 1;
  uint32_t asleep = 0;
  uint32_t share = 0;
  Pool *pool = nullptr;
  pthread_t thread;
};
} // namespace

class Pool {
public:
  ~Pool();
  bool run(const Launch &launch);
  void work(Worker &worker);
  /// In a forked child: the threads are gone, and will be started again.
  void forget() { started_ = 0, busy_ = 0; }

  uint32_t threads = 1, users = 1;
  Pool *next = nullptr;

private:
  friend Pool *acquirePool(uint32_t);
  void start();
  bool take(Worker &worker, uint32_t offer) {
    return __atomic_compare_exchange_n(&worker.ticket, &offer, offer + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
  }

  Worker *workers_ = nullptr; // threads - 1
  uint32_t started_ = 0;      // how many of them run
  uint32_t launch_ = 1;
  Launch job_ = {};
  alignas(64) uint32_t busy_ = 0;
  alignas(64) uint32_t pending_ = 0, waiting_ = 0; // shares not finished; whether the caller sleeps until they are
};

void Pool::start() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); // signals are the program's own threads' business
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack);
  auto main = [](void *worker) -> void * {
    FloatingPointMode mode;
    static_cast<Worker *>(worker)->pool->work(*static_cast<Worker *>(worker));
    return nullptr;
  };
  for (; started_ < threads - 1; ++started_) {
    Worker &w = *new (&workers_[started_]) Worker;
    w.pool = this, w.share = started_ + 1;
    if (pthread_create(&w.thread, &attributes, main, &w))
      break; // the caller takes the shares of those that are missing
  }
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Pool::work(Worker &worker) {
  uint32_t seen = 1;
  for (;;) {
    uint32_t ticket = spinWhile(worker.ticket, seen);
    if (ticket == seen) { // nothing came for a while
      __atomic_store_n(&worker.asleep, 1, __ATOMIC_SEQ_CST);
      while (__atomic_load_n(&worker.ticket, __ATOMIC_SEQ_CST) == seen)
        futexWait(worker.ticket, seen);
      __atomic_store_n(&worker.asleep, 0, __ATOMIC_RELAXED);
      continue;
    }
    if (ticket == stopped)
      return;
    if (ticket % 2 == 0 && take(worker, ticket)) {
      runShare(job_, worker.share);
      if (__atomic_sub_fetch(&pending_, 1, __ATOMIC_SEQ_CST) == 0 && __atomic_load_n(&waiting_, __ATOMIC_SEQ_CST))
        futexWake(pending_);
    }
    seen = ticket | 1;
  }
}

bool Pool::run(const Launch &launch) {
  if (__atomic_exchange_n(&busy_, 1, __ATOMIC_ACQUIRE))
    return false;
  if (started_ == 0)
    start();
  uint32_t others = launch.shares - 1 < started_ ? launch.shares - 1 : started_;
  job_ = launch;
  uint32_t offer = launch_ = launch_ + 2 > stopped - 4 ? 2 : (launch_ + 2) & ~1u;
  __atomic_store_n(&pending_, others, __ATOMIC_RELAXED);
  for (uint32_t i = 0; i < others; ++i) {
    __atomic_store_n(&workers_[i].ticket, offer, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&workers_[i].asleep, __ATOMIC_SEQ_CST))
      futexWake(workers_[i].ticket);
  }
  runShare(launch, 0);
  for (uint32_t share = others + 1; share < launch.shares; ++share) // of threads that could not be started
    runShare(launch, share);
  for (uint32_t i = others; i-- > 0;)
    if (take(workers_[i], offer)) {
      runShare(launch, i + 1);
      __atomic_sub_fetch(&pending_, 1, __ATOMIC_RELAXED);
    }
  while (uint32_t left = spinUntilZero(pending_)) {
    __atomic_store_n(&waiting_, 1, __ATOMIC_SEQ_CST);
    futexWait(pending_, left);
    __atomic_store_n(&waiting_, 0, __ATOMIC_RELAXED);
  }
  __atomic_store_n(&busy_, 0, __ATOMIC_RELEASE);
  return true;
}

Pool::~Pool() {
  for (uint32_t i = 0; i < started_; ++i) {
    __atomic_store_n(&workers_[i].ticket, stopped, __ATOMIC_SEQ_CST);
    futexWake(workers_[i].ticket);
  }
  for (uint32_t i = 0; i < started_; ++i)
    pthread_join(workers_[i].thread, nullptr);
  free(workers_);
}

bool runOnPool(Pool &pool, const Launch &launch) { return pool.run(launch); }

// The process's pools, one for each number of threads in use: contexts share them, so that many contexts do not mean many threads.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Pool *pools;

static void watchForks() {
  static bool watching;
  if (watching)
    return;
  watching = true;
  pthread_atfork([] { pthread_mutex_lock(&mutex); }, [] { pthread_mutex_unlock(&mutex); },
                 [] {
                   for (Pool *p = pools; p; p = p->next)
                     p->forget();
                   pthread_mutex_unlock(&mutex);
                 });
}

Pool *acquirePool(uint32_t threads) {
  pthread_mutex_lock(&mutex);
  watchForks();
  Pool *pool = pools;
  while (pool && pool->threads != threads)
    pool = pool->next;
  if (pool)
    ++pool->users;
  else if ((pool = create<Pool>())) {
    pool->threads = threads;
    pool->workers_ = static_cast<Worker *>(allocateAligned(sizeof(Worker) * threads));
    if (pool->workers_)
      pool->next = pools, pools = pool;
    else
      destroy(pool), pool = nullptr;
  }
  pthread_mutex_unlock(&mutex);
  return pool;
}

void releasePool(Pool *pool) {
  if (!pool)
    return;
  pthread_mutex_lock(&mutex);
  bool last = --pool->users == 0;
  if (last) {
    Pool **link = &pools;
    while (*link != pool)
      link = &(*link)->next;
    *link = pool->next;
  }
  pthread_mutex_unlock(&mutex);
  if (last)
    destroy(pool);
}

} // namespace tenon::rt
