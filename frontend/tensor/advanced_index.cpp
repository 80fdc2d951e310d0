// x[...] with numbers, ranges, new axes and tensors of indices, read and written.
#include "frontend/tensor/places.h"
#include <numeric>

namespace tenon {

using namespace detail;
using indexing::TensorIndex;

namespace {

/// x after numbers, ranges and new axes; per axis the tensor of indices, where there is one.
struct Parsed {
  Tensor x;
  TensorList at;
};
bool flags(const TensorIndex &i) { return i.kind == TensorIndex::Indices && i.indices.defined() && i.indices.scalar_type() == kBool; }
/// Flags have the extents of the axes that they stand for.
void check_flags(const char *op, const Tensor &x, int64_t d, const Tensor &flags, Location loc) {
  bool fits = flags.dim() > 0;
  for (int64_t k = 0; fits && k < flags.dim(); ++k)
    fits = flags.size(k) == x.size(d + k);
  if (!fits)
    throw record::error(op, "expected flags of the extents of " + record::text(x) + " from axis " + std::to_string(d) + ", got " + record::text(flags), loc);
}
Parsed parse(const char *op, const Tensor &x, const std::vector<TensorIndex> &indices, Location loc) {
  int64_t rank = impl(op, x, loc)->type.getRank(), consumed = 0, rests = 0;
  for (auto &i : indices) {
    consumed += flags(i) ? i.indices.dim() : i.kind == TensorIndex::Number || i.kind == TensorIndex::Range || i.kind == TensorIndex::Indices;
    rests += i.kind == TensorIndex::Rest;
    if (i.text != "...")
      throw record::error(op, "expected \"...\", got \"" + i.text + "\"", loc);
  }
  if (consumed > rank || rests > 1)
    throw record::error(op, "expected at most one \"...\" and " + std::to_string(rank) + " indices for " + record::text(x) + ", got " + std::to_string(consumed), loc);
  Parsed p{x, {}};
  for (auto &i : indices) {
    auto d = int64_t(p.at.size());
    switch (i.kind) {
    case TensorIndex::NewAxis:
      p.x = p.x.unsqueeze(d, loc);
      p.at.emplace_back();
      break;
    case TensorIndex::Rest:
      p.at.resize(p.at.size() + size_t(rank - consumed));
      break;
    case TensorIndex::Number:
      p.x = p.x.select(d, i.number, loc);
      break;
    case TensorIndex::Range:
      p.x = p.x.slice(d, i.slice.start, i.slice.stop, i.slice.step, loc);
      p.at.emplace_back();
      break;
    case TensorIndex::Indices:
      if (impl(op, i.indices, loc)->dtype != kBool) {
        p.at.push_back(i.indices);
        break;
      }
      check_flags(op, p.x, d, i.indices, loc);
      expect_readable(op, "use where or masked_fill", loc);
      for (auto &column : where(i.indices, loc))
        p.at.push_back(column);
      break;
    }
  }
  p.at.resize(size_t(p.x.dim()));
  return p;
}

/// The indexed axes side by side as one axis `axis` of `x`, and the places on it.
struct Joined {
  Tensor x, places;
  Shape order, moved; // x's axes before, and sizes after they were moved
  int64_t axis = 0;
};
Joined join(const char *op, const Parsed &p, Location loc) {
  Joined j;
  Shape with, around;
  for (int64_t d = 0; d < p.x.dim(); ++d)
    (p.at[size_t(d)].defined() ? with : around).push_back(d);
  bool adjacent = with.back() - with.front() + 1 == int64_t(with.size());
  j.axis = adjacent ? with.front() : 0; // PyTorch: apart, they come first
  j.order = around;
  j.order.insert(j.order.begin() + j.axis, with.begin(), with.end());
  auto x = p.x.permute(j.order, loc);
  j.moved = x.sizes().vec();
  Shape shape = p.at[size_t(with[0])].sizes().vec(), joined = j.moved;
  int64_t n = 1;
  for (auto d : with) {
    shape = record::broadcast_shape(op, shape, p.at[size_t(d)].sizes(), loc);
    n *= p.x.size(d);
  }
  int64_t stride = n;
  for (auto d : with) {
    stride = p.x.size(d) ? stride / p.x.size(d) : 0;
    auto own = times(record::broadcast(op, checked_index(op, p.at[size_t(d)], p.x.size(d), true, loc), shape, loc), stride, loc);
    j.places = j.places.defined() ? plus(j.places, own, loc) : own;
  }
  joined.erase(joined.begin() + j.axis, joined.begin() + j.axis + int64_t(with.size()));
  joined.insert(joined.begin() + j.axis, n);
  j.x = x.view(joined, loc);
  return j;
}
bool has_tensors(const Parsed &p) {
  return llvm::any_of(p.at, [](auto &t) { return t.defined(); });
}

} // namespace

Tensor Tensor::index(const std::vector<TensorIndex> &indices, Location loc) const {
  Lock lock;
  auto p = parse("index", *this, indices, loc);
  if (!has_tensors(p))
    return p.x;
  auto j = join("index", p, loc);
  return gather_axis(j.x, j.places, j.axis, loc);
}

Tensor Tensor::index_put_(const std::vector<TensorIndex> &indices, Operand values, bool accumulate, Location loc) const {
  Lock lock;
  auto given = record::operand(values, scalar_type());
  if (indices.size() == 1 && flags(indices[0]) && given.dim() == 0 && !accumulate && indices[0].indices.dim() <= dim()) { // no shape depends on them
    check_flags("index_put_", *this, 0, indices[0].indices, loc);
    auto shape = indices[0].indices.sizes().vec();
    shape.resize(size_t(dim()), 1);
    return masked_fill_(indices[0].indices.view(shape, loc), Operand(given, loc));
  }
  auto p = parse("index_put_", *this, indices, loc);
  if (!has_tensors(p)) {
    auto fitted = record::broadcast("index_put_", given, p.x.sizes(), loc);
    record::assign("index_put_", p.x, accumulate ? plus(p.x, fitted, loc) : fitted, loc);
    return *this;
  }
  auto j = join("index_put_", p, loc);
  auto shape = j.x.sizes().vec();
  shape.erase(shape.begin() + j.axis);
  shape.insert(shape.begin() + j.axis, j.places.sizes().begin(), j.places.sizes().end());
  auto updates = record::broadcast("index_put_", given, shape, loc);
  if (updates.numel() == 0 || j.x.numel() == 0)
    return *this;
  auto y = scatter_axis(accumulate ? Mode::add : Mode::set, j.x, j.x.sizes(), j.places, updates, j.axis, loc).view(j.moved, loc);
  Shape back(j.order.size());
  for (size_t i = 0; i < back.size(); ++i)
    back[size_t(j.order[i])] = int64_t(i);
  record::assign("index_put_", p.x, y.permute(back, loc), loc);
  return *this;
}

Tensor Tensor::index_put(const std::vector<TensorIndex> &indices, Operand values, bool accumulate, Location loc) const {
  return clone(loc).index_put_(indices, values, accumulate, loc);
}

Tensor Tensor::fill_diagonal_(Operand value) const {
  Lock lock;
  auto loc = value.location;
  impl("fill_diagonal_", *this, loc);
  bool equal = llvm::all_of(sizes(), [&](int64_t s) { return s == size(0); });
  if (dim() < 2 || (dim() > 2 && !equal))
    throw record::error("fill_diagonal_", "expected two axes, or more of one extent, got " + record::text(*this), loc);
  if (dim() == 2)
    diagonal(0, 0, 1, loc).fill_(value);
  else
    index_put_(std::vector<TensorIndex>(size_t(dim()), arange(size(0), options().dtype(kLong), loc)), value, false, loc);
  return *this;
}

} // namespace tenon
