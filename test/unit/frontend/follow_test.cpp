// A trace goes on in the function of the one before as long as both say the same: wherever they part, numbers and lines are its own.
#include "expect_error.h"

using namespace tenon;

namespace {

float at(const Tensor &x, int64_t row, int64_t bound) { // one line for the op that may fail
  return F::cross_entropy(x, tensor({row % bound, row})).item<float>();
}

TEST(FollowTest, TracesPartWhereTheyDiffer) {
  auto w = full({3}, 2.f);
  float expected = 2;
  for (int i = 0; i < 24; ++i) {
    w.add_(1.5f); // the same beginning
    expected += 1.5f;
    if (i % 2 == 0) { // another op
      w.mul_(0.5f);
      expected *= 0.5f;
    }
    auto extra = ones({3});
    if (i % 3 == 0) { // another operand, which is read from memory
      w.add_(extra);
      expected += 1;
    }
    if (i % 5 == 0) { // the end comes sooner
      ASSERT_EQ(w[1].item<float>(), expected) << i;
      continue;
    }
    w.sub_(i % 4 == 0 ? extra : extra * 2); // another shape of the graph, after what was equal
    expected -= i % 4 == 0 ? 1 : 2;
    ASSERT_EQ(w[2].item<float>(), expected) << i;
  }
}

TEST(FollowTest, StepsOfTwoKindsTakeTurns) {
  auto run = [](bool alternate) {
    manual_seed(3);
    nn::Linear a(4, 3), b(3, 2);
    optim::Adam first(a->parameters(), 0.1), second(b->parameters(), 0.1);
    auto x = ones({2, 4});
    auto step = [&](int kind) {
      auto h = a(x);
      auto loss = kind == 0 ? h.square().mean() : b(kind == 1 ? h.relu() : h.detach()).square().mean();
      if (kind == 2 && loss.item<float>() < 0) // a cut before backward: the trace is kept for it
        return;
      first.zero_grad();
      second.zero_grad();
      loss.backward();
      if (kind != 2)
        first.step();
      if (kind != 0)
        second.step();
    };
    for (int i = 0; i < 12; ++i) {
      step(i % 3);
      if (alternate)
        a->weight.sum().item<float>(); // a trace of its own between two steps
    }
    return cat({a->weight.detach().flatten(), b->weight.detach().flatten()}, 0);
  };
  EXPECT_TRUE(equal(run(false), run(true)));
}

TEST(FollowTest, ErrorsNameTheLineOfTheTraceThatRan) {
  auto x = ones({2, 5});
  EXPECT_GT(at(x, 4, 5), 0);
  EXPECT_ERROR_TEXT(at(x, 5, 5), "a label is not in [0, 5)", "follow_test.cpp:9");
  EXPECT_ERROR(F::cross_entropy(x, tensor({0, 5})).item<float>(), "a label is not in [0, 5)");
  EXPECT_GT(F::cross_entropy(x, tensor({0, 4})).item<float>(), 0);
  EXPECT_ERROR(F::cross_entropy(x, tensor({0, 5})).item<float>(), "a label is not in [0, 5)");
}

TEST(FollowTest, OptimizersKeepTheirTensors) { // an update writes its lists without tensors in between: views and skipped steps too
  auto p = full({2, 2}, 1.f).requires_grad_();
  auto row = p.detach()[0];
  optim::SGD optimizer({p}, optim::SGDOptions(0.5).momentum(0.9));
  for (int i = 0; i < 3; ++i) {
    optimizer.zero_grad();
    p.sum().backward();
    optimizer.step();
    EXPECT_TRUE(p.requires_grad() && p.is_leaf());
  }
  EXPECT_TRUE(allclose(row, full({2}, 1 - 0.5f * (1 + 1.9f + 2.71f))));
}

} // namespace
