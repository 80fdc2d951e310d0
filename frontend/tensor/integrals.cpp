// Integrals by trapezoids, and differences of neighbours over their distance.
#include "frontend/tensor/composed.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"

namespace tenon {

using namespace detail;

namespace {

int64_t dimension(const char *op, const Tensor &y, int64_t dim, Location loc) {
  if (impl(op, y, loc)->type.getRank() < 1)
    throw record::error(op, "expected rank 1 at least, got " + record::text(y), loc);
  return record::wrap_dim(op, dim, y.dim(), loc);
}
Tensor after(const Tensor &x, int64_t d, Location loc) { return x.narrow(d, 1, x.size(d) - 1, loc); }
Tensor before(const Tensor &x, int64_t d, Location loc) { return x.narrow(d, 0, x.size(d) - 1, loc); }
/// The areas between neighbours: their mean, times how far apart they are.
Tensor areas(const Tensor &y, const Operand &apart, int64_t d, Location loc) {
  auto real = y.is_floating_point() ? y : y.to(get_default_dtype(), loc);
  return after(real, d, loc).add({before(real, d, loc), loc}).mul(apart).mul({0.5, loc});
}
/// How far places are apart: of one dimension, along d.
Tensor steps(const char *op, const Tensor &x, const Tensor &y, int64_t d, Location loc) {
  if (impl(op, x, loc)->type.getRank() < 1 || (x.dim() == 1 ? x.size(0) != y.size(d) : !(x.sizes() == y.sizes())))
    throw record::error(op, "expected " + std::to_string(y.size(d)) + " places or one per element of " + record::text(y) + ", got " + record::text(x), loc);
  if (x.dim() > 1 || y.dim() == 1)
    return x.diff(1, x.dim() > 1 ? d : 0, loc);
  Shape along(size_t(y.dim()), 1);
  along[size_t(d)] = x.size(0) - 1;
  return x.diff(1, 0, loc).view(along, loc);
}
Tensor each(const char *op, const Tensor &y, const Tensor *x, Scalar dx, int64_t d, Location loc) {
  if (y.size(d) == 0)
    throw record::error(op, "expected at least one element along dim " + std::to_string(d) + " of " + record::text(y), loc);
  if (!x)
    return areas(y, Operand(dx, loc), d, loc);
  auto apart = steps(op, *x, y, d, loc);
  return areas(y, Operand(apart, loc), d, loc);
}

} // namespace

Tensor trapezoid(const Tensor &y, const Tensor &x, int64_t dim, Location loc) {
  auto d = dimension("trapezoid", y, dim, loc);
  return each("trapezoid", y, &x, 1, d, loc).sum(d, false, std::nullopt, loc);
}
Tensor trapezoid(const Tensor &y, Scalar dx, int64_t dim, Location loc) {
  auto d = dimension("trapezoid", y, dim, loc);
  return each("trapezoid", y, nullptr, dx, d, loc).sum(d, false, std::nullopt, loc);
}
Tensor cumulative_trapezoid(const Tensor &y, const Tensor &x, int64_t dim, Location loc) {
  auto d = dimension("cumulative_trapezoid", y, dim, loc);
  return each("cumulative_trapezoid", y, &x, 1, d, loc).cumsum(d, loc);
}
Tensor cumulative_trapezoid(const Tensor &y, Scalar dx, int64_t dim, Location loc) {
  auto d = dimension("cumulative_trapezoid", y, dim, loc);
  return each("cumulative_trapezoid", y, nullptr, dx, d, loc).cumsum(d, loc);
}

TensorList gradient(const Tensor &x, Scalar spacing, IntArrayRef dims, Location loc) {
  if (!is_floating_point(impl("gradient", x, loc)->dtype))
    throw record::error("gradient", "expected a tensor of floating point, got " + record::text(x), loc);
  Shape over = dims.vec();
  for (int64_t k = 0; dims.empty() && k < x.dim(); ++k)
    over.push_back(k);
  TensorList result;
  for (auto k : over) {
    auto d = dimension("gradient", x, k, loc), n = x.size(d);
    if (n < 2)
      throw record::error("gradient", "expected at least two elements along dim " + std::to_string(d) + " of " + record::text(x), loc);
    auto apart = after(x, d, loc).sub({before(x, d, loc), loc}).div({spacing, loc});
    auto inner = n > 2 ? after(apart, d, loc).add({before(apart, d, loc), loc}).mul({0.5, loc}) : apart.narrow(d, 0, 0, loc);
    result.push_back(cat({apart.narrow(d, 0, 1, loc), inner, apart.narrow(d, n - 2, 1, loc)}, d, loc));
  }
  return result;
}

} // namespace tenon
