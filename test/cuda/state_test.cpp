// States on a GPU: copies in and out, files, memory of the caller's, and states where they do not belong.
#include "artifact.h"

using namespace tenon::test;

TEST(GpuState, SetsAndGets) {
  OnGpu gpu;
  EXPECT_EQ(gpu.w(), (std::vector<float>{1, 2, 3, 4, 5, 6})) << "its initial value, stored in panels";
  gpu.state.set<float>("w", {6, 5, 4, 3, 2, 1});
  EXPECT_EQ(gpu.w(), (std::vector<float>{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(gpu.state.values<float>("tied", 6), gpu.w());
  EXPECT_EQ(gpu.state.values<float>("layer.bias", 2), (std::vector<float>{0, 0}));
}

TEST(GpuState, FilesGoBetweenDevices) {
  std::string path = temporary("gpu.safetensors");
  OnGpu gpu;
  Opened cpu;
  gpu.train(), gpu.train();
  gpu.state.save(path);
  cpu.state.load(path);
  EXPECT_EQ(cpu.w(), gpu.w());
  EXPECT_EQ(cpu.step(), 2);
  cpu.train();
  cpu.state.save(path);
  OnGpu other;
  other.state.load(path);
  EXPECT_EQ(other.w(), cpu.w());
  EXPECT_EQ(other.train(), 36);
  EXPECT_EQ(other.step(), 4);
}

namespace {
// Memory of the device, as another library would have it.
struct DeviceMemory {
  unsigned long long address = 0;
  explicit DeviceMemory(size_t bytes) {
    enter();
    reinterpret_cast<int (*)(unsigned long long *, size_t)>(driverFunction("cuMemAlloc_v2"))(&address, bytes);
  }
  ~DeviceMemory() { reinterpret_cast<int (*)(unsigned long long)>(driverFunction("cuMemFree_v2"))(address); }
  void *pointer() const { return reinterpret_cast<void *>(address); }
  void put(const void *data, size_t bytes) {
    reinterpret_cast<int (*)(unsigned long long, const void *, size_t)>(driverFunction("cuMemcpyHtoD_v2"))(address, data, bytes);
    reinterpret_cast<int (*)(void *)>(driverFunction("cuStreamSynchronize"))(nullptr);
  }
  void get(void *data, size_t bytes) { reinterpret_cast<int (*)(void *, unsigned long long, size_t)>(driverFunction("cuMemcpyDtoH_v2"))(data, address, bytes); }
  static void enter() {
    static bool entered = false;
    void *context;
    reinterpret_cast<int (*)(void **, int)>(driverFunction("cuDevicePrimaryCtxRetain"))(&context, 0);
    if (!entered)
      reinterpret_cast<int (*)(void *)>(driverFunction("cuCtxSetCurrent"))(context);
    entered = true;
  }
};
} // namespace

TEST(GpuState, LivesInMemoryOfTheCallers) {
  OnGpu gpu;
  uint32_t entry = gpu.model.findState("step");
  DeviceMemory memory(64);
  int64_t seven = 7, now = 0;
  memory.put(&seven, 8);
  gpu.train();
  gpu.state.bind(entry, memory.pointer());
  EXPECT_EQ(gpu.step(), 7);
  gpu.train();
  memory.get(&now, 8);
  EXPECT_EQ(now, 8);
  gpu.state.bind(entry, nullptr);
  EXPECT_EQ(gpu.step(), 1);
  EXPECT_EQ(tenon_state_data(gpu.state.get(), gpu.model.findState("w")), nullptr) << "stored in panels";
  EXPECT_NE(tenon_state_data(gpu.state.get(), entry), nullptr);

  alignas(64) int64_t host[8];
  EXPECT_TRUE(failsWith(tenon_state_bind(gpu.state.get(), entry, host), TENON_ERROR_ARGUMENT, "the memory for step is not a GPU's"));
  EXPECT_TRUE(failsWith(tenon_state_bind(gpu.state.get(), entry, static_cast<char *>(memory.pointer()) + 8), TENON_ERROR_ARGUMENT, "not aligned to 64"));
  EXPECT_TRUE(failsWith(tenon_state_bind(gpu.state.get(), gpu.model.findState("w"), memory.pointer()), TENON_ERROR_ARGUMENT, "panels of 2 rows"));
  DeviceMemory small(4);
  EXPECT_TRUE(failsWith(tenon_state_bind(gpu.state.get(), entry, small.pointer()), TENON_ERROR_ARGUMENT, "step needs 8 bytes, the memory has 4"));
}

TEST(GpuState, InputsAndOutputsInItsMemory) {
  OnGpu gpu;
  DeviceMemory::enter();
  float x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, loss = 0;
  int64_t y[4] = {0, 1, 2, 2};
  DeviceMemory dx(sizeof x), dy(sizeof y), dloss(sizeof loss);
  dx.put(x, sizeof x), dy.put(y, sizeof y);
  for (int which = 0; which < 8; ++which) {
    const void *in[] = {which & 1 ? dx.pointer() : x, which & 2 ? dy.pointer() : y};
    void *out[] = {which & 4 ? dloss.pointer() : &loss};
    ASSERT_EQ(tenon_run(gpu.context.get(), gpu.state.get(), 0, in, out), TENON_OK) << tenon_last_error();
    if (which & 4)
      dloss.get(&loss, sizeof loss);
    EXPECT_EQ(loss, 36) << which;
    loss = 0;
  }
  EXPECT_EQ(gpu.step(), 8);
  EXPECT_EQ(gpu.w(), (std::vector<float>{9, 18, 27, 36, 101, 118}));
  DeviceMemory tooSmall(4);
  const void *in[] = {x, tooSmall.pointer()};
  void *out[] = {&loss};
  EXPECT_TRUE(failsWith(tenon_run(gpu.context.get(), gpu.state.get(), 0, in, out), TENON_ERROR_DEVICE, "train: its inputs cannot be copied: invalid argument"));
  EXPECT_EQ(gpu.step(), 8) << "no kernel ran";
  in[1] = y;
  EXPECT_EQ(tenon_run(gpu.context.get(), gpu.state.get(), 0, in, out), TENON_OK);
  EXPECT_EQ(gpu.step(), 9);
}

TEST(GpuState, BelongsToItsDevice) {
  Setting devices("TENON_FAKE_CUDA_DEVICES", "2");
  OnGpu gpu;
  tenon::runtime::State cpuState(gpu.model), second(gpu.model, 2);
  tenon::runtime::Context cpu(gpu.model);
  float x[8] = {}, loss;
  int64_t y[4] = {};
  const void *in[] = {x, y};
  void *out[] = {&loss};
  EXPECT_TRUE(failsWith(tenon_run(gpu.context.get(), cpuState.get(), 0, in, out), TENON_ERROR_ARGUMENT, "the context is on GPU 0, the state on the CPU"));
  EXPECT_TRUE(failsWith(tenon_run(cpu.get(), gpu.state.get(), 0, in, out), TENON_ERROR_ARGUMENT, "the context is on the CPU, the state on a GPU"));
  EXPECT_TRUE(failsWith(tenon_run(gpu.context.get(), second.get(), 0, in, out), TENON_ERROR_ARGUMENT, "the context is on GPU 0, the state on GPU 1"));
  EXPECT_TRUE(failsWith(tenon_run(gpu.context.get(), nullptr, 0, in, out), TENON_ERROR_ARGUMENT, "the state is NULL"));
  tenon_options o = {};
  o.device = 2;
  tenon::runtime::Context there(gpu.model, o);
  EXPECT_EQ(tenon_run(there.get(), second.get(), 0, in, out), TENON_OK) << tenon_last_error();
  EXPECT_EQ(second.values<int64_t>("step", 1)[0], 1);
}
