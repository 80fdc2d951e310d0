// Parts of tensors: split at places, put back into a copy, joined along a diagonal, chosen.
#include "frontend/tensor/composed.h"
#include "frontend/tensor/places.h"

namespace tenon {

using namespace detail;

TensorList Tensor::tensor_split(IntArrayRef indices, int64_t dim, Location loc) const {
  int64_t extent = size(dim, loc), begin = 0;
  TensorList parts;
  auto cut = [&](int64_t end) { // as Python's ranges: negative ones count from the end, and what is out of range is empty
    end = std::clamp<int64_t>(end < 0 ? end + extent : end, 0, extent);
    parts.push_back(narrow(dim, begin, std::max<int64_t>(0, end - begin), loc));
    begin = end;
  };
  for (auto i : indices)
    cut(i);
  cut(extent);
  return parts;
}

namespace {
int64_t split_dim(const char *op, const Tensor &x, int64_t rank, int64_t dim, std::optional<int64_t> sections, Location loc) {
  if (impl(op, x, loc)->type.getRank() < rank)
    throw record::error(op, "expected rank " + std::to_string(rank) + " at least, got " + record::text(x), loc);
  if (sections && (*sections < 1 || x.size(dim) % *sections))
    throw record::error(op, "expected a number of sections that divides the " + std::to_string(x.size(dim)) + " of dimension " + std::to_string(dim) + " of " + record::text(x) + ", got " + std::to_string(*sections), loc);
  return dim;
}
int64_t side(const Tensor &x) { return x.defined() && x.dim() == 1 ? 0 : 1; }
} // namespace
TensorList Tensor::hsplit(int64_t n, Location loc) const { return tensor_split(n, split_dim("hsplit", *this, 1, side(*this), n, loc), loc); }
TensorList Tensor::hsplit(IntArrayRef i, Location loc) const { return tensor_split(i, split_dim("hsplit", *this, 1, side(*this), {}, loc), loc); }
TensorList Tensor::vsplit(int64_t n, Location loc) const { return tensor_split(n, split_dim("vsplit", *this, 2, 0, n, loc), loc); }
TensorList Tensor::vsplit(IntArrayRef i, Location loc) const { return tensor_split(i, split_dim("vsplit", *this, 2, 0, {}, loc), loc); }
TensorList Tensor::dsplit(int64_t n, Location loc) const { return tensor_split(n, split_dim("dsplit", *this, 3, 2, n, loc), loc); }
TensorList Tensor::dsplit(IntArrayRef i, Location loc) const { return tensor_split(i, split_dim("dsplit", *this, 3, 2, {}, loc), loc); }

/// A copy of x in which the part that `read` gives is `src`.
template <class Read> static Tensor with_part(const char *op, const Tensor &x, const Tensor &src, Location loc, Read read) {
  impl(op, src, loc);
  auto y = x.clone(loc), part = read(y);
  if (!(part.sizes() == src.sizes()))
    throw record::error(op, "expected a source " + record::shape_text(part.sizes()) + " for a part of " + record::text(x) + ", got " + record::text(src), loc);
  part.copy_(src, false, loc);
  return y;
}
Tensor Tensor::select_scatter(const Tensor &src, int64_t dim, int64_t index, Location loc) const {
  return with_part("select_scatter", *this, src, loc, [&](const Tensor &y) { return y.select(dim, index, loc); });
}
Tensor Tensor::slice_scatter(const Tensor &src, int64_t dim, std::optional<int64_t> start, std::optional<int64_t> end, int64_t step, Location loc) const {
  return with_part("slice_scatter", *this, src, loc, [&](const Tensor &y) { return y.slice(dim, start, end, step, loc); });
}
Tensor Tensor::diagonal_scatter(const Tensor &src, int64_t offset, int64_t dim1, int64_t dim2, Location loc) const {
  return with_part("diagonal_scatter", *this, src, loc, [&](const Tensor &y) { return y.diagonal(offset, dim1, dim2, loc); });
}
Tensor Tensor::sum_to_size(IntArrayRef sizes, Location loc) const {
  impl("sum_to_size", *this, loc);
  int64_t lead = dim() - int64_t(sizes.size());
  Shape over;
  bool fits = lead >= 0;
  for (int64_t d = 0; fits && d < dim(); ++d) {
    bool summed = d < lead || (sizes[size_t(d - lead)] == 1 && size(d) != 1);
    if (summed)
      over.push_back(d);
    fits = summed || sizes[size_t(d - lead)] == size(d);
  }
  if (!fits)
    throw record::error("sum_to_size", "expected sizes that broadcast to " + record::text(*this) + ", got " + record::shape_text(sizes), loc);
  return over.empty() ? *this : sum(over, true, std::nullopt, loc).view(sizes, loc);
}

Tensor Tensor::masked_scatter(const Tensor &mask, const Tensor &source, Location loc) const {
  Lock lock;
  impl("masked_scatter", *this, loc), impl("masked_scatter", source, loc);
  if (impl("masked_scatter", mask, loc)->dtype != kBool || source.scalar_type() != scalar_type())
    throw record::error("masked_scatter", "expected a mask of flags and a source of the input's dtype, got " + record::text(mask) + " and " + record::text(source) + " for " + record::text(*this), loc);
  auto shape = record::broadcast_shape("masked_scatter", sizes(), mask.sizes(), loc);
  auto x = record::broadcast("masked_scatter", *this, shape, loc), set = record::broadcast("masked_scatter", mask, shape, loc);
  if (x.numel() == 0)
    return x;
  if (source.numel() == 0)
    throw record::error("masked_scatter", "expected a source with elements, got " + record::text(source), loc);
  auto flags = set.view({-1}, loc);
  auto place = tenon::where(flags, Operand(flags.to(kLong, loc).cumsum(0, loc).sub({1, loc}), loc), {0, loc});
  auto taken = gather_axis(source.view({-1}, loc), checked_index("masked_scatter", place, source.numel(), false, loc), 0, loc);
  return tenon::where(set, Operand(taken.view(shape, loc), loc), Operand(x, loc));
}
Tensor Tensor::put(const Tensor &index, const Tensor &source, bool accumulate, Location loc) const {
  impl("put", *this, loc);
  if (impl("put", source, loc)->numel() != impl("put", index, loc)->numel() || source.scalar_type() != scalar_type())
    throw record::error("put", "expected a source of the input's dtype with an element per index, got " + record::text(source) + " and " + record::text(index) + " for " + record::text(*this), loc);
  return flatten(0, -1, loc).index_put({index.flatten(0, -1, loc)}, {source.flatten(0, -1, loc), loc}, accumulate, loc).view(sizes(), loc);
}

Tensor block_diag(const TensorList &tensors, Location loc) {
  int64_t columns = 0, before = 0;
  TensorList rows, blocks;
  for (auto &t : tensors) {
    if (impl("block_diag", t, loc)->type.getRank() > 2)
      throw record::error("block_diag", "expected matrices, vectors and scalars, got " + record::text(t), loc);
    blocks.push_back(atleast_2d(t, loc));
    columns += blocks.back().size(1);
  }
  if (blocks.empty())
    throw record::error("block_diag", "expected at least one tensor", loc);
  for (auto &b : blocks) {
    auto none = [&](int64_t n) { return zeros({b.size(0), n}, b.options(), loc); };
    rows.push_back(cat({none(before), b, none(columns - before - b.size(1))}, 1, loc));
    before += b.size(1);
  }
  return cat(rows, 0, loc);
}

Tensor combinations(const Tensor &x, int64_t r, bool with_replacement, Location loc) {
  if (impl("combinations", x, loc)->type.getRank() != 1 || r < 1)
    throw record::error("combinations", "expected a vector and at least one element to choose, got " + record::text(x) + " and " + std::to_string(r), loc);
  int64_t n = x.numel(), repeated = with_replacement ? 0 : 1;
  std::vector<int64_t> all, now;
  auto choose = [&](auto &self, int64_t from) -> void {
    if (int64_t(now.size()) == r)
      return void(all.insert(all.end(), now.begin(), now.end()));
    for (int64_t i = from; i < n; ++i) {
      now.push_back(i);
      self(self, i + repeated);
      now.pop_back();
    }
  };
  choose(choose, 0);
  return x.index_select(0, tensor(all, x.options().dtype(kLong), loc), loc).view({int64_t(all.size()) / r, r}, loc);
}

Tensor isin(const Tensor &elements, const Tensor &test_elements, bool, bool invert, Location loc) {
  auto found = elements.unsqueeze(-1, loc).eq({test_elements.flatten(0, -1, loc), loc}).to(kInt, loc).sum(-1, false, std::nullopt, loc);
  return invert ? found.eq({0, loc}) : found.gt({0, loc});
}
TensorList unravel_index(const Tensor &indices, IntArrayRef shape, Location loc) {
  int64_t n = 1;
  for (auto s : shape)
    n *= s;
  Lock lock;
  auto rest = checked_index("unravel_index", indices, n, false, loc);
  TensorList coordinates(shape.size());
  for (size_t d = shape.size(); d-- > 0;) {
    coordinates[d] = rest.remainder({shape[d], loc});
    rest = rest.floor_divide({shape[d], loc});
  }
  return coordinates;
}

} // namespace tenon
