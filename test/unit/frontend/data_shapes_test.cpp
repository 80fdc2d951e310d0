// Shapes that depend on data: define-by-run reads the numbers, compile refuses; and assignment to what is no variable.
#include "expect_error.h"

using namespace tenon;
using indexing::None, indexing::Slice;

namespace {

template <class T = float> std::vector<T> numbers(const Tensor &t) {
  auto *data = t.const_data_ptr<T>(); // of a view apart in memory, each call makes a copy
  return {data, data + t.numel()};
}
using Floats = std::vector<float>;
using Longs = std::vector<int64_t>;

TEST(DataShapes, Nonzero) {
  auto x = tensor({{0.f, 2.f, 0.f}, {-1.f, 0.f, 3.f}});
  auto places = nonzero(x);
  EXPECT_EQ(places.sizes(), (Shape{3, 2}));
  EXPECT_EQ(numbers<int64_t>(places), (Longs{0, 1, 1, 0, 1, 2}));
  auto columns = where(x.gt(0));
  EXPECT_EQ(numbers<int64_t>(columns[0]), (Longs{0, 1}));
  EXPECT_EQ(numbers<int64_t>(columns[1]), (Longs{1, 2}));
  EXPECT_EQ(nonzero(zeros({2, 3})).sizes(), (Shape{0, 2}));
  EXPECT_EQ(nonzero(zeros({0, 3})).sizes(), (Shape{0, 2}));
}

TEST(DataShapes, MaskedSelectHasAGradient) {
  auto x = tensor({{1.f, -2.f}, {3.f, -4.f}}).set_requires_grad(true);
  auto chosen = x.masked_select(x.gt(0));
  EXPECT_EQ(numbers(chosen), (Floats{1, 3}));
  chosen.square().sum().backward();
  EXPECT_EQ(numbers(x.grad()), (Floats{2, 0, 6, 0}));
  EXPECT_EQ(numbers(arange(3, kFloat).masked_select(tensor({{true}, {true}}))), (Floats{0, 1, 2, 0, 1, 2})) << "broadcasts";
  EXPECT_EQ(x.masked_select(x.gt(9)).sizes(), Shape{0});
  EXPECT_ERROR(x.masked_select(x), "masked_select: expected a mask of flags");
}

TEST(DataShapes, IndicesOfFlags) {
  auto x = arange(12, kFloat).view({3, 4}).clone();
  auto rows = tensor({true, false, true});
  EXPECT_EQ(numbers(x.index({rows})), (Floats{0, 1, 2, 3, 8, 9, 10, 11}));
  EXPECT_EQ(numbers(x.index({Slice(), tensor({false, true, false, false})})), (Floats{1, 5, 9}));
  EXPECT_EQ(numbers(x.index({x.gt(8)})), (Floats{9, 10, 11}));
  x.index_put_({rows, 0}, tensor({-1.f, -2.f}));
  EXPECT_EQ(numbers(x.index({Slice(), 0})), (Floats{-1, 4, -2}));
  x.index_put_({x.lt(0)}, 7.f);
  EXPECT_EQ(numbers(x.index({Slice(), 0})), (Floats{7, 4, 7}));
  EXPECT_ERROR(x.index({tensor({true, false})}), "index: expected flags of the extents of float32[3, 4] from axis 0, got bool[2]");
  EXPECT_ERROR(x.index({rows, 0, 0}), "index: expected at most");
}

TEST(DataShapes, Unique) {
  auto [values, inverse, counts] = _unique2(tensor({{3, 1, 3}, {2, 1, 3}}), true, true, true);
  EXPECT_EQ(numbers<int64_t>(values), (Longs{1, 2, 3}));
  EXPECT_EQ(inverse.sizes(), (Shape{2, 3}));
  EXPECT_EQ(numbers<int64_t>(inverse), (Longs{2, 0, 2, 1, 0, 2}));
  EXPECT_EQ(numbers<int64_t>(counts), (Longs{2, 1, 3}));
  EXPECT_EQ(tensor({true, true}).unique().numel(), 1);
  EXPECT_EQ(zeros({0}).unique().numel(), 0);
}

TEST(DataShapes, SizesFoundInTheData) {
  EXPECT_EQ(numbers<int64_t>(bincount(tensor({1, 1, 4}))), (Longs{0, 2, 0, 0, 1}));
  EXPECT_EQ(bincount(zeros({0}, kLong)).numel(), 0);
  EXPECT_EQ(one_hot(tensor({0, 2})).sizes(), (Shape{2, 3}));
}

TEST(DataShapes, AreRefusedInsideCompile) {
  auto x = ones({3});
  auto refused = [&](auto f, const char *text) { EXPECT_ERROR_TEXT(tenon::compile([&](Tensor t) { return f(t); })(x), text); };
  refused([](Tensor t) { return t.masked_select(t.gt(0)); }, "masked_select: the result's shape would depend on data");
  refused([](Tensor t) { return t.nonzero(); }, "nonzero: the result's shape would depend on data");
  refused([](Tensor t) { return t.unique(); }, "unique: the result's shape would depend on data");
  refused([](Tensor t) { return t.index({t.gt(0)}); }, "index: the result's shape would depend on data");
  refused([](Tensor t) { return bincount(t.to(kLong)); }, "bincount: the result's shape would depend on data");
  refused([](Tensor t) { return one_hot(t.to(kLong)); }, "one_hot: the result's shape would depend on data");
  auto filled = tenon::compile([](Tensor t) { auto y = t.clone(); y.index_put_({t.gt(0)}, 5.f); return y; });
  EXPECT_EQ(numbers(filled(x)), (Floats{5, 5, 5})) << "one number wherever flags are set has the shape of its target";
}

TEST(Assignment, ToWhatIsNoVariableWritesNumbers) {
  auto x = zeros({3, 4});
  x[1] = 5;
  x[2][3] += 2;
  x[0] = arange(4, kFloat);
  x.index({Slice(), 1}) = -1;
  EXPECT_EQ(numbers(x), (Floats{0, -1, 2, 3, 5, -1, 5, 5, 0, -1, 0, 2}));
  auto y = x;
  y = ones({1}); // a variable is bound anew
  EXPECT_EQ(x.numel(), 12);
  auto leaf = ones({2}).set_requires_grad(true);
  EXPECT_ERROR(leaf[0] = 1, "leaf");
}

} // namespace
