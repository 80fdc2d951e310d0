// How many threads a context takes when nobody says.
#include "runtime/pool.h"
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

uint32_t tenon::rt::defaultThreads() {
  if (const char *text = getenv("TENON_NUM_THREADS")) {
    char *end;
    long number = strtol(text, &end, 10);
    if (end != text && !*end && number > 0)
      return number < 256 ? number : 256;
  }
  cpu_set_t cores;
  long number = !sched_getaffinity(0, sizeof cores, &cores) ? CPU_COUNT(&cores) : sysconf(_SC_NPROCESSORS_ONLN);
  if (long quota = quotaCores(); quota && quota < number)
    number = quota;
  return number < 1 ? 1 : number > 16 ? 16 : number;
}
