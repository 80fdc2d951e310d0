// An artifact's code on a device: the image that fits, its functions, the constants.
#include "runtime/cuda/device.h"
#include "runtime/text.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

namespace tenon::rt::cuda {

static int archOf(const tenon_image &i) { return int(i.arch % 1000); }
static bool onlyThere(const tenon_image &i) { return i.arch >= 1000; }

ImageName imageName(const tenon_image &i) {
  ImageName name;
  snprintf(name.text, sizeof name.text, "%s_%d%s", i.kind == TENON_IMAGE_CUBIN ? "sm" : "compute", archOf(i), onlyThere(i) ? "a" : "");
  return name;
}

tenon_status chooseImage(const tenon_cuda &code, const Device &device, const tenon_image *&image) {
  image = nullptr;
  int driver = device.driver->cudaVersion, version = int(code.version);
  bool tooNew = false;
  auto rank = [](const tenon_image &i) { return (i.kind == TENON_IMAGE_CUBIN ? 10000 : 0) + archOf(i) * 2 + onlyThere(i); };
  for (uint32_t k = 0; k < code.n_images; ++k) {
    const tenon_image &i = code.images[k];
    bool cubin = i.kind == TENON_IMAGE_CUBIN, same = archOf(i) == device.arch;
    if (onlyThere(i) ? !same : archOf(i) > device.arch || (cubin && archOf(i) / 10 != device.arch / 10))
      continue;
    // A driver runs the machine code of its own major version's later minor ones, and compiles no PTX that is newer than itself.
    if (cubin ? version / 1000 > driver / 1000 : version / 10 > driver / 10)
      tooNew = true;
    else if (!image || rank(i) > rank(*image))
      image = &i;
  }
  if (image)
    return TENON_OK;
  if (tooNew)
    return fail(TENON_ERROR_DEVICE, "CUDA: the driver supports CUDA %d.%d, the artifact's code for this GPU was made by CUDA %d.%d: install a newer driver, or compile it with an older NVRTC ($TENON_LIBNVRTC)", driver / 1000,
                driver % 1000 / 10, version / 1000, version % 1000 / 10);
  Text names;
  for (uint32_t k = 0; k < code.n_images; ++k)
    names.add("%s%s", k ? ", " : "", imageName(code.images[k]).text);
  return fail(TENON_ERROR_DEVICE, "CUDA: the artifact has no code for GPU %d (%s, sm_%d); it has %s", device.ordinal, device.name, device.arch,
              code.n_images ? names.c_str() : "none");
}

static tenon_status loadModule(const tenon_cuda &code, const Device &device, Module *&module) {
  const tenon_image *image;
  TENON_TRY(chooseImage(code, device, image));
  char log[1024] = "";
  int names[] = {5, 6}; // ERROR_LOG_BUFFER, its size
  void *values[] = {log, reinterpret_cast<void *>(uintptr_t(sizeof log))};
  Result result = device.driver->moduleLoad(&module, image->data, 2, names, values);
  if (!result)
    return TENON_OK;
  log[sizeof log - 1] = 0;
  if (result == 222) // UNSUPPORTED_PTX_VERSION
    return fail(TENON_ERROR_DEVICE, "CUDA: the driver supports CUDA %d.%d, which is older than the CUDA that made the artifact's %s", device.driver->cudaVersion / 1000,
                device.driver->cudaVersion % 1000 / 10, imageName(*image).text);
  return fail(result == 2 ? TENON_ERROR_MEMORY : TENON_ERROR_DEVICE, "CUDA: the artifact's %s cannot be loaded: %s%s%s", imageName(*image).text,
              explain(*device.driver, result).text, *log ? ": " : "", log);
}

static tenon_status findFunction(const Loaded &l, const char *name, Function *&function) {
  if (Result result = l.device->driver->moduleFunction(&function, l.module, name))
    return result == 500 ? fail(TENON_ERROR_FORMAT, "CUDA: the artifact's code for this GPU has no function %s", name) : failed(*l.device->driver, "a kernel cannot be found", result);
  return TENON_OK;
}

static tenon_status loadConstants(const tenon_plan &plan, Loaded &l) {
  if (!l.constants.allocate(plan.n_constants))
    return outOfMemory();
  uint64_t total = 0;
  for (uint32_t i = 0; i < plan.n_constants; ++i)
    total += rounded(plan.constants[i].bytes);
  if (!plan.n_constants)
    return TENON_OK;
  TENON_TRY(l.constantMemory.allocate(*l.device, total, "the artifact's constants"));
  Address next = l.constantMemory.address();
  for (uint32_t i = 0; i < plan.n_constants; ++i) {
    l.constants[i] = next;
    next += rounded(plan.constants[i].bytes);
    if (plan.constants[i].bytes)
      TENON_CUDA(*l.device->driver, "a constant cannot be copied", upload(l.constants[i], plan.constants[i].data, plan.constants[i].bytes));
  }
  TENON_CUDA(*l.device->driver, "constants cannot be copied", streamSynchronize(nullptr)); // they are on their way
  return TENON_OK;
}

static tenon_status fillLoaded(const tenon_model &model, Loaded &l) {
  const tenon_plan &plan = *model.cuda->plan;
  TENON_TRY(loadModule(*model.cuda, *l.device, l.module));
  if (!l.kernels.allocate(plan.n_kernels))
    return outOfMemory();
  for (uint32_t i = 0; i < plan.n_kernels; ++i)
    TENON_TRY(findFunction(l, plan.kernels[i].name, l.kernels[i]));
  TENON_TRY(findFunction(l, "tenon_copy", l.copy));
  TENON_TRY(findFunction(l, "tenon_fill", l.fill));
  TENON_TRY(findFunction(l, "tenon_check", l.check));
  return loadConstants(plan, l);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

tenon_status load(tenon_model &model, const Device &device, const Loaded *&loaded) {
  struct Lock {
    Lock() { pthread_mutex_lock(&mutex); }
    ~Lock() { pthread_mutex_unlock(&mutex); }
  } lock;
  for (const Loaded *l = model.loaded; l; l = l->next)
    if (l->device == &device)
      return loaded = l, TENON_OK;
  Loaded *made = create<Loaded>();
  if (!made)
    return outOfMemory();
  made->device = &device;
  if (tenon_status status = fillLoaded(model, *made))
    return destroy(made), status;
  made->next = model.loaded;
  loaded = model.loaded = made;
  return TENON_OK;
}

Loaded::~Loaded() {
  Current current(*device);
  constantMemory.release();
  if (module)
    device->driver->moduleUnload(module);
}

void unload(tenon_model &model) {
  for (Loaded *l = model.loaded, *next; l; l = next) {
    next = l->next;
    destroy(l);
  }
  model.loaded = nullptr;
}

} // namespace tenon::rt::cuda
