// Activations, softmax and its kin.
#include "compiler/onnx/import/rules/common.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;

Expr flattened(Node &n, Expr x, int64_t axis) {
  int64_t rows = elementsOf(x.shape().take_front(axis)), columns = elementsOf(x.shape().drop_front(axis));
  return n.reshape(x, {rows, columns});
}

Expr softmaxAlong(Node &n, Expr x, int64_t axis, bool log) {
  auto set = [&](auto &p) { p.dim = n.b.getI64IntegerAttr(axis); };
  return log ? n.op<nn::LogSoftmaxOp>({x}, set) : n.op<nn::SoftmaxOp>({x}, set);
}

namespace {
/// Before opset 13 all dimensions from the axis on are one.
template <class F> Rule rows(F f, bool whole) {
  return [f, whole](Node &n) {
    Expr x = n.in(0);
    n.expect(isFloat(n.dtype(0)), "it takes floating point");
    int64_t given = n.i("axis", whole ? 1 : -1), axis = n.axis(given, x.rank(), given > 0 && whole && x.rank() == 1 ? 1 : 0);
    if (!whole)
      return n.out(0, f(n, x, axis));
    n.out(0, n.reshape(f(n, flattened(n, x, axis), 1), x.shape()));
  };
}
Expr hardmax(Node &n, Expr x, int64_t axis) {
  Expr best = n.op<nn::ArgmaxOp>({x}, [&](auto &p) { p.dim = n.b.getI64IntegerAttr(axis), p.keepdim = n.b.getBoolAttr(true); });
  Expr places = iota(n.b, RankedTensorType::get(x.shape(), n.b.getI64Type()), axis);
  return cast(eq(places, n.broadcast(best, x.shape())), x);
}
/// f of x and the attributes, in floating point.
template <class F> Rule shaped(F f) {
  return [f](Node &n) {
    n.expect(isFloat(n.dtype(0)), Twine("it takes floating point, not ") + dtypeName(n.dtype(0)));
    n.out(0, f(n, n.in(0)));
  };
}
template <class Op> Expr withAlpha(Node &n, Expr x, double otherwise) {
  return n.op<Op>({x}, [&](auto &p) { p.alpha = n.b.getF64FloatAttr(n.f("alpha", otherwise)); });
}
void prelu(Node &n) {
  Expr x = n.in(0), slope = n.in(1);
  if (n.version < 7 && slope.rank() == 1 && x.rank() > 1)
    slope = slope.shape()[0] == 1 ? n.broadcast(slope, x.shape()) : n.along(slope, x.shape(), 1);
  n.out(0, select(x > 0.0, x, n.broadcast(slope, x.shape()) * x));
}
} // namespace

void addActivations(Table &t) {
  auto softmax = [](Node &n, Expr x, int64_t axis) { return softmaxAlong(n, x, axis, false); };
  auto logSoftmax = [](Node &n, Expr x, int64_t axis) { return softmaxAlong(n, x, axis, true); };
  t("Softmax", 1, rows(softmax, true));
  t("Softmax", 13, rows(softmax, false));
  t("LogSoftmax", 1, rows(logSoftmax, true));
  t("LogSoftmax", 13, rows(logSoftmax, false));
  t("Hardmax", 1, rows(hardmax, true));
  t("Hardmax", 13, rows(hardmax, false));
  t("Relu", 1, [](Node &n) { n.out(0, n.op<nn::ReluOp>({n.in(0)})); });
  t("LeakyRelu", 1, shaped([](Node &n, Expr x) { return n.op<nn::LeakyReluOp>({x}, [&](auto &p) { p.slope = n.b.getF64FloatAttr(n.f("alpha", 0.01)); }); }));
  t("PRelu", 1, prelu);
  t("Elu", 1, shaped([](Node &n, Expr x) { return withAlpha<nn::EluOp>(n, x, 1); }));
  t("Celu", 12, shaped([](Node &n, Expr x) { return withAlpha<nn::CeluOp>(n, x, 1); }));
  t("Selu", 1, shaped([](Node &n, Expr x) {
      double alpha = n.f("alpha", 1.6732632423543772), gamma = n.f("gamma", 1.0507009873554805);
      if (float(alpha) == 1.6732632423543772f && float(gamma) == 1.0507009873554805f)
        return n.op<nn::SeluOp>({x});
      return gamma * select(x > 0.0, x, alpha * expm1(min(x, 0.0)));
    }));
  t("Sigmoid", 1, shaped([](Node &n, Expr x) { return n.op<nn::SigmoidOp>({x}); }));
  t("HardSigmoid", 1, shaped([](Node &n, Expr x) {
      if (float(n.f("alpha", 0.2)) == 1.0f / 6 && n.f("beta", 0.5) == 0.5)
        return n.op<nn::HardsigmoidOp>({x});
      return max(min(n.f("alpha", 0.2) * x + n.f("beta", 0.5), 1.0), 0.0);
    }));
  t("HardSwish", 14, shaped([](Node &n, Expr x) { return n.op<nn::HardswishOp>({x}); }));
  t("Softplus", 1, shaped([](Node &n, Expr x) { return n.op<nn::SoftplusOp>({x}, [&](auto &p) { p.beta = n.b.getF64FloatAttr(1), p.threshold = n.b.getF64FloatAttr(40); }); }));
  t("Softsign", 1, shaped([](Node &n, Expr x) { return n.op<nn::SoftsignOp>({x}); }));
  t("ThresholdedRelu", 10, shaped([](Node &n, Expr x) { return select(x > n.f("alpha", 1), x, 0.0); }));
  t("ThresholdedRelu", 1, shaped([](Node &n, Expr x) { return select(x > n.f("alpha", 1), x, 0.0); }));
  t("Gelu", 20, shaped([](Node &n, Expr x) {
      std::string form = n.s("approximate", "none");
      n.expect(form == "none" || form == "tanh", "approximate must be none or tanh");
      return n.op<nn::GeluOp>({x}, [&](auto &p) { p.approximate = nn::GeluFormAttr::get(n.b.getContext(), form == "none" ? nn::GeluForm::none : nn::GeluForm::tanh); });
    }));
  t("Mish", 18, shaped([](Node &n, Expr x) { return n.op<nn::MishOp>({x}); }));
  t("Swish", 24, shaped([](Node &n, Expr x) {
      double alpha = n.f("alpha", 1);
      return alpha == 1 ? n.op<nn::SiluOp>({x}) : x * n.op<nn::SigmoidOp>({alpha * x});
    }));
  t("Shrink", 9, [](Node &n) {
    Expr x = n.in(0);
    double lambd = n.f("lambd", 0.5), bias = n.f("bias", 0);
    n.out(0, select(x < -lambd, x + bias, select(x > lambd, x - bias, x * 0.0)));
  });
}

} // namespace tenon::onnx::imports
