// Runs launches on threads: bounded spinning, then futex.
#include "runtime/cpu.h"
#include "runtime/futex.h"
#include "runtime/memory.h"
#include "runtime/worker.h"
#include <signal.h>

namespace tenon::rt {

static constexpr uint32_t stopped = UINT32_MAX;      // the ticket that ends a worker
static constexpr size_t stack = size_t(8) << 20; // kernels keep tiles on it

bool Pool::take(Worker &worker, uint32_t offer) {
  return __atomic_compare_exchange_n(&worker.ticket, &offer, offer + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

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
    Worker &w = *new (&workers[started_]) Worker;
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
  uint32_t offer = launch_ = launch_ + 2 < stopped - 2 ? launch_ + 2 : 2;
  __atomic_store_n(&pending_, others, __ATOMIC_RELAXED);
  for (uint32_t i = 0; i < others; ++i) {
    __atomic_store_n(&workers[i].ticket, offer, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&workers[i].asleep, __ATOMIC_SEQ_CST) && __atomic_exchange_n(&workers[i].asleep, 0, __ATOMIC_SEQ_CST)) // once
      futexWake(workers[i].ticket);
  }
  runShare(launch, 0);
  for (uint32_t share = others + 1; share < launch.shares; ++share) // of threads that could not be started
    runShare(launch, share);
  for (uint32_t i = others; i-- > 0;)
    if (take(workers[i], offer)) {
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
    __atomic_store_n(&workers[i].ticket, stopped, __ATOMIC_SEQ_CST);
    futexWake(workers[i].ticket);
  }
  for (uint32_t i = 0; i < started_; ++i)
    pthread_join(workers[i].thread, nullptr);
  freeAligned(workers);
}

bool runOnPool(Pool &pool, const Launch &launch) { return pool.run(launch); }

} // namespace tenon::rt
