// Methods that put elements elsewhere: roll, repeat, diagonals, triangles, and joins of many tensors.
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"

namespace tenon {

using namespace detail;
namespace prim = ir::prim;
using record::builder;

Tensor Tensor::squeeze(IntArrayRef dims, Location loc) const {
  impl("squeeze", *this, loc);
  Shape shape = sizes().vec();
  for (auto d : dims)
    if (auto w = record::wrap_dim("squeeze", d, dim(), loc); dim() && sizes()[size_t(w)] == 1)
      shape[size_t(w)] = -1;
  std::erase(shape, -1);
  return view(shape, loc);
}
Tensor Tensor::unflatten(int64_t dim, IntArrayRef sizes, Location loc) const {
  impl("unflatten", *this, loc);
  auto shape = this->sizes().vec();
  auto d = record::wrap_dim("unflatten", dim, this->dim(), loc);
  int64_t known = 1, open = -1;
  Shape parts = sizes.vec();
  for (size_t i = 0; i < parts.size(); ++i)
    parts[i] == -1 && open < 0 ? void(open = int64_t(i)) : void(known *= parts[i]);
  int64_t extent = shape.empty() ? 1 : shape[size_t(d)];
  if (parts.empty() || shape.empty() || known < 0 || (open < 0 ? known != extent : known == 0 || extent % known))
    throw record::error("unflatten", "expected sizes whose product is the " + std::to_string(extent) + " of dimension " + std::to_string(d) + " of " + record::text(*this) + ", got " + record::shape_text(sizes), loc);
  if (open >= 0)
    parts[size_t(open)] = extent / known;
  shape.erase(shape.begin() + d);
  shape.insert(shape.begin() + d, parts.begin(), parts.end());
  return view(shape, loc);
}
Tensor Tensor::movedim(IntArrayRef source, IntArrayRef destination, Location loc) const {
  impl("movedim", *this, loc);
  Shape order(size_t(dim()), -1);
  std::vector<bool> moved(order.size());
  if (source.size() != destination.size())
    throw record::error("movedim", "expected as many places as dimensions, got " + record::shape_text(source) + " and " + record::shape_text(destination), loc);
  for (size_t i = 0; i < source.size() && dim(); ++i) {
    auto from = record::wrap_dim("movedim", source[i], dim(), loc), to = record::wrap_dim("movedim", destination[i], dim(), loc);
    if (moved[size_t(from)] || order[size_t(to)] >= 0)
      throw record::error("movedim", "expected each dimension once, got " + record::shape_text(source) + " and " + record::shape_text(destination), loc);
    moved[size_t(from)] = true;
    order[size_t(to)] = from;
  }
  int64_t next = 0;
  for (auto &o : order)
    if (o < 0) {
      while (moved[size_t(next)])
        ++next;
      o = next++;
    }
  return permute(order, loc);
}
TensorList Tensor::split(IntArrayRef sizes, int64_t dim, Location loc) const {
  int64_t extent = size(dim, loc), begin = 0;
  TensorList parts;
  for (auto n : sizes) {
    if (n < 0 || begin + n > extent)
      break;
    parts.push_back(narrow(dim, begin, n, loc));
    begin += n;
  }
  if (parts.size() != sizes.size() || begin != extent)
    throw record::error("split", "expected sizes that add up to the " + std::to_string(extent) + " of dimension " + std::to_string(dim) + " of " + record::text(*this) + ", got " + record::shape_text(sizes), loc);
  return parts;
}

Tensor Tensor::roll(IntArrayRef shifts, IntArrayRef dims, Location loc) const {
  impl("roll", *this, loc);
  if (dims.empty() && shifts.size() == 1 && dim() != 1)
    return flatten(0, -1, loc).roll(shifts, {0}, loc).view(sizes(), loc);
  Tensor x = *this;
  if (dims.empty() ? shifts.size() != 1 : shifts.size() != dims.size())
    throw record::error("roll", "expected a shift for each dimension, got " + record::shape_text(shifts) + " and " + record::shape_text(dims), loc);
  for (size_t i = 0; i < shifts.size(); ++i) {
    auto d = record::wrap_dim("roll", dims.empty() ? 0 : dims[i], dim(), loc);
    auto extent = dim() ? x.size(d) : 1, shift = extent ? (shifts[i] % extent + extent) % extent : 0;
    if (shift)
      x = cat({x.narrow(d, extent - shift, shift, loc), x.narrow(d, 0, extent - shift, loc)}, d, loc);
  }
  return x.is_same(*this) ? clone(loc) : x;
}
Tensor Tensor::repeat(IntArrayRef repeats, Location loc) const {
  impl("repeat", *this, loc);
  bool fits = int64_t(repeats.size()) >= dim();
  for (auto n : repeats)
    fits &= n >= 0;
  if (!fits)
    throw record::error("repeat", "expected a number for each dimension of " + record::text(*this) + ", none negative, got " + record::shape_text(repeats), loc);
  // [n, s] per dimension: n copies of s elements.
  Shape one, many, result, own(repeats.size() - size_t(dim()), 1);
  own.insert(own.end(), sizes().begin(), sizes().end());
  for (size_t i = 0; i < own.size(); ++i) {
    one.insert(one.end(), {1, own[i]});
    many.insert(many.end(), {repeats[i], own[i]});
    result.push_back(repeats[i] * own[i]);
  }
  return view(one, loc).expand(many, loc).reshape(result, loc).clone(loc);
}
Tensor Tensor::tile(IntArrayRef repeats, Location loc) const {
  Shape all(size_t(std::max<int64_t>(0, dim() - int64_t(repeats.size()))), 1);
  all.insert(all.end(), repeats.begin(), repeats.end());
  return repeat(all, loc);
}
Tensor Tensor::repeat_interleave(int64_t repeats, std::optional<int64_t> dim, Location loc) const {
  impl("repeat_interleave", *this, loc);
  if (repeats < 0)
    throw record::error("repeat_interleave", "expected repeats that are not negative, got " + std::to_string(repeats), loc);
  if (!dim || this->dim() == 0)
    return this->dim() == 1 ? repeat_interleave(repeats, 0, loc) : flatten(0, -1, loc).repeat_interleave(repeats, 0, loc);
  auto d = record::wrap_dim("repeat_interleave", *dim, this->dim(), loc);
  if (repeats == 0)
    return narrow(d, 0, 0, loc).clone(loc);
  Shape times(size_t(this->dim()), 1);
  times[size_t(d)] = repeats;
  return record::op<prim::RepeatInterleaveOp>({*this}, loc, [&](auto &p) { p.repeats = builder().getDenseI64ArrayAttr(times); });
}

Tensor Tensor::diagonal(int64_t offset, int64_t dim1, int64_t dim2, Location loc) const {
  impl("diagonal", *this, loc);
  auto a = record::wrap_dim("diagonal", dim1, dim(), loc), b = record::wrap_dim("diagonal", dim2, dim(), loc);
  if (dim() < 2 || a == b)
    throw record::error("diagonal", "expected two different dimensions of " + record::text(*this) + ", got " + std::to_string(dim1) + " and " + std::to_string(dim2), loc);
  // Of the two dimensions as one, every (columns + 1)-th element.
  auto rows = size(a), columns = size(b), count = std::max<int64_t>(0, std::min(rows - std::max<int64_t>(-offset, 0), columns - std::max<int64_t>(offset, 0)));
  auto flat = movedim({a, b}, {-2, -1}, loc).flatten(-2, -1, loc);
  if (count == 0)
    return flat.narrow(-1, 0, 0, loc);
  auto begin = offset >= 0 ? offset : -offset * columns;
  return flat.slice(-1, begin, begin + (count - 1) * (columns + 1) + 1, columns + 1, loc);
}
Tensor Tensor::diag_embed(int64_t offset, int64_t dim1, int64_t dim2, Location loc) const {
  impl("diag_embed", *this, loc);
  if (dim() < 1)
    throw record::error("diag_embed", "expected rank 1 at least, got " + record::text(*this), loc);
  auto a = record::wrap_dim("diag_embed", dim1, dim() + 1, loc), b = record::wrap_dim("diag_embed", dim2, dim() + 1, loc);
  if (a == b)
    throw record::error("diag_embed", "expected two different dimensions, got " + std::to_string(dim1) + " and " + std::to_string(dim2), loc);
  auto count = size(-1), n = count + std::abs(offset), begin = offset >= 0 ? offset : -offset * n;
  Shape shape(sizes().begin(), sizes().end() - 1), low(size_t(dim()), 0), high = low, interior = low;
  shape.insert(shape.end(), {n, n});
  if (count == 0)
    return zeros(shape, options(), loc).movedim({-2, -1}, {a, b}, loc);
  low.back() = begin, interior.back() = n, high.back() = n * n - begin - ((count - 1) * (n + 1) + 1);
  auto flat = record::op<prim::PadOp>({*this, record::constant(0, scalar_type(), {}, loc)}, loc, [&](auto &p) {
    p.low = builder().getDenseI64ArrayAttr(low);
    p.high = builder().getDenseI64ArrayAttr(high);
    p.interior = builder().getDenseI64ArrayAttr(interior);
  });
  return flat.view(shape, loc).movedim({-2, -1}, {a, b}, loc);
}
Tensor Tensor::diag(int64_t diagonal, Location loc) const {
  if (impl("diag", *this, loc); dim() != 1 && dim() != 2)
    throw record::error("diag", "expected a vector or a matrix, got " + record::text(*this), loc);
  return dim() == 1 ? diag_embed(diagonal, 0, 1, loc) : this->diagonal(diagonal, 0, 1, loc).clone(loc);
}

/// Zeros where `drop(column, row + diagonal)`.
template <class Drop> static Tensor triangle(const char *op, const Tensor &x, int64_t diagonal, Location loc, Drop drop) {
  if (impl(op, x, loc); x.dim() < 2)
    throw record::error(op, "expected rank 2 at least, got " + record::text(x), loc);
  auto count = [&](int64_t dim) {
    Shape shape{1, 1};
    shape[size_t(dim)] = x.size(dim - 2);
    return record::op_as<prim::IotaOp>(record::tensor_type(shape, kLong), {}, loc, [&](auto &p) { p.dimension = builder().getI64IntegerAttr(dim); });
  };
  auto rows = count(0).add({record::constant(diagonal, kLong, {}, loc), loc});
  return tenon::where(drop(count(1), rows), Operand(record::constant(0, x.scalar_type(), {}, loc), loc), Operand(x, loc));
}
Tensor Tensor::tril(int64_t diagonal, Location loc) const {
  return triangle("tril", *this, diagonal, loc, [&](const Tensor &column, const Tensor &row) { return column.gt({row, loc}); });
}
Tensor Tensor::triu(int64_t diagonal, Location loc) const {
  return triangle("triu", *this, diagonal, loc, [&](const Tensor &column, const Tensor &row) { return column.lt({row, loc}); });
}

TensorList meshgrid(const TensorList &tensors, const std::string &indexing, Location loc) {
  if (tensors.empty() || (indexing != "ij" && indexing != "xy"))
    throw record::error("meshgrid", tensors.empty() ? "expected at least one tensor" : "expected indexing \"ij\" or \"xy\", got \"" + indexing + "\"", loc);
  bool swapped = indexing == "xy" && tensors.size() > 1;
  Shape shape;
  for (auto &t : tensors) {
    if (impl("meshgrid", t, loc)->type.getRank() > 1)
      throw record::error("meshgrid", "expected vectors and scalars, got " + record::text(t), loc);
    shape.push_back(t.numel());
  }
  if (swapped)
    std::swap(shape[0], shape[1]);
  TensorList result;
  for (size_t i = 0; i < tensors.size(); ++i) {
    Shape own(tensors.size(), 1);
    own[swapped && i < 2 ? 1 - i : i] = tensors[i].numel();
    result.push_back(tensors[i].view(own, loc).expand(shape, loc));
  }
  return result;
}
/// Each with at least `rank` dimensions: a vector becomes [1, n], then [1, n, 1].
static TensorList at_least(const char *op, const TensorList &tensors, int64_t rank, Location loc) {
  TensorList result;
  for (auto t : tensors) {
    impl(op, t, loc);
    if (t.dim() == 0)
      t = t.view({1}, loc);
    if (t.dim() == 1 && rank > 1)
      t = t.unsqueeze(0, loc);
    if (t.dim() == 2 && rank > 2)
      t = t.unsqueeze(2, loc);
    result.push_back(t);
  }
  return result;
}
Tensor hstack(const TensorList &tensors, Location loc) {
  auto parts = at_least("hstack", tensors, 1, loc);
  return cat(parts, parts.empty() || parts[0].dim() == 1 ? 0 : 1, loc);
}
Tensor vstack(const TensorList &tensors, Location loc) { return cat(at_least("vstack", tensors, 2, loc), 0, loc); }
Tensor dstack(const TensorList &tensors, Location loc) { return cat(at_least("dstack", tensors, 3, loc), 2, loc); }

} // namespace tenon
