// Reductions made of others: products, counts, norms along dimensions, extremes in pairs.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"
#include <cmath>
#include <limits>

namespace tenon {

using namespace detail;

/// As numbers: 1 everywhere, 1 anywhere.
Tensor Tensor::all(int64_t dim, bool keepdim, Location loc) const { return size(dim, loc) ? to(kBool, loc).to(kInt, loc).amin(dim, keepdim, loc).to(kBool, loc) : to(kLong, loc).sum(dim, keepdim, std::nullopt, loc).eq({0, loc}); }
Tensor Tensor::any(int64_t dim, bool keepdim, Location loc) const { return size(dim, loc) ? to(kBool, loc).to(kInt, loc).amax(dim, keepdim, loc).to(kBool, loc) : to(kLong, loc).sum(dim, keepdim, std::nullopt, loc).ne({0, loc}); }

/// Halves are multiplied until one element is left: the derivative needs no division, so zeros do no harm.
Tensor Tensor::prod(int64_t dim, bool keepdim, OptionalDtype dtype, Location loc) const {
  impl("prod", *this, loc);
  auto [x] = record::autocast<ir::prim::ReduceSumOp>(loc, to(dtype.value_or(is_floating_point() ? scalar_type() : kLong), loc));
  Tensor rest;
  if (this->dim() == 0)
    return x.clone(loc);
  auto d = record::wrap_dim("prod", dim, this->dim(), loc);
  auto shape = sizes().vec();
  shape[size_t(d)] = 1;
  if (size(d) == 0)
    x = ones(shape, x.options(), loc);
  for (int64_t n = x.size(d); n > 1; n /= 2) {
    if (n % 2) {
      auto last = x.narrow(d, n - 1, 1, loc);
      rest = rest.defined() ? rest.mul({last, loc}) : last;
    }
    x = x.narrow(d, 0, n / 2, loc).mul({x.narrow(d, n / 2, n / 2, loc), loc});
  }
  if (rest.defined())
    x = x.mul({rest, loc});
  return keepdim ? x : x.squeeze(d, loc);
}
Tensor Tensor::prod(OptionalDtype dtype, Location loc) const { return flatten(0, -1, loc).prod(0, false, dtype, loc); }

std::tuple<Tensor, Tensor> Tensor::aminmax(std::optional<int64_t> dim, bool keepdim, Location loc) const {
  if (!dim)
    return {min(loc), max(loc)};
  return {amin(*dim, keepdim, loc), amax(*dim, keepdim, loc)};
}
Tensor Tensor::count_nonzero(IntArrayRef dims, Location loc) const { return ne({0, loc}).sum(dims, false, kLong, loc); }

namespace {
/// The derivative at zero is zero, as in PyTorch, and not 0 / 0.
Tensor root(const Tensor &x, Location loc) {
  auto none = x.eq({0, loc});
  return x.masked_fill(none, {1, loc}).sqrt(loc).masked_fill(none, {0, loc});
}
} // namespace

/// The root is taken of 1 where the sum is 0: the derivative there is 0, as in PyTorch, and not 0 / 0.
Tensor Tensor::norm(Scalar p, IntArrayRef dims, bool keepdim, Location loc) const {
  if (impl("norm", *this, loc); !is_floating_point())
    throw record::error("norm", "expected a floating-point tensor, got " + record::text(*this), loc);
  auto [x] = record::autocast<ir::prim::ReduceSumOp>(loc, *this);
  if (auto dtype = x.scalar_type(); dtype == kHalf || dtype == kBFloat16) // squares pass what 16 bits hold where the norm does not
    return x.to(kFloat, loc).norm(p, dims, keepdim, loc).to(dtype, loc);
  double e = p.toDouble();
  auto sum = [&](const Tensor &t) { return t.sum(dims, keepdim, std::nullopt, loc); };
  if (e == 0)
    return sum(x.ne({0, loc}).to(x.scalar_type(), loc));
  if (e == 1)
    return sum(x.abs(loc));
  if (std::isinf(e))
    return e > 0 ? x.abs(loc).amax(dims, keepdim, loc) : x.abs(loc).amin(dims, keepdim, loc);
  auto no_number = [&](const Tensor &t) { return t.eq({0, loc}); };
  auto powers = e == 2 ? x.square(loc) : x.masked_fill(no_number(x), {1, loc}).abs(loc).pow({e, loc}).masked_fill(no_number(x), {e > 0 ? 0.0 : std::numeric_limits<double>::infinity(), loc});
  auto total = sum(powers), none = no_number(total), safe = total.masked_fill(none, {1, loc});
  return (e == 2 ? safe.sqrt(loc) : safe.pow({1 / e, loc})).masked_fill(none, {0, loc});
}
Tensor Tensor::std(IntArrayRef dims, bool unbiased, bool keepdim, Location loc) const { return root(var(dims, unbiased, keepdim, loc), loc); }
Tensor Tensor::std(IntArrayRef dims, std::optional<Scalar> correction, bool keepdim, Location loc) const { return root(var(dims, correction, keepdim, loc), loc); }
Tensor Tensor::var(IntArrayRef dims, std::optional<Scalar> correction, bool keepdim, Location loc) const {
  auto population = var(dims, false, keepdim, loc);
  double n = 1, less = correction ? correction->toDouble() : 1;
  if (dims.empty())
    n = double(numel());
  for (auto d : dims)
    n *= double(size(d, loc));
  return population.mul({record::constant(n / std::max(0.0, n - less), population.scalar_type(), {}, loc), loc});
}

} // namespace tenon
