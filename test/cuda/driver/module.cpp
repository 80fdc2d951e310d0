// Modules: the shared libraries that fake NVRTC made, opened from memory; kernels and their launches, with the limits of real devices.
//
// $TENON_FAKE_CUDA_LOST_AT: the device is lost in its Nth kernel. _EXECUTE=0: kernels do nothing. _MUTANT: where there is a kernel with this before its name, it is taken.
#include "driver.h"
#include "fake_image.h"
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

namespace fake {

// The end of an image: it is an ELF file, whose section headers come last, then NVRTC's words.
static const FakeImage *describe(const char *bytes, size_t &size) {
  const auto *h = reinterpret_cast<const Elf64_Ehdr *>(bytes);
  if (std::memcmp(h->e_ident, ELFMAG, SELFMAG))
    return nullptr;
  size = (h->e_shoff + size_t(h->e_shnum) * h->e_shentsize + 7) / 8 * 8;
  const auto *end = reinterpret_cast<const FakeImage *>(bytes + size);
  size += sizeof *end;
  return end->magic == fakeImageMagic ? end : nullptr;
}

// Static shared memory of a kernel: thread-local variables whose mangled names lie in its own ("_ZZL2k0PfE4tile").
static unsigned sharedOf(const Module &m, const std::string &kernel) {
  const char *bytes = m.symbols.data();
  const auto *h = reinterpret_cast<const Elf64_Ehdr *>(bytes);
  const auto *sections = reinterpret_cast<const Elf64_Shdr *>(bytes + h->e_shoff);
  std::string mangled = std::to_string(kernel.size()) + kernel;
  unsigned total = 0;
  for (unsigned s = 0; s < h->e_shnum; ++s) {
    if (sections[s].sh_type != SHT_SYMTAB)
      continue;
    const auto *symbols = reinterpret_cast<const Elf64_Sym *>(bytes + sections[s].sh_offset);
    const char *names = bytes + sections[sections[s].sh_link].sh_offset;
    for (size_t i = 0; i < sections[s].sh_size / sizeof *symbols; ++i) {
      const char *name = names + symbols[i].st_name;
      bool inside = !std::strncmp(name, "_ZZL", 4) ? !std::strncmp(name + 4, mangled.c_str(), mangled.size())
                                                   : !std::strncmp(name, "_ZZ", 3) && !std::strncmp(name + 3, mangled.c_str(), mangled.size());
      if (ELF64_ST_TYPE(symbols[i].st_info) == STT_TLS && inside)
        total += unsigned(symbols[i].st_size);
    }
  }
  return total;
}

Result makeCall(Function *f, const unsigned grid[3], const unsigned block[3], unsigned shared, void **parameters, Call &call) {
  if (f->device != currentDevice())
    return invalidContext;
  bool blockFits = block[0] && block[1] && block[2] && block[0] <= 1024 && block[1] <= 1024 && block[2] <= 64 && uint64_t(block[0]) * block[1] * block[2] <= 1024;
  bool gridFits = grid[0] && grid[1] && grid[2] && grid[0] <= 0x7fffffff && grid[1] <= 65535 && grid[2] <= 65535;
  if (!blockFits || !gridFits || f->staticShared > 48 << 10 || f->staticShared + shared > std::max(f->dynamicShared, 48u << 10))
    return invalidValue;
  call.function = f, call.shared = shared;
  std::memcpy(call.grid, grid, sizeof call.grid), std::memcpy(call.block, block, sizeof call.block);
  call.parameters.clear();
  for (size_t i = 0; i < f->sizes.size(); ++i) {
    const char *data = static_cast<const char *>(parameters[i]);
    call.parameters.emplace_back(data, data + f->sizes[i]);
  }
  return success;
}

Result runCall(Call &call) {
  Driver &d = driver();
  static uint64_t run;
  if (setting("LOST_AT", 0) && ++run == uint64_t(setting("LOST_AT", 0))) {
    run = 0;
    return launchFailed;
  }
  ++d.counts.kernels;
  log("kernel %s %u %u\n", call.function->name.c_str(), call.grid[0], call.block[0]);
  if (!setting("EXECUTE", 1))
    return success;
  std::vector<void *> parameters;
  for (auto &p : call.parameters)
    parameters.push_back(p.data());
  call.function->setShared(call.shared);
  call.function->code(call.grid, call.block, parameters.data());
  return success;
}
} // namespace fake

using namespace fake;

API cuModuleLoadDataEx(Module **module, const void *data, unsigned, int *, void **) {
  ENTER_CONTEXT
  size_t size;
  const FakeImage *image = describe(static_cast<const char *>(data), size);
  if (!image)
    return invalidImage;
  int arch = int(setting("ARCH", 90)), wanted = int(image->arch % 1000), version = int(setting("DRIVER", 13000));
  bool only = image->arch >= 1000;
  if (image->ptx ? arch < wanted || (only && arch != wanted) : arch / 10 != wanted / 10 || arch < wanted || (only && arch != wanted))
    return noBinaryForGpu;
  if (image->ptx ? version < int(image->nvrtc) : version / 1000 < int(image->nvrtc / 1000))
    return image->ptx ? unsupportedPtx : invalidImage;
  int file = memfd_create("fake-cuda-module", MFD_CLOEXEC);
  if (file < 0 || write(file, data, size) != ssize_t(size))
    return outOfMemory;
  // The dynamic linker takes a path it has seen for the library that it has: each is spelt differently, and not as the runtime spells those of artifacts.
  static unsigned counter;
  std::string path = "/proc/thread-self/fd/";
  for (unsigned n = ++counter; n; n >>= 1)
    path += n & 1 ? "./" : "/";
  path += std::to_string(file);
  auto made = new Module;
  made->library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  close(file);
  if (!made->library) {
    std::fprintf(stderr, "fake libcuda: %s\n", dlerror());
    delete made;
    return invalidImage;
  }
  made->device = device, made->symbols.assign(static_cast<const char *>(data), size);
  log("module %s %u\n", image->ptx ? "ptx" : "cubin", image->arch);
  *module = made;
  return success;
}
API cuModuleUnload(Module *module) {
  using namespace fake;
  std::lock_guard lock(driver().mutex);
  if (!driver().lost)
    drainDevice(module->device);
  dlclose(module->library);
  delete module;
  return driver().lost;
}
API cuModuleGetFunction(Function **function, Module *module, const char *name) {
  ENTER_CONTEXT
  const char *mutant = std::getenv("TENON_FAKE_CUDA_MUTANT");
  std::string symbol = std::string("tenon_host_") + (mutant ? mutant : "") + name;
  if (mutant && !dlsym(module->library, symbol.c_str()))
    symbol = std::string("tenon_host_") + name;
  void *code = dlsym(module->library, symbol.c_str());
  auto sizes = static_cast<const unsigned *>(dlsym(module->library, (symbol + "_sizes").c_str()));
  if (!code || !sizes)
    return notFound;
  Function &f = module->functions[name];
  f.name = name, f.device = module->device, f.sizes.clear();
  f.code = reinterpret_cast<decltype(f.code)>(code);
  f.setShared = reinterpret_cast<decltype(f.setShared)>(dlsym(module->library, "tenon_host_shared"));
  while (*sizes)
    f.sizes.push_back(*sizes++);
  f.staticShared = sharedOf(*module, name);
  *function = &f;
  return success;
}
API cuFuncSetAttribute(Function *function, int attribute, int value) {
  ENTER_CONTEXT
  if (attribute != 8 || value < 0 || value > 227 << 10)
    return invalidValue;
  function->dynamicShared = unsigned(value);
  return success;
}
API cuFuncGetAttribute(int *value, int attribute, Function *function) {
  ENTER_CONTEXT
  if (attribute != 1)
    return invalidValue;
  *value = int(function->staticShared);
  return success;
}
API cuLaunchKernel(Function *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, Stream *stream, void **parameters,
                   void **) {
  ENTER_CONTEXT
  const unsigned grid[] = {gx, gy, gz}, block[] = {bx, by, bz};
  Call call;
  if (Result result = makeCall(function, grid, block, shared, parameters, call))
    return result;
  ++d.counts.launches;
  stream->queue.push_back([call]() mutable { return runCall(call); });
  return success;
}
