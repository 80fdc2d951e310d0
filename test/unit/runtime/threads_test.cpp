// Threads: the same bits with any number of them, many contexts at once, and a child after fork.
#include "artifact.h"
#include <atomic>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace tenon::test;

static std::vector<double> grind(Opened &o, double start) {
  std::vector<double> sums(150);
  o.context.call(o.state, "grind", {{&start, {}}}, {{sums.data(), {150}}});
  return sums;
}

TEST(Threads, ResultsDoNotDependOnThem) {
  Opened one(1);
  for (unsigned threads : {2u, 3u, 5u, 16u}) {
    Opened many(threads);
    EXPECT_EQ(many.context.threads(), threads);
    for (int i = 0; i < 100; ++i)
      ASSERT_EQ(grind(one, i), grind(many, i)) << threads << " threads, step " << i;
  }
}

TEST(Threads, SleepersWakeUp) {
  Opened one(1), two(2);
  std::vector<double> expected = grind(one, 7);
  for (int i = 0; i < 20; ++i) {
    usleep(3000); // longer than they spin
    ASSERT_EQ(grind(two, 7), expected);
  }
}

TEST(Threads, ContextsRunAtOnceOnOneState) {
  Opened one(1);
  std::vector<double> expected = grind(one, 3);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      tenon_options options = {};
      options.threads = 2;
      tenon::runtime::Context context(one.model, options);
      for (int i = 0; i < 50; ++i) {
        double start = 3;
        std::vector<double> sums(150);
        context.call(one.state, "grind", {{&start, {}}}, {{sums.data(), {150}}});
        float x[2] = {1, 2}, out[2];
        context.call(one.state, "scale", {{x, {1, 2}}}, {{out, {1, 2}}});
        wrong += sums != expected || out[1] != 20;
      }
    });
  for (auto &t : threads)
    t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Threads, AContextRunsOneCallAtATime) {
  Opened o(1);
  std::atomic<int> busy = 0, done = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&] {
      double start = 1, sums[150];
      const void *in[] = {&start};
      void *out[] = {sums};
      for (int i = 0; i < 200; ++i) {
        tenon_status status = tenon_run(o.context.get(), o.state.get(), 4, in, out);
        ++(status == TENON_OK ? done : busy);
        EXPECT_TRUE(status == TENON_OK || status == TENON_ERROR_BUSY);
      }
    });
  for (auto &t : threads)
    t.join();
  EXPECT_EQ(busy + done, 400);
}

TEST(Threads, ComeFromTheEnvironment) {
  setenv("TENON_NUM_THREADS", "3", 1);
  EXPECT_EQ(Opened(0).context.threads(), 3u);
  setenv("TENON_NUM_THREADS", "many", 1);
  EXPECT_GE(Opened(0).context.threads(), 1u);
  unsetenv("TENON_NUM_THREADS");
  tenon_context *context;
  tenon_options options = {};
  options.threads = 1000;
  Opened o;
  EXPECT_TRUE(failsWith(tenon_context_create(o.model.get(), &options, &context), TENON_ERROR_ARGUMENT, "at most 256"));
}

#if !defined(__SANITIZE_THREAD__) && !(defined(__has_feature) && __has_feature(thread_sanitizer))
TEST(Threads, AForkedChildStartsItsOwn) {
  Opened two(2);
  std::vector<double> expected = grind(two, 5);
  pid_t child = fork();
  if (child == 0)
    _exit(grind(two, 5) == expected && grind(two, 5) == expected ? 0 : 1);
  int status = 1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(grind(two, 5), expected);
}
#endif
