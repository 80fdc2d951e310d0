// The runtime on a GPU that is none: every kind of command, against what the CPU's plan computes.
#include "artifact.h"
#include <cstring>
#include <thread>

using namespace tenon::test;
using tenon::runtime::Array;

TEST(Gpu, TrainsAsTheCpu) {
  OnGpu gpu;
  Opened cpu;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(gpu.train(), cpu.train());
    EXPECT_EQ(gpu.train({2, 1}), cpu.train({2, 1}));
  }
  EXPECT_EQ(gpu.w(), cpu.w());
  EXPECT_EQ(gpu.step(), 10);
}

TEST(Gpu, AStepIsOneGraphAndAllocatesNothing) {
  OnGpu gpu;
  gpu.train();
  Counts before = counts();
  for (int i = 0; i < 10; ++i)
    gpu.train();
  Counts after = counts();
  EXPECT_EQ(after.graphLaunches - before.graphLaunches, 10u);
  EXPECT_EQ(after.kernels - before.kernels, 40u);
  EXPECT_EQ(after.launches, before.launches);
  EXPECT_EQ(after.graphs, before.graphs);
  EXPECT_EQ(after.allocations, before.allocations);
  EXPECT_EQ(after.pinnedAllocations, before.pinnedAllocations);
  EXPECT_EQ(after.copies - before.copies, 20u) << "the inputs together, and the outputs";
  EXPECT_EQ(after.synchronizations - before.synchronizations, 10u);
  EXPECT_EQ(gpu.step(), 11);
}

TEST(Gpu, FailedCheckLeavesTheStateAlone) {
  OnGpu gpu;
  gpu.train();
  std::vector<float> w = gpu.w();
  for (int again = 0; again < 2; ++again)
    try {
      gpu.train({0, 1, 3, 2});
      FAIL();
    } catch (const tenon::runtime::Error &error) {
      EXPECT_EQ(error.status, TENON_ERROR_CHECK);
      EXPECT_STREQ(error.what(), "labels: expected 0 to 2 (user.cpp:5)");
    }
  EXPECT_EQ(gpu.w(), w);
  EXPECT_EQ(gpu.step(), 1);
  EXPECT_EQ(gpu.train(), 36) << "and the context still works";
  EXPECT_EQ(gpu.step(), 2);
}

TEST(Gpu, SymbolicSizes) {
  OnGpu gpu;
  gpu.state.set<float>("layer.bias", {1, 2});
  for (int64_t batch : {3, 1, 1000, 0, 300000, 3}) { // also more than pinned memory holds
    std::vector<float> x(size_t(2 * batch)), out(size_t(2 * batch));
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = float(i % 1000);
    float none = 0;
    gpu.context.call(gpu.state, "scale", {Array(batch ? x.data() : &none, {batch, 2})}, {Array(batch ? out.data() : &none, {batch, 2})});
    for (size_t i = 0; i < out.size(); ++i)
      ASSERT_EQ(out[i], float(i % 1000) * 10 + float(i % 2 + 1)) << i;
  }
}

TEST(Gpu, Fills) {
  OnGpu gpu;
  float ones[5];
  unsigned char bytes[8] = {};
  gpu.context.call(gpu.state, "ones", {}, {{ones, {5}}, {bytes, TENON_BOOL, {7}}});
  EXPECT_EQ(ones[4], 1);
  EXPECT_EQ(bytes[6], 1);
  EXPECT_EQ(bytes[7], 0);
}

TEST(Gpu, CallsOfALaunchRunInAnyOrder) {
  OnGpu gpu;
  Opened cpu;
  double start = 1.1;
  std::vector<double> a(150), b(150);
  cpu.context.call(cpu.state, "grind", {{&start, {}}}, {{a.data(), {150}}});
  for (int i = 0; i < 4; ++i) {
    gpu.context.call(gpu.state, "grind", {{&start, {}}}, {{b.data(), {150}}});
    EXPECT_EQ(a, b);
  }
}

TEST(Gpu, LoopsOfFixedLengthAreUnrolled) {
  OnGpu gpu;
  std::vector<int64_t> x(10), deep(30), turned(10), sums(10);
  for (size_t i = 0; i < 30; ++i)
    deep[i] = int64_t(i * i), x[i % 10] = int64_t(i);
  Counts before = counts();
  for (int again = 0; again < 3; ++again) {
    std::fill(turned.begin(), turned.end(), -1);
    gpu.context.call(gpu.state, "turn", {Array(x.data(), {5, 2}), Array(deep.data(), {5, 3, 2})}, {Array(turned.data(), {5, 2}), Array(sums.data(), {5, 2})});
    for (size_t t = 0; t < 5; ++t)
      for (size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(turned[2 * (4 - t) + i], x[2 * t + i]);
        EXPECT_EQ(sums[2 * t + i], deep[6 * t + i] + deep[6 * t + 2 + i] + deep[6 * t + 4 + i]);
      }
  }
  EXPECT_EQ(counts().graphLaunches - before.graphLaunches, 3u);
  EXPECT_EQ(counts().launches, before.launches);
  EXPECT_EQ(counts().kernels - before.kernels, 3u * 5 * 5);
}

TEST(Gpu, LoopsThatAreNotUnrolled) {
  OnGpu gpu(true); // profiled: each kernel by itself
  std::vector<int64_t> x(10, 3), deep(30, 2), turned(10), sums(10);
  gpu.context.call(gpu.state, "turn", {Array(x.data(), {5, 2}), Array(deep.data(), {5, 3, 2})}, {Array(turned.data(), {5, 2}), Array(sums.data(), {5, 2})});
  EXPECT_EQ(turned, x);
  EXPECT_EQ(sums, std::vector<int64_t>(10, 6));
  for (const tenon_profile &row : gpu.context.profile())
    if (std::string(row.name) == "gather")
      EXPECT_EQ(row.count, 15u);
}

TEST(Gpu, LoopsEndAtTheirFlag) {
  OnGpu gpu;
  for (auto [step, limit, total, parity] : {std::tuple<int64_t, int64_t, int64_t, int64_t>{3, 7, 9, 2}, {2, 1000, 20, 1}, {5, -1, 5, 2}}) {
    int64_t got = -1, is = 0;
    gpu.context.call(gpu.state, "until", {Array(&step, {}), Array(&limit, {})}, {Array(&got, {}), Array(&is, {})});
    EXPECT_EQ(got, total);
    EXPECT_EQ(int32_t(is), parity);
  }
}

TEST(Gpu, SeveralFunctionsAndStates) {
  OnGpu gpu;
  tenon::runtime::State second(gpu.model, 1);
  gpu.train();
  float x[8] = {1, 1, 1, 1, 1, 1, 1, 1}, loss;
  int64_t y[4] = {};
  gpu.context.call(second, "train", {{x, {4, 2}}, {y, {4}}}, {{&loss, {}}});
  EXPECT_EQ(loss, 8);
  EXPECT_EQ(second.values<int64_t>("step", 1)[0], 1);
  EXPECT_EQ(second.values<float>("w", 6), (std::vector<float>{5, 6, 3, 4, 5, 6}));
  gpu.train();
  EXPECT_EQ(gpu.step(), 2);
  EXPECT_EQ(gpu.w(), (std::vector<float>{3, 6, 9, 12, 29, 34}));
  tenon_options o = {};
  o.device = 1;
  tenon::runtime::Context other(gpu.model, o);
  other.call(gpu.state, "train", {{x, {4, 2}}, {y, {4}}}, {{&loss, {}}});
  EXPECT_EQ(gpu.step(), 3);
}

TEST(Gpu, InputsCanBeSentAhead) {
  OnGpu gpu;
  Opened cpu;
  float batches[3][8], loss[2];
  int64_t labels[3][4] = {{0, 1, 2, 2}, {1, 1, 0, 2}, {2, 2, 2, 2}};
  auto send = [&](size_t i) {
    const void *in[] = {batches[i % 3], labels[i % 3]};
    gpu.context.prefetch(0, in);
  };
  auto fill = [&](size_t i) {
    for (size_t k = 0; k < 8; ++k)
      batches[i % 3][k] = float(i * k % 5);
  };
  fill(0), send(0);
  uint64_t copies = 0;
  for (size_t i = 0; i < 9; ++i) {
    if (i == 8)
      copies = counts().copies;
    if (i != 6) // once there is none ahead
      fill(i + 1), send(i + 1);
    else
      fill(i + 1);
    const void *in[] = {batches[i % 3], labels[i % 3]};
    void *out[] = {&loss[0]}, *others[] = {&loss[1]};
    ASSERT_EQ(tenon_run(gpu.context.get(), gpu.state.get(), 0, in, out), TENON_OK) << tenon_last_error();
    ASSERT_EQ(tenon_run(cpu.context.get(), cpu.state.get(), 0, in, others), TENON_OK);
    EXPECT_EQ(loss[0], loss[1]) << i;
  }
  EXPECT_EQ(gpu.w(), cpu.w());
  EXPECT_EQ(counts().copies - copies, 4u) << "the next batch up, this one to its place, the outputs down, w";
  const void *none[] = {batches[0], nullptr};
  EXPECT_TRUE(failsWith(tenon_prefetch(gpu.context.get(), 0, none), TENON_ERROR_ARGUMENT, "input y is NULL"));
  EXPECT_TRUE(failsWith(tenon_prefetch(gpu.context.get(), 9, none), TENON_ERROR_ARGUMENT, "no function 9"));
  EXPECT_TRUE(failsWith(tenon_prefetch(gpu.context.get(), 1, none), TENON_ERROR_ARGUMENT, "symbolic and not bound"));
  EXPECT_EQ(tenon_prefetch(cpu.context.get(), 0, none), TENON_OK);
}

TEST(Gpu, WhatCannotBeSentAheadIsWaitedFor) {
  OnGpu gpu;
  float x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, loss = 0;
  int64_t y[4] = {0, 1, 2, 2};
  const void *in[] = {x, y};
  void *out[] = {&loss};
  Counts before = counts();
  {
    Setting fail("TENON_FAKE_CUDA_FAIL", "cuEventRecord:0:2");
    EXPECT_TRUE(failsWith(tenon_prefetch(gpu.context.get(), 0, in), TENON_ERROR_MEMORY, "inputs cannot be copied: out of memory"));
  }
  EXPECT_EQ(counts().synchronizations - before.synchronizations, 1u) << "the copy that had begun";
  x[7] = 108;
  gpu.context.prefetch(0, in);
  ASSERT_EQ(tenon_run(gpu.context.get(), gpu.state.get(), 0, in, out), TENON_OK);
  EXPECT_EQ(loss, 136);
}

TEST(Gpu, ARunThatFailsForgetsWhatWasSentAhead) {
  OnGpu gpu;
  float x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, loss = 0;
  int64_t y[4] = {0, 1, 2, 2};
  const void *in[] = {x, y};
  void *out[] = {&loss}, *none[] = {nullptr};
  gpu.context.prefetch(0, in);
  EXPECT_TRUE(failsWith(tenon_run(gpu.context.get(), gpu.state.get(), 0, in, none), TENON_ERROR_ARGUMENT, "loss is NULL"));
  x[7] = 108; // the run has returned
  ASSERT_EQ(tenon_run(gpu.context.get(), gpu.state.get(), 0, in, out), TENON_OK);
  EXPECT_EQ(loss, 136);
}

TEST(Gpu, ContextsRunInThreads) {
  OnGpu gpu;
  std::vector<std::thread> threads;
  std::vector<double> sums(4 * 150);
  for (size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      tenon_options o = {};
      o.device = 1;
      tenon::runtime::Context context(gpu.model, o);
      tenon::runtime::State state(gpu.model, 1);
      double start = double(t);
      for (int i = 0; i < 5; ++i)
        context.call(state, "grind", {{&start, {}}}, {{&sums[t * 150], {150}}});
    });
  for (std::thread &thread : threads)
    thread.join();
  for (size_t t = 1; t < 4; ++t)
    EXPECT_EQ(sums[t * 150], sums[t]) << "block 0 from t is block t from 0";
}

TEST(Gpu, ProfilesEachCommand) {
  OnGpu gpu(true);
  for (int i = 0; i < 3; ++i)
    gpu.train();
  std::vector<tenon_profile> rows = gpu.context.profile();
  ASSERT_GE(rows.size(), 4u);
  EXPECT_STREQ(rows[0].name, "check_labels");
  EXPECT_STREQ(rows[1].name, "check");
  EXPECT_STREQ(rows[2].name, "update4");
  EXPECT_STREQ(rows[2].locations, "user.cpp:16");
  EXPECT_STREQ(rows[3].name, "finish4");
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(rows[size_t(i)].count, 3u);
    EXPECT_GT(rows[size_t(i)].nanoseconds, 0u);
  }
  uint64_t count, nanoseconds;
  ASSERT_EQ(tenon_profile_function(gpu.context.get(), 0, &count, &nanoseconds), TENON_OK);
  EXPECT_EQ(count, 3u);
  EXPECT_EQ(gpu.step(), 3);
}

TEST(Gpu, PtxRunsWhereThereIsNoMachineCode) {
  Setting arch("TENON_FAKE_CUDA_ARCH", "90");
  OnGpu gpu(false, cudaArtifact({{"CUDA_IMAGE_COUNT", "1"}}));
  EXPECT_EQ(gpu.train(), 36);
}

TEST(Gpu, ArtifactWithoutCodeForACpu) {
  std::string path = cudaArtifact({{"KERNELS", "cuda_kernels"}});
  OnGpu gpu(false, path);
  EXPECT_EQ(gpu.train(), 36);
  tenon_context *context;
  EXPECT_TRUE(failsWith(tenon_context_create(gpu.model.get(), nullptr, &context), TENON_ERROR_DEVICE, "no code for a CPU (kernel check_labels)"));
}
