// Places in a sorted sequence, counts, draws from a distribution, and triangles of indices.
#include "frontend/tensor/places.h"

namespace tenon {

using namespace detail;
namespace prim = ir::prim;

Tensor searchsorted(const Tensor &sequence, const Tensor &values, bool out_int32, bool right, Location loc) {
  Lock lock;
  int64_t rank = impl("searchsorted", sequence, loc)->type.getRank();
  bool fits = rank == 1 || (rank == impl("searchsorted", values, loc)->type.getRank() && rank > 0);
  for (int64_t d = 0; fits && rank > 1 && d + 1 < rank; ++d)
    fits = sequence.size(d) == values.size(d);
  if (!fits)
    throw record::error("searchsorted", "expected a one-dimensional sequence, or one with all but the last axis of the values, got " + record::text(sequence) + " and " + record::text(values), loc);
  auto one = values.unsqueeze(-1, loc), all = rank == 1 ? sequence : sequence.unsqueeze(-2, loc);
  // Not "is smaller": then NaN, which compares with nothing, lies behind everything.
  auto behind = right ? all.gt(Operand(one, loc)) : all.ge(Operand(one, loc));
  return behind.logical_not(loc).sum(-1, false, out_int32 ? kInt : kLong, loc);
}
Tensor bucketize(const Tensor &x, const Tensor &boundaries, bool out_int32, bool right, Location loc) {
  if (impl("bucketize", boundaries, loc)->type.getRank() != 1)
    throw record::error("bucketize", "expected one-dimensional boundaries, got " + record::text(boundaries), loc);
  return searchsorted(boundaries, x, out_int32, right, loc);
}

Tensor bincount(const Tensor &x, const Tensor &weights, int64_t minlength, Location loc) {
  Lock lock;
  if (impl("bincount", x, loc)->type.getRank() != 1)
    throw record::error("bincount", "expected a one-dimensional tensor, got " + record::text(x), loc);
  if (minlength < 1) {
    expect_readable("bincount", "say the number of bins by minlength", loc);
    minlength = x.numel() ? x.max(loc).item<int64_t>(loc) + 1 : 0;
  }
  if (weights.defined() && !(weights.sizes() == x.sizes()))
    throw record::error("bincount", "expected weights of the input's shape, got " + record::text(weights) + " for " + record::text(x), loc);
  auto counted = weights.defined() ? (weights.is_floating_point() ? weights : record::cast(weights, kDouble, loc)) : record::constant(1, kLong, x.sizes(), loc);
  return scatter_axis(Mode::add, Tensor(), {minlength}, checked_index("bincount", x, minlength, false, loc), counted, 0, loc);
}

Tensor histc(const Tensor &x, int64_t bins, Scalar min, Scalar max, Location loc) {
  Lock lock;
  if (!is_floating_point(impl("histc", x, loc)->dtype) || bins < 1 || min.toDouble() > max.toDouble())
    throw record::error("histc", "expected a floating-point tensor, at least one bin and min <= max, got " + record::text(x) + ", " + std::to_string(bins) + " bins and [" +
                                     std::to_string(min.toDouble()) + ", " + std::to_string(max.toDouble()) + "]", loc);
  auto dtype = x.scalar_type();
  auto flat = x.detach(loc).view({-1}, loc);
  auto low = record::constant(min, dtype, {}, loc), high = record::constant(max, dtype, {}, loc);
  if (min.toDouble() == max.toDouble()) {
    auto one = record::constant(1, dtype, {}, loc);
    low = flat.min(loc), high = flat.max(loc);
    auto same = low.eq(Operand(high, loc)); // PyTorch widens an empty range by one on both sides
    low = where(same, Operand(low.sub(Operand(one, loc)), loc), Operand(low, loc));
    high = where(same, Operand(high.add(Operand(one, loc)), loc), Operand(high, loc));
  }
  auto share = flat.sub(Operand(low, loc)).mul(Operand(record::constant(bins, dtype, {}, loc), loc)).div(Operand(high.sub(Operand(low, loc)), loc)).floor(loc).to(kLong, loc);
  auto last = record::constant(bins - 1, kLong, {}, loc), outside = record::constant(-1, kLong, {}, loc);
  auto inside = flat.ge(Operand(low, loc)).logical_and(Operand(flat.le(Operand(high, loc)), loc));
  auto place = where(inside, Operand(share.minimum(Operand(last, loc)), loc), Operand(outside, loc));
  return scatter_axis(Mode::add, Tensor(), {bins}, place, record::constant(1, dtype, flat.sizes(), loc), 0, loc);
}

Tensor multinomial(const Tensor &probabilities, int64_t num_samples, bool replacement, Location loc) {
  Lock lock;
  int64_t rank = impl("multinomial", probabilities, loc)->type.getRank();
  if (rank < 1 || rank > 2 || !probabilities.is_floating_point())
    throw record::error("multinomial", "expected floating-point probabilities [C] or [N, C], got " + record::text(probabilities), loc);
  auto classes = probabilities.size(-1);
  if (num_samples < 1 || (!replacement && num_samples > classes))
    throw record::error("multinomial", "expected " + std::string(replacement ? "at least one sample" : "1 to " + std::to_string(classes) + " samples without replacement") + ", got " + std::to_string(num_samples), loc);
  NoGradGuard no_grad;
  auto p = probabilities.to(kDouble, loc);
  auto shape = p.sizes().vec();
  if (replacement)
    shape.insert(shape.end() - 1, num_samples), p = p.unsqueeze(-2, loc);
  // Of exponential clocks with these rates each is first with its probability, second with its share of the rest, ... u is in [0, 1): 1 - u is never 0.
  auto u = rand(shape, kDouble, loc);
  auto clocks = u.neg(loc).log1p(loc).neg(loc);
  auto rates = p.div(Operand(clocks, loc));
  auto never = record::constant(-1, kDouble, {}, loc), zero = record::constant(0, kDouble, {}, loc);
  rates = where(record::broadcast("multinomial", p, shape, loc).gt(Operand(zero, loc)), Operand(rates, loc), Operand(never, loc));
  return replacement ? rates.argmax(-1, false, loc) : rates.argsort(-1, true, loc).narrow(-1, 0, num_samples, loc);
}
Tensor randperm(int64_t n, const TensorOptions &options, Location loc) {
  if (n < 0)
    throw record::error("randperm", "expected a number that is not negative, got " + std::to_string(n), loc);
  return rand({n}, kDouble, loc).argsort(0, false, loc).to(options.has_dtype() ? options.dtype() : kLong, loc);
}

static Tensor triangle(int64_t rows, int64_t columns, bool (*holds)(int64_t, int64_t, int64_t), int64_t offset, const TensorOptions &options, const char *op, Location loc) {
  if (rows < 0 || columns < 0)
    throw record::error(op, "expected sizes that are not negative, got " + std::to_string(rows) + " and " + std::to_string(columns), loc);
  std::vector<int64_t> all;
  for (bool column : {false, true})
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j)
        if (holds(i, j, offset))
          all.push_back(column ? j : i);
  auto n = int64_t(all.size()) / 2;
  return tensor(all, options.has_dtype() ? options : options.dtype(kLong), loc).view({2, n}, loc);
}
Tensor tril_indices(int64_t rows, int64_t columns, int64_t offset, const TensorOptions &options, Location loc) {
  return triangle(rows, columns, [](int64_t i, int64_t j, int64_t k) { return j - i <= k; }, offset, options, "tril_indices", loc);
}
Tensor triu_indices(int64_t rows, int64_t columns, int64_t offset, const TensorOptions &options, Location loc) {
  return triangle(rows, columns, [](int64_t i, int64_t j, int64_t k) { return j - i >= k; }, offset, options, "triu_indices", loc);
}

} // namespace tenon
