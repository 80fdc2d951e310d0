// The fake driver itself: what a real one forbids it forbids, what was not waited for has not happened.
#include "artifact.h"
#include "nvrtc.h"
#include <cstring>

using namespace tenon::test;

namespace {
using Address = unsigned long long;
template <class... P> int call(const char *name, P... parameters) { return reinterpret_cast<int (*)(P...)>(driverFunction(name))(parameters...); }

const char *const program = R"(
TENON_KERNEL(1024) add(float *a, float by, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) a[i] += by;
}
TENON_EXPORT_FREE(add)
TENON_KERNEL(32) large(float *a) {
  __shared__ float tile[13000];
  tile[threadIdx.x * 400] = 1;
  __syncthreads();
  a[threadIdx.x] = tile[(31 - threadIdx.x) * 400];
}
TENON_EXPORT(large)
TENON_KERNEL(32) dynamic(float *a) {
  TENON_DYNAMIC_SHARED(float, tile);
  tile[threadIdx.x] = a[threadIdx.x];
  __syncthreads();
  a[threadIdx.x] = tile[31 - threadIdx.x];
}
TENON_EXPORT(dynamic)
)";

class FakeDriver : public testing::Test {
protected:
  void SetUp() override {
    void *context;
    ASSERT_EQ(call("cuInit", 0u), 0);
    ASSERT_EQ(call("cuDevicePrimaryCtxRetain", &context, 0), 0);
    ASSERT_EQ(call("cuCtxPushCurrent_v2", context), 0);
    ASSERT_EQ(call("cuStreamCreate", &stream, 1u), 0);
    image = compileCuda(std::string(cudaPrelude) + program, "sm_90", false);
    ASSERT_EQ(call("cuModuleLoadDataEx", &module, static_cast<const void *>(image.data()), 0u, static_cast<int *>(nullptr), static_cast<void **>(nullptr)), 0);
    ASSERT_EQ(call("cuMemAlloc_v2", &memory, size_t(1024)), 0);
  }
  void TearDown() override {
    call("cuMemFree_v2", memory), call("cuStreamDestroy_v2", stream), call("cuModuleUnload", module);
    call("cuCtxPopCurrent_v2", static_cast<void **>(nullptr));
  }
  void *function(const char *name) {
    void *found = nullptr;
    call("cuModuleGetFunction", &found, module, name);
    return found;
  }
  template <class... P> int launch(const char *name, unsigned blocks, unsigned threads, unsigned shared, P... parameters) {
    void *pointers[] = {&parameters...};
    return call("cuLaunchKernel", function(name), blocks, 1u, 1u, threads, 1u, 1u, shared, stream, static_cast<void **>(pointers), static_cast<void **>(nullptr));
  }
  std::vector<float> read(size_t count = 32) {
    std::vector<float> values(count);
    EXPECT_EQ(call("cuMemcpyDtoH_v2", static_cast<void *>(values.data()), memory, count * 4), 0);
    return values;
  }
  int synchronize() { return call("cuStreamSynchronize", stream); }
  void *stream = nullptr, *module = nullptr;
  Address memory = 0;
  std::string image;
};
} // namespace

TEST_F(FakeDriver, WorkIsDoneWhenItIsWaitedFor) {
  std::vector<float> zeros(256);
  EXPECT_EQ(call("cuMemcpyHtoD_v2", memory, static_cast<const void *>(zeros.data()), size_t(1024)), 0);
  EXPECT_EQ(launch("add", 2, 128, 0, memory, 1.5f, 256u), 0);
  EXPECT_EQ(read()[0], 0) << "a copy on another stream does not wait";
  EXPECT_EQ(synchronize(), 0);
  EXPECT_EQ(read(256), std::vector<float>(256, 1.5f));
}

TEST_F(FakeDriver, PageableMemoryArrivesWhenTheDefaultStreamIsWaitedFor) {
  std::vector<float> ones(256, 1.f);
  EXPECT_EQ(call("cuMemcpyHtoD_v2", memory, static_cast<const void *>(ones.data()), size_t(1024)), 0);
  EXPECT_EQ(launch("add", 2, 128, 0, memory, 1.5f, 256u), 0);
  EXPECT_EQ(synchronize(), 0);
  EXPECT_EQ(read(256), ones) << "it came after the kernel, which a stream of its own ran";
  EXPECT_EQ(call("cuMemcpyHtoD_v2", memory, static_cast<const void *>(ones.data()), size_t(1024)), 0);
  EXPECT_EQ(call("cuStreamSynchronize", static_cast<void *>(nullptr)), 0);
  EXPECT_EQ(launch("add", 2, 128, 0, memory, 1.5f, 256u), 0);
  EXPECT_EQ(synchronize(), 0);
  EXPECT_EQ(read(256), std::vector<float>(256, 2.5f));
}

TEST_F(FakeDriver, PinnedMemoryIsReadWhenTheCopyIsDone) {
  void *pinned;
  ASSERT_EQ(call("cuMemHostAlloc", &pinned, size_t(4), 0u), 0);
  float early = 1, late = 2;
  std::memcpy(pinned, &early, 4);
  EXPECT_EQ(call("cuMemcpyHtoDAsync_v2", memory, static_cast<const void *>(pinned), size_t(4), stream), 0);
  std::memcpy(pinned, &late, 4);
  EXPECT_EQ(synchronize(), 0);
  EXPECT_EQ(read(1)[0], 2);
  EXPECT_EQ(call("cuMemcpyHtoDAsync_v2", memory, static_cast<const void *>(&early), size_t(4), stream), 0);
  early = 3; // memory that is not pinned was read at the call
  EXPECT_EQ(synchronize(), 0);
  EXPECT_EQ(read(1)[0], 1);
  EXPECT_EQ(call("cuMemFreeHost", pinned), 0);
}

TEST_F(FakeDriver, Limits) {
  EXPECT_EQ(launch("add", 1, 1025, 0, memory, 1.f, 1u), 1);
  EXPECT_EQ(launch("add", 0, 32, 0, memory, 1.f, 1u), 1);
  EXPECT_EQ(launch("add", 0x80000000u, 32, 0, memory, 1.f, 1u), 1);
  EXPECT_EQ(launch("large", 1, 32, 0, memory), 1) << "52 000 bytes of static shared memory";
  EXPECT_EQ(launch("dynamic", 1, 32, 60000, memory), 1) << "more than 48 KiB are not asked for";
  EXPECT_EQ(call("cuFuncSetAttribute", function("dynamic"), 8, 60000), 0);
  EXPECT_EQ(launch("add", 1, 32, 0, memory, 1.f, 0u), 0);
  std::vector<float> values(32);
  for (size_t i = 0; i < 32; ++i)
    values[i] = float(i);
  EXPECT_EQ(call("cuMemcpyHtoD_v2", memory, static_cast<const void *>(values.data()), size_t(128)), 0);
  EXPECT_EQ(call("cuStreamSynchronize", static_cast<void *>(nullptr)), 0);
  EXPECT_EQ(launch("dynamic", 1, 32, 60000, memory), 0);
  EXPECT_EQ(synchronize(), 0);
  EXPECT_EQ(read()[0], 31);
  EXPECT_EQ(call("cuFuncSetAttribute", function("dynamic"), 8, 300000), 1);
  EXPECT_EQ(call("cuMemcpyHtoD_v2", memory, static_cast<const void *>(values.data()), size_t(1025)), 1) << "beyond the allocation";
  EXPECT_EQ(call("cuMemcpyHtoD_v2", memory + 1024, static_cast<const void *>(values.data()), size_t(4)), 1);
}

TEST_F(FakeDriver, WrongAddressesEndTheProcess) {
  EXPECT_DEATH(*reinterpret_cast<volatile float *>(memory), "") << "the host reads device memory";
  EXPECT_DEATH((launch("add", 1, 32, 0, memory + 1024, 1.f, 32u), synchronize(), exit(0)), "") << "a kernel writes behind its memory";
}
