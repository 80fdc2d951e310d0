// Pooling to a given size: equal windows where the sizes divide, else one window per place.
#include "frontend/functional/pooling.h"
#include "compiler/dialect/nn/window.h"
#include "frontend/functional/pooled.h"
#include "frontend/tensor/record.h"

namespace tenon {
namespace {

using namespace detail;

Shape output(const std::string &op, const Tensor &x, size_t dims, IntArrayRef size, Location loc) {
  expect_spatial(op, x, dims, loc);
  Shape result = expanded(op, "output_size", dims, size, loc);
  for (int64_t n : result)
    if (n < 1)
      throw record::error(op.c_str(), "expected positive output sizes, came " + record::shape_text(result), loc);
  return result;
}
template <size_t D> Shape sizes(const Tensor &x, const ExpandingArrayWithOptionalElem<D> &size) {
  Shape result;
  for (size_t i = 0; i < D; ++i)
    result.push_back(size[i] ? *size[i] : x.defined() && x.dim() >= int64_t(D) ? x.size(x.dim() - int64_t(D) + int64_t(i)) : 1);
  return result;
}

/// The elements that place i of n sees, of `size`.
int64_t begin_of(int64_t i, int64_t n, int64_t size) { return i * size / n; }
int64_t end_of(int64_t i, int64_t n, int64_t size) { return ((i + 1) * size + n - 1) / n; }

/// One dimension after the other, the last one first (the first maximum stays the first): pool(x, dimension of the window, its size).
template <class Pool> Tensor each(Tensor x, const Shape &size, Location loc, Pool pool) {
  for (size_t d = size.size(); d-- > 0;) {
    int64_t dim = x.dim() - int64_t(size.size()) + int64_t(d), extent = x.size(dim), n = size[d];
    if (n == extent)
      continue;
    if (extent % n == 0) {
      x = pool(x, d, extent / n);
      continue;
    }
    TensorList parts;
    for (int64_t i = 0; i < n; ++i) {
      int64_t begin = begin_of(i, n, extent), end = end_of(i, n, extent);
      parts.push_back(pool(x.slice(dim, begin, end, 1, loc), d, end - begin));
    }
    x = cat(parts, dim, loc);
  }
  return x;
}
Windows along(size_t dims, size_t d, int64_t kernel) {
  Windows w{Shape(dims, 1), Shape(dims, 1), Shape(dims, 0), Shape(dims, 1)};
  w.kernel[d] = w.stride[d] = kernel;
  return w;
}
/// The windows of all dimensions at once where every size divides.
std::optional<Windows> equal_windows(const Tensor &x, const Shape &size) {
  Windows w{{}, {}, Shape(size.size(), 0), Shape(size.size(), 1)};
  for (size_t d = 0; d < size.size(); ++d) {
    int64_t extent = x.size(x.dim() - int64_t(size.size()) + int64_t(d));
    if (extent % size[d])
      return std::nullopt;
    w.kernel.push_back(extent / size[d]);
  }
  w.stride = w.kernel;
  return w;
}

Tensor adaptive_avg(const std::string &op, const Tensor &x, const Shape &size, Location loc) {
  if (auto w = equal_windows(x, size))
    return avg_pool(op, x, *w, true, std::nullopt, loc);
  return each(x, size, loc, [&](const Tensor &part, size_t d, int64_t kernel) { return avg_pool(op, part, along(size.size(), d, kernel), true, std::nullopt, loc); });
}
Tensor adaptive_max(const Tensor &x, const Shape &size, Location loc) {
  if (auto w = equal_windows(x, size))
    return detail::max_pool(x, *w, loc);
  return each(x, size, loc, [&](const Tensor &part, size_t d, int64_t kernel) { return detail::max_pool(part, along(size.size(), d, kernel), loc); });
}

/// The places in the spatial dimensions of x: window by window, each counted from the window's beginning and brought to x.
Tensor adaptive_places(const Tensor &x, const Shape &size, Location loc) {
  if (auto w = equal_windows(x, size))
    return max_pool_indices(x, *w, loc);
  size_t dims = size.size();
  int64_t first = x.dim() - int64_t(dims);
  auto number = [&](int64_t n) { return Operand(Scalar(n), loc); };
  auto build = [&](auto &self, const Tensor &part, Shape begins, size_t d) -> Tensor {
    if (d < dims) {
      TensorList parts;
      int64_t extent = x.size(first + int64_t(d));
      for (int64_t i = 0; i < size[d]; ++i) {
        begins.push_back(begin_of(i, size[d], extent));
        parts.push_back(self(self, part.slice(first + int64_t(d), begins.back(), end_of(i, size[d], extent), 1, loc), begins, d + 1));
        begins.pop_back();
      }
      return cat(parts, first + int64_t(d), loc);
    }
    Shape whole = part.sizes().vec();
    whole.erase(whole.begin(), whole.begin() + first);
    Windows w{whole, whole, Shape(dims, 0), Shape(dims, 1)};
    Tensor inside = max_pool_indices(part, w, loc), place;
    int64_t stride = 1;
    for (size_t k = dims; k-- > 0;) {
      Tensor at = k ? inside.remainder(number(whole[k])) : inside;
      if (k)
        inside = inside.sub({at, loc}).div(number(whole[k])).to(kLong, loc);
      at = at.add(number(begins[k])).mul(number(stride));
      place = place.defined() ? place.add({at, loc}) : at;
      stride *= x.size(first + int64_t(k));
    }
    return place;
  };
  return build(build, x, {}, 0);
}

} // namespace

#define TENON_POOLS(D)                                                                                                                       \
  Tensor adaptive_avg_pool##D##d(const Tensor &x, IntArrayRef output_size, Location loc) {                                                   \
    return adaptive_avg("adaptive_avg_pool" #D "d", x, output("adaptive_avg_pool" #D "d", x, D, output_size, loc), loc);                     \
  }                                                                                                                                        \
  std::tuple<Tensor, Tensor> adaptive_max_pool##D##d(const Tensor &x, IntArrayRef output_size, Location loc) {                               \
    Shape size = output("adaptive_max_pool" #D "d", x, D, output_size, loc);                                                               \
    return {adaptive_max(x, size, loc), adaptive_places(x, size, loc)};                                                                   \
  }                                                                                                                                        \
  namespace nn::functional {                                                                                                               \
  Tensor adaptive_avg_pool##D##d(const Tensor &x, const AdaptiveAvgPool##D##dFuncOptions &o, Location loc) {                                 \
    return tenon::adaptive_avg_pool##D##d(x, sizes<D>(x, o.output_size()), loc);                                                            \
  }                                                                                                                                        \
  Tensor adaptive_max_pool##D##d(const Tensor &x, const AdaptiveMaxPool##D##dFuncOptions &o, Location loc) {                                 \
    return adaptive_max(x, output("adaptive_max_pool" #D "d", x, D, sizes<D>(x, o.output_size()), loc), loc);                              \
  }                                                                                                                                        \
  std::tuple<Tensor, Tensor> adaptive_max_pool##D##d_with_indices(const Tensor &x, const AdaptiveMaxPool##D##dFuncOptions &o, Location loc) {  \
    return tenon::adaptive_max_pool##D##d(x, sizes<D>(x, o.output_size()), loc);                                                            \
  }                                                                                                                                        \
  }
TENON_POOLS(1) TENON_POOLS(2) TENON_POOLS(3)
#undef TENON_POOLS

} // namespace tenon
