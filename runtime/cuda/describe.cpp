// Devices and images in words, for tenon.h.
#include "runtime/cuda/device.h"
#include <string.h>

using namespace tenon::rt;

tenon_status tenon_gpu_count(uint32_t *count) {
  int n = 0;
  if (!count)
    return fail(TENON_ERROR_ARGUMENT, "tenon_gpu_count: count is NULL");
  TENON_TRY(cuda::countDevices(n));
  *count = uint32_t(n);
  return TENON_OK;
}

tenon_status tenon_device_describe(uint32_t device, tenon_device_info *info) {
  if (!info)
    return fail(TENON_ERROR_ARGUMENT, "tenon_device_describe: info is NULL");
  *info = {};
  if (device == 0)
    return memcpy(info->name, "CPU", 4), TENON_OK;
  cuda::Device *d;
  TENON_TRY(cuda::openDevice(device - 1, d));
  memcpy(info->name, d->name, sizeof info->name);
  info->arch = uint32_t(d->arch), info->driver = uint32_t(d->driver->cudaVersion);
  cuda::Current current(*d);
  TENON_TRY(current.check());
  size_t free = 0, total = 0;
  TENON_CUDA(*d->driver, "its memory cannot be counted", memoryInfo(&free, &total));
  info->memory_bytes = total, info->free_bytes = free;
  return TENON_OK;
}

uint32_t tenon_image_count(const tenon_model *model) { return model && model->cuda ? model->cuda->n_images : 0; }

tenon_status tenon_image_describe(const tenon_model *model, uint32_t image, tenon_image_info *info) {
  if (!info || image >= tenon_image_count(model))
    return fail(TENON_ERROR_ARGUMENT, "tenon_image_describe: there is no number %u, or an argument is NULL", image);
  const tenon_image &i = model->cuda->images[image];
  *info = {i.kind == TENON_IMAGE_CUBIN ? "cubin" : "ptx", {}, i.bytes, model->cuda->version};
  memcpy(info->name, cuda::imageName(i).text, sizeof info->name);
  return TENON_OK;
}
