// Losses under autocast and the scales of GradScaler equal PyTorch's (amp.json), define-by-run and compiled.
#include "cases.h"

#include <cmath>

using namespace tenon;
namespace F = nn::functional;

namespace {

struct Amp {
  Json test;
  bool compiled;
};
void PrintTo(const Amp &a, std::ostream *out) { *out << a.test["name"]; }

class MixedPrecision : public testing::TestWithParam<Amp> {};

TEST_P(MixedPrecision, EqualsPyTorch) {
  const auto &[test, compiled] = GetParam();
  auto sizes = test["model"].get<std::vector<int64_t>>();
  int64_t batch = test["batch"];
  Dtype low = test["dtype"] == "bfloat16" ? kBFloat16 : kHalf;
  Sequence sequence{1};
  std::vector<nn::Linear> layers;
  std::vector<Tensor> parameters;
  {
    NoGradGuard no_grad;
    for (size_t i = 0; i + 1 < sizes.size(); ++i) {
      layers.emplace_back(sizes[i], sizes[i + 1]);
      for (auto &p : layers.back()->parameters()) {
        p.copy_(make(sequence, p.sizes().vec(), 1 / std::sqrt(double(sizes[i])), kFloat32));
        parameters.push_back(p);
      }
    }
  }
  Tensor x = make(sequence, {batch, sizes[0]}, test["spread"], kFloat32);
  Tensor y = tensor(sequence.labels(batch, sizes.back()), kLong);
  optim::Adam optimizer(parameters, optim::AdamOptions(test["lr"]));
  bool scales = test.contains("scaler");
  Json s = scales ? test["scaler"] : Json::object();
  amp::GradScaler scaler(s.value("init_scale", 1.0), s.value("growth_factor", 2.0), s.value("backoff_factor", 0.5), s.value("growth_interval", int64_t(2000)), scales);
  auto written = [&](Tensor x) {
    optimizer.zero_grad();
    Tensor loss = autocast(low, [&] {
      Tensor h = x;
      for (size_t i = 0; i + 1 < layers.size(); ++i)
        h = layers[i](h).relu();
      return F::cross_entropy(layers.back()(h), y);
    });
    scaler.scale(loss).backward();
    scaler.step(optimizer);
    scaler.update();
    return loss;
  };
  auto step = compile(written);
  double tolerance = low == kBFloat16 ? 1.0 / 256 : 1.0 / 1024; // a last digit of the type
  for (size_t i = 0; i < test["losses"].size(); ++i) {
    double loss = (compiled ? step(x) : written(x)).item<float>(), expected = test["losses"][i];
    EXPECT_NEAR(loss, expected, tolerance * std::max(1.0, expected)) << "step " << i;
    if (scales) {
      EXPECT_EQ(scaler.get_scale(), test["scales"][i].get<double>()) << "step " << i;
    }
  }
}

std::vector<Amp> all() {
  std::vector<Amp> result;
  for (Json &test : read_cases("amp.json"))
    for (bool compiled : {false, true})
      result.push_back({test, compiled});
  return result;
}

INSTANTIATE_TEST_SUITE_P(PyTorch, MixedPrecision, testing::ValuesIn(all()), [](const auto &info) {
  return info.param.test["name"].template get<std::string>() + (info.param.compiled ? "_compiled" : "");
});

} // namespace
