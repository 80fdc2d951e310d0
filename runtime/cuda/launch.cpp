// Functions that are no graphs: each kernel is launched by itself, and the host reads the flags of loops and branches. Also profiled ones.
#include "runtime/cuda/walk.h"

namespace tenon::rt::cuda {

namespace {
struct StreamSink {
  Context &c;
  Prepared &p;
  const Driver &driver;
  bool &started;

  Result begin() { return 0; }
  Result end() { return 0; }

  Result kernel(const Kernel &k, uint32_t row) {
    if (c.profile)
      if (Result r = driver.eventRecord(c.events[0], c.stream))
        return r;
    if (Result r = driver.launch(k.function, k.blocks, 1, 1, k.threads, 1, 1, 0, c.stream, k.parameters, nullptr))
      return r;
    started = true;
    return c.profile ? measure(row) : 0;
  }

  Result measure(uint32_t row) {
    float milliseconds = 0;
    if (Result r = driver.eventRecord(c.events[1], c.stream))
      return r;
    if (Result r = driver.eventSynchronize(c.events[1]))
      return r;
    if (Result r = driver.eventElapsed(&milliseconds, c.events[0], c.events[1]))
      return r;
    ++p.timings[row].count, p.timings[row].nanoseconds += uint64_t(double(milliseconds) * 1e6);
    return 0;
  }

  // A check that failed before the flag was written leaves a flag that means nothing.
  Result flag(Address address, bool &value, bool &over) {
    char *status = c.pinned, *byte = c.pinned + 16;
    if (Result r = driver.downloadAsync(status, c.status(), 4, c.stream))
      return r;
    if (Result r = driver.downloadAsync(byte, address, 1, c.stream))
      return r;
    if (Result r = driver.streamSynchronize(c.stream))
      return r;
    uint32_t word;
    __builtin_memcpy(&word, status, sizeof word);
    over = word != 0, value = *byte != 0;
    return 0;
  }
};
} // namespace

Result launchCommands(Context &c, Prepared &p, bool &started) {
  StreamSink sink{c, p, *c.device->driver, started};
  return Walker<StreamSink>(c, p, sink).walk();
}

} // namespace tenon::rt::cuda
