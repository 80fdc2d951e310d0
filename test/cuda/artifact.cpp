// Compiles the kernels by the fake NVRTC, the plan by cc; asks the fake driver.
#include "artifact.h"
#include "nvrtc.h"
#include <cstdlib>
#include <dlfcn.h>

namespace tenon::test {

// Before any test: the runtime finds the fake driver.
static const int chosen = setenv("TENON_LIBCUDA", TENON_FAKE_CUDA, 0);

static std::string images() {
  static const std::string flags = [] {
    Bytes text = readBytes(TENON_SOURCE_DIR "/test/cuda/kernels.cu");
    std::string all, program = cudaPrelude + std::string(text.begin(), text.end());
    for (bool ptx : {true, false}) {
      std::string bytes = compileCuda(program, ptx ? "compute_80" : "sm_90", ptx), name = ptx ? "PTX" : "CUBIN", path = temporary(name);
      writeBytes(path, Bytes(bytes.begin(), bytes.end()));
      all += " '-D" + name + "_FILE=\"" + path + "\"' -D" + name + "_BYTES=" + std::to_string(bytes.size());
    }
    return all;
  }();
  return flags;
}

std::string cudaArtifact(const std::map<std::string, std::string> &changes) {
  static std::map<std::map<std::string, std::string>, std::string> made;
  std::string &path = made[changes];
  if (path.empty()) {
    path = temporary("cuda" + std::to_string(made.size()) + ".tenon");
    std::map<std::string, std::string> others;
    std::string flags = images();
    for (const auto &[name, value] : changes)
      if (name.rfind("CUDA_", 0) == 0)
        flags += " '-D" + name + "=" + value + "'";
      else
        others[name] = value;
    writeBytes(path, withTrailer(compilePlan(others, "test/cuda/plan.c", flags)));
  }
  return path;
}

void *driverFunction(const char *name) {
  static void *library = dlopen(TENON_FAKE_CUDA, RTLD_NOW | RTLD_LOCAL);
  return dlsym(library, name);
}
Counts counts() {
  Counts c;
  reinterpret_cast<void (*)(Counts *)>(driverFunction("tenon_fake_cuda_counts"))(&c);
  return c;
}
void recover() { reinterpret_cast<void (*)()>(driverFunction("tenon_fake_cuda_recover"))(); }

Setting::Setting(const char *name, const std::string &value) : name_(name) { setenv(name, value.c_str(), 1); }
Setting::~Setting() { unsetenv(name_); }

static tenon_options options(bool profile) {
  tenon_options o = {};
  o.device = 1, o.profile = profile;
  return o;
}

OnGpu::OnGpu(bool profile, const std::string &path) : model(path), state(model, 1), context(model, options(profile)) {}

float OnGpu::train(std::vector<int64_t> labels) {
  std::vector<float> x(2 * labels.size());
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = float(i + 1);
  int64_t n = int64_t(labels.size());
  float loss = 0;
  context.call(state, "train", {{x.data(), {n, 2}}, {labels.data(), {n}}}, {{&loss, {}}});
  return loss;
}

} // namespace tenon::test
