// GradScaler: the scale's sequence, skipped steps that change nothing, and the same bits define-by-run and compiled.
#include "expect_error.h"

#include <cmath>
#include <cstdlib>

using namespace tenon;

namespace {

struct Training {
  std::vector<float> losses, scales, weights, steps;
  bool operator==(const Training &) const = default;
};

/// Ten steps in float16 whose first ones overflow; the growth interval of 3 makes one overflow again.
Training run(bool compiled) {
  manual_seed(3);
  nn::Sequential net(nn::Linear(6, 8), nn::ReLU(), nn::Linear(8, 3));
  optim::Adam optimizer(net->parameters(), 0.01);
  amp::GradScaler scaler(0x1p20, 2, 0.5, 3);
  Tensor x = rand({5, 6}) * 4, y = tensor({0, 1, 2, 0, 1});
  auto written = [&](Tensor x) {
    optimizer.zero_grad();
    Tensor loss = autocast(kHalf, [&] { return F::cross_entropy(net->forward(x), y); });
    scaler.scale(loss).backward();
    scaler.unscale_(optimizer);
    nn::utils::clip_grad_norm_(net->parameters(), 1.0);
    scaler.step(optimizer);
    scaler.update();
    return loss;
  };
  auto step = compile(written);
  Training r;
  for (int i = 0; i < 14; ++i) {
    r.losses.push_back((compiled ? step(x) : written(x)).item<float>());
    r.scales.push_back(float(scaler.get_scale()));
    r.weights.push_back(net->parameters()[0].detach().sum().item<float>());
    r.steps.push_back(float(optimizer.state_dict()["step/0"].item<double>()));
  }
  return r;
}

TEST(GradScalerTest, SkipsOverflowsAndGrowsAgain) {
  Training r = run(false);
  EXPECT_EQ(r.scales[0], 0x1p19f);
  size_t skipped = 0;
  for (size_t i = 1; i < r.scales.size(); ++i) {
    bool fell = r.scales[i] < r.scales[i - 1];
    skipped += fell;
    EXPECT_EQ(r.weights[i] == r.weights[i - 1], fell) << i;
    EXPECT_EQ(r.steps[i] - r.steps[i - 1], fell ? 0 : 1) << "the count of a skipped step stays";
    EXPECT_TRUE(std::isfinite(r.losses[i]));
  }
  EXPECT_GT(skipped, 2u);
  EXPECT_LT(skipped, 11u);
  EXPECT_LT(r.losses.back(), r.losses.front());
}

TEST(GradScalerTest, CompiledHasTheSameBits) { EXPECT_EQ(run(true), run(false)); }

TEST(GradScalerTest, SequenceIsPyTorchs) {
  Tensor p = ones({2}).requires_grad_();
  optim::SGD optimizer({p}, 0.5);
  amp::GradScaler scaler(8, 4, 0.25, 2);
  std::vector<double> scales, numbers;
  for (double g : {1.0, 1.0, double(INFINITY), 1.0, double(NAN), 1.0, 1.0}) {
    optimizer.zero_grad();
    scaler.scale((p * g).sum()).backward();
    scaler.step(optimizer);
    scaler.update();
    scales.push_back(scaler.get_scale());
    numbers.push_back(p[0].item<float>());
  }
  EXPECT_EQ(scales, (std::vector<double>{8, 32, 8, 8, 2, 2, 8}));
  EXPECT_EQ(numbers, (std::vector<double>{0.5, 0, 0, -0.5, -0.5, -1, -1.5}));
}

TEST(GradScalerTest, OptimizersAreJudgedAlone) {
  Tensor p = ones({2}).requires_grad_(), q = ones({2}).requires_grad_();
  optim::SGD a({p}, 0.5), b({q}, 0.5);
  amp::GradScaler scaler(8);
  scaler.scale((p * INFINITY).sum() + q.sum()).backward();
  scaler.step(a);
  scaler.step(b);
  scaler.update();
  EXPECT_EQ(p[0].item<float>(), 1);
  EXPECT_EQ(q[0].item<float>(), 0.5f);
  EXPECT_EQ(scaler.get_scale(), 4);
}

TEST(GradScalerTest, StateIsSavedAndLoaded) {
  Tensor p = ones({2}).requires_grad_();
  optim::SGD optimizer({p}, 0.5);
  amp::GradScaler scaler(8, 3, 0.5, 5), other;
  scaler.scale(p.sum()).backward();
  scaler.step(optimizer);
  scaler.update();
  other.load_state_dict(scaler.state_dict());
  EXPECT_EQ(other.get_scale(), 8);
  EXPECT_EQ(other.get_growth_factor(), 3);
  EXPECT_EQ(other.get_growth_interval(), 5);
  EXPECT_EQ(other.state_dict()["_growth_tracker"].item<int>(), 1);
  other.update(32);
  EXPECT_EQ(other.get_scale(), 32);
  amp::GradScaler off(8, 2, 0.5, 2000, false);
  EXPECT_TRUE(off.scale(p).is_same(p));
  off.step(optimizer);
  off.update();
  EXPECT_EQ(off.get_scale(), 1);
}

TEST(GradScalerTest, AnOverflowIsSaidOnce) {
  const char *quiet = std::getenv("TENON_QUIET");
  std::string before = quiet ? quiet : "";
  unsetenv("TENON_QUIET");
  testing::internal::CaptureStderr();
  {
    Tensor p = ones({2}).requires_grad_();
    optim::SGD optimizer({p}, 0.5);
    amp::GradScaler scaler(8);
    for (int i = 0; i < 3; ++i) {
      optimizer.zero_grad();
      scaler.scale((p * INFINITY).sum()).backward();
      scaler.step(optimizer);
      scaler.update();
      scaler.get_scale();
    }
  }
  std::string said = testing::internal::GetCapturedStderr(), text = "GradScaler: gradients overflowed";
  if (quiet)
    setenv("TENON_QUIET", before.c_str(), 1);
  size_t first = said.find(text);
  ASSERT_NE(first, std::string::npos) << said;
  EXPECT_EQ(said.find(text, first + 1), std::string::npos) << said;
  EXPECT_NE(said.find("grad_scaler_test.cpp"), std::string::npos);
}

TEST(GradScalerTest, MistakesAreErrors) {
  Tensor p = ones({2}).requires_grad_();
  optim::SGD optimizer({p}, 0.5);
  EXPECT_ERROR(amp::GradScaler(0), "GradScaler: init_scale is 0, expected a positive, finite number");
  EXPECT_ERROR(amp::GradScaler(1, 1), "growth_factor is 1, expected above 1");
  EXPECT_ERROR(amp::GradScaler(1, 2, 1), "backoff_factor is 1, expected in (0, 1)");
  EXPECT_ERROR(amp::GradScaler(1, 2, 0.5, 0), "growth_interval is 0, expected at least 1");
  amp::GradScaler scaler(8);
  EXPECT_ERROR(scaler.update(), "update() is called before step() or unscale_()");
  EXPECT_ERROR(scaler.step(optimizer), "no parameter of the optimizer has a gradient");
  scaler.scale(p.sum()).backward();
  scaler.unscale_(optimizer);
  EXPECT_ERROR(scaler.unscale_(optimizer), "unscale_() was called on this optimizer since the last update()");
  scaler.step(optimizer);
  EXPECT_ERROR(scaler.step(optimizer), "step() was called on this optimizer since the last update()");
  EXPECT_ERROR(scaler.unscale_(optimizer), "unscale_() is called after step()");
  EXPECT_ERROR(scaler.update(-1.0), "new_scale is -1");
  EXPECT_ERROR(scaler.load_state_dict(OrderedDict<std::string, Tensor>("State")), "load_state_dict of GradScaler: missing scale");
  Tensor h = ones({2}, kHalf).requires_grad_();
  optim::SGD of_half({h}, 0.5);
  h.sum().backward();
  EXPECT_ERROR(scaler.unscale_(of_half), "a gradient is float16[2]");
}

} // namespace
