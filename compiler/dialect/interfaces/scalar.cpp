// Scalar arithmetic: chooses the arith or math op by type.
#include "compiler/dialect/interfaces/scalar.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
namespace tenon::ir {

Scalar constant(ImplicitLocOpBuilder &b, Type type, double n) {
  TypedAttr attribute = isa<FloatType>(type) ? TypedAttr(b.getFloatAttr(type, n)) : b.getIntegerAttr(type, static_cast<int64_t>(n));
  return {&b, arith::ConstantOp::create(b, attribute)};
}

/// Gives a number its partner's type.
static void adapt(Scalar &a, Scalar &c) {
  if (!a.value)
    a = constant(*c.builder, c.type(), *a.number);
  if (!c.value)
    c = constant(*a.builder, a.type(), *c.number);
}
template <class Op> static Scalar one(Scalar a) { return {a.builder, a.builder->createOrFold<Op>(a.value)}; }
template <class Op> static Scalar two(Scalar a, Scalar c) { return {a.builder, a.builder->createOrFold<Op>(a.value, c.value)}; }
template <class Float, class Integer> static Scalar two(Scalar a, Scalar c) {
  adapt(a, c);
  return a.isFloat() ? two<Float>(a, c) : two<Integer>(a, c);
}

Scalar operator+(Scalar a, Scalar c) { return two<arith::AddFOp, arith::AddIOp>(a, c); }
Scalar operator-(Scalar a, Scalar c) { return two<arith::SubFOp, arith::SubIOp>(a, c); }
Scalar operator*(Scalar a, Scalar c) { return two<arith::MulFOp, arith::MulIOp>(a, c); }
Scalar fma(Scalar a, Scalar c, Scalar d) {
  return a.isFloat() ? Scalar(a.builder, math::FmaOp::create(*a.builder, a.value, c.value, d.value)) : a * c + d;
}

/// A divisor that cannot trap: 1 where it is 0, or where the quotient would overflow.
static Scalar safeDivisor(Scalar a, Scalar c) {
  unsigned width = a.type().getIntOrFloatBitWidth();
  Scalar lowest{a.builder, arith::ConstantOp::create(*a.builder, a.builder->getIntegerAttr(a.type(), APInt::getSignedMinValue(width)))};
  return select(eq(c, 0) | (eq(c, -1) & eq(a, lowest)), constant(*a.builder, a.type(), 1), c);
}
Scalar operator/(Scalar a, Scalar c) {
  adapt(a, c);
  return a.isFloat() ? two<arith::DivFOp>(a, c) : two<arith::DivSIOp>(a, safeDivisor(a, c));
}
Scalar rem(Scalar a, Scalar c) {
  adapt(a, c);
  return a.isFloat() ? two<arith::RemFOp>(a, c) : two<arith::RemSIOp>(a, safeDivisor(a, c));
}
Scalar operator-(Scalar a) { return a.isFloat() ? one<arith::NegFOp>(a) : Scalar(0.0) - a; }
Scalar max(Scalar a, Scalar c) { return two<arith::MaximumFOp, arith::MaxSIOp>(a, c); }
Scalar min(Scalar a, Scalar c) { return two<arith::MinimumFOp, arith::MinSIOp>(a, c); }
Scalar pow(Scalar a, Scalar c) {
  adapt(a, c);
  return two<math::PowFOp>(a, c);
}
Scalar abs(Scalar a) { return a.isFloat() ? one<math::AbsFOp>(a) : one<math::AbsIOp>(a); }
Scalar floor(Scalar a) { return one<math::FloorOp>(a); }
Scalar exp(Scalar a) { return one<math::ExpOp>(a); }
Scalar log(Scalar a) { return one<math::LogOp>(a); }
Scalar expm1(Scalar a) { return one<math::ExpM1Op>(a); }
Scalar log1p(Scalar a) { return one<math::Log1pOp>(a); }
Scalar sqrt(Scalar a) { return one<math::SqrtOp>(a); }
Scalar rsqrt(Scalar a) { return one<math::RsqrtOp>(a); }
Scalar sin(Scalar a) { return one<math::SinOp>(a); }
Scalar cos(Scalar a) { return one<math::CosOp>(a); }
Scalar tanh(Scalar a) { return one<math::TanhOp>(a); }
Scalar erf(Scalar a) { return one<math::ErfOp>(a); }
Scalar erfc(Scalar a) { return one<math::ErfcOp>(a); }
Scalar round(Scalar a) { return one<math::RoundEvenOp>(a); }
/// Of the smaller over the larger, brought below tan(pi/8); then Cephes' rational approximation. Exact to an ulp or two in f32 and f64.
Scalar atan2(Scalar a, Scalar c) {
  adapt(a, c);
  constexpr double pi = 3.141592653589793;
  Scalar y = abs(a), x = abs(c), steep = y > x, low = select(steep, x, y), high = select(steep, y, x);
  Scalar quotient = select(eq(low, high), select(eq(high, 0.0), constant(*a.builder, a.type(), 0), 1.0), low / high); // 0 / 0 and infinity / infinity
  Scalar large = quotient > 0.41421356237309503, t = select(large, (quotient - 1.0) / (quotient + 1.0), quotient), z = t * t;
  Scalar p = (((z * -8.750608600031904122785e-1 - 1.615753718733365076637e1) * z - 7.500855792314704667340e1) * z - 1.228866684490136173410e2) * z - 6.485021904942025371773e1;
  Scalar q = ((((z + 2.485846490142306297962e1) * z + 1.650270098316988542046e2) * z + 4.328810604912902668951e2) * z + 4.853903996359136964868e2) * z + 1.945506571482613964425e2;
  Scalar angle = t + t * (z * (p / q));
  angle = select(large, angle + pi / 4, angle);
  angle = select(steep, pi / 2 - angle, angle);
  angle = select(c < 0.0, pi - angle, angle);
  return select(a < 0.0, -angle, angle);
}
Scalar operator&(Scalar a, Scalar c) { return two<arith::AndIOp>(a, c); }
Scalar operator|(Scalar a, Scalar c) { return two<arith::OrIOp>(a, c); }
Scalar operator^(Scalar a, Scalar c) { return two<arith::XOrIOp>(a, c); }
Scalar flip(Scalar a) { return two<arith::XOrIOp>(a, constant(*a.builder, a.type(), -1)); }

Scalar compare(Order order, Scalar a, Scalar c) {
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  static constexpr F floats[] = {F::OEQ, F::UNE, F::OLT, F::OLE, F::OGT, F::OGE};
  static constexpr I integers[] = {I::eq, I::ne, I::slt, I::sle, I::sgt, I::sge};
  static constexpr I flags[] = {I::eq, I::ne, I::ult, I::ule, I::ugt, I::uge};
  adapt(a, c);
  ImplicitLocOpBuilder &b = *a.builder;
  auto i = static_cast<unsigned>(order);
  if (a.isFloat())
    return {&b, b.createOrFold<arith::CmpFOp>(floats[i], a.value, c.value)};
  return {&b, b.createOrFold<arith::CmpIOp>(a.type().isInteger(1) ? flags[i] : integers[i], a.value, c.value)};
}

Scalar select(Scalar condition, Scalar a, Scalar c) {
  adapt(a, c);
  return {a.builder, a.builder->createOrFold<arith::SelectOp>(condition.value, a.value, c.value)};
}

/// Truncates towards 0 and saturates; NaN gives 0.
static Scalar floatToInteger(Scalar a, IntegerType to) {
  ImplicitLocOpBuilder &b = *a.builder;
  const llvm::fltSemantics &semantics = mlir::cast<FloatType>(a.type()).getFloatSemantics();
  // The largest float that fits, and the bound below, which is a power of two and exact.
  APFloat high(semantics), low(semantics);
  high.convertFromAPInt(APInt::getSignedMaxValue(to.getWidth()), true, APFloat::rmTowardZero);
  low.convertFromAPInt(APInt::getSignedMinValue(to.getWidth()), true, APFloat::rmTowardZero);
  Scalar top{&b, arith::ConstantOp::create(b, FloatAttr::get(a.type(), high))};
  Scalar bottom{&b, arith::ConstantOp::create(b, FloatAttr::get(a.type(), low))};
  Scalar largest{&b, arith::ConstantOp::create(b, b.getIntegerAttr(to, APInt::getSignedMaxValue(to.getWidth())))};
  Scalar inside = select(eq(a, a), min(max(a, bottom), top), 0.0);
  return select(a > top, largest, Scalar(&b, b.createOrFold<arith::FPToSIOp>(to, inside.value)));
}

Scalar cast(Scalar a, Type to) {
  ImplicitLocOpBuilder &b = *a.builder;
  Type from = a.type();
  if (from == to)
    return a;
  if (from.isIndex()) {
    Type integer = isa<FloatType>(to) ? b.getI64Type() : to;
    return cast(Scalar(&b, b.createOrFold<arith::IndexCastOp>(integer, a.value)), to);
  }
  if (to.isInteger(1))
    return compare(Order::ne, a, 0.0);
  unsigned width = from.getIntOrFloatBitWidth(), wanted = to.getIntOrFloatBitWidth();
  if (a.isFloat()) {
    if (auto integer = dyn_cast<IntegerType>(to))
      return floatToInteger(a, integer);
    return {&b, wanted > width ? b.createOrFold<arith::ExtFOp>(to, a.value) : b.createOrFold<arith::TruncFOp>(to, a.value)};
  }
  if (isa<FloatType>(to))
    return {&b, width == 1 ? b.createOrFold<arith::UIToFPOp>(to, a.value) : b.createOrFold<arith::SIToFPOp>(to, a.value)};
  if (wanted < width)
    return {&b, b.createOrFold<arith::TruncIOp>(to, a.value)};
  return {&b, width == 1 ? b.createOrFold<arith::ExtUIOp>(to, a.value) : b.createOrFold<arith::ExtSIOp>(to, a.value)};
}

Scalar loopIndex(ImplicitLocOpBuilder &b, int64_t dimension) { return {&b, linalg::IndexOp::create(b, dimension)}; }

} // namespace tenon::ir
