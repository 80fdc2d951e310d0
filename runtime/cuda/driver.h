// The functions of CUDA's driver that are used, and how they are called: libcuda.so.1, opened when the first GPU is asked for. No header of CUDA's is needed.
#pragma once
#include "runtime/error.h"
#include <stddef.h>
#include <stdint.h>

namespace tenon::rt::cuda {

using Address = unsigned long long; // of memory of the device
using Result = int;                 // 0: success
struct DriverContext;
struct Stream;
struct Event;
struct Module;
struct Function;
struct Graph;
struct Executable;
struct Node;

struct KernelNode {
  Function *function;
  unsigned gridX, gridY, gridZ, blockX, blockY, blockZ, shared;
  void **parameters, **extra;
  void *kernel, *context;
};

// X(member, symbol, parameters)
#define TENON_CUDA_FUNCTIONS(X)                                                                                                            \
  X(init, "cuInit", (unsigned flags))                                                                                                      \
  X(version, "cuDriverGetVersion", (int *version))                                                                                         \
  X(explain, "cuGetErrorString", (Result result, const char **text))                                                                       \
  X(deviceCount, "cuDeviceGetCount", (int *count))                                                                                         \
  X(deviceGet, "cuDeviceGet", (int *device, int ordinal))                                                                                  \
  X(deviceAttribute, "cuDeviceGetAttribute", (int *value, int attribute, int device))                                                      \
  X(deviceName, "cuDeviceGetName", (char *name, int bytes, int device))                                                                    \
  X(contextRetain, "cuDevicePrimaryCtxRetain", (DriverContext * *context, int device))                                                     \
  X(contextPush, "cuCtxPushCurrent_v2", (DriverContext * context))                                                                         \
  X(contextPop, "cuCtxPopCurrent_v2", (DriverContext * *context))                                                                          \
  X(memoryInfo, "cuMemGetInfo_v2", (size_t *free, size_t *total))                                                                          \
  X(allocate, "cuMemAlloc_v2", (Address *address, size_t bytes))                                                                           \
  X(release, "cuMemFree_v2", (Address address))                                                                                            \
  X(allocateHost, "cuMemHostAlloc", (void **memory, size_t bytes, unsigned flags))                                                         \
  X(releaseHost, "cuMemFreeHost", (void *memory))                                                                                          \
  X(pointerAttribute, "cuPointerGetAttribute", (void *value, int attribute, Address address))                                              \
  X(addressRange, "cuMemGetAddressRange_v2", (Address *begin, size_t *bytes, Address address))                                             \
  X(upload, "cuMemcpyHtoD_v2", (Address to, const void *from, size_t bytes))                                                               \
  X(download, "cuMemcpyDtoH_v2", (void *to, Address from, size_t bytes))                                                                   \
  X(uploadAsync, "cuMemcpyHtoDAsync_v2", (Address to, const void *from, size_t bytes, Stream *stream))                                     \
  X(downloadAsync, "cuMemcpyDtoHAsync_v2", (void *to, Address from, size_t bytes, Stream *stream))                                         \
  X(copyAsync, "cuMemcpyDtoDAsync_v2", (Address to, Address from, size_t bytes, Stream *stream))                                           \
  X(setAsync, "cuMemsetD8Async", (Address to, unsigned char value, size_t bytes, Stream *stream))                                          \
  X(streamCreate, "cuStreamCreate", (Stream * *stream, unsigned flags))                                                                    \
  X(streamDestroy, "cuStreamDestroy_v2", (Stream * stream))                                                                                \
  X(streamSynchronize, "cuStreamSynchronize", (Stream * stream))                                                                           \
  X(eventCreate, "cuEventCreate", (Event * *event, unsigned flags))                                                                        \
  X(eventDestroy, "cuEventDestroy_v2", (Event * event))                                                                                    \
  X(eventRecord, "cuEventRecord", (Event * event, Stream *stream))                                                                         \
  X(streamWait, "cuStreamWaitEvent", (Stream * stream, Event *event, unsigned flags))                                                      \
  X(eventSynchronize, "cuEventSynchronize", (Event * event))                                                                               \
  X(eventElapsed, "cuEventElapsedTime", (float *milliseconds, Event *begin, Event *end))                                                   \
  X(moduleLoad, "cuModuleLoadDataEx", (Module * *module, const void *image, unsigned options, int *names, void **values))                  \
  X(moduleUnload, "cuModuleUnload", (Module * module))                                                                                     \
  X(moduleFunction, "cuModuleGetFunction", (Function * *function, Module *module, const char *name))                                       \
  X(launch, "cuLaunchKernel",                                                                                                              \
    (Function * function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ, unsigned shared, \
     Stream *stream, void **parameters, void **extra))                                                                                     \
  X(graphCreate, "cuGraphCreate", (Graph * *graph, unsigned flags))                                                                        \
  X(graphDestroy, "cuGraphDestroy", (Graph * graph))                                                                                       \
  X(graphKernel, "cuGraphAddKernelNode_v2", (Node * *node, Graph *graph, Node *const *after, size_t count, const KernelNode *kernel))      \
  X(graphEmpty, "cuGraphAddEmptyNode", (Node * *node, Graph *graph, Node *const *after, size_t count))                                     \
  X(graphInstantiate, "cuGraphInstantiateWithFlags", (Executable * *executable, Graph *graph, unsigned long long flags))                   \
  X(executableDestroy, "cuGraphExecDestroy", (Executable * executable))                                                                    \
  X(graphLaunch, "cuGraphLaunch", (Executable * executable, Stream *stream))

struct Driver {
#define X(member, symbol, parameters) Result(*member) parameters;
  TENON_CUDA_FUNCTIONS(X)
#undef X
  int cudaVersion; // that it supports: 13000 is 13.0
};

/// Opens libcuda.so.1 ($TENON_LIBCUDA), once; DEVICE says why there is none.
tenon_status openDriver(const Driver *&driver);
/// "unspecified launch failure (CUDA error 719)".
struct Explained {
  char text[200];
};
Explained explain(const Driver &driver, Result result);
/// A failed call of the driver, as MEMORY or DEVICE.
[[gnu::cold]] tenon_status failed(const Driver &driver, const char *what, Result result);

} // namespace tenon::rt::cuda

#define TENON_CUDA(driver, what, call)                                                                                                     \
  do {                                                                                                                                     \
    if (::tenon::rt::cuda::Result result_ = (driver).call)                                                                                                  \
      return ::tenon::rt::cuda::failed(driver, what, result_);                                                                                             \
  } while (0)
