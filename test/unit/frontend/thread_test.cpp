// Threads: each has a trace of its own; what one left pending another may ask for; replays run side by side.
#include "expect_error.h"

#include <thread>

using namespace tenon;

namespace {

TEST(ThreadTest, AnotherThreadsPendingTensorsAreRun) {
  Tensor y;
  std::thread([&] { y = ones({3}) * 2 + 1; }).join();
  EXPECT_EQ((y * 2).sum().item<float>(), 18);
}

TEST(ThreadTest, TracesAreTheirThreads) {
  std::vector<std::thread> threads;
  std::vector<float> results(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      auto w = full({4}, float(t + 1)).requires_grad_();
      for (int i = 0; i < 20; ++i) {
        w.reset_grad();
        (w * w).sum().backward();
        NoGradGuard no_grad;
        w.sub_(w.grad() * 0.25);
        if (i % 7 == 0)
          w.sum().item<float>();
      }
      results[size_t(t)] = w[0].item<float>();
    });
  for (auto &t : threads)
    t.join();
  for (int t = 0; t < 4; ++t)
    EXPECT_EQ(results[size_t(t)], float(t + 1) / float(1 << 20));
  EXPECT_TRUE(GradMode::is_enabled());
}

TEST(ThreadTest, OneCompiledFunctionServesManyThreads) {
  auto w = full({8}, 3.f);
  auto f = compile([&](Tensor x) { return (x * w).sum(); });
  f(ones({8})), f(ones({8}));
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i)
        wrong[size_t(t)] += f(full({8}, float(t))).item<float>() != 24.f * float(t);
    });
  for (auto &t : threads)
    t.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

TEST(ThreadTest, TensorsEndWhereverTheyAre) {
  auto pending = ones({3}) * 2;
  std::thread([t = std::move(pending)] { EXPECT_EQ(t.numel(), 3); }).join();
  EXPECT_EQ((ones({3}) * 3).sum().item<float>(), 9);
}

} // namespace
