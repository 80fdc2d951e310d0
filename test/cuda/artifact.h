// Artifacts with code for GPUs, and a state and context on one.
#pragma once
#include "test/unit/runtime/artifact.h"

namespace tenon::test {

/// plan.c as an artifact with a cubin for sm_90 and PTX for compute_80 (both for the fake driver); `changes` are its macros, and those of the CPU's plan.
std::string cudaArtifact(const std::map<std::string, std::string> &changes = {});

/// What the driver has done since the process began.
struct Counts {
  uint64_t kernels, launches, graphLaunches, graphs, allocations, pinnedAllocations, copies, synchronizations;
};
Counts counts();
/// The device can be used again after it was lost.
void recover();
/// A function of the driver, as the runtime calls it.
void *driverFunction(const char *name);

/// Sets an environment variable while it lives.
class Setting {
public:
  Setting(const char *name, const std::string &value);
  ~Setting();

private:
  const char *name_;
};

/// The artifact on GPU 0.
class OnGpu {
public:
  explicit OnGpu(bool profile = false, const std::string &path = cudaArtifact());
  runtime::Model model;
  runtime::State state;
  runtime::Context context;
  float train(std::vector<int64_t> labels = {0, 1, 2, 2});
  std::vector<float> w() const { return state.values<float>("w", 6); }
  int64_t step() const { return state.values<int64_t>("step", 1)[0]; }
};

} // namespace tenon::test
