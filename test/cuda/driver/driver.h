// A CUDA driver without a GPU: what its files share. One lock; devices, contexts, memory, streams of work that is done as late as it may be.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default"))) int

namespace fake {

enum Result {
  success = 0, invalidValue = 1, outOfMemory = 2, notInitialized = 3, noDevice = 100, invalidDevice = 101, invalidImage = 200, invalidContext = 201,
  noBinaryForGpu = 209, unsupportedPtx = 222, invalidHandle = 400, notFound = 500, notReady = 600, illegalAddress = 700, launchFailed = 719
};
using Address = unsigned long long;

/// $TENON_FAKE_CUDA_`name` as a number.
inline long long setting(const char *name, long long otherwise) {
  const char *text = std::getenv((std::string("TENON_FAKE_CUDA_") + name).c_str());
  return text && *text ? std::atoll(text) : otherwise;
}

/// A planted bug: whether this call is left out, the Nth of its kind ($TENON_FAKE_CUDA_DROP="cuStreamSynchronize:0").
bool dropped(const char *kind);
/// A failure that is asked for, or 0: of the Nth such call from when it was asked for ($TENON_FAKE_CUDA_FAIL="cuGraphLaunch:0:2" is the next one, which returns 2).
int failing(const char *call);

struct Context {
  int device;
};
struct Allocation {
  char *mapped;
  size_t bytes, mappedBytes;
  int device;
};
struct Event;
struct Stream {
  int device;
  std::deque<std::function<Result()>> queue;
};
struct Event {
  Stream *stream = nullptr;
  uint64_t recorded = 0, reached = 0; // how often
  uint64_t nanoseconds = 0;
};
struct Function {
  std::string name;
  void (*code)(const unsigned *, const unsigned *, void **);
  void (*setShared)(unsigned);
  std::vector<unsigned> sizes; // of its parameters
  unsigned staticShared = 0, dynamicShared = 48 << 10;
  int device = 0;
};
struct Module {
  void *library = nullptr;
  int device = 0;
  std::string symbols; // the bytes, for its symbol table
  std::map<std::string, Function> functions;
};
/// A kernel with its launch, parameters copied.
struct Call {
  Function *function;
  unsigned grid[3], block[3], shared;
  std::vector<std::vector<char>> parameters;
};

/// What tests may ask: tenon_fake_cuda_counts.
struct Counts {
  uint64_t kernels, launches, graphLaunches, graphs, allocations, pinnedAllocations, copies, synchronizations;
};

struct Driver {
  std::recursive_mutex mutex;
  bool initialized = false;
  Result lost = success; // sticky
  std::map<uintptr_t, Allocation> memory, pinned;
  std::map<int, size_t> used; // of a device
  std::vector<Stream *> streams;
  Counts counts = {};
  uint32_t random = 0;
  int open = 0; // device memory can be touched
};
Driver &driver();
/// NULL is the device's default stream.
Stream *streamOf(Stream *stream);
/// The thread's current context; its device, or -1.
int currentDevice();

/// While one lives, device memory can be read and written: kernels and copies run.
struct Access {
  Access();
  ~Access();
};
/// Whether [address, address + bytes) is one allocation's; of which device.
const Allocation *findDevice(Address address, size_t bytes);
bool isPinned(const void *address, size_t bytes);

/// Runs what is in the stream until `done` says so, or all of it.
Result drain(Stream &stream, const std::function<bool()> &done = {});
Result drainDevice(int device);

/// Checks a launch against the limits of devices and copies its parameters.
Result makeCall(Function *function, const unsigned grid[3], const unsigned block[3], unsigned shared, void **parameters, Call &call);
Result runCall(Call &call);
void log(const char *format, ...);

} // namespace fake

/// Takes the lock; what is wrong with the driver as a whole is the call's result.
#define ENTER                                                                                                                              \
  using namespace fake;                                                                                                                    \
  Driver &d = driver();                                                                                                                    \
  std::lock_guard lock(d.mutex);                                                                                                           \
  if (!d.initialized)                                                                                                                      \
    return notInitialized;                                                                                                                 \
  if (d.lost)                                                                                                                              \
    return d.lost;
#define ENTER_CONTEXT                                                                                                                      \
  ENTER                                                                                                                                    \
  int device = currentDevice();                                                                                                            \
  if (device < 0)                                                                                                                          \
    return invalidContext;                                                                                                                 \
  if (int result = failing(__func__))                                                                                                      \
    return result;
