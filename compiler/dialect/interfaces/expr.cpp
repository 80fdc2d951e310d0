// Expressions over tensors, as prim ops that are folded when made.
#include "compiler/dialect/interfaces/expr.h"
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::ir {
using namespace prim;

Expr splat(ImplicitLocOpBuilder &b, RankedTensorType type, double value) {
  Type element = type.getElementType();
  Attribute one = isa<FloatType>(element) ? Attribute(b.getFloatAttr(element, value)) : Attribute(b.getIntegerAttr(element, static_cast<int64_t>(value)));
  return {&b, ConstantOp::create(b, DenseElementsAttr::get(type, one))};
}

/// Gives a number its partner's type; of two numbers or nulls nothing can be made.
static void adapt(Expr &a, Expr &c) {
  if (a.number && c.value)
    a = splat(*c.builder, c.type(), *a.number);
  if (c.number && a.value)
    c = splat(*a.builder, a.type(), *c.number);
}
template <class Op> static Expr one(Expr a) { return a ? Expr(a.builder, a.builder->createOrFold<Op>(a.value)) : Expr(); }
template <class Op> static Expr two(Expr a, Expr c) {
  adapt(a, c);
  return {a.builder, a.builder->createOrFold<Op>(a.value, c.value)};
}

Expr operator+(Expr a, Expr c) { return !a ? c : !c ? a : two<AddOp>(a, c); }
Expr operator-(Expr a, Expr c) { return !a ? -c : !c ? a : two<SubOp>(a, c); }
Expr operator*(Expr a, Expr c) { return !a || !c ? Expr() : two<MulOp>(a, c); }
Expr operator/(Expr a, Expr c) { return !a ? Expr() : two<DivOp>(a, c); }
Expr operator-(Expr a) { return a.number ? Expr(-*a.number) : one<NegOp>(a); }
Expr abs(Expr a) { return one<AbsOp>(a); }
Expr sign(Expr a) { return one<SignOp>(a); }
Expr floor(Expr a) { return one<FloorOp>(a); }
Expr exp(Expr a) { return one<ExpOp>(a); }
Expr log(Expr a) { return one<LogOp>(a); }
Expr expm1(Expr a) { return one<Expm1Op>(a); }
Expr log1p(Expr a) { return one<Log1pOp>(a); }
Expr sqrt(Expr a) { return one<SqrtOp>(a); }
Expr rsqrt(Expr a) { return one<RsqrtOp>(a); }
Expr sin(Expr a) { return one<SinOp>(a); }
Expr cos(Expr a) { return one<CosOp>(a); }
Expr tanh(Expr a) { return one<TanhOp>(a); }
Expr erf(Expr a) { return one<ErfOp>(a); }
Expr erfc(Expr a) { return one<ErfcOp>(a); }
Expr round(Expr a) { return one<RoundOp>(a); }
Expr atan2(Expr a, Expr c) { return two<Atan2Op>(a, c); }
Expr max(Expr a, Expr c) { return two<MaxOp>(a, c); }
Expr min(Expr a, Expr c) { return two<MinOp>(a, c); }
Expr pow(Expr a, Expr c) { return two<PowOp>(a, c); }
Expr rem(Expr a, Expr c) { return two<RemOp>(a, c); }
Expr operator&(Expr a, Expr c) { return two<AndOp>(a, c); }
Expr operator|(Expr a, Expr c) { return two<OrOp>(a, c); }
Expr flip(Expr a) { return one<NotOp>(a); }

static Expr compare(Predicate predicate, Expr a, Expr c) {
  adapt(a, c);
  return {a.builder, a.builder->createOrFold<CompareOp>(a.value, c.value, predicate)};
}
Expr eq(Expr a, Expr c) { return compare(Predicate::eq, a, c); }
Expr ne(Expr a, Expr c) { return compare(Predicate::ne, a, c); }
Expr operator<(Expr a, Expr c) { return compare(Predicate::lt, a, c); }
Expr operator<=(Expr a, Expr c) { return compare(Predicate::le, a, c); }
Expr operator>(Expr a, Expr c) { return compare(Predicate::gt, a, c); }
Expr operator>=(Expr a, Expr c) { return compare(Predicate::ge, a, c); }

Expr select(Expr condition, Expr a, Expr c) {
  // A choice between zeros is zero.
  auto zero = [](Expr e) { return !e || (e.number && *e.number == 0); };
  if (zero(a) && zero(c))
    return Expr();
  if (!a)
    a = 0.0;
  if (!c)
    c = 0.0;
  adapt(a, c);
  return {a.builder, a.builder->createOrFold<SelectOp>(condition.value, a.value, c.value)};
}
Expr cast(Expr a, Type element) {
  if (!a || a.element() == element)
    return a;
  return {a.builder, a.builder->createOrFold<CastOp>(a.type().clone(element), a.value)};
}
Expr cast(Expr a, Expr c) { return cast(a, c.element()); }
Expr wide(Expr a) { return a ? cast(a, promoted(a.element())) : a; }

Expr like(Expr a, Expr c) {
  if (a.number)
    return splat(*c.builder, c.type(), *a.number);
  return a ? broadcast(cast(a, c), c.shape(), {}) : Expr();
}
Expr broadcast(Expr a, ArrayRef<int64_t> shape, ArrayRef<int64_t> dimensions) {
  if (!a || a.shape() == shape)
    return a;
  return {a.builder, a.builder->createOrFold<BroadcastOp>(RankedTensorType::get(shape, a.element()), a.value, dimensions)};
}
Expr restore(Expr a, ArrayRef<int64_t> shape, ArrayRef<int64_t> dimensions) {
  SmallVector<int64_t> kept;
  for (int64_t d : llvm::seq<int64_t>(0, shape.size()))
    if (!llvm::is_contained(dimensions, d))
      kept.push_back(d);
  return broadcast(a, shape, kept);
}
Expr reshape(Expr a, ArrayRef<int64_t> shape) {
  if (!a || a.shape() == shape)
    return a;
  return {a.builder, a.builder->createOrFold<ReshapeOp>(RankedTensorType::get(shape, a.element()), a.value)};
}
Expr transpose(Expr a, ArrayRef<int64_t> permutation) {
  return a ? Expr(a.builder, a.builder->createOrFold<TransposeOp>(a.value, permutation)) : a;
}
Expr slice(Expr a, ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes, ArrayRef<int64_t> strides) {
  return a ? Expr(a.builder, a.builder->createOrFold<SliceOp>(a.value, offsets, sizes, strides)) : a;
}
Expr pad(Expr a, Expr value, ArrayRef<int64_t> low, ArrayRef<int64_t> high, ArrayRef<int64_t> interior) {
  if (!a)
    return a;
  if (value.number)
    value = splat(*a.builder, RankedTensorType::get({}, a.element()), *value.number);
  return {a.builder, a.builder->createOrFold<PadOp>(a.value, value.value, low, high, interior)};
}
Expr repeatInterleave(Expr a, ArrayRef<int64_t> repeats) {
  return !a || llvm::all_of(repeats, [](int64_t n) { return n == 1; }) ? a : Expr(a.builder, a.builder->createOrFold<RepeatInterleaveOp>(a.value, repeats));
}
Expr reverse(Expr a, ArrayRef<int64_t> dimensions) {
  return a ? Expr(a.builder, a.builder->createOrFold<ReverseOp>(a.value, dimensions)) : a;
}
Expr iota(ImplicitLocOpBuilder &b, RankedTensorType type, int64_t dimension) { return {&b, IotaOp::create(b, type, dimension)}; }

template <class Op> static Expr reduce(Expr a, ArrayRef<int64_t> dimensions) {
  return !a || dimensions.empty() ? a : Expr(a.builder, a.builder->createOrFold<Op>(a.value, dimensions));
}
Expr sum(Expr a, ArrayRef<int64_t> dimensions) { return reduce<ReduceSumOp>(a, dimensions); }
Expr sum(Expr a) { return a ? sum(a, llvm::to_vector(llvm::seq<int64_t>(0, a.rank()))) : a; }
Expr reduceMax(Expr a, ArrayRef<int64_t> dimensions) { return reduce<ReduceMaxOp>(a, dimensions); }
Expr reduceMin(Expr a, ArrayRef<int64_t> dimensions) { return reduce<ReduceMinOp>(a, dimensions); }
Expr contract(Expr a, Expr c, ArrayRef<AffineMap> maps) {
  return !a || !c ? Expr() : Expr(a.builder, ContractOp::create(*a.builder, a.value, c.value, a.builder->getAffineMapArrayAttr(maps)));
}
Expr conv(Expr a, Expr c, RankedTensorType type, ArrayRef<AffineMap> maps, ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations, ArrayRef<int64_t> padding, ArrayRef<int64_t> inputDilations) {
  return !a || !c ? Expr() : Expr(a.builder, ConvOp::create(*a.builder, type, a.value, c.value, a.builder->getAffineMapArrayAttr(maps), strides, dilations, padding, inputDilations));
}

Expr gather(Expr a, Expr indices, int64_t axis) { return a ? Expr(a.builder, GatherOp::create(*a.builder, a.value, indices.value, axis)) : a; }
Expr scatterAdd(Expr indices, Expr updates, RankedTensorType type, int64_t axis) {
  if (!updates)
    return updates;
  Type wide = promoted(updates.element());
  Expr sums{updates.builder, ScatterOp::create(*updates.builder, type.clone(wide), indices.value, cast(updates, wide).value, Value(), axis, ScatterMode::add)};
  return cast(sums, type.getElementType());
}
Expr scatterSet(Expr indices, Expr updates, RankedTensorType type, int64_t axis) {
  return {updates.builder, ScatterOp::create(*updates.builder, type, indices.value, updates.value, Value(), axis, ScatterMode::set)};
}
Expr cumsum(Expr a, int64_t dimension, bool reverse, bool exclusive) {
  return a ? Expr(a.builder, CumsumOp::create(*a.builder, a.value, dimension, reverse, exclusive)) : a;
}
Expr dynamicSlice(Expr a, ValueRange starts, ArrayRef<int64_t> sizes) { return a ? Expr(a.builder, DynamicSliceOp::create(*a.builder, a.value, starts, sizes)) : a; }
Expr dynamicUpdateSlice(Expr a, Expr update, ValueRange starts) {
  if (!a && !update)
    return a;
  return {update.builder, DynamicUpdateSliceOp::create(*update.builder, a.value, update.value, starts)};
}

Expr philox(Expr seed, Expr counter, ArrayRef<int64_t> shape, int64_t word) {
  ImplicitLocOpBuilder &b = *seed.builder;
  return {&b, PhiloxOp::create(b, RankedTensorType::get(shape, b.getI32Type()), seed.value, counter.value, word)};
}
Expr stopGradient(Expr a) { return a ? Expr(a.builder, StopGradientOp::create(*a.builder, a.value)) : a; }
void check(Expr condition, StringRef message) { CheckOp::create(*condition.builder, condition.value, message); }

} // namespace tenon::ir
