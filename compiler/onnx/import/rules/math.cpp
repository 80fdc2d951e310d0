// Arithmetic, element by element.
#include "compiler/onnx/import/rules/common.h"
#include "compiler/onnx/import/rules/numbers.h"

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
    n.out(0, wrapped(f(n.in(0)), n.dtype(0)));
  };
}
/// Of a number with a sign: what has none is `natural` of itself.
template <class F, class G> Rule ofSign(F f, G natural) {
  return [f, natural](Node &n) {
    auto [bits, isSigned] = integerForm(n.dtype(0));
    n.out(0, bits && !isSigned ? natural(n.in(0)) : wrapped(f(n.in(0)), n.dtype(0)), n.dtype(0));
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
/// The largest or the smallest.
template <class F> Rule extreme(F f) {
  return [f](Node &n) {
    auto all = broadcastAll(n);
    n.expect(n.dtype(0) != D::BOOL, "it takes numbers, not bool");
    Expr y = ordered(all[0], n.dtype(0));
    for (Expr x : ArrayRef(all).drop_front())
      y = f(y, ordered(x, n.dtype(0)));
    n.out(0, ordered(y, n.dtype(0)), n.dtype(0));
  };
}
Rule total(bool mean) {
  return [mean](Node &n) {
    auto all = broadcastAll(n);
    n.expect(n.dtype(0) != D::BOOL, "it takes numbers, not bool");
    Expr y = all[0];
    for (Expr x : ArrayRef(all).drop_front())
      y = y + x;
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
  Expr y = pow(castTo(n, a, n.dtype(0), D::DOUBLE), castTo(n, c, n.dtype(1), D::DOUBLE));
  // A power of whole numbers is one; of a fraction the whole part is left.
  n.out(0, castTo(n, isFloat(n.dtype(1)) ? y : round(y), D::DOUBLE, n.dtype(0)), n.dtype(0));
}

/// x / 2 of 64 bits without a sign.
Expr half(Expr x) {
  Expr high = x < 0.0; // its last bit
  return select(high, ordered(x, D::UINT64), x) / 2.0 + select(high, like(std::ldexp(1.0, 62), x), like(0.0, x));
}
Expr quotient(Expr a, Expr c, int dtype) {
  if (dtype != D::UINT64)
    return a / c;
  auto below = [](Expr p, Expr q) { return ordered(p, D::UINT64) < ordered(q, D::UINT64); };
  auto one = [&](Expr condition) { return select(condition, like(1.0, a), like(0.0, a)); };
  // By half of a: the result, or one less. Of a divisor beyond 2^63 it is 0 or 1.
  Expr least = half(a) / c * 2.0;
  return select(c < 0.0, one(flip(below(a, c))), least + one(flip(below(a - least * c, c))));
}

void mod(Node &n) {
  auto [a, c] = broadcastPair(n);
  if (n.dtype(0) == D::UINT64)
    return n.out(0, a - quotient(a, c, D::UINT64) * c, D::UINT64);
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
  auto power = [&](Expr exponent, int below) { // 0 beyond the last bit
    Literal powers = Literal::zeros(RankedTensorType::get({below}, a.element()));
    for (int i = 0; i < below; ++i)
      powers.set(i, {.integer = int64_t(uint64_t(1) << i)});
    return gather(n.constant(powers), exponent, 0);
  };
  auto shifted = [](Expr x, Expr factor) { return select(eq(factor, 0.0), 0.0, x / factor); };
  if (direction == "LEFT")
    n.out(0, wrapped(a * power(c, bits), n.dtype(0)), n.dtype(0));
  else if (bits < 64)
    n.out(0, shifted(a, power(c, bits)), n.dtype(0));
  else // the first place apart: half has no sign
    n.out(0, select(eq(c, 0.0), a, shifted(half(a), power(c - 1.0, 63))), n.dtype(0));
}

void clip(Node &n) {
  Expr x = ordered(n.in(0), n.dtype(0));
  auto fixed = [&](size_t i, const char *name) -> std::optional<double> {
    if (n.has(i))
      return n.input(i).isConstant() && n.input(i).type.getNumElements() == 1 ? std::optional(n.real(i)) : std::nullopt;
    return n.hasAttribute(name) ? std::optional(n.f(name, 0)) : std::nullopt;
  };
  if (auto low = fixed(1, "min"), high = fixed(2, "max"); isFloat(n.dtype(0)) && low && high && *low <= *high)
    return n.out(0, n.op<nn::HardtanhOp>({x}, [&](auto &p) { p.min_val = n.b.getF64FloatAttr(*low), p.max_val = n.b.getF64FloatAttr(*high); }));
  auto bound = [&](size_t i, const char *name) -> Expr {
    if (n.has(i)) {
      n.expect(n.input(i).type.getNumElements() == 1, "bounds are numbers");
      return ordered(n.broadcast(n.reshape(n.in(i), {}), x.shape()), n.dtype(0));
    }
    return n.hasAttribute(name) ? like(n.f(name, 0), x) : Expr();
  };
  Expr low = bound(1, "min"), high = bound(2, "max");
  if (low)
    x = max(x, low);
  if (high)
    x = min(x, high);
  n.out(0, ordered(x, n.dtype(0)), n.dtype(0));
}
} // namespace

void addMath(Table &t) {
  t("Add", 1, binary([](Expr a, Expr c) { return a + c; }));
  t("Sub", 1, binary([](Expr a, Expr c) { return a - c; }));
  t("Mul", 1, binary([](Expr a, Expr c) { return a * c; }));
  t("Div", 1, [](Node &n) {
    auto [a, c] = broadcastPair(n);
    n.expect(n.dtype(0) != D::BOOL, "it takes numbers, not bool");
    n.out(0, wrapped(quotient(a, c, n.dtype(0)), n.dtype(0)), n.dtype(0));
  });
  t("Pow", 1, power);
  t("Mod", 10, mod);
  t("BitShift", 11, shift);
  t("Max", 1, extreme([](Expr a, Expr c) { return max(a, c); }));
  t("Min", 1, extreme([](Expr a, Expr c) { return min(a, c); }));
  t("Sum", 1, total(false));
  t("Mean", 1, total(true));
  t("Clip", 1, clip).host = 6;
  t("Abs", 1, ofSign([](Expr x) { return abs(x); }, [](Expr x) { return x; }));
  t("Neg", 1, unary([](Expr x) { return -x; }, false));
  t("Sign", 9, ofSign([](Expr x) { return sign(x); }, [](Expr x) { return cast(ne(x, 0.0), x); }));
  t("Floor", 1, unary([](Expr x) { return floor(x); }));
  t("Ceil", 1, unary([](Expr x) { return ceil(x); }));
  t("Round", 11, unary([](Expr x) { return round(x); }));
  t("Exp", 1, unary([](Expr x) { return exp(x); }));
  t("Log", 1, unary([](Expr x) { return log(x); }));
  t("Sqrt", 1, unary([](Expr x) { return sqrt(x); }));
  t("Reciprocal", 1, unary([](Expr x) {
    auto root = x.value.getDefiningOp<prim::SqrtOp>();
    return root ? rsqrt(Expr{x.builder, root.getX()}) : like(1.0, x) / x;
  }));
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
