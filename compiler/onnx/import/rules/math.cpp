// Arithmetic, element by element.
#include "compiler/onnx/import/rules/common.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;

std::pair<Expr, Expr> broadcastPair(Node &n) {
  Expr a = n.in(0), c = n.in(1);
  n.expect(n.dtype(0) == n.dtype(1), Twine("its operands are of ") + dtypeName(n.dtype(0)) + " and of " + dtypeName(n.dtype(1)));
  if (n.version < 7) {
    if (!n.i("broadcast", 0)) {
      n.expect(a.shape() == c.shape(), "before opset 7 shapes are equal, or the attribute broadcast is set");
      return {a, c};
    }
    int64_t at = n.hasAttribute("axis") ? n.axis(n.i("axis"), a.rank()) : a.rank() - c.rank();
    n.expect(at >= 0 && at + c.rank() <= a.rank(), "the second operand does not fit into the first");
    Dims shape(a.rank(), 1);
    llvm::copy(c.shape(), shape.begin() + at);
    return {a, n.broadcast(n.reshape(c, shape), a.shape())};
  }
  Dims shape = n.broadcastShape(a.shape(), c.shape());
  return {n.broadcast(a, shape), n.broadcast(c, shape)};
}

SmallVector<Expr> broadcastAll(Node &n) {
  n.expect(n.count() > 0, "it has no operand");
  Dims shape;
  SmallVector<Expr> all;
  for (size_t i = 0; i < n.count(); ++i) {
    n.expect(n.dtype(i) == n.dtype(0), "its operands are of several types");
    shape = n.broadcastShape(shape, n.shape(i));
  }
  for (size_t i = 0; i < n.count(); ++i)
    all.push_back(n.broadcast(n.in(i), shape));
  return all;
}

Expr ceil(Expr x) { return -floor(-x); }

namespace {
template <class F> Rule unary(F f, bool floats = true) {
  return [f, floats](Node &n) {
    n.expect(!floats || isFloat(n.dtype(0)), Twine("it takes floating point, not ") + dtypeName(n.dtype(0)));
    n.out(0, f(n.in(0)));
  };
}
template <class Op> Rule composite() {
  return [](Node &n) {
    n.expect(isFloat(n.dtype(0)), Twine("it takes floating point, not ") + dtypeName(n.dtype(0)));
    n.out(0, n.op<Op>({n.in(0)}));
  };
}
template <class F> Rule binary(F f) {
  return [f](Node &n) {
    auto [a, c] = broadcastPair(n);
    n.expect(n.dtype(0) != D::BOOL, "it takes numbers, not bool");
    n.out(0, wrapped(f(a, c), n.dtype(0)), n.dtype(0));
  };
}
template <class F> Rule variadic(F f, bool mean = false) {
  return [f, mean](Node &n) {
    auto all = broadcastAll(n);
    n.expect(n.dtype(0) != D::BOOL, "it takes numbers, not bool");
    Expr y = all[0];
    for (Expr x : ArrayRef(all).drop_front())
      y = f(y, x);
    n.out(0, wrapped(mean ? y / double(all.size()) : y, n.dtype(0)), n.dtype(0));
  };
}

void power(Node &n) {
  Expr a = n.in(0), c = n.in(1);
  if (n.version < 7)
    std::tie(a, c) = broadcastPair(n);
  Dims shape = n.broadcastShape(a.shape(), c.shape());
  a = n.broadcast(a, shape), c = n.broadcast(c, shape);
  if (isFloat(n.dtype(0)))
    return n.out(0, pow(a, cast(c, a)), n.dtype(0));
  Type wide = n.b.getF64Type();
  n.out(0, wrapped(cast(round(pow(cast(a, wide), cast(c, wide))), a), n.dtype(0)), n.dtype(0));
}

void mod(Node &n) {
  auto [a, c] = broadcastPair(n);
  Expr r = rem(a, c);
  if (!n.i("fmod", 0)) // the sign of the divisor
    r = select(ne(r, 0.0) & ne(r < 0.0, c < 0.0), r + c, r);
  n.out(0, r, n.dtype(0));
}

void shift(Node &n) {
  auto [a, c] = broadcastPair(n);
  std::string direction = n.s("direction", "");
  n.expect(direction == "LEFT" || direction == "RIGHT", "direction must be LEFT or RIGHT");
  int bits = integerForm(n.dtype(0)).bits;
  n.expect(bits != 0, "it takes integers");
  Literal powers = Literal::zeros(RankedTensorType::get({std::min(bits, 63)}, a.element()));
  for (int i = 0; i < std::min(bits, 63); ++i)
    powers.set(i, {.integer = int64_t(uint64_t(1) << i)});
  Expr factor = gather(n.constant(powers), c, 0); // 0 beyond the last bit
  n.out(0, direction == "LEFT" ? wrapped(a * factor, n.dtype(0)) : select(eq(factor, 0.0), 0.0, a / factor), n.dtype(0));
}

void clip(Node &n) {
  Expr x = n.in(0);
  auto bound = [&](size_t i, const char *name) -> Expr {
    if (n.has(i)) {
      n.expect(n.input(i).type.getNumElements() == 1, "bounds are numbers");
      return n.broadcast(n.reshape(n.in(i), {}), x.shape());
    }
    return n.hasAttribute(name) ? like(n.f(name, 0), x) : Expr();
  };
  Expr low = bound(1, "min"), high = bound(2, "max");
  if (low)
    x = max(x, low);
  if (high)
    x = min(x, high);
  n.out(0, x, n.dtype(0));
}
} // namespace

void addMath(Table &t) {
  t("Add", 1, binary([](Expr a, Expr c) { return a + c; }));
  t("Sub", 1, binary([](Expr a, Expr c) { return a - c; }));
  t("Mul", 1, binary([](Expr a, Expr c) { return a * c; }));
  t("Div", 1, binary([](Expr a, Expr c) { return a / c; }));
  t("Pow", 1, power);
  t("Mod", 10, mod);
  t("BitShift", 11, shift);
  t("Max", 1, variadic([](Expr a, Expr c) { return max(a, c); }));
  t("Min", 1, variadic([](Expr a, Expr c) { return min(a, c); }));
  t("Sum", 1, variadic([](Expr a, Expr c) { return a + c; }));
  t("Mean", 1, variadic([](Expr a, Expr c) { return a + c; }, true));
  t("Clip", 1, clip);
  t("Abs", 1, unary([](Expr x) { return abs(x); }, false));
  t("Neg", 1, unary([](Expr x) { return -x; }, false));
  t("Sign", 9, unary([](Expr x) { return sign(x); }, false));
  t("Floor", 1, unary([](Expr x) { return floor(x); }));
  t("Ceil", 1, unary([](Expr x) { return ceil(x); }));
  t("Round", 11, unary([](Expr x) { return round(x); }));
  t("Exp", 1, unary([](Expr x) { return exp(x); }));
  t("Log", 1, unary([](Expr x) { return log(x); }));
  t("Sqrt", 1, unary([](Expr x) { return sqrt(x); }));
  t("Reciprocal", 1, unary([](Expr x) { return like(1.0, x) / x; }));
  t("Sin", 7, unary([](Expr x) { return sin(x); }));
  t("Cos", 7, unary([](Expr x) { return cos(x); }));
  t("Erf", 9, unary([](Expr x) { return erf(x); }));
  t("Tanh", 1, composite<nn::TanhOp>());
  t("Tan", 7, composite<nn::TanOp>());
  t("Asin", 7, composite<nn::AsinOp>());
  t("Acos", 7, composite<nn::AcosOp>());
  t("Atan", 7, composite<nn::AtanOp>());
  t("Sinh", 9, composite<nn::SinhOp>());
  t("Cosh", 9, composite<nn::CoshOp>());
  t("Asinh", 9, composite<nn::AsinhOp>());
  t("Acosh", 9, composite<nn::AcoshOp>());
  t("Atanh", 9, composite<nn::AtanhOp>());
}

} // namespace tenon::onnx::imports
