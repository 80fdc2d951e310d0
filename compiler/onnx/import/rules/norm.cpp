// Normalisation.
#include "compiler/onnx/import/rules/common.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

auto epsilon(Node &n, double otherwise = 1e-5) {
  return [&n, otherwise](auto &p) { p.eps = n.b.getF64FloatAttr(n.f("epsilon", otherwise)); };
}

void batchNorm(Node &n) {
  Expr x = n.in(0), scale = n.in(1), bias = n.in(2), mean = n.in(3), variance = n.in(4);
  int dtype = n.dtype(0);
  n.expect(x.rank() >= 1 && (n.version >= 9 || n.i("spatial", 1) || x.rank() <= 2), "statistics per element (spatial = 0) are not supported");
  if (x.rank() == 1)
    x = n.reshape(x, {x.shape()[0], 1});
  // Statistics may be of a wider type.
  Type wideType = mean.element().getIntOrFloatBitWidth() > x.element().getIntOrFloatBitWidth() ? mean.element() : x.element();
  Expr v = cast(x, wideType);
  auto same = [&](Expr e) { return cast(e, wideType); };
  bool asked = n.version >= 14 ? n.i("training_mode", 0) : n.version < 7 && !n.i("is_test", 0);
  bool training = asked || n.importer.environment.training();
  Expr y;
  if (!training) {
    y = n.op<nn::BatchNormOp>({v, same(mean), same(variance), same(scale), same(bias)}, epsilon(n));
  } else {
    auto r = n.ops<nn::BatchNormTrainingOp>({v, same(scale), same(bias)}, epsilon(n));
    y = r[0];
    double keep = n.f("momentum", 0.9), count = double(x.type().getNumElements()) / double(std::max<int64_t>(1, x.shape()[1]));
    // What trains here keeps PyTorch's unbiased variance; ONNX's own training form keeps the biased one.
    Expr batch = !asked && count > 1 ? r[2] * (count / (count - 1)) : r[2];
    Expr newMean = same(mean) * keep + r[1] * (1 - keep), newVariance = same(variance) * keep + batch * (1 - keep);
    if (n.importer.environment.training() && n.scope.around == nullptr)
      for (auto [operand, e] : {std::pair(3, newMean), std::pair(4, newVariance)})
        if (n.input(operand).weight >= 0 && !n.input(operand).value)
          n.importer.environment.assign(n.b, unsigned(n.input(operand).weight), cast(e, n.value(n.input(operand))).value);
    if (asked) {
      n.out(1, cast(newMean, mean), n.dtype(3));
      n.out(2, cast(newVariance, variance), n.dtype(4));
    }
  }
  n.out(0, n.reshape(cast(y, x), n.shape(0)), dtype);
}

void instanceNorm(Node &n) { n.out(0, n.ops<nn::InstanceNormOp>({n.in(0), n.in(1), n.in(2)}, epsilon(n))[0]); }

void layerNorm(Node &n) {
  Expr x = n.in(0);
  int64_t axis = n.axis(n.i("axis", -1), x.rank());
  n.expect(isFloat(n.dtype(0)), "it takes floating point");
  Dims dims = range(axis, x.rank()), rest(x.shape().drop_front(axis));
  bool plain = n.outs() < 2 && n.shape(1) == ArrayRef(rest) && (!n.has(2) || n.shape(2) == ArrayRef(rest));
  if (plain)
    return n.out(0, n.op<nn::LayerNormOp>({x, n.in(1), n.optional(2)}, [&](auto &p) { p.axis = n.b.getI64IntegerAttr(axis), p.eps = n.b.getF64FloatAttr(n.f("epsilon", 1e-5)); }));
  auto r = n.ops<nn::StandardizeOp>({wide(x)}, [&](auto &p) { p.dimensions = n.attr(dims), p.eps = n.b.getF64FloatAttr(n.f("epsilon", 1e-5)); });
  Expr y = r[0] * n.broadcast(wide(n.in(1)), x.shape());
  if (n.has(2))
    y = y + n.broadcast(wide(n.in(2)), x.shape());
  n.out(0, cast(y, x));
  Expr deviation = rsqrt(r[2] + n.f("epsilon", 1e-5));
  n.out(1, n.keep(r[1], x.shape(), dims), D::FLOAT);
  n.out(2, n.keep(deviation, x.shape(), dims), D::FLOAT);
}
void rmsNorm(Node &n) {
  Expr x = n.in(0);
  int64_t axis = n.axis(n.i("axis", -1), x.rank());
  Dims rest(x.shape().drop_front(axis));
  n.out(0, n.op<nn::RmsNormOp>({x, n.broadcast(n.in(1), rest)}, [&](auto &p) { p.axis = n.b.getI64IntegerAttr(axis), p.eps = n.b.getF64FloatAttr(n.f("epsilon", 1e-5)); }));
}
void groupNorm(Node &n) {
  Expr x = n.in(0), scale = n.in(1), bias = n.in(2);
  int64_t groups = n.i("num_groups");
  n.expect(x.rank() >= 2 && groups > 0 && x.shape()[1] % groups == 0, "num_groups must divide the channels");
  if (n.version < 21) { // one number per group
    n.expect(scale.rank() == 1 && bias.rank() == 1 && scale.shape()[0] == groups && bias.shape()[0] == groups, "scale and bias are one number per group");
    scale = repeatInterleave(scale, {x.shape()[1] / groups}), bias = repeatInterleave(bias, {x.shape()[1] / groups});
  }
  n.out(0, n.op<nn::GroupNormOp>({x, scale, bias}, [&](auto &p) { p.groups = n.b.getI64IntegerAttr(groups), p.eps = n.b.getF64FloatAttr(n.f("epsilon", 1e-5)); }));
}
void meanVariance(Node &n) {
  Expr x = n.in(0), w = wide(x);
  Dims axes = n.axes(n.is("axes", {0, 2, 3}), x.rank());
  double count = 1;
  for (int64_t d : axes)
    count *= double(x.shape()[d]);
  Expr mean = sum(w, axes) / count, square = sum(w * w, axes) / count;
  Expr deviation = sqrt(square - mean * mean);
  n.out(0, cast((w - restore(mean, x.shape(), axes)) / (restore(deviation, x.shape(), axes) + 1e-9), x));
}
void lrn(Node &n) {
  Expr x = n.in(0), w = wide(x);
  int64_t size = n.i("size");
  n.expect(x.rank() >= 2 && size > 0 && size < (1 << 20), "it takes [N, C, ...] and a positive size");
  int64_t low = (size - 1) / 2, high = size - 1 - low, channels = x.shape()[1];
  // Sums of neighbouring channels: differences would lose digits.
  Expr squares = w * w, total;
  for (int64_t k = -low; k <= high; ++k) {
    if (std::abs(k) >= channels)
      continue;
    Dims l(x.rank(), 0), h(x.rank(), 0);
    l[1] = -k, h[1] = k;
    Expr moved = n.op<prim::PadOp>({squares, n.splat({}, w.element(), 0)}, [&](auto &p) { p.low = n.attr(l), p.high = n.attr(h), p.interior = n.attr({}); });
    total = total ? total + moved : moved;
  }
  double alpha = n.f("alpha", 1e-4), beta = n.f("beta", 0.75), bias = n.f("bias", 1);
  n.out(0, cast(w / pow(total * (alpha / double(size)) + bias, like(beta, w)), x));
}
void lpNorm(Node &n) {
  Expr x = n.in(0);
  int64_t axis = n.axis(n.i("axis", -1), x.rank()), p = n.i("p", 2);
  n.expect(p == 1 || p == 2, "p must be 1 or 2");
  Expr s = p == 1 ? sum(abs(x), {axis}) : sqrt(sum(x * x, {axis}));
  n.out(0, x / restore(select(eq(s, 0.0), 1.0, s), x.shape(), {axis})); // zeros stay zeros
}
} // namespace

void addNorm(Table &t) {
  t("BatchNormalization", 1, batchNorm);
  t("InstanceNormalization", 1, instanceNorm);
  t("LayerNormalization", 17, layerNorm);
  t("RMSNormalization", 23, rmsNorm);
  t("GroupNormalization", 18, groupNorm);
  t("MeanVarianceNormalization", 9, meanVariance);
  t("LRN", 1, lrn);
  t("LpNormalization", 1, lpNorm);
}

} // namespace tenon::onnx::imports
