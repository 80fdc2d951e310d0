// Sorting and what follows from it; sums and products of all elements up to here.
#include "frontend/tensor/places.h"

namespace tenon {

using namespace detail;
namespace prim = ir::prim;
using record::builder;

namespace {

/// The dimension of x, or of one element where x has rank 0.
int64_t dimension(const char *op, const Tensor &x, int64_t dim, Location loc) { return record::wrap_dim(op, dim, std::max<int64_t>(1, impl(op, x, loc)->type.getRank()), loc); }
/// Elements of x at indices along d that exist.
Tensor picked(const Tensor &x, const Tensor &index, int64_t d, Location loc) { return gather_axis(x.view({-1}, loc), flat_places(index, x.sizes(), d, loc), 0, loc); }
Tensor order(const Tensor &x, int64_t d, bool descending, Location loc) {
  auto dtype = x.scalar_type();
  auto wide = record::cast(x.detach(loc), dtype == kBool ? kInt : opmath_type(dtype), loc);
  return record::op_as<prim::ArgsortOp>(record::tensor_type(x.sizes(), kLong), {wide}, loc, [&](auto &p) {
    p.dimension = builder().getI64IntegerAttr(d);
    p.descending = builder().getBoolAttr(descending);
  });
}
/// The first k of an order, with their values; of rank 0: themselves.
std::tuple<Tensor, Tensor> first(const Tensor &x, int64_t d, bool descending, std::optional<int64_t> from, int64_t count, Location loc) {
  auto whole = at_least_1d(x, loc);
  auto index = order(whole, d, descending, loc);
  if (from)
    index = index.narrow(d, *from, count, loc);
  auto values = picked(whole, index, d, loc);
  return x.dim() ? std::tuple(values, index) : std::tuple(values.view({}, loc), index.view({}, loc));
}
std::tuple<Tensor, Tensor> kept(std::tuple<Tensor, Tensor> found, const Tensor &x, int64_t d, bool keepdim, Location loc) {
  if (keepdim || x.dim() == 0)
    return found;
  return {std::get<0>(found).squeeze(d, loc), std::get<1>(found).squeeze(d, loc)};
}
/// Running totals by doubling: log2(n) steps of `combine(earlier, later)`, each of which every derivative goes through.
template <class Combine> Tensor running(const Tensor &x, int64_t d, Combine combine, Location loc) {
  auto y = x;
  for (int64_t n = x.size(d), step = 1; step < n; step *= 2)
    y = cat({y.narrow(d, 0, step, loc), combine(y.narrow(d, 0, n - step, loc), y.narrow(d, step, n - step, loc))}, d, loc);
  return y;
}
Tensor whole_number(const Tensor &x, Location loc) { return x.is_floating_point() ? x : record::cast(x, kLong, loc); }

} // namespace

std::tuple<Tensor, Tensor> Tensor::sort(int64_t dim, bool descending, Location loc) const {
  Lock lock;
  return first(*this, dimension("sort", *this, dim, loc), descending, std::nullopt, 0, loc);
}
Tensor Tensor::argsort(int64_t dim, bool descending, Location loc) const {
  Lock lock;
  auto d = dimension("argsort", *this, dim, loc);
  return order(at_least_1d(*this, loc), d, descending, loc).view(sizes(), loc);
}
std::tuple<Tensor, Tensor> Tensor::topk(int64_t k, int64_t dim, bool largest, bool, Location loc) const {
  Lock lock;
  auto d = dimension("topk", *this, dim, loc);
  auto n = this->dim() ? size(d) : 1;
  if (k < 0 || k > n)
    throw record::error("topk", "expected k in [0, " + std::to_string(n) + "] for dim " + std::to_string(d) + " of " + record::text(*this) + ", got " + std::to_string(k), loc);
  return first(*this, d, largest, 0, k, loc);
}
std::tuple<Tensor, Tensor> Tensor::kthvalue(int64_t k, int64_t dim, bool keepdim, Location loc) const {
  Lock lock;
  auto d = dimension("kthvalue", *this, dim, loc);
  auto n = this->dim() ? size(d) : 1;
  if (k < 1 || k > n)
    throw record::error("kthvalue", "expected k in [1, " + std::to_string(n) + "] for dim " + std::to_string(d) + " of " + record::text(*this) + ", got " + std::to_string(k), loc);
  return kept(first(*this, d, false, k - 1, 1, loc), *this, d, keepdim, loc);
}
namespace {
/// The lower of two in the middle. Of floating point the first NaN where there is one (NaN is sorted last, in its order), or with `skip` the middle of the others.
std::tuple<Tensor, Tensor> middle(const char *op, const Tensor &of, int64_t dim, bool keepdim, bool skip, Location loc) {
  Lock lock;
  auto d = dimension(op, of, dim, loc);
  auto x = at_least_1d(of, loc);
  auto n = x.size(d);
  if (n == 0)
    throw record::error(op, "expected at least one element along dim " + std::to_string(d) + " of " + record::text(of), loc);
  auto index = order(x, d, false, loc);
  auto at = index.narrow(d, (n - 1) / 2, 1, loc);
  if (of.is_floating_point()) {
    auto bad = x.isnan(loc).to(kLong, loc).sum(d, true, std::nullopt, loc);
    auto all = record::constant(n, kLong, bad.sizes(), loc), zero = record::constant(0, kLong, bad.sizes(), loc);
    auto good = all.sub(Operand(bad, loc));
    auto place = skip ? good.sub(Operand(1, loc)).maximum(Operand(zero, loc)).floor_divide(Operand(2, loc))
                      : tenon::where(bad.gt(Operand(zero, loc)), Operand(good, loc), Operand(record::constant((n - 1) / 2, kLong, bad.sizes(), loc), loc));
    at = picked(index, place, d, loc);
  }
  auto values = picked(x, at, d, loc);
  if (of.dim() == 0)
    return {values.view({}, loc), at.view({}, loc)};
  return kept({values, at}, of, d, keepdim, loc);
}
} // namespace
std::tuple<Tensor, Tensor> Tensor::median(int64_t dim, bool keepdim, Location loc) const { return middle("median", *this, dim, keepdim, false, loc); }
std::tuple<Tensor, Tensor> Tensor::nanmedian(int64_t dim, bool keepdim, Location loc) const { return middle("nanmedian", *this, dim, keepdim, true, loc); }
Tensor Tensor::median(Location loc) const { return std::get<0>(flatten(0, -1, loc).median(0, false, loc)); }
Tensor Tensor::nanmedian(Location loc) const { return std::get<0>(flatten(0, -1, loc).nanmedian(0, false, loc)); }

Tensor Tensor::cumsum(int64_t dim, Location loc) const {
  Lock lock;
  auto d = dimension("cumsum", *this, dim, loc);
  auto [x] = record::autocast<prim::CumsumOp>(loc, whole_number(at_least_1d(*this, loc), loc));
  auto dtype = x.scalar_type();
  auto y = record::op<prim::CumsumOp>({record::cast(x, opmath_type(dtype), loc)}, loc, [&](auto &p) {
    p.dimension = builder().getI64IntegerAttr(d);
    p.reverse = p.exclusive = builder().getBoolAttr(false);
  });
  return record::cast(y, dtype, loc).view(sizes(), loc);
}
Tensor Tensor::cumprod(int64_t dim, Location loc) const {
  Lock lock;
  auto d = dimension("cumprod", *this, dim, loc);
  auto multiply = [&](const Tensor &a, const Tensor &b) { return record::op<prim::MulOp>({a, b}, loc); };
  auto [x] = record::autocast<prim::CumsumOp>(loc, whole_number(at_least_1d(*this, loc), loc));
  return running(x, d, multiply, loc).view(sizes(), loc);
}
Tensor Tensor::logcumsumexp(int64_t dim, Location loc) const {
  Lock lock;
  auto d = dimension("logcumsumexp", *this, dim, loc);
  if (!is_floating_point())
    throw record::error("logcumsumexp", "expected a floating-point tensor, got " + record::text(*this), loc);
  auto add = [&](const Tensor &a, const Tensor &b) { // log(exp(a) + exp(b)) = max + log1p(exp(min - max))
    auto top = a.maximum(Operand(b, loc)), low = a.minimum(Operand(b, loc));
    return top.add(Operand(low.sub(Operand(top, loc)).exp(loc).log1p(loc), loc));
  };
  return running(at_least_1d(*this, loc), d, add, loc).view(sizes(), loc);
}

} // namespace tenon
