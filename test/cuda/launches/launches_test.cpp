// What a training step launches on a GPU: the benchmark's models, captured and planned, not run. Each kernel costs some 2 us there whatever it computes.
#include "compiler/api/compiler.h"
#include "frontend/tensor/artifact.h"
#include "frontend/tensor/bridge.h"
#include "test/benchmark/models.h"
#include <gtest/gtest.h>

#include <fstream>
#include <regex>

using namespace tenon;

namespace {
std::function<Training()> model(const std::string &name) {
  for (auto &[known, make] : models())
    if (known == name)
      return make;
  throw Error("no model " + name);
}

/// Kernels, checks and copies of a step: each is a node of the graph.
int launches(const std::string &name) {
  Training t = model(name)();
  detail::CompiledFunction step([&](const TensorList &batch) { return TensorList{t.step(batch[0], batch[1])}; }, {}, Location::current());
  auto variant = step.capture({detail::Access::impl(t.x), detail::Access::impl(t.y)});
  detail::Lock lock;
  auto [numbers, module] = detail::artifact_module({{"step", {variant.get()}, {}}});
  compiler::Options options;
  options.target = "cuda";
  std::string path = testing::TempDir() + name + ".plan";
  if (auto error = compiler::emitStage(*module, options, "plan", path))
    throw Error(llvm::toString(std::move(error)));
  std::ifstream plan(path);
  int count = 0;
  std::smatch found;
  for (std::string line; std::getline(plan, line);) {
    if (std::regex_search(line, found, std::regex("^function \"step\" kernels ([0-9]+) ")))
      count += std::stoi(found[1]);
    count += std::regex_search(line, std::regex("^ +(check|copy|fill) "));
    EXPECT_FALSE(std::regex_search(line, std::regex("^ +(loop|branch) "))) << "counted once, but run often";
  }
  return count;
}
} // namespace

TEST(CudaLaunches, OfATrainingStep) {
  for (auto &[name, most] : std::vector<std::pair<std::string, int>>{{"mlp_b64", 8}, {"cnn_b64", 20}, {"gpt_b16", 110}}) {
    int count = launches(name);
    RecordProperty(name, count);
    EXPECT_LE(count, most) << name;
    EXPECT_GE(count, 3) << name << ": forward, backward and the optimizer are not one kernel";
  }
}
