// Finds NVRTC, declares the dozen functions of it that are used, and runs it once per architecture.
#include "compiler/codegen/cuda/nvrtc.h"
#include "llvm/Support/FileSystem.h"
#include <cstdlib>
#include <dlfcn.h>
#include <glob.h>

namespace tenon::compiler::cuda {

namespace {

using Program = void *;

struct Nvrtc {
  int (*version)(int *major, int *minor);
  int (*create)(Program *, const char *source, const char *name, int headers, const char *const *texts, const char *const *names);
  int (*destroy)(Program *);
  int (*compile)(Program, int options, const char *const *);
  int (*logSize)(Program, size_t *);
  int (*log)(Program, char *);
  int (*ptxSize)(Program, size_t *);
  int (*ptx)(Program, char *);
  int (*cubinSize)(Program, size_t *);
  int (*cubin)(Program, char *);
  const char *(*explain)(int);
};

std::vector<std::string> candidates() {
  if (const char *file = std::getenv("TENON_LIBNVRTC")) return {file};
  std::vector<std::string> r{"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"};
  auto matches = [&](const std::string &pattern) {
    glob_t found;
    if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
      for (size_t i = 0; i < found.gl_pathc; ++i) r.push_back(found.gl_pathv[i]);
    globfree(&found);
  };
  auto under = [&](const char *variable, const std::string &pattern) {
    if (const char *folder = std::getenv(variable)) matches(folder + pattern);
  };
  under("CUDA_HOME", "/lib64/libnvrtc.so*");
  matches("/usr/local/cuda/lib64/libnvrtc.so*");
  for (const char *package : {"/nvidia/cuda_nvrtc/lib/libnvrtc.so.*", "/nvidia/cu13/lib/libnvrtc.so.*"}) {
    under("VIRTUAL_ENV", std::string("/lib/python3*/site-packages") + package);
    under("HOME", std::string("/.local/lib/python3*/site-packages") + package);
    matches(std::string("/usr/local/lib/python3*/dist-packages") + package);
    matches(std::string("/usr/lib/python3*/site-packages") + package);
  }
  return r;
}

template <class F> F find(void *library, const char *name) { return reinterpret_cast<F>(dlsym(library, name)); }

unsigned versionOf(void *library) {
  int major = 0, minor = 0;
  auto ask = find<int (*)(int *, int *)>(library, "nvrtcVersion");
  return ask && !ask(&major, &minor) ? major * 1000 + minor * 10 : 0;
}

/// Of this machine's driver, if it has one: 12040 is CUDA 12.4.
unsigned driverVersion() {
  const char *file = std::getenv("TENON_LIBCUDA");
  void *library = dlopen(file ? file : "libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  auto ask = library ? find<int (*)(int *)>(library, "cuDriverGetVersion") : nullptr;
  int version = 0;
  return ask && !ask(&version) ? version : 0;
}

/// The first whose PTX this machine's driver takes; the first of all where there is no driver, or none is old enough.
void *choose(const std::vector<std::string> &files) {
  if (files.size() == 1) return dlopen(files[0].c_str(), RTLD_NOW | RTLD_LOCAL); // the user's choice
  unsigned driver = driverVersion();
  void *first = nullptr;
  for (auto &file : files)
    if (void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
      if (!driver || versionOf(library) / 10 <= driver / 10) return library;
      if (!first) first = library;
    }
  return first;
}

llvm::Expected<const Nvrtc *> open() {
  static Nvrtc n;
  static std::string failure;
  static const bool done = [] {
    std::vector<std::string> files = candidates();
    void *library = choose(files);
    if (!library) {
      failure = "cuda: NVRTC was not found; install the CUDA toolkit or the Python package nvidia-cuda-nvrtc, or name the file in TENON_LIBNVRTC (looked for";
      for (auto &file : files) failure += " " + file;
      failure += ")";
      return true;
    }
    auto find = [&](auto &f, const char *name) {
      f = reinterpret_cast<std::remove_reference_t<decltype(f)>>(dlsym(library, name));
      if (!f && failure.empty()) failure = std::string("cuda: the NVRTC that was found lacks ") + name + "; version 11.2 or later is needed";
    };
    find(n.version, "nvrtcVersion"), find(n.create, "nvrtcCreateProgram"), find(n.destroy, "nvrtcDestroyProgram"), find(n.compile, "nvrtcCompileProgram");
    find(n.logSize, "nvrtcGetProgramLogSize"), find(n.log, "nvrtcGetProgramLog"), find(n.ptxSize, "nvrtcGetPTXSize"), find(n.ptx, "nvrtcGetPTX");
    find(n.cubinSize, "nvrtcGetCUBINSize"), find(n.cubin, "nvrtcGetCUBIN"), find(n.explain, "nvrtcGetErrorString");
    return true;
  }();
  (void)done;
  if (!failure.empty()) return llvm::createStringError(failure);
  return &n;
}

llvm::Expected<Image> compileFor(const Nvrtc &n, const std::string &text, const Architecture &a) {
  Program program = nullptr;
  std::string option = "--gpu-architecture=" + a.name();
  const char *options[] = {option.c_str(), "--fmad=false", "--std=c++17", "-default-device"};
  Image image{a, {}};
  int code = n.create(&program, text.c_str(), "kernels.cu", 0, nullptr, nullptr);
  if (!code) code = n.compile(program, std::size(options), options);
  std::string said;
  if (size_t size = 0; code && program && !n.logSize(program, &size) && size > 1) said.resize(size), n.log(program, said.data()), said.resize(size - 1);
  size_t size = 0;
  if (!code) code = (a.machine ? n.cubinSize : n.ptxSize)(program, &size);
  image.bytes.resize(size);
  if (!code) code = (a.machine ? n.cubin : n.ptx)(program, image.bytes.data());
  if (program) n.destroy(&program);
  if (!code) return image;
  int major = 0, minor = 0;
  n.version(&major, &minor);
  return llvm::createStringError("cuda: NVRTC " + std::to_string(major) + "." + std::to_string(minor) + " did not compile the kernels for " + a.name() + ": " + n.explain(code) + (said.empty() ? "" : "\n" + said));
}

} // namespace

unsigned nvrtcVersion() {
  auto n = open();
  if (!n) {
    llvm::consumeError(n.takeError());
    return 0;
  }
  int major = 0, minor = 0;
  (*n)->version(&major, &minor);
  return major * 1000 + minor * 10;
}

llvm::Expected<Images> compileProgram(const std::string &text, llvm::ArrayRef<Architecture> architectures) {
  auto n = open();
  if (!n) return n.takeError();
  Images images{{}, nvrtcVersion()};
  for (auto &a : architectures) {
    auto image = compileFor(**n, text, a);
    if (!image) return image.takeError();
    images.all.push_back(std::move(*image));
  }
  return images;
}

} // namespace tenon::compiler::cuda
