// Results whose shape depends on data: define-by-run reads the numbers, as item() reads one; inside compile, and in bodies of loops, they are refused.
#include "frontend/tensor/composed.h"
#include "frontend/tensor/places.h"

namespace tenon {

using namespace detail;

void detail::expect_readable(const char *op, const char *instead, Location loc) {
  if (record::is_capturing() || current_trace().body)
    throw record::error(op, std::string("the result's shape would depend on data, which a compiled function cannot have; ") + instead, loc);
}

namespace {

/// Where x is not 0, in the order of memory.
std::vector<int64_t> places_of(const Tensor &x, Location loc) {
  std::vector<int64_t> places;
  if (x.numel() == 0)
    return places;
  auto flags = x.detach(loc);
  if (flags.scalar_type() != kBool)
    flags = flags.ne(Operand(Scalar(0), loc));
  auto *set = static_cast<const bool *>(host_numbers("nonzero", flags, Use::Read, loc));
  for (int64_t i = 0; i < x.numel(); ++i)
    if (set[i])
      places.push_back(i);
  return places;
}

} // namespace

Tensor Tensor::nonzero(Location loc) const {
  Lock lock;
  impl("nonzero", *this, loc);
  expect_readable("nonzero", "use where, or argsort of the flags", loc);
  auto shape = sizes().vec();
  auto places = places_of(*this, loc);
  std::vector<int64_t> coordinates(places.size() * shape.size());
  for (size_t i = 0; i < places.size(); ++i)
    for (size_t d = shape.size(); d-- > 0; places[i] /= shape[d])
      coordinates[i * shape.size() + d] = places[i] % shape[d];
  return tensor(coordinates, options().dtype(kLong), loc).view({int64_t(places.size()), dim()}, loc);
}

Tensor Tensor::masked_select(const Tensor &mask, Location loc) const {
  Lock lock;
  impl("masked_select", *this, loc);
  if (impl("masked_select", mask, loc)->dtype != kBool)
    throw record::error("masked_select", "expected a mask of flags, got " + record::text(mask), loc);
  expect_readable("masked_select", "use where or masked_fill", loc);
  auto shape = record::broadcast_shape("masked_select", sizes().vec(), mask.sizes(), loc);
  auto x = record::broadcast("masked_select", *this, shape, loc);
  auto places = places_of(record::broadcast("masked_select", mask, shape, loc), loc);
  return x.view({x.numel()}, loc).index_select(0, tensor(places, x.options().dtype(kLong), loc), loc);
}

/// Of a row of elements: the first of each run of equal ones; in which run each element is; how long each is.
struct Runs {
  Tensor values, which, lengths;
};
static Runs runs_of(const Tensor &row, bool count, Location loc) {
  auto n = row.numel();
  auto first = cat({ones({1}, row.options().dtype(kBool), loc), row.slice(0, 1, n, 1, loc).ne(Operand(row.slice(0, 0, n - 1, 1, loc), loc))}, 0, loc);
  Runs runs{row.masked_select(first, loc), first.to(kLong, loc).cumsum(0, loc).sub(Operand(Scalar(1), loc)), {}};
  if (count)
    runs.lengths = bincount(runs.which, {}, runs.values.numel(), loc);
  return runs;
}
static std::tuple<Tensor, Tensor, Tensor> unique_of(const char *op, bool sorting, const Tensor &x, bool return_inverse, bool return_counts, Location loc) {
  Lock lock;
  impl(op, x, loc);
  expect_readable(op, "use sort, or bincount with minlength", loc);
  auto n = x.numel();
  auto flat = x.detach(loc).view({n}, loc), row = flat;
  Tensor none = empty({0}, x.options().dtype(kLong), loc), order;
  if (n == 0)
    return {flat, return_inverse ? none.view(x.sizes(), loc) : none, none};
  if (sorting)
    std::tie(row, order) = (x.scalar_type() == kBool ? flat.to(kInt, loc) : flat).sort(0, false, loc);
  auto runs = runs_of(row, return_counts, loc);
  auto inverse = sorting && return_inverse ? zeros({n}, runs.which.options(), loc).scatter(0, order, runs.which, loc) : runs.which;
  return {runs.values.to(x.scalar_type(), loc), return_inverse ? inverse.view(x.sizes(), loc) : none, return_counts ? runs.lengths : none};
}
std::tuple<Tensor, Tensor, Tensor> _unique2(const Tensor &x, bool, bool return_inverse, bool return_counts, Location loc) { return unique_of("unique", true, x, return_inverse, return_counts, loc); }
std::tuple<Tensor, Tensor, Tensor> unique_consecutive(const Tensor &x, bool return_inverse, bool return_counts, Location loc) {
  return unique_of("unique_consecutive", false, x, return_inverse, return_counts, loc);
}
Tensor Tensor::unique(Location loc) const { return std::get<0>(_unique2(*this, true, false, false, loc)); }

TensorList where(const Tensor &condition, Location loc) {
  auto places = condition.nonzero(loc);
  TensorList columns;
  for (int64_t d = 0; d < condition.dim(); ++d)
    columns.push_back(places.select(1, d, loc));
  return columns;
}

} // namespace tenon
