// Functions, hooks and checkpoint inside loops and branches: the same numbers as where the loop is written out, which are PyTorch's.
#include "arena.h"
#include "expect_error.h"

#include <cmath>
#include <tenon/tensor/control.h>

using namespace tenon;

namespace {

std::vector<double> numbers(const Tensor &t) {
  auto flat = t.detach().to(kDouble).contiguous().reshape({-1});
  return std::vector<double>(flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel());
}
void same(const Tensor &a, const Tensor &b, double tolerance = 1e-13) {
  ASSERT_EQ(a.sizes(), b.sizes());
  auto x = numbers(a), y = numbers(b);
  for (size_t i = 0; i < x.size(); ++i)
    ASSERT_NEAR(x[i], y[i], tolerance) << "element " << i;
}

/// A derivative that is not the true one, of a saved input and a saved output, so that it is seen.
struct Odd : autograd::Function<Odd> {
  static TensorList forward(autograd::AutogradContext *ctx, Tensor x, Tensor k, double scale) {
    auto y = (x * k).exp();
    ctx->saved_data["scale"] = scale;
    ctx->save_for_backward({x, y});
    return {y, x + k};
  }
  static TensorList backward(autograd::AutogradContext *ctx, TensorList dy) {
    auto saved = ctx->get_saved_variables();
    return {dy[0] * saved[1] * ctx->saved_data["scale"].toDouble() + dy[1], dy[0] * saved[0] * saved[1], Tensor()};
  }
};

using Step = std::function<Tensor(const Tensor &h, const Tensor &x)>;
/// One step in a scan, a scan in chunks, a while, a branch, and written out: the last carry.
Tensor run(const std::string &form, const Step &step, Tensor h, const Tensor &x) {
  auto n = x.size(0);
  if (form == "plain") {
    for (int64_t t = 0; t < n; ++t)
      h = step(h, x[t]);
    return h;
  }
  if (form == "while") {
    auto t = tensor(int64_t(0));
    return while_loop([&](const TensorList &c) { return c[1] < n; }, [&](const TensorList &c) { return TensorList{step(c[0], x.index_select(0, c[1].reshape({1}))[0]), c[1] + 1}; },
                      {h, t}, WhileOptions().bound(n + 2))[0];
  }
  if (form == "cond") {
    for (int64_t t = 0; t < n; ++t)
      h = cond(x.sum() < 1e9, [&] { return TensorList{step(h, x[t])}; }, [&] { return TensorList{h * 0}; })[0];
    return h;
  }
  ScanOptions options;
  if (form == "chunks")
    options.chunk(2);
  if (form == "again")
    options.chunk(1);
  return scan([&](const TensorList &c, const TensorList &s) { return std::pair(TensorList{step(c[0], s[0])}, TensorList{}); }, {h}, {x}, options).first[0];
}

struct BodyGradient : testing::TestWithParam<const char *> {
  Tensor x, h, w;
  void SetUp() override {
    manual_seed(3);
    x = randn({3, 4}, kDouble).mul_(0.5).requires_grad_();
    h = randn({4}, kDouble).mul_(0.5).requires_grad_();
    w = randn({4}, kDouble).mul_(0.5).requires_grad_();
  }
  /// Value, gradients and gradients of gradients, against the loop written out. Where values are computed again for the gradient, a second gradient reaches each
  /// computation by itself: a hook that is not linear makes something else of parts than of their sum.
  void check(const Step &step, bool linear = true) {
    bool whole = linear || std::string(GetParam()) == "scan";
    auto derivatives = [&](const char *form) {
      auto last = run(form, step, h, x);
      auto first = grad(last.square().sum(), {x, h, w}, true);
      Tensor loss = first[0].sin().sum() + first[1].sin().sum() + first[2].sin().sum();
      auto second = grad(loss, {x, h, w});
      TensorList all{last.detach()};
      all.insert(all.end(), first.begin(), first.end());
      all.insert(all.end(), second.begin(), second.end());
      return all;
    };
    auto expected = derivatives("plain"), got = derivatives(GetParam());
    for (size_t i = 0; i < (whole ? got.size() : 4); ++i) {
      SCOPED_TRACE(i);
      same(got[i], expected[i], 1e-11);
    }
    // The same in a compiled step.
    auto compiled = compile([&](Tensor x) { return grad(run(GetParam(), step, h, x).square().sum(), {h, w}); });
    for (int i = 0; i < 3; ++i) {
      auto found = compiled(x);
      same(found[0], expected[2], 1e-11);
      same(found[1], expected[3], 1e-11);
    }
  }
};

TEST_P(BodyGradient, Function) {
  check([&](const Tensor &h, const Tensor &x) {
    auto y = Odd::apply(h.tanh(), x * w, 0.3);
    return y[0].sin() + y[1] * 0.5;
  });
}
TEST_P(BodyGradient, HooksInTheirOrder) {
  check([&](const Tensor &h, const Tensor &x) {
    auto a = h.sin() * w;
    auto before = a * 2;
    a.register_hook([&](Tensor g) { return g * 0.5; });
    a.register_hook([&](Tensor g) { return g.tanh() + w; });
    auto b = a.exp();
    b.register_hook([](Tensor g) { (void)g; });
    return (b + before) * x.cos();
  }, false);
}
TEST_P(BodyGradient, LinearHooks) {
  check([&](const Tensor &h, const Tensor &x) {
    auto a = h.sin() * w;
    a.register_hook([&](Tensor g) { return g * 0.5; });
    a.register_hook([&](Tensor g) { return g * w; });
    return a.exp() * x.cos() + a;
  });
}
TEST_P(BodyGradient, Checkpoint) {
  check([&](const Tensor &h, const Tensor &x) {
    auto y = utils::checkpoint([&](Tensor a, Tensor b) { return TensorList{(a * w).sin().exp(), Odd::apply(a, b, 0.7)[0]}; }, h, x);
    return y[0] * y[1].tanh();
  });
}
TEST_P(BodyGradient, HooksOfModules) {
  nn::Linear layer(nn::LinearOptions(4, 4));
  layer->to(kDouble);
  layer->register_forward_pre_hook([](nn::Module &, const TensorList &in) { return TensorList{in[0] * 1.5}; });
  layer->register_forward_hook([](nn::Module &, const TensorList &in, Tensor out) { return out + in[0]; });
  layer->register_full_backward_hook([](nn::Module &, const TensorList &of_inputs, const TensorList &of_outputs) {
    return TensorList{of_inputs[0] * 0.5 + of_outputs[0].sin()};
  });
  check([&](const Tensor &h, const Tensor &x) { return layer(h.tanh() * w) * x; }, false);
}

INSTANTIATE_TEST_SUITE_P(Forms, BodyGradient, testing::Values("scan", "chunks", "again", "while", "cond"), [](auto &info) { return std::string(info.param); });

TEST(BodyGradientTest, HooksOfCarriesSlicesAndTensorsFromOutside) {
  auto x = tensor({{1.0, 2.0}, {3.0, 4.0}}, kDouble).requires_grad_(), h = tensor({0.5, 0.25}, kDouble).requires_grad_(), w = tensor({2.0, 3.0}, kDouble).requires_grad_();
  auto k = w * 1;
  auto last = scan([&](const TensorList &c, const TensorList &s) {
    c[0].register_hook([](Tensor g) { return g * 2; });
    s[0].register_hook([](Tensor g) { return g * 10; });
    k.register_hook([](Tensor g) { return g * 100; }); // of the whole gradient, once per trace of the body
    return std::pair(TensorList{c[0] * k + s[0]}, TensorList{});
  }, {h}, {x}).first[0];
  last.sum().backward();
  // h2 = (h w + x0) w + x1; through each carry twice the gradient.
  same(h.grad(), tensor({4 * 4.0, 4 * 9.0}, kDouble));
  same(x.grad(), tensor({{2 * 2.0 * 10, 2 * 3.0 * 10}, {10.0, 10.0}}, kDouble));
  same(w.grad(), tensor({100 * ((0.5 * 2 + 1) + 2 * 2 * 0.5), 100 * ((0.25 * 3 + 2) + 2 * 3 * 0.25)}, kDouble));
}

TEST(BodyGradientTest, CheckpointInABodyKeepsLess) {
  auto arena = [](bool again) {
    manual_seed(1);
    auto x = randn({64, 256}).requires_grad_(), w = randn({256}).mul_(0.5).requires_grad_();
    auto step = compile([=](Tensor h) {
      auto block = [&](Tensor a) {
        for (int i = 0; i < 6; ++i)
          a = (a * w).sin();
        return a;
      };
      auto last = scan([&](const TensorList &c, const TensorList &s) {
        auto y = again ? utils::checkpoint(block, c[0] + s[0]) : block(c[0] + s[0]);
        return std::pair(TensorList{y}, TensorList{});
      }, {h}, {x}).first[0];
      return grad(last.sum(), {w})[0];
    });
    auto h = zeros({256});
    auto first = step(h);
    (void)step(h);
    return std::pair(arena_bytes(step), numbers(first));
  };
  auto plain = arena(false), less = arena(true);
  EXPECT_EQ(plain.second, less.second);
  EXPECT_LT(less.first * 2, plain.first);
}

TEST(BodyGradientTest, Draws) {
  // What is computed again draws the same numbers.
  auto x = tensor({1.0, 2.0, 3.0, 4.0}, kDouble).requires_grad_();
  auto run = [&](bool again) {
    manual_seed(5);
    auto block = [](Tensor a) { return dropout(a, 0.5, true) * a; };
    auto last = scan([&](const TensorList &c, const TensorList &) {
      return std::pair(TensorList{again ? utils::checkpoint(block, c[0]) : block(c[0])}, TensorList{});
    }, {x}, {}, ScanOptions().length(3)).first[0];
    return TensorList{last.detach(), grad(last.sum(), {x})[0]};
  };
  auto plain = run(false), less = run(true);
  same(plain[0], less[0], 0);
  same(plain[1], less[1], 0);
}

struct Wrong : autograd::Function<Wrong> {
  static Tensor forward(autograd::AutogradContext *, Tensor x) { return x * 2; }
  static TensorList backward(autograd::AutogradContext *, TensorList dy) { return {dy[0].sum()}; }
};
struct Asks : autograd::Function<Asks> {
  static Tensor forward(autograd::AutogradContext *, Tensor x) { return x * 2; }
  static TensorList backward(autograd::AutogradContext *, TensorList dy) { return {dy[0] * dy[0].sum().item<double>()}; }
};

TEST(BodyGradientTest, Errors) {
  auto x = tensor({1.0, 2.0}, kDouble).requires_grad_();
  auto in_scan = [&](auto body) { return scan([&](const TensorList &c, const TensorList &) { return std::pair(TensorList{body(c[0])}, TensorList{}); }, {x}, {}, ScanOptions().length(2)); };
  EXPECT_ERROR_TEXT(in_scan([](Tensor h) { return Wrong::apply(h); }), "Function", "expected a gradient of float64[2] for argument 0, got float64[]");
  EXPECT_ERROR_TEXT(in_scan([](Tensor h) { return Asks::apply(h); }), "item", "inside the body of a scan tensors have no numbers yet");
  EXPECT_ERROR_TEXT(in_scan([](Tensor h) {
    h.register_hook([](Tensor g) { return g * g.sum().item<double>(); });
    return h * 2;
  }), "item", "inside the body of a scan tensors have no numbers yet");
  EXPECT_ERROR_TEXT(in_scan([](Tensor h) {
    auto y = h * 2;
    h.register_hook([&](Tensor g) { return g * y; });
    return y;
  }), "register_hook", "computed after the value that it is put on");
  EXPECT_ERROR_TEXT(in_scan([](Tensor h) {
    auto y = h * 2;
    (void)grad(y.sum(), {h});
    y.register_hook([&](Tensor g) { return g * 2; });
    return y;
  }), "register_hook", "before the first gradient");
  EXPECT_ERROR_TEXT(in_scan([](Tensor h) {
    h.register_hook([&](Tensor g) { return g.sum(); });
    return h * 2;
  }), "register_hook", "expected a gradient of float64[2], got float64[]");
  EXPECT_ERROR_TEXT(in_scan([](Tensor h) {
    auto number = h.register_hook([&](Tensor g) { return g * 2; });
    h.remove_hook(number);
    return h * 2;
  }), "remove_hook", "has been traced");
}

} // namespace
