// Sums and extremes over dimensions.
#include "compiler/onnx/import/rules/common.h"
#include "compiler/onnx/import/rules/numbers.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

/// A reduction f(x, dimensions) over x.
template <class F> Rule reduction(F f) {
  return [f](Node &n) {
    Expr x = n.in(0);
    Dims axes = range(0, x.rank());
    auto given = n.isOrInput("axes", 1);
    if (given && !given->empty())
      axes = n.axes(*given, x.rank());
    else if (n.i("noop_with_empty_axes", 0))
      axes.clear();
    Expr y = f(n, x, axes);
    n.out(0, wrapped(n.i("keepdims", 1) ? n.keep(y, x.shape(), axes) : y, n.dtype(0)), n.dtype(0));
  };
}
double countOf(Expr x, ArrayRef<int64_t> axes) {
  double count = 1;
  for (int64_t d : axes)
    count *= double(x.shape()[d]);
  return count;
}
/// In f32 for narrow floats; integers as they are.
template <class F> Expr summed(Expr x, ArrayRef<int64_t> axes, F f) { return cast(f(sum(wide(x), axes)), x); }

Expr product(Node &n, Expr x, ArrayRef<int64_t> axes) {
  // Halves are multiplied until one is left: as many steps as the extent has digits.
  Expr y = wide(x);
  for (int64_t d : axes) {
    if (y.shape()[d] == 0) {
      Dims shape(y.shape());
      shape[d] = 1;
      y = n.splat(shape, y.element(), 1);
    }
    while (y.shape()[d] > 1) {
      int64_t half = y.shape()[d] / 2;
      Expr p = n.slice(y, d, 0, half) * n.slice(y, d, half, half);
      y = y.shape()[d] % 2 ? n.concat({p, n.slice(y, d, 2 * half, 1)}, d) : p;
    }
  }
  return cast(n.squeeze(y, axes), x);
}
Expr extreme(Node &n, Expr x, ArrayRef<int64_t> axes, bool largest) {
  bool flag = x.element().isInteger(1);
  Expr v = flag ? cast(x, n.b.getI32Type()) : ordered(x, n.dtype(0));
  Expr y = largest ? reduceMax(v, axes) : reduceMin(v, axes);
  return flag ? y > 0.0 : ordered(y, n.dtype(0)); // over nothing: the smallest or largest number
}
Expr logSumExp(Node &n, Expr x, ArrayRef<int64_t> axes) {
  n.expect(isFloat(n.dtype(0)), "it takes floating point");
  Expr w = wide(x), top = reduceMax(w, axes);
  double inf = std::numeric_limits<double>::infinity();
  top = stopGradient(select(eq(abs(top), inf), 0.0, top));
  return cast(log(sum(exp(w - restore(top, x.shape(), axes)), axes)) + top, x);
}

void argExtreme(Node &n, bool largest) {
  Expr x = ordered(n.in(0), n.dtype(0));
  int64_t axis = n.axis(n.i("axis", 0), x.rank());
  bool last = n.i("select_last_index", 0);
  n.expect(x.shape()[axis] > 0, "a dimension without elements has no extreme");
  Expr v = largest ? x : isFloat(n.dtype(0)) ? -x : flip(x); // flipped bits turn the order of integers around
  if (last)
    v = reverse(v, {axis});
  Expr y = n.op<nn::ArgmaxOp>({v}, [&](auto &p) { p.dim = n.b.getI64IntegerAttr(axis), p.keepdim = n.b.getBoolAttr(n.i("keepdims", 1)); });
  n.out(0, last ? double(x.shape()[axis] - 1) - y : y, D::INT64);
}
void cumsumRule(Node &n) {
  Expr x = n.in(0);
  Dims axis = n.ints(1);
  n.expect(axis.size() == 1, "axis must be one number");
  n.expect(n.dtype(0) != D::BOOL, "it takes numbers");
  Expr y = cumsum(wide(x), n.axis(axis[0], x.rank()), n.i("reverse", 0), n.i("exclusive", 0));
  n.out(0, wrapped(cast(y, x), n.dtype(0)), n.dtype(0));
}
} // namespace

void addReduce(Table &t) {
  t("ReduceSum", 1, reduction([](Node &, Expr x, ArrayRef<int64_t> a) { return summed(x, a, [](Expr s) { return s; }); }));
  t("ReduceMean", 1, reduction([](Node &, Expr x, ArrayRef<int64_t> a) { return summed(x, a, [&](Expr s) { return s / countOf(x, a); }); }));
  t("ReduceSumSquare", 1, reduction([](Node &, Expr x, ArrayRef<int64_t> a) { return cast(sum(wide(x) * wide(x), a), x); }));
  t("ReduceL1", 1, reduction([](Node &, Expr x, ArrayRef<int64_t> a) { return cast(sum(abs(wide(x)), a), x); }));
  t("ReduceL2", 1, reduction([](Node &n, Expr x, ArrayRef<int64_t> a) {
      Expr w = isFloat(n.dtype(0)) ? wide(x) : cast(x, n.b.getF64Type());
      return cast(sqrt(sum(w * w, a)), x);
    }));
  t("ReduceLogSum", 1, reduction([](Node &, Expr x, ArrayRef<int64_t> a) { return summed(x, a, [](Expr s) { return log(s); }); }));
  t("ReduceLogSumExp", 1, reduction(logSumExp));
  t("ReduceMax", 1, reduction([](Node &n, Expr x, ArrayRef<int64_t> a) { return extreme(n, x, a, true); }));
  t("ReduceMin", 1, reduction([](Node &n, Expr x, ArrayRef<int64_t> a) { return extreme(n, x, a, false); }));
  t("ReduceProd", 1, reduction(product));
  t("ArgMax", 1, [](Node &n) { argExtreme(n, true); });
  t("ArgMin", 1, [](Node &n) { argExtreme(n, false); });
  t("CumSum", 11, cumsumRule);
}

} // namespace tenon::onnx::imports
