// Pointwise methods and operators: PyTorch's promotion and broadcasting made explicit, then one op.
#include "frontend/tensor/pointwise.h"
#include "compiler/dialect/nn/Nn.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"

namespace tenon {

using namespace detail;
namespace prim = ir::prim;
namespace nnir = ir::nn;
using prim::Predicate;

Tensor detail::real(const char *op, const Tensor &x, Location loc) {
  auto &p = impl(op, x, loc);
  return is_floating_point(p->dtype) ? x : record::cast(x, get_default_dtype(), loc);
}
Pair detail::align(const char *op, const Operand &a, const Operand &b, Dtype dtype, Location loc) {
  auto x = record::operand(a, dtype), y = record::operand(b, dtype);
  auto xs = x.sizes(), ys = y.sizes();
  if (!(xs == ys)) {
    auto shape = record::broadcast_shape(op, xs, ys, loc);
    x = record::broadcast(op, x, shape, loc);
    y = record::broadcast(op, y, shape, loc);
  }
  return {std::move(x), std::move(y)};
}

namespace {

template <class OpTy> Tensor of_real(const Tensor &x, Location loc) { return record::op<OpTy>({real(op_name(record::opcode<OpTy>()), x, loc)}, loc); }

Location where_of(const Operand &a, const Operand &b) { return b.location.line() ? b.location : a.location; }

template <class OpTy> Tensor binary(const Operand &a, const Operand &b) {
  Lock lock;
  auto loc = where_of(a, b);
  auto pair = align(op_name(record::opcode<OpTy>()), a, b, record::promote(a, b), loc);
  return record::op<OpTy>({pair.a, pair.b}, loc);
}
/// For ops on real numbers: integers become the default dtype.
template <class OpTy> Tensor real_binary(const Operand &a, const Operand &b) {
  Lock lock;
  auto loc = where_of(a, b);
  auto dtype = record::promote(a, b);
  auto pair = align(op_name(record::opcode<OpTy>()), a, b, is_floating_point(dtype) ? dtype : get_default_dtype(), loc);
  return record::op<OpTy>({pair.a, pair.b}, loc);
}
Tensor compare(const char *op, Predicate predicate, const Operand &a, const Operand &b) {
  Lock lock;
  auto loc = where_of(a, b);
  auto pair = align(op, a, b, record::promote(a, b), loc);
  return record::op<prim::CompareOp>({pair.a, pair.b}, loc, [&](auto &p) { p.predicate = prim::PredicateAttr::get(&record::context(), predicate); });
}
template <class OpTy> Tensor bitwise(const Operand &a, const Operand &b) {
  auto dtype = record::promote(a, b);
  if (is_floating_point(dtype))
    throw record::error(op_name(record::opcode<OpTy>()), std::string("expected integers or bool, got ") + tenon::name(dtype), where_of(a, b));
  return binary<OpTy>(a, b);
}
Tensor logical(const char *op, const Operand &a, const Operand &b, bool both) {
  Lock lock;
  auto loc = where_of(a, b);
  auto pair = align(op, a, b, kBool, loc);
  return both ? record::op<prim::AndOp>({pair.a, pair.b}, loc) : record::op<prim::OrOp>({pair.a, pair.b}, loc);
}
Tensor scaled(const Operand &o, Scalar alpha) {
  bool one = alpha.isFloatingPoint() ? alpha.toDouble() == 1 : alpha.toLong() == 1;
  return one ? Tensor() : binary<prim::MulOp>(o, Operand(alpha, o.location));
}

} // namespace

Tensor Tensor::neg(Location loc) const { return record::op<prim::NegOp>({*this}, loc); }
Tensor Tensor::abs(Location loc) const { return record::op<prim::AbsOp>({*this}, loc); }
Tensor Tensor::sign(Location loc) const { return record::op<prim::SignOp>({*this}, loc); }
Tensor Tensor::floor(Location loc) const { return impl("floor", *this, loc), is_floating_point() ? record::op<prim::FloorOp>({*this}, loc) : *this; }
Tensor Tensor::ceil(Location loc) const { return impl("ceil", *this, loc), is_floating_point() ? neg(loc).floor(loc).neg(loc) : *this; }
Tensor Tensor::exp(Location loc) const { return of_real<prim::ExpOp>(*this, loc); }
Tensor Tensor::log(Location loc) const { return of_real<prim::LogOp>(*this, loc); }
Tensor Tensor::expm1(Location loc) const { return of_real<prim::Expm1Op>(*this, loc); }
Tensor Tensor::log1p(Location loc) const { return of_real<prim::Log1pOp>(*this, loc); }
Tensor Tensor::sqrt(Location loc) const { return of_real<prim::SqrtOp>(*this, loc); }
Tensor Tensor::rsqrt(Location loc) const { return of_real<prim::RsqrtOp>(*this, loc); }
Tensor Tensor::sin(Location loc) const { return of_real<prim::SinOp>(*this, loc); }
Tensor Tensor::cos(Location loc) const { return of_real<prim::CosOp>(*this, loc); }
Tensor Tensor::tanh(Location loc) const { return of_real<prim::TanhOp>(*this, loc); }
Tensor Tensor::erf(Location loc) const { return of_real<prim::ErfOp>(*this, loc); }
Tensor Tensor::sigmoid(Location loc) const { return of_real<nnir::SigmoidOp>(*this, loc); }
Tensor Tensor::relu(Location loc) const { return record::op<nnir::ReluOp>({*this}, loc); }
Tensor Tensor::square(Location loc) const { return record::op<prim::MulOp>({*this, *this}, loc); }
Tensor Tensor::reciprocal(Location loc) const {
  auto [x] = record::autocast<prim::RsqrtOp>(loc, real("reciprocal", *this, loc));
  return record::op<prim::DivOp>({record::constant(1, x.scalar_type(), x.sizes(), loc), x}, loc);
}
Tensor Tensor::logical_not(Location loc) const { return record::op<prim::NotOp>({record::cast(*this, kBool, loc)}, loc); }
Tensor Tensor::isnan(Location loc) const { return compare("isnan", Predicate::ne, Operand(*this, loc), Operand(*this, loc)); }
/// x - x is 0 for finite numbers and NaN for others.
Tensor Tensor::isfinite(Location loc) const {
  auto zero = record::op<prim::SubOp>({*this, *this}, loc);
  return compare("isfinite", Predicate::eq, Operand(zero, loc), Operand(zero, loc));
}

Tensor Tensor::add(Operand other, Scalar alpha) const {
  auto by = scaled(other, alpha);
  return operator+(Operand(*this, other.location), by.defined() ? Operand(by, other.location) : other);
}
Tensor Tensor::sub(Operand other, Scalar alpha) const {
  auto by = scaled(other, alpha);
  return binary<prim::SubOp>(Operand(*this, other.location), by.defined() ? Operand(by, other.location) : other);
}
Tensor Tensor::mul(Operand other) const { return operator*(Operand(*this, other.location), other); }
Tensor Tensor::div(Operand other) const { return real_binary<prim::DivOp>(Operand(*this, other.location), other); }
Tensor Tensor::maximum(Operand other) const { return binary<prim::MaxOp>(Operand(*this, other.location), other); }
Tensor Tensor::minimum(Operand other) const { return binary<prim::MinOp>(Operand(*this, other.location), other); }
/// a - floor(a / b) * b: the sign of b, as PyTorch's remainder.
Tensor Tensor::remainder(Operand other) const {
  Lock lock;
  auto loc = other.location;
  auto pair = align("remainder", Operand(*this, loc), other, record::promote(Operand(*this, loc), other), loc);
  auto r = record::op<prim::RemOp>({pair.a, pair.b}, loc);
  auto zero = record::constant(0, r.scalar_type(), r.sizes(), loc);
  auto differs = compare("remainder", Predicate::lt, Operand(record::op<prim::MulOp>({r.sign(loc), pair.b.sign(loc)}, loc), loc), Operand(zero, loc));
  return record::op<prim::SelectOp>({differs, record::op<prim::AddOp>({r, pair.b}, loc), r}, loc);
}
Tensor Tensor::pow(Operand exponent) const {
  Lock lock;
  auto loc = exponent.location;
  auto [base] = record::autocast<prim::PowOp>(loc, *this);
  if (exponent.tensor)
    return real_binary<prim::PowOp>(Operand(base, loc), exponent);
  // Exponents that have a shorter form; they belong to the program's structure.
  auto e = exponent.scalar.toDouble();
  auto x = exponent.scalar.isFloatingPoint() ? real("pow", base, loc) : base;
  if (e == 1)
    return x.clone(loc);
  if (e == 2)
    return x.square(loc);
  if (e == 3)
    return record::op<prim::MulOp>({x.square(loc), x}, loc);
  x = real("pow", x, loc);
  if (e == 0.5)
    return x.sqrt(loc);
  if (e == -1)
    return x.reciprocal(loc);
  if (e == -0.5)
    return x.rsqrt(loc);
  return record::op<prim::PowOp>({x, record::constant(e, x.scalar_type(), x.sizes(), loc)}, loc);
}
Tensor Tensor::eq(Operand other) const { return operator==(Operand(*this, other.location), other); }
Tensor Tensor::ne(Operand other) const { return operator!=(Operand(*this, other.location), other); }
Tensor Tensor::lt(Operand other) const { return operator<(Operand(*this, other.location), other); }
Tensor Tensor::le(Operand other) const { return operator<=(Operand(*this, other.location), other); }
Tensor Tensor::gt(Operand other) const { return operator>(Operand(*this, other.location), other); }
Tensor Tensor::ge(Operand other) const { return operator>=(Operand(*this, other.location), other); }
Tensor Tensor::logical_and(Operand other) const { return logical("logical_and", Operand(*this, other.location), other, true); }
Tensor Tensor::logical_or(Operand other) const { return logical("logical_or", Operand(*this, other.location), other, false); }

Tensor operator+(Operand a, Operand b) { return record::promote(a, b) == kBool ? bitwise<prim::OrOp>(a, b) : binary<prim::AddOp>(a, b); }
Tensor operator-(Operand a, Operand b) { return binary<prim::SubOp>(a, b); }
Tensor operator*(Operand a, Operand b) {
  return record::promote(a, b) == kBool ? bitwise<prim::AndOp>(a, b) : binary<prim::MulOp>(a, b);
}
Tensor operator/(Operand a, Operand b) { return real_binary<prim::DivOp>(a, b); }
Tensor operator==(Operand a, Operand b) { return compare("eq", Predicate::eq, a, b); }
Tensor operator!=(Operand a, Operand b) { return compare("ne", Predicate::ne, a, b); }
Tensor operator<(Operand a, Operand b) { return compare("lt", Predicate::lt, a, b); }
Tensor operator<=(Operand a, Operand b) { return compare("le", Predicate::le, a, b); }
Tensor operator>(Operand a, Operand b) { return compare("gt", Predicate::gt, a, b); }
Tensor operator>=(Operand a, Operand b) { return compare("ge", Predicate::ge, a, b); }
Tensor operator&(Operand a, Operand b) { return bitwise<prim::AndOp>(a, b); }
Tensor operator|(Operand a, Operand b) { return bitwise<prim::OrOp>(a, b); }
Tensor operator^(Operand a, Operand b) { return record::operand(a, record::promote(a, b)).bitwise_xor(b); }
Tensor operator%(Operand a, Operand b) { return record::operand(a, record::promote(a, b)).remainder(b); }

Tensor Tensor::clamp(std::optional<Scalar> min, std::optional<Scalar> max, Location loc) const {
  if (!min && !max)
    throw record::error("clamp", "expected a bound, got none", loc);
  auto x = min ? clamp_min(Operand(*min, loc)) : *this;
  return max ? x.clamp_max(Operand(*max, loc)) : x;
}
// At a bound all of the gradient passes, as in PyTorch; maximum and minimum share it.
Tensor Tensor::clamp_min(Operand min) const { return tenon::where(lt(min), min, Operand(*this, min.location)); }
Tensor Tensor::clamp_max(Operand max) const { return tenon::where(gt(max), max, Operand(*this, max.location)); }
Tensor where(const Tensor &condition, Operand a, Operand b) {
  Lock lock;
  auto loc = where_of(a, b);
  auto &c = impl("where", condition, loc);
  if (c->dtype != kBool)
    throw record::error("where", "expected a condition of bool, got " + record::text(condition), loc);
  auto pair = align("where", a, b, record::promote(a, b), loc);
  auto shape = record::broadcast_shape("where", condition.sizes(), pair.a.sizes(), loc);
  return record::op<prim::SelectOp>({record::broadcast("where", condition, shape, loc), record::broadcast("where", pair.a, shape, loc), record::broadcast("where", pair.b, shape, loc)}, loc);
}
Tensor Tensor::masked_fill(const Tensor &mask, Operand value) const {
  auto &p = impl("masked_fill", *this, value.location);
  return tenon::where(mask, Operand(record::operand(value, p->dtype), value.location), Operand(*this, value.location));
}
Tensor Tensor::lerp(const Tensor &end, Operand weight) const {
  auto loc = weight.location;
  return add(Operand(end.sub(Operand(*this, loc)).mul(weight), loc));
}
Tensor Tensor::addcmul(const Tensor &a, const Tensor &b, Scalar value, Location loc) const {
  auto product = a.mul(Operand(b, loc));
  return add(Operand(product, loc), value);
}
Tensor Tensor::addcdiv(const Tensor &a, const Tensor &b, Scalar value, Location loc) const {
  auto quotient = a.div(Operand(b, loc));
  return add(Operand(quotient, loc), value);
}

} // namespace tenon
