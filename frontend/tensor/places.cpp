// gather, scatter and their kin along one dimension.
#include "frontend/tensor/places.h"
#include <limits>

namespace tenon {

using namespace detail;
namespace prim = ir::prim;
using record::builder;

namespace detail {

Tensor checked_index(const char *op, const Tensor &index, int64_t extent, bool wrap, Location loc) {
  auto dtype = impl(op, index, loc)->dtype;
  if (dtype != kLong && dtype != kInt)
    throw record::error(op, "expected indices of int64 or int32, got " + record::text(index), loc);
  return record::op<ir::nn::CheckedIndexOp>({record::cast(index, kLong, loc)}, loc, [&](auto &p) {
    p.extent = builder().getI64IntegerAttr(extent);
    p.wrap = builder().getBoolAttr(wrap);
    p.user = builder().getStringAttr(op);
  });
}

Tensor gather_axis(const Tensor &x, const Tensor &index, int64_t axis, Location loc) {
  return record::op<prim::GatherOp>({x, index}, loc, [&](auto &p) { p.axis = builder().getI64IntegerAttr(axis); });
}

Tensor scatter_axis(Mode mode, const Tensor &x, IntArrayRef sizes, const Tensor &index, const Tensor &updates, int64_t axis, Location loc) {
  auto dtype = updates.scalar_type(), wide = dtype == kBool ? kInt : opmath_type(dtype);
  auto from = x.defined() ? record::cast(x, wide, loc) : Tensor();
  auto y = record::op_as<prim::ScatterOp>(record::tensor_type(sizes, wide), {index, record::cast(updates, wide, loc), from}, loc, [&](auto &p) {
    p.axis = builder().getI64IntegerAttr(axis);
    p.mode = prim::ScatterModeAttr::get(&record::context(), mode);
  });
  return record::cast(y, dtype, loc);
}

Tensor flat_places(const Tensor &index, IntArrayRef sizes, int64_t dim, Location loc) {
  Tensor place;
  int64_t stride = 1;
  for (int64_t d = int64_t(sizes.size()) - 1; d >= 0; stride *= sizes[size_t(d--)]) {
    if (d != dim && index.size(d) == 1)
      continue;
    auto own = d == dim ? index : record::op_as<prim::IotaOp>(record::tensor_type(index.sizes(), kLong), {}, loc, [&](auto &p) { p.dimension = builder().getI64IntegerAttr(d); });
    own = times(own, stride, loc);
    place = place.defined() ? plus(place, own, loc) : own;
  }
  return place;
}

} // namespace detail

namespace {

/// The dimension, once the shapes of x, index and src are known to fit.
int64_t fitting(const char *op, const Tensor &x, int64_t dim, const Tensor &index, const Tensor *src, Location loc) {
  auto rank = std::max<int64_t>(1, x.dim());
  auto d = record::wrap_dim(op, dim, rank, loc);
  bool fits = std::max<int64_t>(1, impl(op, index, loc)->type.getRank()) == rank && (!src || std::max<int64_t>(1, impl(op, *src, loc)->type.getRank()) == rank);
  for (int64_t k = 0; fits && k < rank; ++k) {
    auto size = [&](const Tensor &t) { return t.dim() ? t.size(k) : 1; };
    fits = (k == d || size(index) <= size(x)) && (!src || size(index) <= size(*src));
  }
  if (!fits)
    throw record::error(op, "expected an index of the input's rank that is nowhere larger but along dim " + std::to_string(d) + (src ? " and nowhere larger than src" : "") + ", got input " +
                                record::text(x) + ", index " + record::text(index) + (src ? ", src " + record::text(*src) : ""), loc);
  return d;
}

struct Flat {
  Tensor x, places, src; // one-dimensional; of index's shape
};
Flat flat_form(const char *op, const Tensor &to, int64_t dim, const Tensor &index, const Operand &src, Location loc) {
  impl(op, to, loc);
  auto d = fitting(op, to, dim, index, src.tensor, loc);
  auto [x, given] = src.tensor ? record::autocast_widest(to, *src.tensor, loc) : std::array{to, Tensor()};
  auto whole = at_least_1d(x, loc), i = at_least_1d(index, loc);
  Tensor updates;
  if (src.tensor) {
    if (given.scalar_type() != x.scalar_type())
      throw record::error(op, "expected a src of the input's dtype, got " + record::text(given) + " for " + record::text(x), loc);
    updates = at_least_1d(given, loc);
    for (int64_t k = 0; k < i.dim(); ++k)
      if (updates.size(k) != i.size(k))
        updates = updates.narrow(k, 0, i.size(k), loc);
  } else
    updates = record::broadcast(op, record::operand(src, x.scalar_type()), i.sizes(), loc);
  return {whole.view({-1}, loc), flat_places(checked_index(op, i, whole.size(d), false, loc), whole.sizes(), d, loc), updates};
}
Tensor combined(Mode mode, const Tensor &x, const Flat &f, Location loc) {
  if (x.numel() == 0 || f.places.numel() == 0)
    return x;
  return scatter_axis(mode, f.x, {x.numel()}, f.places, f.src, 0, loc).view(x.sizes(), loc);
}
Tensor write(const char *op, const Tensor &to, const Tensor &value, Location loc) {
  record::assign(op, to, value, loc);
  return to;
}

/// Slices along a dimension: index is one-dimensional, source has x's shape but for dim.
Tensor put_slices(const char *op, Mode mode, const Tensor &x, int64_t dim, const Tensor &index, Tensor source, Location loc) {
  impl(op, x, loc);
  auto whole = at_least_1d(x, loc);
  auto d = record::wrap_dim(op, dim, whole.dim(), loc);
  if (impl(op, index, loc)->type.getRank() > 1)
    throw record::error(op, "expected a one-dimensional index, got " + record::text(index), loc);
  auto i = at_least_1d(index, loc);
  auto sizes = whole.sizes().vec();
  sizes[size_t(d)] = i.numel();
  source = at_least_1d(source, loc);
  if (!(source.sizes() == IntArrayRef(sizes)) || source.scalar_type() != x.scalar_type())
    throw record::error(op, "expected a source " + record::shape_text(sizes) + " of the input's dtype, got " + record::text(source) + " for input " + record::text(x), loc);
  if (x.numel() == 0 || source.numel() == 0)
    return x;
  return scatter_axis(mode, whole, whole.sizes(), checked_index(op, i, whole.size(d), false, loc), source, d, loc).view(x.sizes(), loc);
}

} // namespace

Tensor Tensor::gather(int64_t dim, const Tensor &index, Location loc) const {
  Lock lock;
  impl("gather", *this, loc);
  auto d = fitting("gather", *this, dim, index, nullptr, loc);
  auto x = at_least_1d(*this, loc), i = at_least_1d(index, loc);
  auto places = flat_places(checked_index("gather", i, x.size(d), false, loc), x.sizes(), d, loc);
  return gather_axis(x.view({-1}, loc), places, 0, loc).view(index.sizes(), loc);
}
Tensor Tensor::take_along_dim(const Tensor &indices, std::optional<int64_t> dim, Location loc) const {
  Lock lock;
  impl("take_along_dim", *this, loc);
  if (!dim)
    return flatten(0, -1, loc).take_along_dim(at_least_1d(indices, loc).flatten(0, -1, loc), 0, loc);
  auto d = record::wrap_dim("take_along_dim", *dim, this->dim(), loc);
  if (impl("take_along_dim", indices, loc)->type.getRank() != this->dim())
    throw record::error("take_along_dim", "expected indices of the input's rank, got " + record::text(indices) + " for " + record::text(*this), loc);
  auto one = [&](const Tensor &t) { auto s = t.sizes().vec(); s[size_t(d)] = 1; return s; };
  auto around = record::broadcast_shape("take_along_dim", one(*this), one(indices), loc);
  auto mine = around, theirs = around;
  mine[size_t(d)] = size(d), theirs[size_t(d)] = indices.size(d);
  auto x = record::broadcast("take_along_dim", *this, mine, loc), i = record::broadcast("take_along_dim", indices, theirs, loc);
  return gather_axis(x.view({-1}, loc), flat_places(checked_index("take_along_dim", i, size(d), true, loc), x.sizes(), d, loc), 0, loc);
}
Tensor Tensor::index_select(int64_t dim, const Tensor &index, Location loc) const {
  Lock lock;
  impl("index_select", *this, loc);
  auto x = at_least_1d(*this, loc);
  auto d = record::wrap_dim("index_select", dim, x.dim(), loc);
  if (impl("index_select", index, loc)->type.getRank() > 1)
    throw record::error("index_select", "expected a one-dimensional index, got " + record::text(index), loc);
  auto y = gather_axis(x, checked_index("index_select", at_least_1d(index, loc), x.size(d), false, loc), d, loc);
  return this->dim() ? y : y.view({}, loc);
}
Tensor Tensor::take(const Tensor &index, Location loc) const {
  Lock lock;
  impl("take", *this, loc);
  return gather_axis(view({-1}, loc), checked_index("take", index, numel(), true, loc), 0, loc);
}

Tensor Tensor::scatter(int64_t dim, const Tensor &index, Operand src, Location loc) const {
  Lock lock;
  return combined(Mode::set, *this, flat_form("scatter", *this, dim, index, src, loc), loc);
}
Tensor Tensor::scatter_(int64_t dim, const Tensor &index, Operand src, Location loc) const { return write("scatter_", *this, scatter(dim, index, src, loc), loc); }
Tensor Tensor::scatter_add(int64_t dim, const Tensor &index, const Tensor &src, Location loc) const {
  Lock lock;
  return combined(Mode::add, *this, flat_form("scatter_add", *this, dim, index, Operand(src, loc), loc), loc);
}
Tensor Tensor::scatter_add_(int64_t dim, const Tensor &index, const Tensor &src, Location loc) const { return write("scatter_add_", *this, scatter_add(dim, index, src, loc), loc); }

Tensor Tensor::scatter_reduce(int64_t dim, const Tensor &index, const Tensor &src, const std::string &reduce, bool include_self, Location loc) const {
  Lock lock;
  const char *op = "scatter_reduce";
  if (reduce != "sum" && reduce != "mean" && reduce != "amax" && reduce != "amin")
    throw record::error(op, "expected reduce \"sum\", \"mean\", \"amax\" or \"amin\", got \"" + reduce + "\"", loc);
  if (reduce == "amin")
    return neg(loc).scatter_reduce(dim, index, src.neg(loc), "amax", include_self, loc).neg(loc);
  auto f = flat_form(op, *this, dim, index, Operand(src, loc), loc);
  if (numel() == 0 || f.places.numel() == 0)
    return *this;
  Shape all{numel()};
  auto ones = record::constant(1, scalar_type(), f.src.sizes(), loc);
  auto counts = scatter_axis(Mode::add, Tensor(), all, f.places, ones, 0, loc);
  auto touched = counts.gt(Operand(record::constant(0, scalar_type(), all, loc), loc));
  if (!include_self) { // what is written starts afresh
    auto lowest = is_floating_point() ? Scalar(-std::numeric_limits<double>::infinity()) : Scalar(scalar_type() == kLong ? INT64_MIN : int64_t(INT32_MIN));
    auto fresh = record::constant(reduce == "amax" ? lowest : Scalar(0), scalar_type(), all, loc);
    f.x = tenon::where(touched, Operand(fresh, loc), Operand(f.x, loc));
  }
  auto y = scatter_axis(reduce == "amax" ? Mode::max : Mode::add, f.x, all, f.places, f.src, 0, loc);
  if (reduce == "mean") {
    auto n = include_self ? counts.add(Operand(record::constant(1, scalar_type(), all, loc), loc)) : counts.maximum(Operand(record::constant(1, scalar_type(), all, loc), loc));
    y = record::op<prim::DivOp>({y, n}, loc);
  }
  return y.view(sizes(), loc);
}
Tensor Tensor::scatter_reduce_(int64_t dim, const Tensor &index, const Tensor &src, const std::string &reduce, bool include_self, Location loc) const {
  return write("scatter_reduce_", *this, scatter_reduce(dim, index, src, reduce, include_self, loc), loc);
}

Tensor Tensor::index_add(int64_t dim, const Tensor &index, const Tensor &source, Scalar alpha, Location loc) const {
  Lock lock;
  impl("index_add", source, loc);
  return put_slices("index_add", Mode::add, *this, dim, index, alpha.toDouble() == 1 ? source : source.mul(Operand(alpha, loc)), loc);
}
Tensor Tensor::index_add_(int64_t dim, const Tensor &index, const Tensor &source, Scalar alpha, Location loc) const { return write("index_add_", *this, index_add(dim, index, source, alpha, loc), loc); }
Tensor Tensor::index_copy(int64_t dim, const Tensor &index, const Tensor &source, Location loc) const {
  Lock lock;
  impl("index_copy", source, loc);
  return put_slices("index_copy", Mode::set, *this, dim, index, source, loc);
}
Tensor Tensor::index_copy_(int64_t dim, const Tensor &index, const Tensor &source, Location loc) const { return write("index_copy_", *this, index_copy(dim, index, source, loc), loc); }
Tensor Tensor::index_fill(int64_t dim, const Tensor &index, Operand value, Location loc) const {
  Lock lock;
  impl("index_fill", *this, loc);
  impl("index_fill", index, loc);
  auto sizes = at_least_1d(*this, loc).sizes().vec();
  sizes[size_t(record::wrap_dim("index_fill", dim, int64_t(sizes.size()), loc))] = index.numel();
  return put_slices("index_fill", Mode::set, *this, dim, index, record::broadcast("index_fill", record::operand(value, scalar_type()), sizes, loc), loc);
}
Tensor Tensor::index_fill_(int64_t dim, const Tensor &index, Operand value, Location loc) const { return write("index_fill_", *this, index_fill(dim, index, value, loc), loc); }


} // namespace tenon
