// The fake NVRTC, opened as the compiler opens the real one.
#include "nvrtc.h"
#include <cstddef>
#include <dlfcn.h>
#include <stdexcept>

namespace tenon::test {

template <class F> static F *symbol(const char *name) {
  static void *library = dlopen(TENON_FAKE_NVRTC, RTLD_NOW | RTLD_LOCAL);
  void *found = library ? dlsym(library, name) : nullptr;
  if (!found)
    throw std::runtime_error(dlerror());
  return reinterpret_cast<F *>(found);
}

std::string compileCuda(const std::string &text, const std::string &arch, bool ptx) {
  void *program;
  symbol<int(void **, const char *, const char *, int, const char *const *, const char *const *)>("nvrtcCreateProgram")(&program, text.c_str(), "test.cu", 0, nullptr, nullptr);
  std::string option = "--gpu-architecture=" + arch, bytes, log;
  const char *options[] = {option.c_str()};
  int result = symbol<int(void *, int, const char *const *)>("nvrtcCompileProgram")(program, 1, options);
  size_t size = 0;
  symbol<int(void *, size_t *)>("nvrtcGetProgramLogSize")(program, &size);
  log.resize(size);
  symbol<int(void *, char *)>("nvrtcGetProgramLog")(program, log.data());
  if (result == 0) {
    symbol<int(void *, size_t *)>(ptx ? "nvrtcGetPTXSize" : "nvrtcGetCUBINSize")(program, &size);
    bytes.resize(size);
    if (size)
      symbol<int(void *, char *)>(ptx ? "nvrtcGetPTX" : "nvrtcGetCUBIN")(program, bytes.data());
  }
  symbol<int(void **)>("nvrtcDestroyProgram")(&program);
  return result ? throw std::runtime_error(log) : bytes;
}

} // namespace tenon::test
