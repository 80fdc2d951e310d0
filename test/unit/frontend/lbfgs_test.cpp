// LBFGS saved and loaded: a run that goes on takes the steps of the run that did not stop.
#include "expect_error.h"

using namespace tenon;

namespace {

struct Fit {
  Tensor a = tensor({-1.2, 0.7}, kFloat64).requires_grad_(), b = full({1}, 1.1, kFloat64).requires_grad_();
  optim::LBFGS optimizer;
  explicit Fit(bool wolfe, size_t history = 3)
      : optimizer({a, b}, optim::LBFGSOptions(wolfe ? 1 : 0.1).max_iter(2).history_size(history).line_search_fn(wolfe ? std::optional<std::string>("strong_wolfe") : std::nullopt)) {}
  double step() {
    return optimizer
        .step([&] {
          optimizer.zero_grad();
          auto loss = ((a[1] - a[0].square()).square() * 10 + (a[0] - 1).square() + (b - a[1]).square().sum());
          loss.backward();
          return loss;
        })
        .item<double>();
  }
  std::vector<double> numbers() const { return {a[0].item<double>(), a[1].item<double>(), b[0].item<double>()}; }
};

TEST(LBFGS, ResumedFromAFileItTakesTheSameSteps) {
  for (bool wolfe : {false, true})
    for (int before : {0, 1, 4}) { // none, some and as many directions as it remembers
      Fit whole(wolfe), stopped(wolfe), resumed(wolfe);
      for (int i = 0; i < before; ++i)
        whole.step(), stopped.step();
      std::string path = testing::TempDir() + "/tenon-lbfgs.safetensors";
      save(stopped.optimizer, path);
      resumed.step(); // forgotten by what is loaded
      load(resumed.optimizer, path);
      {
        NoGradGuard no_grad;
        resumed.a.copy_(stopped.a), resumed.b.copy_(stopped.b);
      }
      for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(whole.step(), resumed.step());
        EXPECT_EQ(whole.numbers(), resumed.numbers());
      }
    }
}

TEST(LBFGS, StateThatDoesNotFitChangesNothing) {
  Fit fit(true), same(true);
  fit.step(), fit.step(), same.step(), same.step(); // the second remembers a direction
  auto state = fit.optimizer.state_dict();
  for (const char *name : {"lr", "n_iter", "t", "H_diag", "d", "prev_flat_grad", "old_dirs", "old_stps", "ro"})
    EXPECT_TRUE(state.contains(name)) << name;
  EXPECT_EQ(state["old_dirs"].sizes().vec(), (std::vector<int64_t>{state["ro"].size(0), 3}));
  auto without = [&](const char *name) {
    auto copy = state;
    copy.erase(name);
    return copy;
  };
  EXPECT_ERROR(fit.optimizer.load_state_dict(without("d")), "load_state_dict of an optimizer: missing d");
  EXPECT_ERROR(fit.optimizer.load_state_dict(without("ro")), "missing ro; old_dirs: expected float64[0, 3], came float64[1, 3]");
  auto other = without("prev_flat_grad");
  other.insert("prev_flat_grad", zeros({2}, kFloat64));
  EXPECT_ERROR(fit.optimizer.load_state_dict(other), "prev_flat_grad: expected float64[3], came float64[2]");
  other = state;
  other.insert("momentum_buffer/0", zeros({2}, kFloat64));
  EXPECT_ERROR(fit.optimizer.load_state_dict(other), "unexpected momentum_buffer/0");
  fit.step(), same.step();
  EXPECT_EQ(fit.numbers(), same.numbers());
}

} // namespace
