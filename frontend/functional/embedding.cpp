// Embeddings: nn.embedding, and bags made of it.
#include <tenon/functional/functional.h>

#include "frontend/functional/check.h"
#include "frontend/tensor/places.h"
#include <limits>

namespace tenon {

namespace {

using detail::Mode;

template <class Options> void refuse(const char *op, const Options &options, Location loc) {
  if (options.max_norm())
    throw record::error(op, "max_norm is not supported: rows would change when they are read; renormalise the weight after the optimizer's step", loc);
  if (options.scale_grad_by_freq())
    throw record::error(op, "scale_grad_by_freq is not supported", loc);
}

void check(const char *op, const Tensor &input, const Tensor &weight, Location loc) {
  detail::expect_defined(op, "input", input, loc);
  detail::expect_floating(op, "weight", weight, loc);
  if (weight.dim() != 2)
    throw record::error(op, "expected a weight [V, D], came " + record::text(weight), loc);
  if (input.scalar_type() != kLong && input.scalar_type() != kInt)
    throw record::error(op, "expected indices of int64 or int32, came " + record::text(input), loc);
}

/// Counted from the front.
std::optional<int64_t> padding(const char *op, std::optional<int64_t> index, int64_t rows, Location loc) {
  if (index && (*index < -rows || *index >= rows))
    throw record::error(op, "expected padding_idx in [" + std::to_string(-rows) + ", " + std::to_string(rows) + "), came " + std::to_string(*index), loc);
  return index && *index < 0 ? *index + rows : index;
}

Tensor rows(const Tensor &input, const Tensor &weight, std::optional<int64_t> pad, Location loc) {
  return record::op<ir::nn::EmbeddingOp>({input, weight}, loc, [&](auto &p) {
    if (pad)
      p.padding_idx = record::builder().getI64IntegerAttr(*pad);
  });
}

/// The bag of every index of a one-dimensional input: how many offsets are at or before its place, less one.
Tensor bags(const Tensor &input, const Tensor &offsets, Location loc) {
  int64_t n = input.numel();
  auto begins = detail::checked_index("embedding_bag", offsets, n + 1, false, loc);
  auto marks = detail::scatter_axis(Mode::add, Tensor(), {n + 1}, begins, record::constant(1, kLong, offsets.sizes(), loc), 0, loc);
  return marks.cumsum(0, loc).narrow(0, 0, n, loc).sub(Operand(record::constant(1, kLong, {n}, loc), loc));
}

} // namespace

namespace nn::functional {

Tensor embedding(const Tensor &input, const Tensor &weight, const EmbeddingFuncOptions &options, Location loc) {
  check("embedding", input, weight, loc);
  refuse("embedding", options, loc);
  return rows(input, weight, padding("embedding", options.padding_idx(), weight.size(0), loc), loc);
}

Tensor embedding_bag(const Tensor &input, const Tensor &weight, const EmbeddingBagFuncOptions &options, Location loc) {
  const char *op = "embedding_bag";
  check(op, input, weight, loc);
  refuse(op, options, loc);
  const Tensor &offsets = options.offsets(), &factors = options.per_sample_weights();
  if (input.dim() != (offsets.defined() ? 1 : 2))
    throw record::error(op, std::string("expected ") + (offsets.defined() ? "an input [N] with offsets" : "an input [B, N] without offsets, or [N] with them") + ", came " + record::text(input), loc);
  if (offsets.defined() && (offsets.dim() != 1 || offsets.is_floating_point() || offsets.numel() < (options.include_last_offset() ? 1 : 0)))
    throw record::error(op, "expected one-dimensional integer offsets, came " + record::text(offsets), loc);
  if (factors.defined() && (options.mode() != EmbeddingBagMode::Sum || !(factors.sizes() == input.sizes()) || factors.scalar_type() != weight.scalar_type()))
    throw record::error(op, "expected per_sample_weights of the input's shape and the weight's dtype, and mode sum, came " + record::text(factors) + " for " + record::text(input), loc);
  auto pad = padding(op, options.padding_idx(), weight.size(0), loc);
  int64_t count = offsets.defined() ? offsets.numel() - options.include_last_offset() : input.size(0);
  auto flat = input.view({-1}, loc);
  // Which bag every index is in; -1, which scatter leaves out, for none.
  auto bag = offsets.defined() ? bags(input, offsets, loc) : arange(count, input.options().dtype(kLong), loc).unsqueeze(1, loc).expand(input.sizes(), loc).view({-1}, loc);
  auto number = [&](Scalar n, Dtype dtype) { return record::constant(n, dtype, {}, loc); };
  if (pad)
    bag = where(flat.eq(Operand(number(*pad, flat.scalar_type()), loc)), Operand(number(-1, kLong), loc), Operand(bag, loc));
  auto each = rows(flat, weight, pad, loc);
  if (factors.defined())
    each = each.mul(Operand(factors.view({-1, 1}, loc), loc));
  auto dtype = weight.scalar_type();
  Shape shape{count, weight.size(1)};
  if (options.mode() == EmbeddingBagMode::Sum)
    return detail::scatter_axis(Mode::add, Tensor(), shape, bag, each, 0, loc);
  auto sizes = detail::scatter_axis(Mode::add, Tensor(), {count}, bag, record::constant(1, dtype, bag.sizes(), loc), 0, loc).unsqueeze(1, loc);
  if (options.mode() == EmbeddingBagMode::Max) {
    auto most = detail::scatter_axis(Mode::max, Tensor(), shape, bag, each, 0, loc);
    return where(sizes.gt(Operand(number(0, dtype), loc)), Operand(most, loc), Operand(number(0, dtype), loc));
  }
  return detail::scatter_axis(Mode::add, Tensor(), shape, bag, each, 0, loc).div(Operand(sizes.maximum(Operand(number(1, dtype), loc)), loc));
}

} // namespace nn::functional

Tensor embedding(const Tensor &weight, const Tensor &indices, int64_t padding_idx, bool scale_grad_by_freq, bool sparse, Location loc) {
  auto options = F::EmbeddingFuncOptions().scale_grad_by_freq(scale_grad_by_freq).sparse(sparse);
  if (padding_idx >= 0)
    options.padding_idx(padding_idx);
  return F::embedding(indices, weight, options, loc);
}

} // namespace tenon
