// Example programs train as their twins in PyTorch do: 50 compiled steps from the same weights on the same batches (programs/NAME.json).
// With TENON_TARGET=cuda they run 20 steps through the code for GPUs, whose losses are also those of the CPU.
#include "programs/twin.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>

using namespace tenon;

namespace {

using Run = std::tuple<std::string, Dtype>;
class Programs : public testing::TestWithParam<Run> {};

/// The starting values that twin.py describes.
void fill(parity::Training &training, Dtype dtype) {
  Sequence sequence{3};
  NoGradGuard no_grad;
  for (auto &[name, p] : training.parameters) {
    bool wide = p.dim() > 1;
    double scale = wide ? 1 / std::sqrt(double(p.numel()) / double(p.size(0))) : 0.1;
    double around = !wide && (name == "weight" || name.ends_with(".weight")) ? 1 : 0;
    p.copy_((make(sequence, p.sizes().vec(), scale, kFloat64) + around).to(dtype));
  }
}

bool on_gpus() {
  const char *target = std::getenv("TENON_TARGET");
  return target && std::string(target).starts_with("cuda");
}
/// The losses of the test at hand in a process that compiles for this processor.
std::vector<double> losses_of_the_cpu() {
  auto *test = testing::UnitTest::GetInstance()->current_test_info();
  std::string program = std::filesystem::read_symlink("/proc/self/exe").string(), line;
  FILE *pipe = popen(("TENON_TARGET= TENON_PARITY_SAY=1 '" + program + "' --gtest_filter=" + test->test_suite_name() + "." + test->name()).c_str(), "r");
  std::vector<double> losses;
  char text[256];
  while (pipe && std::fgets(text, sizeof text, pipe))
    if (line = text; line.starts_with("loss "))
      losses.push_back(std::strtod(text + 5, nullptr));
  EXPECT_EQ(pipe ? pclose(pipe) : -1, 0);
  return losses;
}

TEST_P(Programs, TrainAsPyTorch) {
  auto &[name, dtype] = GetParam();
  std::ifstream in(std::string(TENON_SOURCE_DIR) + "/test/parity/programs/" + name + ".json");
  ASSERT_TRUE(in.good()) << "no data of " << name;
  Json twin = Json::parse(in);
  manual_seed(0);
  parity::Training training = parity::twins().at(name)(dtype);
  ASSERT_EQ(training.parameters.size(), twin["parameters"].size());
  for (size_t i = 0; i < training.parameters.size(); ++i) {
    ASSERT_EQ(training.parameters[i].first, twin["parameters"][i]["name"].get<std::string>());
    ASSERT_EQ(training.parameters[i].second.sizes().vec(), twin["parameters"][i]["shape"].get<std::vector<int64_t>>()) << training.parameters[i].first;
  }
  fill(training, dtype);

  auto step = detail::make_compiled([&](const TensorList &batch) { return TensorList{training.step(batch)}; }, {}, Location::current());
  bool exact = dtype == kFloat64;
  Sequence sequence{5};
  double largest = 0;
  for (double loss : twin["losses"])
    largest = std::max(largest, std::abs(loss));
  bool gpus = on_gpus(), says = std::getenv("TENON_PARITY_SAY");
  int number = 0, steps = std::min(exact ? 50 : twin.value("f32_steps", 50), gpus || says ? 20 : 50);
  std::vector<double> others = gpus ? losses_of_the_cpu() : std::vector<double>();
  ASSERT_EQ(others.size(), gpus ? size_t(steps) : 0);
  for (double loss : twin["losses"]) {
    if (number == steps)
      break;
    TensorList batch;
    for (Tensor &t : training.batch(sequence))
      batch.push_back(t.is_floating_point() ? t.to(dtype) : t);
    double actual = (training.traced ? training.step(batch) : detail::call_compiled(*step, batch, Location::current())[0]).item<double>();
    ASSERT_NEAR(actual, loss, (exact ? 1e-7 : 1e-3) * largest) << "step " << number;
    if (gpus)
      ASSERT_NEAR(actual, others[size_t(number)], 1e-5 * std::abs(others[size_t(number)])) << "on a GPU and on the CPU, step " << number;
    if (says)
      std::printf("loss %a\n", actual);
    ++number;
  }
  if (!exact || steps < 50)
    return;
  for (size_t i = 0; i < training.parameters.size(); ++i) {
    auto &[parameter, value] = training.parameters[i];
    Json &expected = twin["parameters"][i];
    int64_t n = value.numel(), k = expected["values"].size();
    Tensor flat = value.detach().reshape({n}).clone();
    const double *data = flat.data_ptr<double>();
    for (int64_t j = 0; j < k; ++j)
      EXPECT_NEAR(data[n <= 8 ? j : j * (n - 1) / 7], expected["values"][j].get<double>(), 1e-7 * expected["largest"].get<double>()) << parameter;
  }
}

std::vector<Run> runs() {
  std::vector<Run> all;
  for (auto &[name, make] : parity::twins())
    for (Dtype dtype : {kFloat64, kFloat32})
      all.push_back({name, dtype});
  return all;
}

INSTANTIATE_TEST_SUITE_P(PyTorch, Programs, testing::ValuesIn(runs()), [](const auto &info) {
  return std::get<0>(info.param) + (std::get<1>(info.param) == kFloat64 ? "_f64" : "_f32");
});

} // namespace
