// The pool's inside: one ticket per worker says which launch is offered to it and whether somebody took the share.
#pragma once
#include "runtime/pool.h"
#include <pthread.h>

namespace tenon::rt {

/// A ticket is 2 * launch while the share is offered, 2 * launch + 1 once it is taken.
struct alignas(64) Worker {
  uint32_t ticket = 1;
  uint32_t asleep = 0;
  uint32_t share = 0;
  Pool *pool = nullptr;
  pthread_t thread;
};

class Pool {
public:
  ~Pool();
  bool run(const Launch &launch);
  void work(Worker &worker);
  /// In a forked child: the threads are gone, and will be started again.
  void forget() { started_ = 0, busy_ = 0; }

  uint32_t threads = 1, users = 1;
  Worker *workers = nullptr; // threads - 1
  Pool *next = nullptr;

private:
  void start();
  bool take(Worker &worker, uint32_t offer);

  uint32_t started_ = 0; // how many workers run
  uint32_t launch_ = 0;  // the last offer
  Launch job_ = {};
  alignas(64) uint32_t busy_ = 0;
  alignas(64) uint32_t pending_ = 0, waiting_ = 0; // shares not finished; whether the caller sleeps until they are
};

} // namespace tenon::rt
