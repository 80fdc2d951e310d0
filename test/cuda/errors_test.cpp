// What goes wrong with GPUs: no driver, no device, no code, no memory, a device that fails; and artifacts whose code for GPUs is damaged.
#include "artifact.h"
#include <cstdio>

using namespace tenon::test;

// tenon-run in a process of its own: the driver is opened once in each.
static std::string tool(const std::string &settings, const std::string &arguments) {
  std::string text;
  FILE *pipe = popen((settings + " " TENON_BINARY_DIR "/bin/tenon-run " + arguments + " 2>&1").c_str(), "r");
  char buffer[256];
  while (pipe && std::fgets(buffer, sizeof buffer, pipe))
    text += buffer;
  return pipe && pclose(pipe) == 0 ? text : text + "(failed)";
}
static testing::AssertionResult contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos ? testing::AssertionSuccess() : testing::AssertionFailure() << "no \"" << part << "\" in:\n" << text;
}
static std::string trained(const std::string &settings, const std::string &device = "cuda") { return tool(settings, cudaArtifact() + " train --device=" + device); }

TEST(GpuErrors, Tool) {
  std::string text = trained("");
  EXPECT_TRUE(contains(text, "loss float32[] = 0\n"));
  EXPECT_TRUE(contains(text, "on Fake GPU 0"));
  EXPECT_TRUE(contains(trained("TENON_FAKE_CUDA_DEVICES=2", "cuda:1"), "on Fake GPU 1"));
  EXPECT_TRUE(contains(tool("", cudaArtifact()), "code for GPUs: compute_80 (ptx, "));
  EXPECT_TRUE(contains(tool("", cudaArtifact() + " train --device=cuda --profile --repeat 3"), "w[y] += x"));
  EXPECT_TRUE(contains(trained("", "cuda:x"), "--device"));
  EXPECT_TRUE(contains(tool("", artifact() + " train --device=cuda"), "the artifact has no code for GPUs: compile it with --target=cuda"));
}

TEST(GpuErrors, Driver) {
  EXPECT_TRUE(contains(trained("TENON_LIBCUDA=/nonexistent/libcuda.so.1"), "there is no NVIDIA driver here: /nonexistent/libcuda.so.1"));
  EXPECT_TRUE(contains(trained("TENON_LIBCUDA=libm.so.6"), "libm.so.6 has no cuInit: the driver is too old"));
  EXPECT_TRUE(contains(trained("TENON_FAKE_CUDA_INIT=999"), "the driver cannot be started: unknown error (CUDA error 999)"));
  EXPECT_TRUE(contains(trained("TENON_FAKE_CUDA_INIT=34"), "is the toolkit's stub library"));
  EXPECT_TRUE(contains(trained("TENON_FAKE_CUDA_DEVICES=0"), "there is no GPU that this process may use"));
  EXPECT_TRUE(contains(trained("", "cuda:3"), "there is no GPU number 3: there is 1, counted from 0"));
  EXPECT_TRUE(contains(trained("TENON_FAKE_CUDA_DRIVER=12040"), "the driver supports CUDA 12.4, the artifact's code for this GPU was made by CUDA 13.0"));
}

TEST(GpuErrors, Code) {
  EXPECT_TRUE(contains(trained("TENON_FAKE_CUDA_ARCH=75"), "the artifact has no code for GPU 0 (Fake GPU 0, sm_75); it has compute_80, sm_90"));
  EXPECT_TRUE(contains(trained("TENON_FAKE_CUDA_ARCH=120"), "on Fake GPU 0")) << "by PTX";
  std::string only = cudaArtifact({{"CUDA_ARCH", "1090"}, {"CUDA_IMAGE_COUNT", "1"}});
  EXPECT_TRUE(contains(tool("TENON_FAKE_CUDA_ARCH=100", only + " train --device=cuda"), "it has compute_90a"));
  EXPECT_TRUE(contains(tool("", cudaArtifact({{"CUDA_KERNEL", "\"absent\""}}) + " train --device=cuda"), "has no function absent"));
  std::string unknown = cudaArtifact({{"CUDA_VERSION", "0"}, {"CUDA_IMAGE_COUNT", "1"}});
  EXPECT_TRUE(contains(tool("TENON_FAKE_CUDA_DRIVER=12040", unknown + " train --device=cuda"), "the driver supports CUDA 12.4, which is older than the CUDA that made the artifact's compute_80"));
}

TEST(GpuErrors, MemoryIsCountedBeforeAnythingRuns) {
  EXPECT_TRUE(contains(trained("TENON_FAKE_CUDA_MEMORY=200"), "out of memory: the state: 512 bytes are needed on GPU 0 (Fake GPU 0), 200 of its 200 are free; in sum the artifact needs 3072: state 512, constants 256, inputs, outputs and scratch memory 2304 (more where sizes are symbolic)"));
  EXPECT_TRUE(contains(trained("TENON_FAKE_CUDA_MEMORY=700"), "out of memory: the artifact's constants: 256 bytes are needed"));
  EXPECT_TRUE(contains(trained("TENON_FAKE_CUDA_MEMORY=1600"), "inputs, outputs and scratch memory: "));
  EXPECT_TRUE(contains(trained("TENON_FAKE_CUDA_MEMORY=1600"), "in sum the artifact needs 3072: "));
  EXPECT_TRUE(contains(trained("TENON_FAKE_CUDA_MEMORY=4096"), "loss float32[] = 0")) << "each of the three rounded up";
  OnGpu gpu;
  gpu.train();
  std::vector<float> x(1 << 20), out(1 << 20);
  Setting memory("TENON_FAKE_CUDA_MEMORY", "100000");
  EXPECT_THROW(gpu.context.call(gpu.state, "scale", {{x.data(), {1 << 19, 2}}}, {{out.data(), {1 << 19, 2}}}), tenon::runtime::Error);
  EXPECT_TRUE(failsWith(TENON_OK, TENON_OK, "out of memory: scale: inputs, outputs and scratch memory: "));
  EXPECT_EQ(gpu.step(), 1) << "the state is as before";
  EXPECT_EQ(gpu.train(), 36) << "and smaller functions run";
  EXPECT_EQ(gpu.step(), 2);
}

TEST(GpuErrors, OutOfMemoryInAStepThatWasNotLaunched) {
  OnGpu gpu, profiled(true);
  gpu.train();
  std::vector<float> w = gpu.w();
  {
    Setting fail("TENON_FAKE_CUDA_FAIL", "cuGraphLaunch:0:2");
    EXPECT_THROW(gpu.train(), tenon::runtime::Error);
  }
  EXPECT_TRUE(failsWith(TENON_OK, TENON_OK, "train: it cannot be launched: out of memory (CUDA error 2)"));
  EXPECT_EQ(gpu.w(), w) << "the state is as before";
  EXPECT_EQ(gpu.step(), 1);
  EXPECT_EQ(gpu.train(), 36);
  EXPECT_EQ(gpu.step(), 2);
  {
    Setting fail("TENON_FAKE_CUDA_FAIL", "cuGraphInstantiateWithFlags:0:2");
    float x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, loss;
    int64_t y[4] = {};
    tenon::runtime::State other(gpu.model, 1);
    EXPECT_THROW(gpu.context.call(other, "train", {{x, {4, 2}}, {y, {4}}}, {{&loss, {}}}), tenon::runtime::Error);
    EXPECT_TRUE(failsWith(TENON_OK, TENON_OK, "the graph cannot be made ready: out of memory"));
    gpu.context.call(other, "train", {{x, {4, 2}}, {y, {4}}}, {{&loss, {}}});
    EXPECT_EQ(other.values<int64_t>("step", 1)[0], 1);
  }
  Setting fail("TENON_FAKE_CUDA_FAIL", "cuLaunchKernel:0:2");
  EXPECT_THROW(profiled.train(), tenon::runtime::Error);
  EXPECT_TRUE(failsWith(TENON_OK, TENON_OK, "it cannot be launched: out of memory"));
  EXPECT_EQ(profiled.train(), 36);
  EXPECT_EQ(profiled.step(), 1);
}

TEST(GpuErrors, OutOfMemoryInTheMiddleLosesTheState) {
  for (const char *what : {"cuLaunchKernel:2:2", "cuMemcpyDtoHAsync_v2:0:2"}) {
    OnGpu gpu(what[2] == 'L');
    gpu.train();
    Counts before = counts();
    {
      Setting fail("TENON_FAKE_CUDA_FAIL", what);
      EXPECT_THROW(gpu.train(), tenon::runtime::Error);
    }
    EXPECT_TRUE(failsWith(TENON_OK, TENON_OK, "train: GPU 0 (Fake GPU 0) failed in the middle of it: out of memory (CUDA error 2); the state on it is lost")) << what;
    EXPECT_GE(counts().kernels - before.kernels, 2u) << what << ": what was launched was waited for";
    EXPECT_THROW(gpu.w(), tenon::runtime::Error);
    EXPECT_TRUE(failsWith(TENON_OK, TENON_OK, "the state was lost when GPU 0"));
  }
}

TEST(GpuErrors, ALostDeviceLosesTheState) {
  OnGpu gpu;
  gpu.train();
  {
    Setting lost("TENON_FAKE_CUDA_LOST_AT", "3");
    EXPECT_THROW(gpu.train(), tenon::runtime::Error);
  }
  EXPECT_TRUE(failsWith(TENON_OK, TENON_OK, "train: GPU 0 (Fake GPU 0) failed in the middle of it: unspecified launch failure (CUDA error 719); the state on it is lost"));
  float w[6];
  EXPECT_TRUE(failsWith(tenon_state_get(gpu.state.get(), "w", w, sizeof w), TENON_ERROR_DEVICE, "the state was lost when GPU 0"));
  EXPECT_TRUE(failsWith(tenon_state_save(gpu.state.get(), temporary("lost").c_str()), TENON_ERROR_DEVICE, "the state was lost"));
  EXPECT_THROW(gpu.train(), tenon::runtime::Error);
  recover();
  EXPECT_THROW(gpu.train(), tenon::runtime::Error);
  EXPECT_TRUE(failsWith(TENON_OK, TENON_OK, "the state was lost when GPU 0"));
  OnGpu again;
  EXPECT_EQ(again.train(), 36);
}

namespace {
struct Defect {
  const char *name, *value, *message;
};
class CudaPlan : public testing::TestWithParam<Defect> {};
} // namespace

TEST_P(CudaPlan, IsChecked) {
  tenon_model *model;
  EXPECT_TRUE(failsWith(tenon_model_load(cudaArtifact({{GetParam().name, GetParam().value}}).c_str(), &model), TENON_ERROR_FORMAT, GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Defects, CudaPlan,
    testing::Values(Defect{"CUDA_THREADS", "0", "blocks of 0 threads"}, Defect{"CUDA_THREADS", "1025", "blocks of 1025 threads"}, Defect{"CUDA_KERNEL", "NULL", "kernel 0 has no name"},
                    Defect{"CUDA_FUNCTIONS", "7", "the number of functions differs"}, Defect{"CUDA_STATE_COUNT", "3", "number 3 of 3 in space 2"},
                    Defect{"CUDA_STATE", "other_state", "state layer.bias differs"}, Defect{"CUDA_SYMBOL_NAMES", "other_symbols", "function scale differs"},
                    Defect{"CUDA_IMAGES", "(const tenon_image *)64", "a table lies outside"}, Defect{"CUDA_IMAGE_COUNT", "0xffffffff", "a table lies outside"},
                    Defect{"CUDA_PTX_BYTES", "(1ull<<40)", "image 0 of kind 0 for 80 lies outside"}, Defect{"CUDA_PTX_BYTES", "3", "does not end with a zero"},
                    Defect{"CUDA_KIND", "7", "image 0 of kind 7"}, Defect{"CUDA_ARCH", "5", "for 5"}, Defect{"CUDA_PLAN", "NULL", "a table lies outside"},
                    Defect{"CUDA_PLAN", "(const tenon_plan *)1", "a table lies outside"}, Defect{"CUDA_MAGIC", "7", "does not begin with its magic number"}));
