// Memory of devices for programs that keep tensors of their own there.
#include "runtime/cuda/device.h"
#include "runtime/memory.h"
#include <string.h>

using namespace tenon::rt;

static tenon_status open(uint32_t device, const void *memory, const char *call, cuda::Device *&gpu) {
  if (!memory)
    return fail(TENON_ERROR_ARGUMENT, "%s: memory is NULL", call);
  return device ? cuda::openDevice(device - 1, gpu) : TENON_OK;
}

tenon_status tenon_device_allocate(uint32_t device, size_t bytes, void **memory) {
  cuda::Device *gpu;
  TENON_TRY(open(device, memory, "tenon_device_allocate", gpu));
  *memory = nullptr;
  if (!device)
    return (*memory = allocateAligned(bytes)) ? TENON_OK : outOfMemory();
  cuda::Current current(*gpu);
  TENON_TRY(current.check());
  cuda::Memory block;
  TENON_TRY(block.allocate(*gpu, bytes, "a tensor"));
  *memory = reinterpret_cast<void *>(block.take());
  return TENON_OK;
}

tenon_status tenon_device_release(uint32_t device, void *memory) {
  cuda::Device *gpu;
  if (!memory)
    return TENON_OK;
  TENON_TRY(open(device, memory, "tenon_device_release", gpu));
  if (!device)
    return freeAligned(memory), TENON_OK;
  cuda::Current current(*gpu);
  TENON_TRY(current.check());
  TENON_CUDA(*gpu->driver, "memory cannot be released", release(reinterpret_cast<cuda::Address>(memory)));
  return TENON_OK;
}

tenon_status tenon_device_copy(uint32_t to_device, void *to, uint32_t from_device, const void *from, size_t bytes) {
  if (!bytes)
    return TENON_OK;
  if (to_device && from_device && to_device != from_device)
    return fail(TENON_ERROR_ARGUMENT, "tenon_device_copy: from GPU %u to GPU %u: copy by way of the CPU", from_device - 1, to_device - 1);
  cuda::Device *gpu;
  TENON_TRY(open(to_device ? to_device : from_device, to && from ? to : nullptr, "tenon_device_copy", gpu));
  if (!to_device && !from_device)
    return memcpy(to, from, bytes), TENON_OK;
  cuda::Current current(*gpu);
  TENON_TRY(current.check());
  auto there = reinterpret_cast<cuda::Address>(to), here = reinterpret_cast<cuda::Address>(from);
  if (!to_device)
    TENON_CUDA(*gpu->driver, "a tensor cannot be copied", download(to, here, bytes));
  else if (!from_device)
    TENON_CUDA(*gpu->driver, "a tensor cannot be copied", upload(there, from, bytes));
  else
    TENON_CUDA(*gpu->driver, "a tensor cannot be copied", copyAsync(there, here, bytes, nullptr));
  // Streams of runs do not wait for the stream that copies.
  TENON_CUDA(*gpu->driver, "a tensor cannot be copied", streamSynchronize(nullptr));
  return TENON_OK;
}
