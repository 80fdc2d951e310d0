// NVRTC for machines without CUDA: compiles the text by the system's C++ compiler and host.h. "PTX" and "cubins" are shared libraries that fake_cuda runs.
//
// $TENON_FAKE_NVRTC_VERSION ("11.8") pretends to be another version (a copy called libnvrtc.so.12 is 12.8, one called .so.11 11.0); $TENON_HOST_CXX is the compiler; $TENON_FAKE_NVRTC_LIBRARY is what every text becomes (mutations/);
// $TENON_FAKE_NVRTC_WATCH: every access is checked (host_watch.h; clang alone).
#include "fake_image.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

namespace {
enum Result { success, outOfMemory, creationFailure, invalidInput, invalidProgram, invalidOption, compilation };
constexpr int architectures[] = {75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121};

struct Program {
  std::string text, log;
  std::string library; // what was compiled
  unsigned arch = 75;
  bool real = false, compiled = false; // sm_, not compute_
};

unsigned version() {
  const char *text = std::getenv("TENON_FAKE_NVRTC_VERSION");
  int major = 13, minor = 0;
  Dl_info own = {};
  if (dladdr(reinterpret_cast<void *>(&version), &own); own.dli_fname && std::strstr(own.dli_fname, ".so.12"))
    major = 12, minor = 8;
  else if (own.dli_fname && std::strstr(own.dli_fname, ".so.11"))
    major = 11;
  if (text)
    std::sscanf(text, "%d.%d", &major, &minor);
  return unsigned(major * 1000 + minor * 10);
}

std::string read(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Equal texts are compiled once in a process: one program is asked for several architectures.
bool compile(const std::string &text, std::string &library, std::string &log) {
  static std::mutex mutex;
  static std::map<std::string, std::string> known;
  std::lock_guard lock(mutex);
  if (auto found = known.find(text); found != known.end())
    return library = found->second, true;
  if (const char *made = std::getenv("TENON_FAKE_NVRTC_LIBRARY"))
    return known[text] = library = read(made), !library.empty();
  char folder[] = "/tmp/tenon-nvrtc-XXXXXX";
  if (!mkdtemp(folder))
    return log = "cannot make a folder in /tmp", false;
  std::string base = folder;
  std::ofstream(base + "/program.cu") << text;
  const char *chosen = std::getenv("TENON_HOST_CXX");
  std::string command = std::string(chosen ? chosen : TENON_HOST_CXX) +
                        (std::getenv("TENON_FAKE_NVRTC_WATCH") ? " -DTENON_HOST_WATCH -fsanitize-coverage=func,trace-loads,trace-stores" : "") + " -O1 -x c++ -std=c++17 -ffp-contract=off -fno-math-errno -shared -fPIC -w -fvisibility=hidden -include '" TENON_HOST_HEADER
                        "' " +
                        base + "/program.cu -o " + base + "/program.so >" + base + "/log 2>&1";
  bool done = std::system(command.c_str()) == 0;
  if (done)
    known[text] = library = read(base + "/program.so");
  else
    log = read(base + "/log");
  std::filesystem::remove_all(base);
  return done;
}

// "--gpu-architecture=sm_90a", "-arch=compute_80"
bool readOption(Program &p, const std::string &option) {
  for (const char *prefix : {"--gpu-architecture=", "-arch="})
    if (option.rfind(prefix, 0) == 0) {
      std::string name = option.substr(std::strlen(prefix));
      p.real = name.rfind("sm_", 0) == 0;
      if (!p.real && name.rfind("compute_", 0) != 0)
        return false;
      name = name.substr(p.real ? 3 : 8);
      bool only = !name.empty() && name.back() == 'a';
      int number = std::atoi(name.c_str());
      for (int known : architectures)
        if (known == number)
          return p.arch = unsigned(number + (only ? 1000 : 0)), !only || number >= 90;
      return false;
    }
  return option.rfind("-", 0) == 0; // the others do not change what this compiler does
}

std::string image(const Program &p, bool ptx) {
  FakeImage end = {fakeImageMagic, ptx, p.arch, version(), 0};
  std::string bytes = p.library;
  bytes.resize((bytes.size() + 7) / 8 * 8);
  return bytes.append(reinterpret_cast<const char *>(&end), sizeof end);
}
} // namespace

#define API extern "C" __attribute__((visibility("default")))

API Result nvrtcVersion(int *major, int *minor) {
  *major = int(version() / 1000), *minor = int(version() % 1000 / 10);
  return success;
}
API Result nvrtcGetNumSupportedArchs(int *count) {
  *count = int(std::size(architectures));
  return success;
}
API Result nvrtcGetSupportedArchs(int *list) {
  std::copy(std::begin(architectures), std::end(architectures), list);
  return success;
}
API Result nvrtcCreateProgram(Program **program, const char *text, const char *, int headers, const char *const *, const char *const *) {
  if (!program || !text || headers)
    return invalidInput;
  *program = new Program;
  (*program)->text = text;
  return success;
}
API Result nvrtcCompileProgram(Program *p, int count, const char *const *options) {
  for (int i = 0; i < count; ++i)
    if (!readOption(*p, options[i]))
      return p->log = std::string("nvrtc: error: invalid value for --gpu-architecture (-arch): ") + options[i], invalidOption;
  p->compiled = compile(p->text, p->library, p->log);
  return p->compiled ? success : compilation;
}
API Result nvrtcGetProgramLogSize(Program *p, std::size_t *size) {
  *size = p->log.size() + 1;
  return success;
}
API Result nvrtcGetProgramLog(Program *p, char *log) {
  std::memcpy(log, p->log.c_str(), p->log.size() + 1);
  return success;
}
API Result nvrtcGetPTXSize(Program *p, std::size_t *size) {
  *size = p->compiled ? image(*p, true).size() : 0;
  return p->compiled ? success : invalidProgram;
}
API Result nvrtcGetPTX(Program *p, char *bytes) {
  std::string all = image(*p, true);
  std::memcpy(bytes, all.data(), all.size());
  return success;
}
API Result nvrtcGetCUBINSize(Program *p, std::size_t *size) {
  *size = p->compiled && p->real ? image(*p, false).size() : 0; // none for compute_
  return p->compiled ? success : invalidProgram;
}
API Result nvrtcGetCUBIN(Program *p, char *bytes) {
  std::string all = image(*p, false);
  std::memcpy(bytes, all.data(), all.size());
  return success;
}
API Result nvrtcDestroyProgram(Program **p) {
  delete *p;
  *p = nullptr;
  return success;
}
API const char *nvrtcGetErrorString(Result result) {
  static const char *const names[] = {"NVRTC_SUCCESS", "NVRTC_ERROR_OUT_OF_MEMORY", "NVRTC_ERROR_PROGRAM_CREATION_FAILURE", "NVRTC_ERROR_INVALID_INPUT",
                                      "NVRTC_ERROR_INVALID_PROGRAM", "NVRTC_ERROR_INVALID_OPTION", "NVRTC_ERROR_COMPILATION"};
  return names[result];
}
