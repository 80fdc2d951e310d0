// Devices: opened once, never closed, since the primary context belongs to the process.
#include "runtime/cuda/device.h"
#include <pthread.h>

namespace tenon::rt::cuda {

static constexpr uint32_t limit = 64;

tenon_status countDevices(int &count) {
  const Driver *driver;
  TENON_TRY(openDriver(driver));
  TENON_CUDA(*driver, "its devices cannot be counted", deviceCount(&count));
  return TENON_OK;
}

static tenon_status open(Device &d, uint32_t ordinal) {
  TENON_TRY(openDriver(d.driver));
  const Driver &driver = *d.driver;
  int count = 0, major = 0, minor = 0;
  TENON_TRY(countDevices(count));
  if (ordinal >= uint32_t(count) || ordinal >= limit)
    return fail(TENON_ERROR_DEVICE, "CUDA: there is no GPU number %u: %s %d, counted from 0", ordinal, count == 1 ? "there is" : "there are", count);
  TENON_CUDA(driver, "the GPU cannot be opened", deviceGet(&d.handle, int(ordinal)));
  TENON_CUDA(driver, "the GPU cannot be opened", deviceAttribute(&major, 75, d.handle)); // COMPUTE_CAPABILITY_MAJOR
  TENON_CUDA(driver, "the GPU cannot be opened", deviceAttribute(&minor, 76, d.handle)); // COMPUTE_CAPABILITY_MINOR
  TENON_CUDA(driver, "the GPU cannot be opened", deviceName(d.name, sizeof d.name, d.handle));
  TENON_CUDA(driver, "the GPU cannot be opened", contextRetain(&d.context, d.handle));
  d.ordinal = int(ordinal), d.arch = major * 10 + minor;
  return TENON_OK;
}

tenon_status openDevice(uint32_t ordinal, Device *&device) {
  static Device devices[limit];
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  device = &devices[ordinal < limit ? ordinal : 0];
  pthread_mutex_lock(&mutex);
  tenon_status status = ordinal < limit && device->context ? TENON_OK : open(*device, ordinal);
  pthread_mutex_unlock(&mutex);
  return status;
}

tenon_status Memory::allocate(const Device &device, uint64_t bytes, const char *what) {
  const Driver &driver = *device.driver;
  bytes = rounded(bytes ? bytes : 1);
  size_t free = 0, total = 0;
  TENON_CUDA(driver, "its memory cannot be counted", memoryInfo(&free, &total));
  free += bytes_; // what it has is given back first
  Result result = 2;
  if (bytes <= free) {
    release();
    result = driver.allocate(&address_, bytes);
  }
  if (result == 2)
    return fail(TENON_ERROR_MEMORY, "out of memory: %s: %llu bytes are needed on GPU %d (%s), %llu of its %llu are free", what, (unsigned long long)bytes, device.ordinal,
                device.name, (unsigned long long)free, (unsigned long long)total);
  if (result)
    return failed(driver, "memory cannot be allocated", result);
  device_ = &device, bytes_ = bytes;
  return TENON_OK;
}

void Memory::release() {
  if (!device_)
    return;
  Current current(*device_);
  device_->driver->release(address_);
  device_ = nullptr, address_ = 0, bytes_ = 0;
}

} // namespace tenon::rt::cuda
