// Devices, contexts, errors. What this machine pretends to have:
//   $TENON_FAKE_CUDA_DEVICES (1), _ARCH (90), _DRIVER (13000: CUDA 13.0), _MEMORY (bytes of each), _INIT (what cuInit returns), _LOG (a file: a line for each launch)
#include "driver.h"
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace fake {

Driver &driver() {
  static Driver *d = new Driver; // outlives everything
  return *d;
}

static Context contexts[16];
static thread_local std::vector<Context *> stack;

int currentDevice() { return stack.empty() || !stack.back() ? -1 : stack.back()->device; }

void log(const char *format, ...) {
  static FILE *file = [] {
    const char *path = std::getenv("TENON_FAKE_CUDA_LOG");
    return path ? std::fopen(path, "a") : nullptr;
  }();
  if (!file)
    return;
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(file, format, arguments);
  va_end(arguments);
  std::fflush(file);
}

bool dropped(const char *kind) {
  const char *text = std::getenv("TENON_FAKE_CUDA_DROP");
  size_t length = std::strlen(kind);
  if (!text || std::strncmp(text, kind, length) || text[length] != ':')
    return false;
  static long left = std::atol(text + length + 1);
  return left-- == 0;
}

int failing(const char *call) {
  static std::string asked;
  static long left = -1;
  const char *text = std::getenv("TENON_FAKE_CUDA_FAIL");
  if (!text)
    return asked.clear(), 0;
  std::string all = text, name = all.substr(0, all.find(':')), numbers = all.substr(name.size() + 1);
  if (all != asked)
    asked = all, left = std::atol(numbers.c_str());
  return name == call && left-- == 0 ? std::atoi(numbers.substr(numbers.find(':') + 1).c_str()) : 0;
}
} // namespace fake

using namespace fake;

extern "C" __attribute__((visibility("default"))) void tenon_fake_cuda_counts(Counts *counts) {
  std::lock_guard lock(driver().mutex);
  *counts = driver().counts;
}
/// Forgets that the device was lost: tests go on.
extern "C" __attribute__((visibility("default"))) void tenon_fake_cuda_recover() {
  std::lock_guard lock(driver().mutex);
  driver().lost = success;
}

static int deviceCount() { return int(setting("DEVICES", 1)); }

API cuInit(unsigned flags) {
  Driver &d = driver();
  std::lock_guard lock(d.mutex);
  if (int result = int(setting("INIT", deviceCount() ? 0 : noDevice)))
    return result;
  d.initialized = true;
  d.random = uint32_t(setting("SEED", 1)) * 2654435761u | 1;
  return flags ? invalidValue : success;
}
API cuDriverGetVersion(int *version) {
  *version = int(setting("DRIVER", 13000));
  return success;
}
API cuDeviceGetCount(int *count) {
  ENTER
  *count = deviceCount();
  return success;
}
API cuDeviceGet(int *device, int ordinal) {
  ENTER
  if (ordinal < 0 || ordinal >= deviceCount())
    return invalidDevice;
  *device = ordinal;
  return success;
}
API cuDeviceGetAttribute(int *value, int attribute, int device) {
  ENTER
  if (device < 0 || device >= deviceCount())
    return invalidDevice;
  int arch = int(setting("ARCH", 90));
  switch (attribute) {
  case 16: *value = 4; break;                // multiprocessors
  case 75: *value = arch / 10; break;        // compute capability
  case 76: *value = arch % 10; break;
  case 97: *value = int(227u << 10); break;  // shared memory of a block, opted in
  default: return invalidValue;
  }
  return success;
}
API cuDeviceGetName(char *name, int bytes, int device) {
  ENTER
  std::snprintf(name, size_t(bytes), "Fake GPU %d", device);
  return success;
}
API cuDevicePrimaryCtxRetain(Context **context, int device) {
  ENTER
  if (device < 0 || device >= deviceCount() || device >= 16)
    return invalidDevice;
  contexts[device].device = device;
  *context = &contexts[device];
  return success;
}
API cuDevicePrimaryCtxRelease_v2(int) {
  ENTER
  return success;
}
API cuCtxPushCurrent_v2(Context *context) {
  ENTER
  stack.push_back(context);
  return success;
}
API cuCtxPopCurrent_v2(Context **context) {
  using namespace fake;
  if (stack.empty())
    return invalidContext;
  if (context)
    *context = stack.back();
  stack.pop_back();
  return success;
}
API cuCtxSetCurrent(Context *context) {
  ENTER
  if (stack.empty())
    stack.push_back(context);
  stack.back() = context;
  return success;
}
API cuCtxGetCurrent(Context **context) {
  ENTER
  *context = stack.empty() ? nullptr : stack.back();
  return success;
}
API cuGetErrorString(int result, const char **text) {
  static const std::map<int, const char *> texts = {
      {success, "no error"}, {invalidValue, "invalid argument"}, {outOfMemory, "out of memory"}, {notInitialized, "initialization error"}, {34, "CUDA driver is a stub library"},
      {noDevice, "no CUDA-capable device is detected"}, {invalidDevice, "invalid device ordinal"}, {invalidImage, "device kernel image is invalid"},
      {invalidContext, "invalid device context"}, {noBinaryForGpu, "no kernel image is available for execution on the device"},
      {unsupportedPtx, "the provided PTX was compiled with an unsupported toolchain."}, {invalidHandle, "invalid resource handle"}, {notFound, "named symbol not found"},
      {illegalAddress, "an illegal memory access was encountered"}, {launchFailed, "unspecified launch failure"}, {999, "unknown error"}};
  auto found = texts.find(result);
  *text = found == texts.end() ? nullptr : found->second;
  return found == texts.end() ? invalidValue : success;
}
