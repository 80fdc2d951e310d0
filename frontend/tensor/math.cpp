// Functions of numbers beyond the primitives: ops of the dialect `nn`, or PyTorch's definitions in terms of others.
#include "compiler/dialect/nn/Nn.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/pointwise.h"
#include "frontend/tensor/trace.h"
#include <limits>

namespace tenon {

using namespace detail;
namespace prim = ir::prim;
namespace nnir = ir::nn;

namespace {

template <class OpTy> Tensor function(const Tensor &x, Location loc) { return record::op<OpTy>({real(op_name(record::opcode<OpTy>()), x, loc)}, loc); }
/// Both as real numbers of one dtype and shape.
Pair reals(const char *op, const Tensor &a, const Operand &b) {
  auto dtype = record::promote(Operand(a, b.location), b);
  return align(op, Operand(a, b.location), b, is_floating_point(dtype) ? dtype : get_default_dtype(), b.location);
}
Pair numbers(const char *op, const Tensor &a, const Operand &b) { return align(op, Operand(a, b.location), b, record::promote(Operand(a, b.location), b), b.location); }
Pair bits(const char *op, const Tensor &a, const Operand &b) {
  auto dtype = record::promote(Operand(a, b.location), b);
  if (is_floating_point(dtype))
    throw record::error(op, std::string("expected integers or bool, got ") + tenon::name(dtype), b.location);
  return align(op, Operand(a, b.location), b, dtype, b.location);
}
/// A number of the program's structure, of x's dtype.
Tensor beside(const Tensor &x, Scalar value, Location loc) { return record::constant(value, x.scalar_type(), {}, loc); }
constexpr double infinity = std::numeric_limits<double>::infinity();

} // namespace

Tensor Tensor::tan(Location loc) const { return function<nnir::TanOp>(*this, loc); }
Tensor Tensor::asin(Location loc) const { return function<nnir::AsinOp>(*this, loc); }
Tensor Tensor::acos(Location loc) const { return function<nnir::AcosOp>(*this, loc); }
Tensor Tensor::atan(Location loc) const { return function<nnir::AtanOp>(*this, loc); }
Tensor Tensor::sinh(Location loc) const { return function<nnir::SinhOp>(*this, loc); }
Tensor Tensor::cosh(Location loc) const { return function<nnir::CoshOp>(*this, loc); }
Tensor Tensor::asinh(Location loc) const { return function<nnir::AsinhOp>(*this, loc); }
Tensor Tensor::acosh(Location loc) const { return function<nnir::AcoshOp>(*this, loc); }
Tensor Tensor::atanh(Location loc) const { return function<nnir::AtanhOp>(*this, loc); }
Tensor Tensor::log2(Location loc) const { return function<nnir::Log2Op>(*this, loc); }
Tensor Tensor::log10(Location loc) const { return function<nnir::Log10Op>(*this, loc); }
Tensor Tensor::exp2(Location loc) const { return function<nnir::Exp2Op>(*this, loc); }
Tensor Tensor::erfc(Location loc) const { return function<prim::ErfcOp>(*this, loc); }
Tensor Tensor::erfinv(Location loc) const { return function<nnir::ErfinvOp>(*this, loc); }
Tensor Tensor::lgamma(Location loc) const { return function<nnir::LgammaOp>(*this, loc); }
Tensor Tensor::digamma(Location loc) const { return function<nnir::DigammaOp>(*this, loc); }
Tensor Tensor::round(Location loc) const { return impl("round", *this, loc), is_floating_point() ? record::op<prim::RoundOp>({*this}, loc) : *this; }
Tensor Tensor::trunc(Location loc) const {
  if (impl("trunc", *this, loc); !is_floating_point())
    return *this;
  return record::op<prim::SelectOp>({lt({0, loc}), ceil(loc), floor(loc)}, loc);
}
Tensor Tensor::frac(Location loc) const { return sub({trunc(loc), loc}); }
Tensor Tensor::isinf(Location loc) const { return record::op<prim::AbsOp>({real("isinf", *this, loc)}, loc).eq({infinity, loc}); }
Tensor Tensor::isposinf(Location loc) const { return real("isposinf", *this, loc).eq({infinity, loc}); }
Tensor Tensor::isneginf(Location loc) const { return real("isneginf", *this, loc).eq({-infinity, loc}); }
/// Whether the sign is negative, a zero's too: 1 / x tells the zeros apart.
Tensor Tensor::signbit(Location loc) const {
  auto x = real("signbit", *this, loc).detach(loc);
  return x.lt({0, loc}).logical_or({x.reciprocal(loc).lt({0, loc}), loc});
}
Tensor Tensor::bitwise_not(Location loc) const {
  if (impl("bitwise_not", *this, loc); is_floating_point())
    throw record::error("bitwise_not", "expected integers or bool, got " + record::text(*this), loc);
  return record::op<prim::NotOp>({*this}, loc);
}

Tensor Tensor::bitwise_and(Operand other) const {
  auto [a, b] = bits("bitwise_and", *this, other);
  return record::op<prim::AndOp>({a, b}, other.location);
}
Tensor Tensor::bitwise_or(Operand other) const {
  auto [a, b] = bits("bitwise_or", *this, other);
  return record::op<prim::OrOp>({a, b}, other.location);
}
Tensor Tensor::bitwise_xor(Operand other) const {
  auto [a, b] = bits("bitwise_xor", *this, other);
  return record::op<prim::XorOp>({a, b}, other.location);
}
Tensor Tensor::logical_xor(Operand other) const {
  auto [a, b] = align("logical_xor", Operand(*this, other.location), other, kBool, other.location);
  return record::op<prim::XorOp>({a, b}, other.location);
}
Tensor Tensor::atan2(Operand other) const {
  auto [a, b] = reals("atan2", *this, other);
  return record::op<prim::Atan2Op>({a, b}, other.location);
}
/// The remainder with the sign of the dividend (C's).
Tensor Tensor::fmod(Operand other) const {
  auto [a, b] = numbers("fmod", *this, other);
  return record::op<prim::RemOp>({a, b}, other.location);
}
/// The largest integer not above a / b, from the remainder, so that rounding of the quotient cannot reach the next one. No derivative flows.
Tensor Tensor::floor_divide(Operand other) const {
  auto loc = other.location;
  auto [a, b] = numbers("floor_divide", *this, other);
  auto x = a.detach(loc), y = b.detach(loc), rest = x.remainder({y, loc});
  auto whole = record::op<prim::DivOp>({x.sub({rest, loc}), y}, loc);
  return x.is_floating_point() ? tenon::where(y.eq({0, loc}), Operand(x.div({y, loc}), loc), Operand(whole.round(loc), loc)) : whole;
}
/// log(exp(a) + exp(b)) without the overflow.
Tensor Tensor::logaddexp(Operand other) const {
  auto loc = other.location;
  auto [a, b] = reals("logaddexp", *this, other);
  auto same = a.eq({b, loc}).logical_and({a.isinf(loc), loc}); // infinity minus itself is no number
  auto gap = tenon::where(same, Operand(beside(a, 0, loc), loc), Operand(a.sub({b, loc}), loc));
  return a.maximum({b, loc}).add({gap.abs(loc).neg(loc).exp(loc).log1p(loc), loc});
}
/// log2(2^a + 2^b): logaddexp of numbers in other units.
Tensor Tensor::logaddexp2(Operand other) const {
  auto loc = other.location;
  constexpr double ln2 = 0.6931471805599453;
  auto [a, b] = reals("logaddexp2", *this, other);
  return a.mul({ln2, loc}).logaddexp({b.mul({ln2, loc}), loc}).div({ln2, loc});
}
/// 0 below 0, 1 above, at 0 the other. No derivative flows.
Tensor Tensor::heaviside(Operand other) const {
  auto loc = other.location;
  auto [a, b] = numbers("heaviside", *this, other);
  auto x = a.detach(loc);
  return tenon::where(x.eq({0, loc}), Operand(b.detach(loc), loc), Operand(x.gt({0, loc}).to(x.scalar_type(), loc), loc));
}
/// x 2^other
Tensor Tensor::ldexp(Operand other) const {
  auto loc = other.location;
  auto [a, b] = reals("ldexp", *this, other);
  return a.mul({b.exp2(loc), loc});
}
/// Computed in float64.
Tensor Tensor::float_power(Operand other) const {
  auto loc = other.location;
  auto [a, b] = align("float_power", Operand(*this, loc), other, kDouble, loc);
  return a.pow({b, loc});
}
/// a log(b); 0 where a is 0 and b is not NaN.
Tensor Tensor::xlogy(Operand other) const {
  auto loc = other.location;
  auto [a, b] = reals("xlogy", *this, other);
  auto edge = b.le({0, loc}).logical_or({b.eq({infinity, loc}), loc}).logical_and({a.eq({0, loc}), loc});
  return a.mul({tenon::where(edge, Operand(beside(b, 1, loc), loc), Operand(b, loc)).log(loc), loc});
}
Tensor Tensor::hypot(Operand other) const {
  auto loc = other.location;
  auto [a, b] = reals("hypot", *this, other);
  return a.square(loc).add({b.square(loc), loc}).sqrt(loc);
}
/// The larger; of a number and NaN the number.
Tensor Tensor::fmax(Operand other) const {
  auto loc = other.location;
  auto [a, b] = numbers("fmax", *this, other);
  return tenon::where(a.isnan(loc), Operand(b, loc), Operand(tenon::where(b.isnan(loc), Operand(a, loc), Operand(a.maximum({b, loc}), loc)), loc));
}
Tensor Tensor::fmin(Operand other) const {
  auto loc = other.location;
  auto [a, b] = numbers("fmin", *this, other);
  return tenon::where(a.isnan(loc), Operand(b, loc), Operand(tenon::where(b.isnan(loc), Operand(a, loc), Operand(a.minimum({b, loc}), loc)), loc));
}

Tensor Tensor::clamp(const Tensor &min, const Tensor &max, Location loc) const {
  if (!min.defined() && !max.defined())
    throw record::error("clamp", "expected a bound, got none", loc);
  auto x = min.defined() ? maximum({min, loc}) : *this;
  return max.defined() ? x.minimum({max, loc}) : x;
}
Tensor Tensor::logit(std::optional<double> eps, Location loc) const {
  auto x = real("logit", *this, loc);
  if (eps)
    x = x.clamp(Scalar(*eps), Scalar(1 - *eps), loc);
  return x.log(loc).sub({x.neg(loc).log1p(loc), loc});
}
Tensor Tensor::mvlgamma(int64_t p, Location loc) const {
  if (p < 1)
    throw record::error("mvlgamma", "expected at least one dimension, got " + std::to_string(p), loc);
  auto x = real("mvlgamma", *this, loc), y = x.lgamma(loc);
  for (int64_t i = 1; i < p; ++i)
    y = y.add({x.sub({0.5 * double(i), loc}).lgamma(loc), loc});
  return y.add({double(p * (p - 1)) / 4 * 1.1447298858494002, loc}); // log(pi)
}
Tensor Tensor::renorm(Scalar p, int64_t dim, Scalar maxnorm, Location loc) const {
  impl("renorm", *this, loc);
  if (!is_floating_point() || this->dim() < 2 || !(p.toDouble() > 0) || !(maxnorm.toDouble() >= 0))
    throw record::error("renorm", "expected a floating-point tensor of two dimensions at least, p > 0 and maxnorm >= 0, got " + record::text(*this) + ", " + std::to_string(p.toDouble()) + " and " + std::to_string(maxnorm.toDouble()), loc);
  auto d = record::wrap_dim("renorm", dim, this->dim(), loc);
  Shape others;
  for (int64_t k = 0; k < this->dim(); ++k)
    if (k != d)
      others.push_back(k);
  auto size = norm(p, others, true, loc);
  auto factor = Operand(maxnorm, loc) / Operand(size.add({1e-7, loc}), loc);
  return mul({tenon::where(size.gt({maxnorm, loc}), Operand(factor, loc), Operand(beside(*this, 1, loc), loc)), loc});
}
Tensor Tensor::nan_to_num(std::optional<double> nan, std::optional<double> posinf, std::optional<double> neginf, Location loc) const {
  if (impl("nan_to_num", *this, loc); !is_floating_point())
    return *this;
  double largest = scalar_type() == kDouble ? std::numeric_limits<double>::max() : scalar_type() == kFloat ? std::numeric_limits<float>::max() : scalar_type() == kHalf ? 65504 : 0x1.FEp127;
  auto replaced = [&](const Tensor &x, const Tensor &where_, double by) { return tenon::where(where_, Operand(beside(*this, by, loc), loc), Operand(x, loc)); };
  auto x = replaced(*this, isnan(loc), nan.value_or(0));
  x = replaced(x, eq({infinity, loc}), posinf.value_or(largest));
  return replaced(x, eq({-infinity, loc}), neginf.value_or(-largest));
}

} // namespace tenon
