// Polynomials (Chebyshev interpolation in 60 digits) after Cody and Waite's reductions; logarithm and hyperbolic tangent by the identities of fdlibm.
#include "compiler/codegen/cpu/expand_math.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
namespace tenon::compiler::cpu {

namespace {

/// Writes arithmetic on scalars or vectors: constants take their partner's shape.
struct Writer {
  ImplicitLocOpBuilder b;

  Type like(Value shape, Type element) {
    auto v = dyn_cast<VectorType>(shape.getType());
    return v ? (Type)VectorType::get(v.getShape(), element) : element;
  }
  Value constant(Value shape, TypedAttr x) {
    Type t = like(shape, x.getType());
    if (auto v = dyn_cast<VectorType>(t)) x = DenseElementsAttr::get(v, ArrayRef<Attribute>(x));
    return arith::ConstantOp::create(b, x);
  }
  Value real(Value shape, double x) { return constant(shape, FloatAttr::get(getElementTypeOrSelf(shape.getType()), x)); }
  Value integer(Value shape, int64_t x) { return constant(shape, IntegerAttr::get(getElementTypeOrSelf(shape.getType()), x)); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
  Value add(Value x, double y) { return add(x, real(x, y)); }
  Value mul(Value x, double y) { return mul(x, real(x, y)); }
  Value neg(Value x) { return arith::NegFOp::create(b, x); }
  Value fma(Value x, Value y, Value z) { return math::FmaOp::create(b, x, y, z); }
  Value fma(Value x, double y, Value z) { return fma(x, real(x, y), z); }
  Value choose(Value flag, Value x, Value y) { return arith::SelectOp::create(b, flag, x, y); }
  Value less(Value x, double y) { return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, real(x, y)); }
  Value more(Value x, double y) { return arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, x, real(x, y)); }
  Value equal(Value x, double y) { return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, x, real(x, y)); }
  Value clamp(Value x, double low, double high) { // NaN stays
    x = choose(less(x, low), real(x, low), x);
    return choose(more(x, high), real(x, high), x);
  }
  Value bits(Value x) { return arith::BitcastOp::create(b, like(x, b.getI64Type()), x); }
  Value fromBits(Value n) { return arith::BitcastOp::create(b, like(n, b.getF64Type()), n); }
  Value plus(Value n, int64_t k) { return arith::AddIOp::create(b, n, integer(n, k)); }
  Value minus(Value n, Value k) { return arith::SubIOp::create(b, n, k); }
  Value shiftLeft(Value n, int64_t k) { return arith::ShLIOp::create(b, n, integer(n, k)); }
  Value shiftRight(Value n, int64_t k) { return arith::ShRSIOp::create(b, n, integer(n, k)); }
  Value bit(Value n, int64_t k) { return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, arith::AndIOp::create(b, n, integer(n, k)), integer(n, 0)); }
  Value polynomial(Value x, ArrayRef<double> c) {
    Value y = real(x, c.back());
    for (double next : llvm::reverse(c.drop_back())) y = fma(y, x, real(x, next));
    return y;
  }

  static constexpr double magic = 6755399441055744.0; ///< 1.5 * 2^52: added, it leaves the nearest integer in the low bits
  static constexpr int64_t magicBits = 0x4338000000000000;
  /// The integer nearest to x (f64): as a number and as bits.
  std::pair<Value, Value> nearest(Value x) {
    Value t = add(x, magic);
    return {add(t, -magic), plus(bits(t), -magicBits)};
  }

  /// x - n pi/2 of an f64 in [-pi/4, pi/4], what its rounding lost, and n. Pi/2 comes in parts of 33 bits: products with n below 2^20 are exact even without fma.
  struct Angle { Value r, lost, n; };
  Angle quadrant(Value x) {
    auto [k, n] = nearest(mul(x, 6.36619772367581382433e-01));
    Value exact = fma(k, -1.57079632673412561417e+00, x);
    Value near = fma(k, -6.07710050630396597660e-11, exact), r = fma(k, -2.02226624879595063154e-21, near);
    Value lost = add(fma(k, -6.07710050630396597660e-11, sub(exact, near)), fma(k, -2.02226624879595063154e-21, sub(near, r)));
    return {clamp(r, -0.7854, 0.7854), clamp(lost, -1e-15, 1e-15), n}; // beyond 1e15 nothing is left of the angle: some value of a sine
  }

  Value sine(Value x, bool cosine) {
    Type element = getElementTypeOrSelf(x.getType());
    bool single = element.isF32();
    auto [r, lost, n] = quadrant(single ? arith::ExtFOp::create(b, like(x, b.getF64Type()), x).getResult() : x);
    if (single) r = arith::TruncFOp::create(b, x.getType(), r), n = arith::TruncIOp::create(b, like(n, b.getI32Type()), n);
    if (cosine) n = plus(n, 1);
    Value s = mul(r, r);
    SmallVector<double> sines = single ? SmallVector<double>{-0.1666666666383804294, 0.008333331868008515448, -0.0001984008311777977696, 2.724945708426661839e-6}
        : SmallVector<double>{-0.1666666666666666667, 0.008333333333333331475, -0.0001984126984126502827, 2.755731921931064742e-6, -2.505210622254861065e-8, 1.605853005116733917e-10, -7.586604768597899604e-13};
    SmallVector<double> cosines = single ? SmallVector<double>{0.04166666465022890584, -0.001388830124102485174, 0.0000245475548427056112}
        : SmallVector<double>{0.04166666666666666667, -0.001388888888888888786, 0.00002480158730158462598, -2.755731922138693733e-7, 2.087675578556840776e-9, -1.147046001484436784e-11, 4.74582050330642801e-14};
    Value half = mul(s, 0.5), one = real(s, 1), near = sub(one, half), rest = sub(sub(one, near), half); // 1 - s/2 and what its rounding lost
    Value inner = mul(mul(r, s), polynomial(s, sines));
    if (!single) inner = add(inner, fma(neg(half), lost, lost)), rest = fma(neg(r), lost, rest); // lost cos(r), - lost sin(r)
    Value odd = add(r, inner), even = add(near, fma(mul(s, s), polynomial(s, cosines), rest));
    Value y = choose(bit(n, 1), even, odd);
    return choose(bit(n, 2), neg(y), y);
  }

  /// e^x - 1 = 2^n (e^r - 1) + (2^n - 1): the inner e^r - 1 and 2^n in two factors, neither of which overflows.
  struct Power { Value less, first, second, n; };
  Power power(Value x) {
    auto [k, n] = nearest(mul(x, 1.44269504088896338700e+00));
    Value r = fma(k, -1.90821492927058770002e-10, fma(k, -6.93147180369123816490e-01, x));
    Value q = polynomial(r, {0.5, 0.1666666666666667099, 0.04166666666666666975, 0.008333333333326136496, 0.001388888888888374928, 0.0001984126987481583311, 0.00002480158732554431908,
                             2.755725540628504368e-6, 2.755727364745108958e-7, 2.510521447475141375e-8, 2.091468516141806798e-9});
    auto scale = [&](Value i) { return fromBits(shiftLeft(plus(i, 1023), 52)); };
    Value low = shiftRight(n, 1);
    return {fma(mul(r, r), q, r), scale(low), scale(minus(n, low)), n};
  }

  Value exp(Value x) {
    Power p = power(clamp(x, -746, 710));
    return mul(mul(add(p.less, 1), p.first), p.second);
  }

  Value expm1(Value x) {
    Power p = power(clamp(x, -40, 710));
    Value whole = mul(mul(add(p.less, 1), p.first), p.second), two = mul(p.first, p.second);
    Value near = fma(two, p.less, add(two, -1));
    return choose(equal(x, 0), x, choose(more(x, 40), whole, near));
  }

  Value log(Value x) {
    Value tiny = less(x, 2.2250738585072014e-308), scaled = choose(tiny, mul(x, 0x1p54), x), all = bits(scaled);
    Value n = shiftRight(plus(all, -0x3FE6A09E667F3BCD), 52); // m = x / 2^n in [sqrt(1/2), sqrt(2))
    Value m = fromBits(minus(all, shiftLeft(n, 52)));
    Value k = add(fromBits(plus(n, magicBits)), -magic);
    k = choose(tiny, add(k, -54), k);
    Value f = add(m, -1), s = div(f, add(f, 2)), w = mul(s, s);
    Value r = mul(w, polynomial(w, {0.6666666666666666646, 0.4000000000000088324, 0.2857142857079978465, 0.2222222239258110752, 0.1818179554751595387, 0.1538624473785204202,
                                    0.1326863836405197264, 0.1308803489814203046}));
    Value half = mul(mul(f, f), 0.5), inner = fma(s, add(half, r), mul(k, 1.90821492927058770002e-10));
    Value y = fma(k, 6.93147180369123816490e-01, sub(f, sub(half, inner)));
    constexpr double inf = std::numeric_limits<double>::infinity();
    Value strange = choose(equal(x, 0), real(x, -inf), choose(less(x, 0), real(x, std::numeric_limits<double>::quiet_NaN()), x)); // infinity and NaN are themselves
    Value ordinary = arith::AndIOp::create(b, more(x, 0), less(x, inf));
    return choose(ordinary, y, strange);
  }

  /// log(u) for u = 1 + x rounded, and what the rounding lost.
  Value log1p(Value x) {
    Value u = add(x, 1), lost = choose(more(x, 1), sub(real(x, 1), sub(u, x)), sub(x, add(u, -1))), y = log(u);
    Value whole = add(y, div(lost, u));
    Value plain = arith::AndIOp::create(b, more(x, -1), less(x, std::numeric_limits<double>::infinity()));
    return choose(equal(x, 0), x, choose(plain, whole, y));
  }

  Value tanh(Value x) {
    Value a = clamp(math::AbsFOp::create(b, x), 0, 20);
    Power p = power(mul(a, 2));
    Value two = mul(p.first, p.second), t = fma(two, p.less, add(two, -1)), over = add(t, 2);
    // t / (t + 2), mended by what the quotient and its divisor lost; 1 / (t + 2) = (1 - tanh) / 2.
    Value q = div(t, over), lost = sub(t, add(over, -2)), rest = fma(neg(q), lost, fma(neg(q), over, t));
    Value near = fma(rest, mul(sub(real(x, 1), q), 0.5), q);
    Value y = choose(less(a, 0.5), near, sub(real(x, 1), div(real(x, 2), over)));
    return math::CopySignOp::create(b, y, x);
  }

  /// x + x P(x^2) up to 1, then 1 - e^(-x^2) Q((x - 2) / (x + 3)) up to 6.
  Value erf(Value x) {
    Value a = clamp(math::AbsFOp::create(b, x), 0, 6), w = mul(a, a);
    Value near = fma(a, polynomial(w, {0.1283791670955125738, -0.3761263890318374806, 0.1128379167095487867, -0.02686617064507679325, 0.005223977624818014452, -0.0008548326980833789146,
                                       0.0001205533111164268642, -0.00001492559526683065019, 1.646100048411356118e-6, -1.635031270097806301e-7, 1.465977527356613057e-8,
                                       -1.137284885504273796e-9, 5.957176144952467435e-11}), a);
    Value t = div(add(a, -2), add(a, 3)), e = exp(neg(w));
    Value far = fma(neg(e), polynomial(t, {0.2553956763105057469, -0.5339823092674480855, 0.5110865058207131801, -0.3764243996274445839, 0.2039465603083580251,
                                       -0.07128989014261977911, 0.007769788652548788, 0.005955694400629445639, -0.002378567381452614039, -0.0004930041361981137662,
                                       0.0004248061244644014387, 0.00006654446155731667645, -0.00007676314605581332989, -0.00001670088037114216861, 0.00001643659689928179792}), real(x, 1));
    return math::CopySignOp::create(b, choose(less(a, 1), near, far), x);
  }
};

template <class Op> struct Expand : OpRewritePattern<Op> {
  using Body = Value (*)(Writer &, Value);
  Body body;
  bool single;
  Expand(MLIRContext *c, Body body, bool single = false) : OpRewritePattern<Op>(c, /*benefit=*/4), body(body), single(single) {}
  LogicalResult matchAndRewrite(Op op, PatternRewriter &r) const override {
    Type element = getElementTypeOrSelf(op.getType());
    if (!element.isF64() && !(single && element.isF32())) return failure();
    Writer w{ImplicitLocOpBuilder(op.getLoc(), r)};
    r.replaceOp(op, body(w, op.getOperand()));
    return success();
  }
};

} // namespace

void populateExpandMathPatterns(RewritePatternSet &p) {
  MLIRContext *c = p.getContext();
  p.add<Expand<math::SinOp>>(c, [](Writer &w, Value x) { return w.sine(x, false); }, true);
  p.add<Expand<math::CosOp>>(c, [](Writer &w, Value x) { return w.sine(x, true); }, true);
  p.add<Expand<math::ExpOp>>(c, [](Writer &w, Value x) { return w.exp(x); });
  p.add<Expand<math::ExpM1Op>>(c, [](Writer &w, Value x) { return w.expm1(x); });
  p.add<Expand<math::LogOp>>(c, [](Writer &w, Value x) { return w.log(x); });
  p.add<Expand<math::Log1pOp>>(c, [](Writer &w, Value x) { return w.log1p(x); });
  p.add<Expand<math::TanhOp>>(c, [](Writer &w, Value x) { return w.tanh(x); });
  p.add<Expand<math::ErfOp>>(c, [](Writer &w, Value x) { return w.erf(x); });
}

} // namespace tenon::compiler::cpu
