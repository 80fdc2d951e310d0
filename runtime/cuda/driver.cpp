// Opens the driver. What is missing is told in a sentence: the library, a device, a version.
#include "runtime/cuda/driver.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace tenon::rt::cuda {

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

Explained explain(const Driver &driver, Result result) {
  const char *text = nullptr;
  Explained explained;
  if (driver.explain(result, &text) || !text)
    text = "an error that it does not explain";
  snprintf(explained.text, sizeof explained.text, "%s (CUDA error %d)", text, result);
  return explained;
}

tenon_status failed(const Driver &driver, const char *what, Result result) {
  return fail(result == 2 ? TENON_ERROR_MEMORY : TENON_ERROR_DEVICE, "CUDA: %s: %s", what, explain(driver, result).text);
}

static tenon_status open(Driver &driver) {
  const char *chosen = getenv("TENON_LIBCUDA"), *name = chosen && *chosen ? chosen : "libcuda.so.1";
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return fail(TENON_ERROR_DEVICE, "CUDA: there is no NVIDIA driver here: %s", dlerror());
  const char *missing = nullptr;
#define X(member, symbol, parameters)                                                                                                      \
  driver.member = reinterpret_cast<Result(*) parameters>(dlsym(library, symbol));                                                          \
  missing = missing || driver.member ? missing : symbol;
  TENON_CUDA_FUNCTIONS(X)
#undef X
  if (missing && !strcmp(missing, "cuGraphAddKernelNode_v2")) { // before CUDA 12: the first one reads the first part of KernelNode
    driver.graphKernel = reinterpret_cast<decltype(driver.graphKernel)>(dlsym(library, "cuGraphAddKernelNode"));
    missing = driver.graphKernel && driver.graphLaunch && driver.graphInstantiate ? nullptr : missing;
  }
  if (missing) {
    fail(TENON_ERROR_DEVICE, "CUDA: %s has no %s: the driver is too old, CUDA 11.4 (driver 470) or later is needed", name, missing);
    dlclose(library);
    return TENON_ERROR_DEVICE;
  }
  Result result = driver.init(0);
  if (result == 0)
    result = driver.version(&driver.cudaVersion);
  if (result == 0)
    return TENON_OK; // the library stays
  if (result == 100)
    fail(TENON_ERROR_DEVICE, "CUDA: the driver is installed, but there is no GPU that this process may use (CUDA_VISIBLE_DEVICES?)");
  else if (result == 34)
    fail(TENON_ERROR_DEVICE, "CUDA: %s is the toolkit's stub library, not the driver's: take the folder of stubs out of LD_LIBRARY_PATH", name);
  else
    failed(driver, "the driver cannot be started", result);
  dlclose(library);
  return TENON_ERROR_DEVICE;
}

tenon_status openDriver(const Driver *&driver) {
  static Driver opened;
  static bool done;
  pthread_mutex_lock(&mutex);
  tenon_status status = done ? TENON_OK : open(opened); // a failure is tried again: it may have been mended
  done = status == TENON_OK;
  pthread_mutex_unlock(&mutex);
  driver = &opened;
  return status;
}

} // namespace tenon::rt::cuda
