// A graph is passed once, unless it is retained: wherever numbers were read in between. And gradients of gradients through hooks, wherever they were read.
#include "expect_error.h"

using namespace tenon;

namespace {

Tensor leaf() { return tensor({0.5, 1.0, -0.25}, kDouble).requires_grad_(); }
void read(const Tensor &t) { (void)t.sum().item<double>(); }

TEST(SecondBackward, IsAnErrorWhereverNumbersWereRead) {
  for (int reads = 0; reads < 8; ++reads) {
    SCOPED_TRACE(reads);
    auto x = leaf();
    auto h = x.exp(), v = h.reshape({3, 1});
    auto a = h.sum(), b = (h * h).sum();
    if (reads & 1)
      read(a);
    if (reads & 2)
      read(h);
    a.backward();
    if (reads & 4)
      read(x.grad());
    EXPECT_ERROR(a.backward(), "a second time");
    EXPECT_ERROR(b.backward(), "a second time");
    EXPECT_ERROR(v.sum().backward(), "a second time");
    EXPECT_ERROR((h * 2).sum().backward(), "a second time");
    // Retained, or not passed: as often as wanted.
    auto again = x.exp(), c = again.sum();
    c.backward({}, true);
    if (reads & 4)
      read(x.grad());
    (c * 2).backward({}, true);
    c.backward();
    h.detach().sum();
    auto sum = (x.detach().exp() * 5).sum().item<double>();
    EXPECT_NEAR(x.grad().sum().item<double>(), sum, 1e-12 * sum);
  }
}

TEST(SecondBackward, OfGradientsThroughHooks) {
  setenv("TENON_VERIFY", "1", 1); // both take the program
  std::vector<double> expected;
  for (int reads = 0; reads < 8; ++reads) {
    SCOPED_TRACE(reads);
    auto x = leaf();
    auto h = x.sin();
    h.register_hook([](Tensor g) { return g * 2; });
    auto y = (h * h).sum();
    if (reads & 1)
      read(y);
    auto g = grad(y, {x}, true)[0];
    if (reads & 2)
      read(g);
    auto z = (g * g).sum();
    if (reads & 4)
      read(z);
    z.backward();
    auto *data = x.grad().data_ptr<double>();
    if (!reads)
      expected.assign(data, data + 3);
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(data[i], expected[size_t(i)]);
  }
  unsetenv("TENON_VERIFY");
  for (int i = 0; i < 3; ++i) // PyTorch's
    EXPECT_NEAR(expected[size_t(i)], (std::vector<double>{17.643337000371353, -1.8072505290896839, -13.933056126528381})[size_t(i)], 1e-9);
}

} // namespace
