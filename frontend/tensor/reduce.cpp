// Reductions: over some or all dimensions, with or without keeping them.
#include "compiler/dialect/nn/Nn.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/places.h"
#include "frontend/tensor/trace.h"
#include <cmath>
#include <limits>

namespace tenon {

using namespace detail;
namespace prim = ir::prim;
using record::builder;

namespace {

/// Increasing dimensions; none given means all.
Shape dimensions_of(const char *op, const Tensor &x, IntArrayRef dims, Location loc) {
  auto rank = impl(op, x, loc)->type.getRank();
  Shape result;
  for (auto d : dims)
    result.push_back(record::wrap_dim(op, d, rank, loc));
  llvm::sort(result);
  if (std::adjacent_find(result.begin(), result.end()) != result.end())
    throw record::error(op, "expected each dimension once, got " + record::shape_text(dims), loc);
  if (dims.empty())
    for (int64_t d = 0; d < rank; ++d)
      result.push_back(d);
  if (rank == 0)
    result.clear();
  return result;
}
Tensor kept(const char *, const Tensor &reduced, const Tensor &x, const Shape &dims, bool keepdim, Location loc) {
  if (!keepdim)
    return reduced;
  auto shape = x.sizes().vec();
  for (auto d : dims)
    shape[size_t(d)] = 1;
  return reduced.view(shape, loc);
}
template <class OpTy> Tensor reduce(const char *op, const Tensor &x, const Shape &dims, bool keepdim, Location loc) {
  if (dims.empty())
    return x.clone(loc);
  auto y = record::op<OpTy>({x}, loc, [&](auto &p) { p.dimensions = builder().getDenseI64ArrayAttr(dims); });
  return kept(op, y, x, dims, keepdim, loc);
}
int64_t count(const Tensor &x, const Shape &dims) {
  int64_t n = 1;
  for (auto d : dims)
    n *= x.sizes()[size_t(d)];
  return n;
}
Tensor extreme_index(const char *op, const Tensor &x, std::optional<int64_t> dim, bool keepdim, Location loc) {
  auto rank = impl(op, x, loc)->type.getRank();
  if (!dim || rank == 0) {
    auto flat = record::op<ir::nn::ArgmaxOp>({x.flatten(0, -1, loc)}, loc, [&](auto &p) { p.dim = builder().getI64IntegerAttr(0); });
    return keepdim ? flat.view(Shape(size_t(rank), 1), loc) : flat;
  }
  auto d = record::wrap_dim(op, *dim, rank, loc);
  return record::op<ir::nn::ArgmaxOp>({x}, loc, [&](auto &p) {
    p.dim = builder().getI64IntegerAttr(d);
    p.keepdim = builder().getBoolAttr(keepdim);
  });
}
std::tuple<Tensor, Tensor> extreme_along(const Tensor &x, const Tensor &index, int64_t dim, bool keepdim, Location loc) {
  if (x.dim() == 0)
    return {x, index};
  auto d = record::wrap_dim("max", dim, x.dim(), loc);
  auto values = gather_axis(x.view({-1}, loc), flat_places(index, x.sizes(), d, loc), 0, loc);
  return keepdim ? std::tuple(values, index) : std::tuple(values.squeeze(d, loc), index.squeeze(d, loc));
}
template <class OpTy> Tensor along(const char *op, const Tensor &x, int64_t dim, Location loc) {
  auto &p = impl(op, x, loc);
  auto d = record::wrap_dim(op, dim, p->type.getRank(), loc);
  auto real = is_floating_point(p->dtype) ? x : x.to(get_default_dtype(), loc);
  return record::op<OpTy>({real}, loc, [&](auto &q) { q.dim = builder().getI64IntegerAttr(d); });
}

} // namespace

Tensor Tensor::sum(IntArrayRef dims, bool keepdim, OptionalDtype dtype, Location loc) const {
  Lock lock;
  auto over = dimensions_of("sum", *this, dims, loc);
  auto x = to(dtype.value_or(is_floating_point() ? scalar_type() : kLong), loc);
  return reduce<prim::ReduceSumOp>("sum", x, over, keepdim, loc);
}
Tensor Tensor::sum(OptionalDtype dtype, Location loc) const { return sum(IntArrayRef(), false, dtype, loc); }
Tensor Tensor::mean(IntArrayRef dims, bool keepdim, OptionalDtype dtype, Location loc) const {
  Lock lock;
  auto over = dimensions_of("mean", *this, dims, loc);
  auto x = dtype ? to(*dtype, loc) : *this;
  if (!x.is_floating_point())
    throw record::error("mean", "expected a floating-point tensor, got " + record::text(x) + "; pass a dtype or cast it", loc);
  auto total = reduce<prim::ReduceSumOp>("mean", x, over, keepdim, loc);
  auto mean = record::op<prim::DivOp>({total, record::constant(double(count(x, over)), total.scalar_type(), total.sizes(), loc)}, loc);
  return record::cast(mean, x.scalar_type(), loc); // autocast sums in float32
}
Tensor Tensor::mean(OptionalDtype dtype, Location loc) const { return mean(IntArrayRef(), false, dtype, loc); }

Tensor Tensor::amax(IntArrayRef dims, bool keepdim, Location loc) const { return reduce<prim::ReduceMaxOp>("amax", *this, dimensions_of("amax", *this, dims, loc), keepdim, loc); }
Tensor Tensor::amin(IntArrayRef dims, bool keepdim, Location loc) const { return reduce<prim::ReduceMinOp>("amin", *this, dimensions_of("amin", *this, dims, loc), keepdim, loc); }
Tensor Tensor::max(Location loc) const { return amax(IntArrayRef(), false, loc); }
Tensor Tensor::min(Location loc) const { return amin(IntArrayRef(), false, loc); }
/// The values at the indices: equal extremes do not share a gradient, as amax's do.
std::tuple<Tensor, Tensor> Tensor::max(int64_t dim, bool keepdim, Location loc) const { return extreme_along(*this, argmax(dim, true, loc), dim, keepdim, loc); }
std::tuple<Tensor, Tensor> Tensor::min(int64_t dim, bool keepdim, Location loc) const { return extreme_along(*this, argmin(dim, true, loc), dim, keepdim, loc); }
Tensor Tensor::argmax(std::optional<int64_t> dim, bool keepdim, Location loc) const { return extreme_index("argmax", *this, dim, keepdim, loc); }
Tensor Tensor::argmin(std::optional<int64_t> dim, bool keepdim, Location loc) const { return extreme_index("argmin", neg(loc), dim, keepdim, loc); }

/// As numbers: 1 everywhere, 1 anywhere.
Tensor Tensor::all(Location loc) const { return to(kBool, loc).to(kInt, loc).min(loc).to(kBool, loc); }
Tensor Tensor::any(Location loc) const { return to(kBool, loc).to(kInt, loc).max(loc).to(kBool, loc); }

Tensor Tensor::var(IntArrayRef dims, bool unbiased, bool keepdim, Location loc) const {
  Lock lock;
  auto over = dimensions_of("var", *this, dims, loc);
  auto centred = sub(Operand(mean(over, true, std::nullopt, loc), loc));
  auto total = centred.square(loc).sum(over, keepdim, std::nullopt, loc);
  auto n = double(count(*this, over)) - (unbiased ? 1 : 0);
  return record::op<prim::DivOp>({total, record::constant(n, total.scalar_type(), total.sizes(), loc)}, loc);
}
Tensor Tensor::var(bool unbiased, Location loc) const { return var(IntArrayRef(), unbiased, false, loc); }
Tensor Tensor::logsumexp(IntArrayRef dims, bool keepdim, Location loc) const {
  auto over = dimensions_of("logsumexp", *this, dims, loc);
  auto top = amax(over, true, loc).detach(loc);
  top = top.masked_fill(top.isinf(loc), {0, loc}); // exp takes care of infinities
  auto sum = this->sub(Operand(top, loc)).exp(loc).sum(over, true, std::nullopt, loc).log(loc).add(Operand(top, loc));
  if (keepdim)
    return sum;
  Shape shape;
  for (int64_t d = 0; d < dim(); ++d)
    if (!llvm::is_contained(over, d))
      shape.push_back(sizes()[size_t(d)]);
  return sum.view(shape, loc);
}
Tensor Tensor::softmax(int64_t dim, Location loc) const { return along<ir::nn::SoftmaxOp>("softmax", *this, dim, loc); }
Tensor Tensor::log_softmax(int64_t dim, Location loc) const { return along<ir::nn::LogSoftmaxOp>("log_softmax", *this, dim, loc); }

} // namespace tenon
