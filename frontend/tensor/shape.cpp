// Shape methods: views of PyTorch's rules, cat and stack.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"
#include <numeric>

namespace tenon {

using namespace detail;
namespace prim = ir::prim;
using record::builder;

namespace {
Shape shape_of(const char *op, const Tensor &t, Location loc) { return impl(op, t, loc)->shape().vec(); }
Tensor reshaped(const char *op, const Tensor &t, Shape sizes, Location loc) { return make_view(op, t, {ViewStep::Reshape, std::move(sizes), {}, {}}, loc); }
} // namespace

Tensor Tensor::view(IntArrayRef sizes, Location loc) const {
  auto &p = impl("view", *this, loc);
  Shape shape = sizes.vec();
  int64_t known = 1, open = -1;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == -1 && open < 0)
      open = int64_t(i);
    else if (shape[i] < 0)
      throw record::error("view", "expected sizes of which one at most is -1, got " + record::shape_text(sizes), loc);
    else
      known *= shape[i];
  }
  bool fits = open < 0 ? known == p->numel() : known > 0 && p->numel() % known == 0;
  if (!fits)
    throw record::error("view", "expected sizes of " + std::to_string(p->numel()) + " elements for " + record::text(*this) + ", got " + record::shape_text(sizes), loc);
  if (open >= 0)
    shape[size_t(open)] = p->numel() / known;
  return reshaped("view", *this, std::move(shape), loc);
}

Tensor Tensor::flatten(int64_t start_dim, int64_t end_dim, Location loc) const {
  auto shape = shape_of("flatten", *this, loc);
  auto rank = int64_t(shape.size());
  auto start = record::wrap_dim("flatten", start_dim, rank, loc), end = record::wrap_dim("flatten", end_dim, rank, loc);
  if (start > end)
    throw record::error("flatten", "expected start_dim <= end_dim, got " + std::to_string(start) + " and " + std::to_string(end), loc);
  if (rank == 0)
    return reshaped("flatten", *this, {1}, loc);
  auto joined = std::accumulate(shape.begin() + start, shape.begin() + end + 1, int64_t(1), std::multiplies<>());
  shape.erase(shape.begin() + start, shape.begin() + end + 1);
  shape.insert(shape.begin() + start, joined);
  return reshaped("flatten", *this, std::move(shape), loc);
}
Tensor Tensor::squeeze(Location loc) const {
  auto shape = shape_of("squeeze", *this, loc);
  std::erase(shape, 1);
  return reshaped("squeeze", *this, std::move(shape), loc);
}
Tensor Tensor::squeeze(int64_t dim, Location loc) const {
  auto shape = shape_of("squeeze", *this, loc);
  auto d = record::wrap_dim("squeeze", dim, int64_t(shape.size()), loc);
  if (!shape.empty() && shape[size_t(d)] == 1)
    shape.erase(shape.begin() + d);
  return reshaped("squeeze", *this, std::move(shape), loc);
}
Tensor Tensor::unsqueeze(int64_t dim, Location loc) const {
  auto shape = shape_of("unsqueeze", *this, loc);
  shape.insert(shape.begin() + record::wrap_dim("unsqueeze", dim, int64_t(shape.size()) + 1, loc), 1);
  return reshaped("unsqueeze", *this, std::move(shape), loc);
}

Tensor Tensor::permute(IntArrayRef dims, Location loc) const {
  auto rank = int64_t(shape_of("permute", *this, loc).size());
  Shape permutation;
  std::vector<bool> seen(static_cast<size_t>(rank));
  for (auto d : dims) {
    permutation.push_back(record::wrap_dim("permute", d, rank, loc));
    if (rank > 0)
      seen[size_t(permutation.back())] = true;
  }
  if (int64_t(dims.size()) != rank || !llvm::all_of(seen, [](bool b) { return b; }))
    throw record::error("permute", "expected each dimension of " + record::text(*this) + " once, got " + record::shape_text(dims), loc);
  return make_view("permute", *this, {ViewStep::Permute, std::move(permutation), {}, {}}, loc);
}
Tensor Tensor::transpose(int64_t dim0, int64_t dim1, Location loc) const {
  auto rank = int64_t(shape_of("transpose", *this, loc).size());
  Shape order(static_cast<size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  auto a = record::wrap_dim("transpose", dim0, rank, loc), b = record::wrap_dim("transpose", dim1, rank, loc);
  if (rank > 0)
    std::swap(order[size_t(a)], order[size_t(b)]);
  return permute(order, loc);
}
Tensor Tensor::t(Location loc) const {
  auto rank = shape_of("t", *this, loc).size();
  if (rank > 2)
    throw record::error("t", "expected rank 2 at most, got " + record::text(*this), loc);
  return rank == 2 ? transpose(0, 1, loc) : *this;
}

Tensor Tensor::expand(IntArrayRef sizes, Location loc) const {
  auto shape = shape_of("expand", *this, loc);
  auto result = sizes.vec();
  bool fits = shape.size() <= result.size();
  for (size_t i = 0; fits && i < shape.size(); ++i) {
    auto &to = result[result.size() - 1 - i];
    auto from = shape[shape.size() - 1 - i];
    if (to == -1)
      to = from;
    fits = to == from || from == 1;
  }
  if (!fits || llvm::any_of(result, [](int64_t s) { return s < 0; }))
    throw record::error("expand", "expected sizes that " + record::text(*this) + " broadcasts to, got " + record::shape_text(sizes), loc);
  return result == shape ? *this : make_view("expand", *this, {ViewStep::Expand, std::move(result), {}, {}}, loc);
}

Tensor Tensor::slice(int64_t dim, std::optional<int64_t> start, std::optional<int64_t> end, int64_t step, Location loc) const {
  auto shape = shape_of("slice", *this, loc);
  if (shape.empty() || step < 1)
    throw record::error("slice", "expected rank 1 at least and a positive step, got " + record::text(*this) + " and " + std::to_string(step), loc);
  auto d = size_t(record::wrap_dim("slice", dim, int64_t(shape.size()), loc));
  auto clip = [&](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + shape[d] : i, 0, shape[d]); };
  auto begin = clip(start.value_or(0)), stop = std::max(begin, clip(end.value_or(shape[d])));
  if (begin == 0 && stop == shape[d] && step == 1)
    return *this;
  ViewStep s{ViewStep::Slice, shape, Shape(shape.size(), 0), Shape(shape.size(), 1)};
  s.offsets[d] = begin;
  s.strides[d] = step;
  s.sizes[d] = (stop - begin + step - 1) / step;
  return make_view("slice", *this, std::move(s), loc);
}
Tensor Tensor::narrow(int64_t dim, int64_t start, int64_t length, Location loc) const {
  auto extent = size(dim, loc);
  auto begin = start < 0 ? start + extent : start;
  if (begin < 0 || length < 0 || begin + length > extent)
    throw record::error("narrow", "expected a range within dimension " + std::to_string(dim) + " of " + record::text(*this) + ", got start " + std::to_string(start) + " and length " + std::to_string(length), loc);
  return slice(dim, begin, begin + length, 1, loc);
}
Tensor Tensor::select(int64_t dim, int64_t index, Location loc) const {
  auto shape = shape_of("select", *this, loc);
  if (shape.empty())
    throw record::error("select", "expected rank 1 at least, got " + record::text(*this), loc);
  auto d = record::wrap_dim("select", dim, int64_t(shape.size()), loc);
  auto extent = shape[size_t(d)];
  if (index < -extent || index >= extent)
    throw record::error("select", "expected an index in [" + std::to_string(-extent) + ", " + std::to_string(extent - 1) + "] for dimension " + std::to_string(d) + " of " + record::text(*this) + ", got " + std::to_string(index), loc);
  auto at = index < 0 ? index + extent : index;
  shape.erase(shape.begin() + d);
  return reshaped("select", slice(d, at, at + 1, 1, loc), std::move(shape), loc);
}
TensorList Tensor::unbind(int64_t dim, Location loc) const {
  TensorList parts;
  for (int64_t i = 0, n = size(dim, loc); i < n; ++i)
    parts.push_back(select(dim, i, loc));
  return parts;
}
TensorList Tensor::split(int64_t split_size, int64_t dim, Location loc) const {
  if (split_size < 1)
    throw record::error("split", "expected a positive size, got " + std::to_string(split_size), loc);
  TensorList parts;
  for (int64_t i = 0, n = size(dim, loc); i < n; i += split_size)
    parts.push_back(slice(dim, i, std::min(i + split_size, n), 1, loc));
  return parts;
}
TensorList Tensor::chunk(int64_t chunks, int64_t dim, Location loc) const {
  if (chunks < 1)
    throw record::error("chunk", "expected a positive number, got " + std::to_string(chunks), loc);
  return split(std::max<int64_t>(1, (size(dim, loc) + chunks - 1) / chunks), dim, loc);
}

Tensor Tensor::flip(IntArrayRef dims, Location loc) const {
  Shape wrapped;
  for (auto d : dims)
    wrapped.push_back(record::wrap_dim("flip", d, dim(), loc));
  return record::op<prim::ReverseOp>({*this}, loc, [&](auto &p) { p.dimensions = builder().getDenseI64ArrayAttr(wrapped); });
}

Tensor cat(const TensorList &tensors, int64_t dim, Location loc) {
  if (tensors.empty())
    throw record::error("cat", "expected at least one tensor", loc);
  auto d = record::wrap_dim("cat", dim, impl("cat", tensors[0], loc)->type.getRank(), loc);
  auto dtype = tensors[0].scalar_type();
  for (auto &t : tensors)
    dtype = promote_types(dtype, impl("cat", t, loc)->dtype);
  TensorList parts;
  for (auto &t : tensors)
    parts.push_back(record::cast(t, dtype, loc));
  return record::op<prim::ConcatOp>(parts, loc, [&](auto &p) { p.dimension = builder().getI64IntegerAttr(d); });
}
Tensor stack(const TensorList &tensors, int64_t dim, Location loc) {
  if (tensors.empty())
    throw record::error("stack", "expected at least one tensor", loc);
  auto d = record::wrap_dim("stack", dim, impl("stack", tensors[0], loc)->type.getRank() + 1, loc);
  TensorList parts;
  for (auto &t : tensors)
    parts.push_back(t.unsqueeze(d, loc));
  return cat(parts, d, loc);
}

} // namespace tenon
