// The process's pools, one for each number of threads in use: contexts share them, so that many contexts do not mean many threads.
#include "runtime/memory.h"
#include "runtime/worker.h"

namespace tenon::rt {

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
    pool->workers = static_cast<Worker *>(allocateAligned(sizeof(Worker) * threads));
    if (pool->workers)
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
