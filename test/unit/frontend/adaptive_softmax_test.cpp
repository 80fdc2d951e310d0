// AdaptiveLogSoftmaxWithLoss: PyTorch's numbers for the same weights; and retain_grad().
#include "expect_error.h"

#include <tenon/tensor/control.h>

using namespace tenon;

namespace {

TEST(AdaptiveLogSoftmax, PyTorchsNumbers) {
  nn::AdaptiveLogSoftmaxWithLoss m(nn::AdaptiveLogSoftmaxWithLossOptions(8, 11, {3, 7}).div_value(2.0).head_bias(true));
  m->to(kDouble);
  std::vector<std::string> names;
  {
    NoGradGuard no_grad;
    double n = 0;
    for (auto &p : m->named_parameters()) {
      names.push_back(p.key());
      p.value().copy_((arange(p.value().numel(), kDouble) * 0.7 + n++).sin().reshape(p.value().sizes()) * 0.5);
    }
  }
  EXPECT_EQ(names, (std::vector<std::string>{"head.weight", "head.bias", "tail.0.0.weight", "tail.0.1.weight", "tail.1.0.weight", "tail.1.1.weight"}));
  auto x = (arange(40, kDouble) * 0.3).cos().reshape({5, 8}).detach().requires_grad_();
  auto t = tensor({0, 4, 10, 2, 7}, kLong);
  auto [output, loss] = m(x, t);
  loss.backward();
  double expected[] = {-0.5886226592122638, -3.896767192589887, -3.8132303397414216, -2.541713979677213, -4.16970220740836};
  for (int i = 0; i < 5; ++i)
    EXPECT_NEAR(output.data_ptr<double>()[i], expected[i], 1e-12);
  EXPECT_NEAR(loss.item<double>(), 3.002007275725829, 1e-12);
  EXPECT_NEAR(x.grad().sum().item<double>(), 0.03195134398230593, 1e-12);
  double sums[] = {4.214970603308827, 0.5900987125008512, 2.407180748948394, 0.8115191064675711, 1.2724527480528147, 1.2537273130758795};
  for (size_t i = 0; i < 6; ++i)
    EXPECT_NEAR(m->parameters()[i].grad().abs().sum().item<double>(), sums[i], 1e-12);
  int64_t likely[] = {0, 2, 2, 0, 3};
  auto predicted = m->predict(x);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(predicted.data_ptr<int64_t>()[i], likely[i]);
  EXPECT_NEAR(m(x[1], t[1]).loss.item<double>(), 3.8967671925898872, 1e-12);
  EXPECT_NEAR(m->log_prob(x).exp().sum().item<double>(), 5, 1e-12);

  EXPECT_ERROR(m(x, t[0]), "AdaptiveLogSoftmaxWithLoss", "float64[5, 8]", "int64[]");
  EXPECT_ERROR(m(x[0].reshape({2, 4}), t.slice(0, 0, 2)), "expected [N, 8]", "float64[2, 4]");
  EXPECT_ERROR_TEXT(nn::AdaptiveLogSoftmaxWithLoss(8, 11, std::vector<int64_t>{7, 3}), "ascending");
  EXPECT_ERROR_TEXT(nn::AdaptiveLogSoftmaxWithLoss(8, 11, std::vector<int64_t>{11}), "between 1 and n_classes - 1 = 10");
  EXPECT_ERROR_TEXT(nn::AdaptiveLogSoftmaxWithLoss(8, 11, std::vector<int64_t>{}), "at least one");
  EXPECT_ERROR_TEXT(m(x, t + 1).loss.item<double>(), "gather");
}

TEST(RetainGrad, KeepsGradientsOfTensorsThatAreNoLeaves) {
  for (bool read : {false, true}) {
    auto x = tensor({1.0, 2.0}, kDouble).requires_grad_();
    auto h = x * x, y = h * 3;
    EXPECT_FALSE(h.retains_grad());
    h.retain_grad();
    h.retain_grad();
    y.retain_grad();
    EXPECT_TRUE(h.retains_grad());
    h.register_hook([](Tensor g) { return g * 10; }); // it comes before
    auto loss = (y * y).sum();
    if (read)
      (void)loss.item<double>();
    EXPECT_FALSE(h.grad().defined());
    loss.backward({}, true);
    EXPECT_EQ(y.grad()[1].item<double>(), 24);
    EXPECT_EQ(h.grad()[1].item<double>(), 720);
    EXPECT_EQ(x.grad()[1].item<double>(), 2880);
    loss.backward();
    EXPECT_EQ(h.grad()[1].item<double>(), 1440);
    x.retain_grad(); // a leaf's is kept anyway
    EXPECT_FALSE(x.retains_grad());
  }
  auto x = tensor({1.0}, kDouble);
  EXPECT_ERROR((x * 2).requires_grad_().detach().register_hook([](Tensor) {}), "register_hook");
  auto w = tensor({1.0}, kDouble).requires_grad_();
  EXPECT_ERROR_TEXT(cond(w.sum() > 0, [&] {
    auto y = w * 2;
    y.retain_grad();
    return TensorList{y};
  }, [&] { return TensorList{w * 1}; }), "retain_grad", "inside the body");
}

} // namespace
