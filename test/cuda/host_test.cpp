// The host form of CUDA C++: the same text gives the same numbers under every schedule, and what a GPU would hang at or read as noise is found.
#include "nvrtc.h"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>
#include <vector>

using namespace tenon::test;

static const char *const schedules[] = {"forward", "reverse", "random:7", "greedy"};

namespace {
// A program's kernels, opened without a driver.
struct Kernels {
  void *library;
  explicit Kernels(const std::string &text) {
    std::string image = compileCuda(cudaPrelude + text, "sm_90", false), path = testing::TempDir() + "/kernels-" + std::to_string(getpid()) + "-" + std::to_string(count++) + ".so";
    std::ofstream(path, std::ios::binary) << image;
    library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    unlink(path.c_str());
  }
  ~Kernels() { dlclose(library); }
  template <class... P> void run(const std::string &name, unsigned blocks, unsigned threads, P... parameters) {
    void *pointers[] = {&parameters...};
    unsigned grid[] = {blocks, 1, 1}, block[] = {threads, 1, 1};
    reinterpret_cast<void (*)(const unsigned *, const unsigned *, void **)>(dlsym(library, ("tenon_host_" + name).c_str()))(grid, block, pointers);
  }
  static inline int count = 0;
};

// The sum of each 256 numbers: warps by shuffles, then a warp over the warps' sums. What lies between is the parameter.
std::string sums(const std::string &between, const std::string &end = "") {
  return R"(
__device__ __forceinline__ float warpSum(float v) {
  for (int offset = 16; offset; offset >>= 1)
    v += __shfl_xor_sync(0xffffffffu, v, offset);
  return v;
}
TENON_KERNEL(256) sums(const float *__restrict__ a, float *__restrict__ out) {
  __shared__ float part[8];
  float v = warpSum(a[blockIdx.x * 256 + threadIdx.x]);
  if (threadIdx.x % 32 == 0)
    part[threadIdx.x / 32] = v;
  )" + between +
         R"(
  if (threadIdx.x < 32) {
    v = warpSum(threadIdx.x < 8 ? part[threadIdx.x] : 0.f);
    if (threadIdx.x == 0)
      out[blockIdx.x] = v;
  }
  )" + end + R"(
}
TENON_EXPORT(sums)
)";
}
std::vector<float> runSums(Kernels &kernels) {
  std::vector<float> a(5 * 256), out(5, -1);
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = float(i % 7);
  kernels.run("sums", 5, 256, a.data(), out.data());
  return out;
}
std::vector<float> expectedSums() {
  std::vector<float> out(5, 0);
  for (size_t i = 0; i < 5 * 256; ++i)
    out[i / 256] += float(i % 7);
  return out;
}
} // namespace

TEST(HostForm, EverySchedule) {
  Kernels kernels(sums("__syncthreads();"));
  for (const char *schedule : schedules)
    for (const char *threads : {"1", "2"}) {
      setenv("TENON_HOST_SCHEDULE", schedule, 1);
      setenv("TENON_HOST_THREADS", threads, 1);
      EXPECT_EQ(runSums(kernels), expectedSums()) << schedule;
    }
  unsetenv("TENON_HOST_SCHEDULE"), unsetenv("TENON_HOST_THREADS");
}

TEST(HostForm, ADroppedBarrierShows) {
  Kernels kernels(sums(""));
  int wrong = 0;
  for (const char *schedule : schedules) {
    setenv("TENON_HOST_SCHEDULE", schedule, 1);
    wrong += runSums(kernels) != expectedSums();
  }
  unsetenv("TENON_HOST_SCHEDULE");
  EXPECT_GE(wrong, 2);
}

TEST(HostForm, WhatHangsIsFound) {
  auto dies = [](const std::string &between, const std::string &end, const char *message) {
    Kernels kernels(sums(between, end));
    EXPECT_DEATH(runSums(kernels), message);
  };
  dies("if (threadIdx.x < 100) __syncthreads();", "", "sums, block .*divergent barrier|deadlock");
  dies("__syncthreads();", "if (threadIdx.x == 3) return; __syncthreads();", "divergent barrier: __syncthreads .* after 1 threads|ended while");
  dies("__syncthreads();", "if (threadIdx.x < 32) __syncthreads(); else\n __syncthreads();", "divergent barrier: at line");
  dies("__syncthreads(); if (threadIdx.x == 40) return; v = warpSum(v);", "", "has ended|have ended|waits for it");
  dies("__syncthreads(); if (threadIdx.x != 40) v = __shfl_sync(0xffffffffu, v, 0);", "", "waits for it|lanes 00000100");
  dies("__syncthreads(); v = __shfl_sync(1u, v, 0);", "", "lacks the lane itself");
}

TEST(HostForm, Shuffles) {
  Kernels kernels(R"(
TENON_KERNEL(64) shuffles(unsigned *out, double *wide, unsigned *votes) {
  unsigned i = threadIdx.x, lane = i % 32, all = 0xffffffffu;
  out[i] = __shfl_sync(all, i, 5);
  out[64 + i] = __shfl_up_sync(all, i, 3);
  out[128 + i] = __shfl_down_sync(all, i, 3, 8);
  out[192 + i] = __shfl_xor_sync(all, i, 1);
  wide[i] = __shfl_sync(all, double(i) + 0.5, lane + 1);
  votes[i] = __ballot_sync(all, i % 3 == 0);
  if (lane < 16)
    out[256 + i] = __shfl_sync(0xffffu, i, 2, 4);
  else
    out[256 + i] = __any_sync(0xffff0000u, lane == 20) * 2 + __all_sync(0xffff0000u, lane == 20);
  __syncwarp();
}
TENON_EXPORT(shuffles))");
  std::vector<unsigned> out(320), votes(64);
  std::vector<double> wide(64);
  kernels.run("shuffles", 1, 64, out.data(), wide.data(), votes.data());
  for (unsigned i = 0; i < 64; ++i) {
    unsigned lane = i % 32, base = i - lane;
    EXPECT_EQ(out[i], base + 5);
    EXPECT_EQ(out[64 + i], lane < 3 ? i : i - 3);
    EXPECT_EQ(out[128 + i], lane % 8 + 3 < 8 ? i + 3 : i);
    EXPECT_EQ(out[192 + i], i ^ 1);
    EXPECT_EQ(wide[i], base + (lane + 1) % 32 + 0.5);
    EXPECT_EQ(votes[i], base == 0 ? 0x49249249u : 0x92492492u);
    EXPECT_EQ(out[256 + i], lane < 16 ? base + lane / 4 * 4 + 2 : 2u);
  }
}

TEST(HostForm, SharedMemoryBeginsAsNaN) {
  Kernels kernels(R"(
TENON_KERNEL(32) peek(float *out) {
  __shared__ float tile[32];
  out[blockIdx.x * 32 + threadIdx.x] = tile[threadIdx.x];
  tile[threadIdx.x] = 1;
  __syncthreads();
}
TENON_EXPORT(peek))");
  std::vector<float> out(96, 0);
  kernels.run("peek", 3, 32, out.data());
  for (float v : out)
    EXPECT_TRUE(std::isnan(v));
}

TEST(HostForm, FreeKernelsHaveNoBarrier) {
  Kernels kernels(R"(
TENON_KERNEL(128) twice(const float4 *__restrict__ a, float4 *__restrict__ out) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  float4 v = a[i];
  out[i] = make_float4(fmaf(v.x, 2, 1), max(v.y, 0.f) * 2, rsqrtf(v.z), __uint_as_float(__float_as_uint(v.w)));
}
TENON_EXPORT_FREE(twice)
TENON_KERNEL(128) liar(float *out) { __syncthreads(); }
TENON_EXPORT_FREE(liar))");
  alignas(16) float a[512], out[512];
  for (int i = 0; i < 512; ++i)
    a[i] = float(i + 1);
  kernels.run("twice", 1, 128, a, out);
  EXPECT_EQ(out[0], 3);
  EXPECT_EQ(out[509], 1020);
  EXPECT_EQ(out[510], 1 / std::sqrt(511.f));
  EXPECT_EQ(out[511], 512);
  EXPECT_DEATH(kernels.run("liar", 1, 128, a), "free of barriers");
  EXPECT_DEATH(kernels.run("twice", 1, 64, a + 1, out), "not aligned");
}

TEST(HostForm, AsynchronousCopiesLandLate) {
  Kernels kernels(R"(
TENON_KERNEL(32) stages(const float *a, float *out) {
  __shared__ __align__(16) float tile[2][128];
#ifdef TENON_HOST
  using namespace tenon_host;
  copyLater(&tile[0][threadIdx.x * 4], a + threadIdx.x * 4, 16), commitCopies();
  copyLater(&tile[1][threadIdx.x * 4], a + 128 + threadIdx.x * 4, 16), commitCopies();
  waitCopies(1);
#endif
  __syncthreads();
  for (int s = 0; s < 2; ++s)
    for (int i = 0; i < 4; ++i)
      out[s * 128 + threadIdx.x * 4 + i] = tile[s][127 - threadIdx.x * 4 - i];
}
TENON_EXPORT(stages))");
  alignas(16) float a[256], out[256];
  for (int i = 0; i < 256; ++i)
    a[i] = float(i);
  kernels.run("stages", 1, 32, a, out);
  for (int i = 0; i < 128; ++i) {
    EXPECT_EQ(out[i], float(127 - i));
    EXPECT_TRUE(std::isnan(out[128 + i])) << "the second stage was not waited for";
  }
}
