// compile(): replays equal define-by-run bit for bit, guards record variants, and what would freeze a number is caught.
#include "expect_error.h"

using namespace tenon;

namespace {

struct Step {
  Tensor w, b, x, y;
  StateScalar rate{0.1, kFloat};
  Step() {
    manual_seed(1);
    w = rand({4, 3}).requires_grad_();
    b = zeros({3}).requires_grad_();
    x = randn({8, 4});
    y = randn({8, 3});
  }
  Tensor operator()(const Tensor &x, const Tensor &y) const {
    w.reset_grad();
    b.reset_grad();
    auto loss = (x.matmul(w).tanh() + b - y + randn({8, 3}) * 0.01).square().mean();
    loss.backward();
    NoGradGuard no_grad;
    w.sub_(w.grad() * rate);
    b.sub_(b.grad() * rate);
    return loss;
  }
};

TEST(CompileTest, ReplaysEqualDefineByRun) {
  Step a, c;
  auto step = compile([&](Tensor x, Tensor y) { return c(x, y); });
  std::vector<float> plain, compiled;
  manual_seed(9);
  for (int i = 0; i < 6; ++i) {
    if (i == 4)
      a.rate = 0.05;
    plain.push_back(a(a.x, a.y).item<float>());
  }
  auto next = rand({3});
  manual_seed(9);
  for (int i = 0; i < 6; ++i) {
    if (i == 4)
      c.rate = 0.05;
    compiled.push_back(step(c.x, c.y).item<float>());
  }
  EXPECT_EQ(plain, compiled);
  EXPECT_TRUE(equal(a.w, c.w) && equal(a.b, c.b));
  EXPECT_TRUE(equal(next, rand({3}))) << "the generator is where it would be";
}

TEST(CompileTest, TakesEveryKindOfResult) {
  auto w = ones({2});
  auto nothing = compile([&](Tensor x) { w.copy_(x * 2); });
  auto two = compile([&](Tensor x) { return std::tuple{x + 1, w}; });
  auto list = compile([&](const Tensor &x) { return TensorList{x, x * 2, x * 2, x.view({2, 1})}; });
  for (int i = 1; i < 5; ++i) {
    auto x = full({2}, float(i));
    nothing(x);
    EXPECT_EQ(w[0].item<float>(), 2 * i);
    auto [a, b] = two(x);
    EXPECT_EQ(a[1].item<float>(), i + 1);
    EXPECT_TRUE(b.is_same(w));
    auto l = list(x);
    EXPECT_TRUE(l[0].is_same(x));
    EXPECT_TRUE(equal(l[1], l[2]));
    EXPECT_EQ(l[3].sizes(), IntArrayRef({2, 1}));
    EXPECT_FALSE(a.requires_grad());
  }
}

TEST(CompileTest, ArgumentsMayBeWritten) {
  auto step = compile([](Tensor x) { x.add_(1); });
  auto x = zeros({2});
  for (int i = 0; i < 4; ++i)
    step(x);
  EXPECT_EQ(x[0].item<float>(), 4);
}

TEST(CompileTest, GuardsRecordVariants) {
  auto w = ones({3}).requires_grad_();
  int recorded = 0;
  auto f = compile([&](Tensor x) {
    ++recorded;
    auto y = (x * w).sum();
    if (GradMode::is_enabled() && w.requires_grad())
      return grad(y, {w})[0];
    return y;
  });
  auto call = [&](Tensor x) {
    auto r = f(x);
    return f(x).is_same(r) ? r : f(x);
  };
  EXPECT_EQ(call(ones({2, 3})).sizes(), IntArrayRef(3));
  EXPECT_EQ(recorded, 2);
  call(ones({5, 3}));
  EXPECT_EQ(recorded, 4) << "another shape";
  call(ones({5, 3}, kDouble));
  EXPECT_EQ(recorded, 6) << "another dtype";
  {
    NoGradGuard no_grad;
    EXPECT_EQ(call(ones({2, 3})).dim(), 0);
  }
  EXPECT_EQ(recorded, 8) << "gradients off";
  w.set_requires_grad(false);
  EXPECT_EQ(call(ones({2, 3})).dim(), 0);
  EXPECT_EQ(recorded, 10) << "requires_grad";
  w.set_requires_grad(true);
  call(ones({2, 3}));
  EXPECT_EQ(recorded, 10) << "all known";
}

TEST(CompileTest, GradientsThatAreAddedToAreKept) {
  auto w = ones({2}).requires_grad_();
  auto accumulate = compile([&](Tensor x) { (w * x).sum().backward(); });
  for (int i = 1; i <= 5; ++i) {
    accumulate(full({2}, 3.f));
    EXPECT_EQ(w.grad()[0].item<float>(), 3 * i);
  }
  w.reset_grad();
  accumulate(full({2}, 3.f));
  EXPECT_EQ(w.grad()[0].item<float>(), 3);
}

TEST(CompileTest, OtherGradientsAreKeptOnRequest) {
  auto w = ones({2}).requires_grad_();
  auto body = [&](Tensor x) {
    w.reset_grad();
    auto loss = (w * x).sum();
    loss.backward();
    return loss;
  };
  auto plain = compile(body);
  for (int i = 0; i < 3; ++i) {
    plain(full({2}, 3.f));
    EXPECT_ERROR_TEXT(w.grad().sum().item<float>(), "this gradient was not kept by the compiled function", "keep_grads");
  }
  auto keeping = compile(body, {.keep_grads = true});
  for (int i = 1; i < 4; ++i) {
    keeping(full({2}, float(i)));
    EXPECT_EQ(w.grad()[0].item<float>(), i);
  }
  body(full({2}, 8.f));
  EXPECT_EQ(w.grad()[0].item<float>(), 8) << "define-by-run keeps them";
}

TEST(CompileTest, ArgumentsThatRequireGradGetIt) {
  auto f = compile([](Tensor x) { (x * x).sum().backward(); });
  for (int i = 1; i < 5; ++i) {
    auto x = full({2}, float(i)).requires_grad_();
    f(x);
    EXPECT_EQ(x.grad()[0].item<float>(), 2 * i);
  }
}

TEST(CompileTest, DefineByRunBetweenCallsIsSeen) {
  auto w = ones({2});
  auto f = compile([&](Tensor x) { w.add_(x); return w * 2; });
  auto x = ones({2});
  f(x), f(x), f(x);
  auto before = w * 10; // not run yet
  w.mul_(2);
  EXPECT_EQ(f(x)[0].item<float>(), 18);
  w.data_ptr<float>()[0] = 100;
  EXPECT_EQ(f(x)[0].item<float>(), 202);
  EXPECT_EQ(before[0].item<float>(), 40);
}

TEST(CompileTest, ManyStepsInOneCall) {
  auto run = [](bool compiled) {
    auto w = full({2}, 1.0, kDouble).requires_grad_();
    auto body = [&](Tensor x) {
      for (int i = 0; i < 3; ++i) {
        w.reset_grad();
        (w * w * x).sum().backward();
        NoGradGuard no_grad;
        w.sub_(w.grad() * 0.1);
      }
    };
    auto step = compile(body);
    for (int i = 0; i < 4; ++i)
      compiled ? step(full({2}, 1.5, kDouble)) : body(full({2}, 1.5, kDouble));
    return w[0].item<double>();
  };
  EXPECT_EQ(run(true), run(false));
}

TEST(CompileTest, AHostNumberThatChangesIsCaughtAtItsLine) {
  float rate = 0.1f;
  auto f = compile([&](Tensor x) {
    auto y = x + 1;
    return y * rate; }); auto line = __LINE__;
  f(ones({2}));
  rate = 0.2f;
  EXPECT_ERROR_TEXT(f(ones({2})), "host number changed between two calls, from 0.1", "to 0.2", "tenon::StateScalar", "compile_test.cpp:" + std::to_string(line));
  int n = 1;
  auto g = compile([&](Tensor x) {
    for (int i = 0; i < n; ++i)
      x = x.exp();
    return x;
  });
  g(zeros({2}));
  n = 2;
  EXPECT_ERROR_TEXT(g(zeros({2})), "recorded different operations", "compile_test.cpp");
}

TEST(CompileTest, LateChangesAreCaughtNowAndThen) {
  float rate = 1;
  auto f = compile([&](Tensor x) { return x * rate; }, {.check_every = 5});
  auto x = ones({2});
  for (int i = 0; i < 3; ++i)
    f(x);
  rate = 2;
  EXPECT_EQ(f(x)[0].item<float>(), 1) << "frozen, as said";
  EXPECT_ERROR_TEXT(f(x), "host number changed");
}

TEST(CompileTest, NumbersInsideAreAnError) {
  auto x = ones({2});
  EXPECT_ERROR_TEXT(compile([](Tensor x) { return x.sum().item<float>() > 0 ? x : -x; })(x), "tenon::cond", "tenon::while_loop", "tenon::scan", "compile_test.cpp");
  EXPECT_ERROR_TEXT(compile([](Tensor x) { return x.sum() > 0 ? x : -x; })(x), "tenon::cond");
  EXPECT_ERROR_TEXT(compile([](Tensor x) { return x * x.data_ptr<float>()[0]; })(x), "tenon::cond");
}

TEST(CompileTest, TensorsThatWereNotReturnedSayWhereTheyWereMade) {
  Tensor leak, returned;
  auto f = compile([&](Tensor x) {
    leak = x * 2; auto line = __LINE__; (void)line;
    returned = x + 1;
    return returned;
  });
  for (int i = 0; i < 3; ++i) {
    auto r = f(ones({2}));
    EXPECT_ERROR_TEXT(leak + 1, "made inside a compiled function and not returned", "compile_test.cpp");
    EXPECT_ERROR_TEXT(leak.sum().item<float>(), "made inside a compiled function and not returned");
    EXPECT_EQ(r[0].item<float>(), 2);
  }
}

TEST(CompileTest, AnExceptionChangesNothing) {
  auto w = ones({2}).requires_grad_();
  bool fail = true;
  auto f = compile([&](Tensor x) {
    w.reset_grad();
    auto loss = (w * x).sum();
    loss.backward();
    {
      NoGradGuard no_grad;
      w.sub_(w.grad());
    }
    if (fail)
      throw std::runtime_error("stop");
    return loss;
  });
  EXPECT_THROW(f(ones({2})), std::runtime_error);
  EXPECT_EQ(w[0].item<float>(), 1);
  EXPECT_FALSE(w.grad().defined());
  fail = false;
  f(ones({2}));
  EXPECT_EQ(w[0].item<float>(), 0);
  EXPECT_ERROR_TEXT(compile([&](Tensor x) { NoGradGuard no_grad; w.fill_(9); return x.matmul(w.view({1, 2})); })(ones({2, 2})), "matmul");
  EXPECT_EQ(w[0].item<float>(), 0);
}

TEST(CompileTest, ACompiledFunctionInsideAnotherIsPartOfIt) {
  auto inner = compile([](Tensor x) { return x * 2; });
  auto outer = compile([&](Tensor x) { return inner(x) + 1; });
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(outer(ones({2}))[0].item<float>(), 3);
}

TEST(CompileTest, StateMadeOnTheWayIsChangedInPlaceOnly) {
  Tensor w = ones({2});
  auto f = compile([&](Tensor x) {
    w = w + x; // another tensor at each call
    return w;
  });
  f(ones({2}));
  EXPECT_ERROR_TEXT(f(ones({2})), "different tensors from outside");
}

} // namespace
