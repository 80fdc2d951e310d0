// Finds NVRTC, declares the dozen functions of it that are used, and runs it once per architecture: one after the other, as NVRTC 12.9 does it also for threads.
#include "compiler/codegen/cuda/nvrtc.h"
#include "llvm/ADT/STLExtras.h"
#include <cstdlib>
#include <dlfcn.h>
#include <glob.h>

namespace tenon::compiler::cuda {

namespace {

using Program = void *;

constexpr unsigned oldest = 11020; ///< 11.2: lists what it knows, makes machine code

struct Nvrtc {
  std::string file;
  unsigned number = 0; ///< of its version: 12090 is 12.9
  int (*countArchitectures)(int *);
  int (*architectures)(int *);
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

/// "12.9".
std::string versionText(unsigned version) { return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10); }

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

struct Found {
  void *library = nullptr;
  std::string file;
  explicit Found(const std::string &file) : library(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)), file(file) {}
};

/// The first that is new enough and whose PTX this machine's driver takes; the first that is new enough where there is no driver, or none is old enough for it.
std::optional<Found> choose(const std::vector<std::string> &files) {
  unsigned driver = files.size() > 1 ? driverVersion() : 0; // one file is the user's choice
  std::optional<Found> first;
  for (auto &file : files) {
    Found found(file);
    if (!found.library) continue;
    bool enough = versionOf(found.library) >= oldest;
    if (enough && (!driver || versionOf(found.library) / 10 <= driver / 10)) return found;
    if (!first || (enough && versionOf(first->library) < oldest)) first = found;
  }
  return first;
}

std::string findFunctions(void *library, Nvrtc &n) {
  std::string help = "; take a newer CUDA toolkit or the Python package nvidia-cuda-nvrtc, or name the file in TENON_LIBNVRTC";
  n.number = versionOf(library);
  if (!n.number) return "cuda: " + n.file + " is no NVRTC: it does not say its version" + help;
  if (n.number < oldest) return "cuda: " + n.file + " is NVRTC " + versionText(n.number) + ", " + versionText(oldest) + " or later is needed" + help;
  std::string missing;
  auto find = [&](auto &f, const char *name) {
    f = reinterpret_cast<std::remove_reference_t<decltype(f)>>(dlsym(library, name));
    if (!f && missing.empty()) missing = "cuda: " + n.file + " is NVRTC " + versionText(n.number) + ", but has no " + name + help;
  };
  find(n.create, "nvrtcCreateProgram"), find(n.destroy, "nvrtcDestroyProgram"), find(n.compile, "nvrtcCompileProgram");
  find(n.logSize, "nvrtcGetProgramLogSize"), find(n.log, "nvrtcGetProgramLog"), find(n.ptxSize, "nvrtcGetPTXSize"), find(n.ptx, "nvrtcGetPTX");
  find(n.cubinSize, "nvrtcGetCUBINSize"), find(n.cubin, "nvrtcGetCUBIN"), find(n.explain, "nvrtcGetErrorString");
  find(n.countArchitectures, "nvrtcGetNumSupportedArchs"), find(n.architectures, "nvrtcGetSupportedArchs");
  return missing;
}

llvm::Expected<const Nvrtc *> open() {
  static Nvrtc n;
  static const std::string failure = []() -> std::string {
    std::vector<std::string> files = candidates();
    if (auto found = choose(files)) {
      n.file = found->file;
      return findFunctions(found->library, n);
    }
    std::string r = "cuda: NVRTC was not found; install the CUDA toolkit or the Python package nvidia-cuda-nvrtc, or name the file in TENON_LIBNVRTC (looked for";
    for (auto &file : files) r += " " + file;
    return r + ")";
  }();
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
  return llvm::createStringError("cuda: NVRTC " + versionText(n.number) + " did not compile the kernels for " + a.name() + ": " + n.explain(code) + (said.empty() ? "" : "\n" + said));
}

} // namespace

llvm::Error checkArchitectures(llvm::ArrayRef<Architecture> asked) {
  auto n = open();
  if (!n) return n.takeError();
  int count = 0;
  std::vector<int> known;
  if ((*n)->countArchitectures(&count)) count = 0;
  known.resize(count);
  if (known.empty() || (*n)->architectures(known.data())) return llvm::Error::success(); // compiling will say
  for (auto &a : asked)
    if (!llvm::is_contained(known, a.number)) {
      std::string list;
      for (int k : known)
        if (k >= 80) list += (list.empty() ? a.machine ? "sm_" : "compute_" : ", ") + std::to_string(k);
      return llvm::createStringError("target 'cuda:" + a.name() + "': NVRTC " + versionText((*n)->number) + " (" + (*n)->file + ") does not know it; it knows " + list);
    }
  return llvm::Error::success();
}

llvm::Expected<Images> compileProgram(const std::string &text, llvm::ArrayRef<Architecture> architectures) {
  auto n = open();
  if (!n) return n.takeError();
  Images images{{}, (*n)->number};
  for (auto &a : architectures) {
    auto image = compileFor(**n, text, a);
    if (!image) return image.takeError();
    images.all.push_back(std::move(*image));
  }
  return images;
}

} // namespace tenon::compiler::cuda
