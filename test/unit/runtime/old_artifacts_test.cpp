// Artifacts of every version of the plan since the second are kept, and load and run in this runtime: whoever raises TENON_ABI_VERSION reads what was there before,
// and adds vN.so, made as step.mlir says. (Plans of version 1 were never released and are refused.)
#include "artifact.h"
#include "runtime/abi.h"
#include <cmath>
#include <filesystem>

using namespace tenon::test;
using tenon::runtime::Context, tenon::runtime::Model, tenon::runtime::State;

namespace {

void loadsAndRuns(const std::string &path) {
  SCOPED_TRACE(path);
  Model model(path.c_str());
  State state(model);
  Context context(model);
  auto train = model.find("train"), predict = model.find("predict");
  EXPECT_EQ(state.values<float>("tied", 3), (std::vector<float>{1, 2, 3}));

  float x[4][3], loss = 0;
  for (auto &row : x)
    row[0] = 0, row[1] = 1, row[2] = -0.5f;
  const void *in[] = {x};
  void *out[] = {&loss};
  context.run(state, train, in, out); // 1 32 0.1875, twice doubled
  EXPECT_EQ(loss, 132.75f);
  EXPECT_EQ(state.values<float>("w", 3), (std::vector<float>{4, 128, 0.75f}));
  context.run(state, train, in, out); // 4 2048 0.046875, halved by the other branch
  EXPECT_EQ(loss, 1026.0234375f);
  EXPECT_EQ(state.values<int64_t>("count", 1)[0], 2);

  x[2][1] = NAN;
  EXPECT_TRUE(failsWith(tenon_run(context.get(), state.get(), train, in, out), TENON_ERROR_CHECK, "x is not a number"));
  EXPECT_EQ(state.values<int64_t>("count", 1)[0], 2);

  float rows[2][3] = {{1, 1, 1}, {2, 0, 0}}, y[2] = {};
  const void *given[] = {rows};
  void *result[] = {y};
  context.run(state, predict, given, result);
  EXPECT_EQ(y[0], 1026.0234375f);
  EXPECT_EQ(y[1], 4.0f);
}

TEST(OldArtifacts, LoadAndRun) {
#ifdef __x86_64__
  for (unsigned version = 2; version <= TENON_ABI_VERSION; ++version)
    loadsAndRuns(TENON_SOURCE_DIR "/test/unit/runtime/artifacts/v" + std::to_string(version) + ".so");
#else
  GTEST_SKIP() << "they are kept for x86-64";
#endif
}

} // namespace
