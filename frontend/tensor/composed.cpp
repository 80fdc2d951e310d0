// PyTorch's functions that are a few lines of others: windows of elements, turns, differences, distances, quantiles, joins.
#include "frontend/tensor/composed.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"
#include <cmath>

namespace tenon {

using namespace detail;

Shape Tensor::strides() const {
  Shape strides(size_t(dim()), 1);
  for (size_t d = strides.size(); d-- > 1;)
    strides[d - 1] = strides[d] * sizes()[d];
  return strides;
}
Tensor Tensor::new_full(IntArrayRef sizes, Scalar value, Location loc) const { return full(sizes, value, options(), loc); }

TensorList Tensor::tensor_split(int64_t sections, int64_t dim, Location loc) const {
  if (sections < 1)
    throw record::error("tensor_split", "expected at least one section, got " + std::to_string(sections), loc);
  int64_t extent = size(dim, loc), begin = 0;
  TensorList parts;
  for (int64_t i = 0; i < sections; ++i) {
    int64_t length = extent / sections + (i < extent % sections);
    parts.push_back(narrow(dim, begin, length, loc));
    begin += length;
  }
  return parts;
}
Tensor Tensor::unfold(int64_t dim, int64_t size, int64_t step, Location loc) const {
  impl("unfold", *this, loc);
  auto x = this->dim() ? *this : view({1}, loc);
  auto d = record::wrap_dim("unfold", dim, x.dim(), loc);
  if (size < 0 || size > x.size(d) || step < 1)
    throw record::error("unfold", "expected 0 <= size <= " + std::to_string(x.size(d)) + " and step >= 1, got " + std::to_string(size) + " and " + std::to_string(step) + " for " + record::text(*this), loc);
  if (!this->dim())
    return x.narrow(0, 0, size, loc); // as in PyTorch: one window, which is the result
  int64_t windows = (x.size(d) - size) / step + 1;
  auto places = arange(0, windows, 1, x.options().dtype(kLong), loc).mul({step, loc}).unsqueeze(1, loc).add({arange(0, size, 1, x.options().dtype(kLong), loc), loc});
  return x.index_select(d, places.flatten(0, -1, loc), loc).unflatten(d, {windows, size}, loc).movedim(d + 1, -1, loc);
}
Tensor Tensor::rot90(int64_t k, IntArrayRef dims, Location loc) const {
  impl("rot90", *this, loc);
  if (dims.size() != 2 || dim() < 2 || record::wrap_dim("rot90", dims[0], dim(), loc) == record::wrap_dim("rot90", dims[1], dim(), loc))
    throw record::error("rot90", "expected two different dimensions of " + record::text(*this) + ", got " + record::shape_text(dims), loc);
  switch (((k % 4) + 4) % 4) {
  case 1: return flip(dims[1], loc).transpose(dims[0], dims[1], loc);
  case 2: return flip(dims, loc);
  case 3: return flip(dims[0], loc).transpose(dims[0], dims[1], loc);
  default: return clone(loc);
  }
}

Tensor Tensor::where(const Tensor &condition, Operand otherwise) const { return tenon::where(condition, Operand(*this, otherwise.location), otherwise); }
Tensor Tensor::sinc(Location loc) const {
  auto none = eq({0, loc});
  auto angle = mul({3.14159265358979323846, loc}).masked_fill(none, {1, loc});
  return angle.sin(loc).div({angle, loc}).masked_fill(none, {1, loc});
}
/// |a| with b's sign, that of zeros and infinities included: 1 / b tells the zeros apart.
Tensor Tensor::copysign(Operand other) const {
  auto loc = other.location;
  auto dtype = record::promote(Operand(*this, loc), other);
  if (!tenon::is_floating_point(dtype))
    dtype = get_default_dtype();
  auto size = to(dtype, loc).abs(loc), b = record::operand(other, dtype).detach(loc);
  auto negative = b.lt({0, loc}).logical_or({b.reciprocal(loc).lt({0, loc}), loc});
  return tenon::where(negative, Operand(size.neg(loc), loc), Operand(size, loc));
}
Tensor Tensor::isclose(const Tensor &other, double rtol, double atol, bool equal_nan, Location loc) const {
  auto a = is_floating_point() ? *this : to(kDouble, loc), b = other.is_floating_point() ? other : other.to(kDouble, loc);
  auto within = a.sub({b, loc}).abs(loc).le({b.abs(loc).mul({rtol, loc}).add({atol, loc}), loc}).logical_and({b.isfinite(loc), loc});
  auto close = a.eq({b, loc}).logical_or({within, loc}); // infinities are close to themselves
  return equal_nan ? close.logical_or({a.isnan(loc).logical_and({b.isnan(loc), loc}), loc}) : close;
}
bool Tensor::allclose(const Tensor &other, double rtol, double atol, Location loc) const { return tenon::allclose(*this, other, rtol, atol, loc); }
bool Tensor::equal(const Tensor &other, Location loc) const { return tenon::equal(*this, other, loc); }
Tensor Tensor::diff(int64_t n, int64_t dim, Location loc) const {
  impl("diff", *this, loc);
  if (n < 0 || !this->dim())
    throw record::error("diff", "expected at least one dimension and n >= 0, got " + record::text(*this) + " and " + std::to_string(n), loc);
  auto x = *this;
  for (; n > 0 && x.size(dim, loc) > 0; --n) {
    auto a = x.narrow(dim, 1, x.size(dim) - 1, loc), b = x.narrow(dim, 0, x.size(dim) - 1, loc);
    x = scalar_type() == kBool ? a.ne({b, loc}) : a.sub({b, loc});
  }
  return x;
}
Tensor Tensor::dist(const Tensor &other, Scalar p, Location loc) const { return sub({other, loc}).norm(p, loc); }
Tensor Tensor::nansum(IntArrayRef dims, bool keepdim, Location loc) const {
  return (is_floating_point() ? masked_fill(isnan(loc), {0, loc}) : *this).sum(dims, keepdim, std::nullopt, loc);
}
Tensor Tensor::nanmean(IntArrayRef dims, bool keepdim, Location loc) const {
  return nansum(dims, keepdim, loc).div({isnan(loc).logical_not(loc).sum(dims, keepdim, kLong, loc), loc});
}
Tensor Tensor::quantile(const Tensor &q, std::optional<int64_t> dim, bool keepdim, Location loc) const {
  impl("quantile", *this, loc), impl("quantile", q, loc);
  auto x = dim ? (this->dim() ? *this : view({1}, loc)) : flatten(0, -1, loc);
  auto d = record::wrap_dim("quantile", dim.value_or(0), x.dim(), loc);
  int64_t n = x.size(d);
  if (!is_floating_point() || q.scalar_type() != scalar_type() || q.dim() > 1 || n == 0)
    throw record::error("quantile", "expected floating-point elements and fractions of the same dtype, of rank 0 or 1, got " + record::text(*this) + " and " + record::text(q), loc);
  auto sorted = std::get<0>(x.movedim(d, 0, loc).sort(0, false, loc)); // NaN comes last, and is the quantile where there is one
  auto at = q.flatten(0, -1, loc).mul({n - 1, loc}), below = at.floor(loc);
  auto low = below.to(kLong, loc).clamp(0, n - 1, loc), high = at.ceil(loc).to(kLong, loc).clamp(0, n - 1, loc);
  Shape across(size_t(x.dim()), 1);
  across[0] = q.numel();
  auto lower = sorted.index_select(0, low, loc), part = at.sub({below, loc}).view(across, loc);
  // From the nearer of both, as in PyTorch; where it is one, that: an infinite one less itself is no number.
  auto upper = sorted.index_select(0, high, loc), apart = upper.sub({lower, loc});
  auto from_lower = lower.add({apart.mul({part, loc}), loc}), from_upper = upper.sub({apart.mul({part.neg(loc).add({1, loc}), loc}), loc});
  auto y = tenon::where(part.lt({0.5, loc}), Operand(from_lower, loc), Operand(from_upper, loc)); // [q, the other dimensions]
  y = tenon::where(part.eq({0, loc}), Operand(lower, loc), Operand(y, loc));
  auto last = sorted.narrow(0, n - 1, 1, loc);
  y = tenon::where(last.isnan(loc), Operand(last, loc), Operand(y, loc));
  if (keepdim)
    y = dim ? y.unsqueeze(d + 1, loc) : y.view([&] { Shape s(size_t(this->dim()) + 1, 1); s[0] = q.numel(); return s; }(), loc);
  else if (dim && !this->dim())
    y = y.view({q.numel()}, loc);
  return q.dim() ? y : y.squeeze(0, loc);
}
Tensor Tensor::quantile(double q, std::optional<int64_t> dim, bool keepdim, Location loc) const {
  if (!(q >= 0 && q <= 1))
    throw record::error("quantile", "expected a fraction in [0, 1], got " + std::to_string(q), loc);
  return quantile(scalar_tensor(q, options(), loc), dim, keepdim, loc);
}

Tensor cdist(const Tensor &a, const Tensor &b, double p, Location loc) {
  if (a.dim() < 2 || b.dim() < 2 || a.size(-1) != b.size(-1) || !(p >= 0))
    throw record::error("cdist", "expected rows of one length, [..., P, M] and [..., R, M], and p >= 0, got " + record::text(a) + ", " + record::text(b) + " and " + std::to_string(p), loc);
  return a.unsqueeze(-2, loc).sub({b.unsqueeze(-3, loc), loc}).norm(p, -1, false, loc);
}
Tensor pdist(const Tensor &x, double p, Location loc) {
  if (impl("pdist", x, loc)->type.getRank() != 2 || !x.is_floating_point() || !(p >= 0))
    throw record::error("pdist", "expected rows [N, M] of floating point and p >= 0, got " + record::text(x) + " and " + std::to_string(p), loc);
  auto pairs = triu_indices(x.size(0), x.size(0), 1, x.options().dtype(kLong), loc);
  return x.index_select(0, pairs[0], loc).sub({x.index_select(0, pairs[1], loc), loc}).norm(p, {1}, false, loc);
}
TensorList broadcast_tensors(const TensorList &tensors, Location loc) {
  Shape shape;
  for (auto &t : tensors)
    shape = record::broadcast_shape("broadcast_tensors", shape, t.sizes(), loc);
  TensorList all;
  for (auto &t : tensors)
    all.push_back(t.expand(shape, loc));
  return all;
}
Tensor cartesian_prod(const TensorList &tensors, Location loc) {
  for (auto &t : tensors)
    if (t.dim() != 1)
      throw record::error("cartesian_prod", "expected vectors, got " + record::text(t), loc);
  if (tensors.size() == 1)
    return tensors[0];
  TensorList columns;
  for (auto &t : meshgrid(tensors, "ij", loc))
    columns.push_back(t.flatten(0, -1, loc));
  return stack(columns, 1, loc);
}
Tensor column_stack(const TensorList &tensors, Location loc) {
  TensorList columns;
  for (auto &t : tensors)
    columns.push_back(t.dim() > 1 ? t : t.view({t.numel(), 1}, loc));
  return cat(columns, 1, loc);
}
Tensor cov(const Tensor &x, int64_t correction, Location loc) {
  if (x.dim() > 2)
    throw record::error("cov", "expected at most two dimensions, got " + record::text(x), loc);
  if (x.scalar_type() == kBool)
    throw record::error("cov", "expected numbers, got " + record::text(x), loc);
  auto rows = (x.is_floating_point() ? x : x.to(get_default_dtype(), loc)).view({x.dim() > 1 ? x.size(0) : 1, -1}, loc);
  auto centred = rows.sub({rows.mean(1, true, std::nullopt, loc), loc});
  auto products = centred.matmul(centred.t(loc), loc).div({std::max<int64_t>(0, rows.size(1) - correction), loc});
  return x.dim() > 1 ? products : products.view({}, loc);
}
/// Covariances over deviations, within [-1, 1] whatever rounding does.
Tensor corrcoef(const Tensor &x, Location loc) {
  auto c = cov(x, 1, loc);
  if (c.dim() == 0)
    return c.div({c, loc});
  auto deviation = c.diag(0, loc).sqrt(loc);
  return c.div({deviation.unsqueeze(1, loc), loc}).div({deviation.unsqueeze(0, loc), loc}).clamp(-1, 1, loc);
}
Dtype result_type(Operand a, Operand b) { return record::promote(a, b); }

Tensor Tensor::multinomial(int64_t num_samples, bool replacement, Location loc) const { return tenon::multinomial(*this, num_samples, replacement, loc); }

} // namespace tenon
