// Extremes of all elements up to here, with their places; and the commonest value, which is found by them.
#include "frontend/tensor/places.h"

namespace tenon {

using namespace detail;
namespace prim = ir::prim;
using record::builder;

namespace {

Tensor places_along(const Tensor &x, int64_t d, Location loc) {
  return record::op_as<prim::IotaOp>(record::tensor_type(x.sizes(), kLong), {}, loc, [&](auto &p) { p.dimension = builder().getI64IntegerAttr(d); });
}
Tensor picked(const Tensor &x, const Tensor &index, int64_t d, Location loc) { return gather_axis(x.view({-1}, loc), flat_places(index, x.sizes(), d, loc), 0, loc); }

/// The place of the last extreme up to each element, by doubling: log2(n) steps. NaN is an extreme that stays.
Tensor running_places(const Tensor &of, int64_t d, bool largest, Location loc) {
  auto x = of.detach(loc);
  if (x.scalar_type() == kBool)
    x = x.to(kInt, loc);
  auto at = places_along(x, d, loc);
  for (int64_t n = x.size(d), step = 1; step < n; step *= 2) {
    auto before = x.narrow(d, 0, n - step, loc), now = x.narrow(d, step, n - step, loc);
    auto taken = largest ? now.ge({before, loc}) : now.le({before, loc});
    if (x.is_floating_point())
      taken = taken.logical_or({now.isnan(loc), loc}); // of NaN before, a comparison says no
    auto joined = [&](const Tensor &t) {
      return cat({t.narrow(d, 0, step, loc), tenon::where(taken, Operand(t.narrow(d, step, n - step, loc), loc), Operand(t.narrow(d, 0, n - step, loc), loc))}, d, loc);
    };
    at = joined(at);
    x = joined(x);
  }
  return at;
}
std::tuple<Tensor, Tensor> running_extreme(const char *op, const Tensor &of, int64_t dim, bool largest, Location loc) {
  Lock lock;
  impl(op, of, loc);
  auto x = at_least_1d(of, loc);
  auto d = record::wrap_dim(op, dim, x.dim(), loc);
  auto at = running_places(x, d, largest, loc);
  return {picked(x, at, d, loc).view(of.sizes(), loc), at.view(of.sizes(), loc)};
}

} // namespace

std::tuple<Tensor, Tensor> Tensor::cummax(int64_t dim, Location loc) const { return running_extreme("cummax", *this, dim, true, loc); }
std::tuple<Tensor, Tensor> Tensor::cummin(int64_t dim, Location loc) const { return running_extreme("cummin", *this, dim, false, loc); }

std::tuple<Tensor, Tensor> Tensor::mode(int64_t dim, bool keepdim, Location loc) const {
  Lock lock;
  impl("mode", *this, loc);
  auto x = at_least_1d(*this, loc);
  auto d = record::wrap_dim("mode", dim, x.dim(), loc);
  auto n = x.size(d);
  if (n == 0)
    throw record::error("mode", "expected at least one element along dim " + std::to_string(d) + " of " + record::text(*this), loc);
  auto order = x.argsort(d, false, loc);
  auto sorted = picked(x.detach(loc), order, d, loc), place = places_along(x, d, loc);
  auto starts = sorted.narrow(d, 1, n - 1, loc).ne({sorted.narrow(d, 0, n - 1, loc), loc});
  auto first = cat({place.narrow(d, 0, 1, loc), place.narrow(d, 1, n - 1, loc).mul({starts.to(kLong, loc), loc})}, d, loc); // of its run, at the run's start; else 0
  auto length = place.sub({picked(first, running_places(first, d, true, loc), d, loc), loc});
  auto at = picked(order, length.to(kDouble, loc).argmax(d, true, loc), d, loc); // the end of the first of the longest runs
  auto values = picked(x, at, d, loc);
  if (this->dim() == 0)
    return {values.view({}, loc), at.view({}, loc)};
  return keepdim ? std::tuple(values, at) : std::tuple(values.squeeze(d, loc), at.squeeze(d, loc));
}

} // namespace tenon
