// What stands in the braces of x.index({...}), with LibTorch's names in tenon::indexing; and functions on indices.
#pragma once
#include "tensor.h"

namespace tenon {
namespace indexing {

inline constexpr auto None = std::nullopt;
struct EllipsisIndexType {};
inline constexpr EllipsisIndexType Ellipsis;

/// start:stop:step of Python; None is "from the beginning", "to the end".
struct Slice {
  Slice(std::optional<int64_t> start = {}, std::optional<int64_t> stop = {}, std::optional<int64_t> step = {}) : start(start), stop(stop), step(step.value_or(1)) {}
  std::optional<int64_t> start, stop;
  int64_t step;
};

/// A new axis, all remaining axes, a number, a range, or a tensor of indices.
struct TensorIndex {
  enum Kind { NewAxis, Rest, Number, Range, Indices } kind;
  TensorIndex(std::nullopt_t) : kind(NewAxis) {}
  TensorIndex(EllipsisIndexType) : kind(Rest) {}
  TensorIndex(const char *dots) : kind(Rest), text(dots) {} // "..."
  template <std::integral T> TensorIndex(T number) : kind(Number), number(int64_t(number)) {}
  TensorIndex(Slice slice) : kind(Range), slice(slice) {}
  TensorIndex(Tensor indices) : kind(Indices), indices(std::move(indices)) {}
  std::string text = "...";
  int64_t number = 0;
  Slice slice;
  Tensor indices;
};

} // namespace indexing

#define X(type, name, parameters, arguments) inline type name(const Tensor &x, parameters, Location loc = Location::current()) { return x.name(arguments, loc); }
#define TENON_COMMA ,
X(Tensor, gather, int64_t dim TENON_COMMA const Tensor &index, dim TENON_COMMA index)
X(Tensor, index_select, int64_t dim TENON_COMMA const Tensor &index, dim TENON_COMMA index)
X(Tensor, scatter, int64_t dim TENON_COMMA const Tensor &index TENON_COMMA Operand src, dim TENON_COMMA index TENON_COMMA src)
X(Tensor, scatter_add, int64_t dim TENON_COMMA const Tensor &index TENON_COMMA const Tensor &src, dim TENON_COMMA index TENON_COMMA src)
X(Tensor, take, const Tensor &index, index)
X(Tensor, cumsum, int64_t dim, dim)
X(Tensor, cumprod, int64_t dim, dim)
X(Tensor, logcumsumexp, int64_t dim, dim)
#undef X
#undef TENON_COMMA
inline Tensor take_along_dim(const Tensor &x, const Tensor &indices, std::optional<int64_t> dim = std::nullopt, Location loc = Location::current()) { return x.take_along_dim(indices, dim, loc); }
inline std::tuple<Tensor, Tensor> sort(const Tensor &x, int64_t dim = -1, bool descending = false, Location loc = Location::current()) { return x.sort(dim, descending, loc); }
inline Tensor argsort(const Tensor &x, int64_t dim = -1, bool descending = false, Location loc = Location::current()) { return x.argsort(dim, descending, loc); }
inline std::tuple<Tensor, Tensor> topk(const Tensor &x, int64_t k, int64_t dim = -1, bool largest = true, bool sorted = true, Location loc = Location::current()) { return x.topk(k, dim, largest, sorted, loc); }
inline std::tuple<Tensor, Tensor> kthvalue(const Tensor &x, int64_t k, int64_t dim = -1, bool keepdim = false, Location loc = Location::current()) { return x.kthvalue(k, dim, keepdim, loc); }
inline Tensor median(const Tensor &x, Location loc = Location::current()) { return x.median(loc); }
inline std::tuple<Tensor, Tensor> median(const Tensor &x, int64_t dim, bool keepdim = false, Location loc = Location::current()) { return x.median(dim, keepdim, loc); }

/// Per value, how many elements of the last, ascending axis are smaller (`right`: not larger). The sequence is one-dimensional, or its other axes are those of
/// `values`. A comparison of every pair: O(N M).
Tensor searchsorted(const Tensor &sorted_sequence, const Tensor &values, bool out_int32 = false, bool right = false, Location loc = Location::current());
Tensor bucketize(const Tensor &x, const Tensor &boundaries, bool out_int32 = false, bool right = false, Location loc = Location::current());
/// How often each of 0 ... minlength - 1 occurs in x, or the sum of its weights; a larger value makes the step fail. Without minlength the largest value is read, as by
/// item(): refused inside compile.
Tensor bincount(const Tensor &x, const Tensor &weights = {}, int64_t minlength = 0, Location loc = Location::current());
inline Tensor index_put(const Tensor &x, const std::vector<indexing::TensorIndex> &indices, Operand values, bool accumulate = false, Location loc = Location::current()) { return x.index_put(indices, values, accumulate, loc); }
/// How many elements lie in each of `bins` equal parts of [min, max]; equal bounds: the smallest and the largest element.
Tensor histc(const Tensor &x, int64_t bins = 100, Scalar min = 0, Scalar max = 0, Location loc = Location::current());
/// Indices drawn with the probabilities of the last axis (not normalised) by exponential races: [num_samples] or [N, num_samples], int64.
Tensor multinomial(const Tensor &probabilities, int64_t num_samples, bool replacement = false, Location loc = Location::current());
/// A random order of 0 ... n - 1.
Tensor randperm(int64_t n, const TensorOptions &options = kLong, Location loc = Location::current());
/// Of what has a shape that depends on data, which is read as by item(): refused inside compile.
inline Tensor masked_select(const Tensor &x, const Tensor &mask, Location loc = Location::current()) { return x.masked_select(mask, loc); }
inline Tensor nonzero(const Tensor &x, Location loc = Location::current()) { return x.nonzero(loc); }
inline Tensor argwhere(const Tensor &x, Location loc = Location::current()) { return x.nonzero(loc); }
/// nonzero's columns.
TensorList where(const Tensor &condition, Location loc = Location::current());
/// The values that occur (ascending, `sorted` or not), at which of them each element is, and how often each occurs; what is not asked for is empty.
std::tuple<Tensor, Tensor, Tensor> _unique2(const Tensor &x, bool sorted = true, bool return_inverse = false, bool return_counts = false, Location loc = Location::current());
/// Rows and columns of the lower or upper triangle: [2, count].
Tensor tril_indices(int64_t rows, int64_t columns, int64_t offset = 0, const TensorOptions &options = kLong, Location loc = Location::current());
Tensor triu_indices(int64_t rows, int64_t columns, int64_t offset = 0, const TensorOptions &options = kLong, Location loc = Location::current());

} // namespace tenon
