// Functions of tensors that are a few lines of others: parts, places, distances, integrals; and the in-place forms that torch:: has.
#pragma once
#include "free_functions.h"
#include "index.h"

namespace tenon {

// -- Methods as functions ------------------------------------------------------------------------------------------------

#define X(alias, op) inline Tensor alias(const Tensor &x, Location loc = Location::current()) { return x.op(loc); }
TENON_UNARY_ALIASES(X)
#undef X
#define X(alias, op) inline Tensor alias(const Tensor &x, Operand other) { return x.op(other); }
TENON_BINARY_ALIASES(X)
#undef X
#define X(op) inline Tensor op##_(const Tensor &x, Location loc = Location::current()) { return x.op##_(loc); }
TENON_UNARY_NUMBERS(X)
#undef X
#define TENON_COMMA ,
#define X(type, name, parameters, arguments) inline type name(const Tensor &x, parameters, Location loc = Location::current()) { return x.name(arguments, loc); }
X(Tensor, clip, std::optional<Scalar> min = {} TENON_COMMA std::optional<Scalar> max = {}, min TENON_COMMA max)
X(Tensor, clamp_, std::optional<Scalar> min = {} TENON_COMMA std::optional<Scalar> max = {}, min TENON_COMMA max)
X(Tensor, clip_, std::optional<Scalar> min = {} TENON_COMMA std::optional<Scalar> max = {}, min TENON_COMMA max)
X(Tensor, mvlgamma, int64_t p, p)
X(Tensor, renorm, Scalar p TENON_COMMA int64_t dim TENON_COMMA Scalar maxnorm, p TENON_COMMA dim TENON_COMMA maxnorm)
X(Tensor, addr, const Tensor &a TENON_COMMA const Tensor &b TENON_COMMA Scalar beta = 1 TENON_COMMA Scalar alpha = 1, a TENON_COMMA b TENON_COMMA beta TENON_COMMA alpha)
X(Tensor, addbmm, const Tensor &a TENON_COMMA const Tensor &b TENON_COMMA Scalar beta = 1 TENON_COMMA Scalar alpha = 1, a TENON_COMMA b TENON_COMMA beta TENON_COMMA alpha)
X(Tensor, inner, const Tensor &o, o)
X(Tensor, vdot, const Tensor &o, o)
X(Tensor, ger, const Tensor &o, o)
X(Tensor, matrix_power, int64_t n, n)
X(Tensor, diagflat, int64_t offset = 0, offset)
X(Tensor, broadcast_to, IntArrayRef sizes, sizes)
X(Tensor, unflatten, int64_t dim TENON_COMMA IntArrayRef sizes, dim TENON_COMMA sizes)
X(Tensor, moveaxis, IntArrayRef source TENON_COMMA IntArrayRef destination, source TENON_COMMA destination)
X(Tensor, swapdims, int64_t a TENON_COMMA int64_t b, a TENON_COMMA b)
X(Tensor, narrow_copy, int64_t dim TENON_COMMA int64_t start TENON_COMMA int64_t length, dim TENON_COMMA start TENON_COMMA length)
X(Tensor, select, int64_t dim TENON_COMMA int64_t index, dim TENON_COMMA index)
X(Tensor, select_scatter, const Tensor &src TENON_COMMA int64_t dim TENON_COMMA int64_t index, src TENON_COMMA dim TENON_COMMA index)
X(Tensor, diagonal_scatter, const Tensor &src TENON_COMMA int64_t offset = 0 TENON_COMMA int64_t dim1 = 0 TENON_COMMA int64_t dim2 = 1, src TENON_COMMA offset TENON_COMMA dim1 TENON_COMMA dim2)
X(TensorList, split_with_sizes, IntArrayRef sizes TENON_COMMA int64_t dim = 0, sizes TENON_COMMA dim)
X(TensorList, split, IntArrayRef sizes TENON_COMMA int64_t dim = 0, sizes TENON_COMMA dim)
X(TensorList, tensor_split, IntArrayRef indices TENON_COMMA int64_t dim = 0, indices TENON_COMMA dim)
X(TensorList, hsplit, int64_t sections, sections)
X(TensorList, hsplit, IntArrayRef indices, indices)
X(TensorList, vsplit, int64_t sections, sections)
X(TensorList, vsplit, IntArrayRef indices, indices)
X(TensorList, dsplit, int64_t sections, sections)
X(TensorList, dsplit, IntArrayRef indices, indices)
X(Tensor, masked_scatter, const Tensor &mask TENON_COMMA const Tensor &source, mask TENON_COMMA source)
X(Tensor, put, const Tensor &index TENON_COMMA const Tensor &source TENON_COMMA bool accumulate = false, index TENON_COMMA source TENON_COMMA accumulate)
X(Tensor, index_add, int64_t dim TENON_COMMA const Tensor &index TENON_COMMA const Tensor &source TENON_COMMA Scalar alpha = 1, dim TENON_COMMA index TENON_COMMA source TENON_COMMA alpha)
X(Tensor, index_copy, int64_t dim TENON_COMMA const Tensor &index TENON_COMMA const Tensor &source, dim TENON_COMMA index TENON_COMMA source)
X(Tensor, index_fill, int64_t dim TENON_COMMA const Tensor &index TENON_COMMA Operand value, dim TENON_COMMA index TENON_COMMA value)
X(Tensor, scatter_reduce, int64_t dim TENON_COMMA const Tensor &index TENON_COMMA const Tensor &src TENON_COMMA const std::string &reduce TENON_COMMA bool include_self = true, dim TENON_COMMA index TENON_COMMA src TENON_COMMA reduce TENON_COMMA include_self)
#undef X
#undef TENON_COMMA
#define X(name) inline Tensor name(const Tensor &x, Location loc = Location::current()) { return x.name(loc); }
X(t) X(adjoint) X(positive) X(fliplr) X(flipud) X(msort) X(nanmedian) X(detach) X(zero_) X(detach_) X(rad2deg) X(deg2rad)
#undef X
#define X(name) inline Tensor name(const Tensor &x, Operand value) { return x.name(value); }
X(clamp_min) X(clamp_max) X(clamp_min_) X(clamp_max_) X(fill_) X(xlogy_)
#undef X
inline std::tuple<Tensor, Tensor> cummax(const Tensor &x, int64_t dim, Location loc = Location::current()) { return x.cummax(dim, loc); }
inline std::tuple<Tensor, Tensor> cummin(const Tensor &x, int64_t dim, Location loc = Location::current()) { return x.cummin(dim, loc); }
inline std::tuple<Tensor, Tensor> mode(const Tensor &x, int64_t dim = -1, bool keepdim = false, Location loc = Location::current()) { return x.mode(dim, keepdim, loc); }
inline std::tuple<Tensor, Tensor> nanmedian(const Tensor &x, int64_t dim, bool keepdim = false, Location loc = Location::current()) { return x.nanmedian(dim, keepdim, loc); }
inline Tensor fill(const Tensor &x, Operand value) { return x.clone(value.location).fill_(value); }
inline Tensor slice_scatter(const Tensor &x, const Tensor &src, int64_t dim = 0, std::optional<int64_t> start = std::nullopt, std::optional<int64_t> end = std::nullopt, int64_t step = 1, Location loc = Location::current()) { return x.slice_scatter(src, dim, start, end, step, loc); }
/// other - alpha x
inline Tensor rsub(const Tensor &x, Operand other, Scalar alpha = 1) { return x.mul({alpha, other.location}).neg(other.location).add(other); }
inline bool is_nonzero(const Tensor &x, Location loc = Location::current()) { return x.is_nonzero(loc); }
inline bool is_complex(const Tensor &) { return false; }
/// The dtype that a + b has.
Dtype result_type(Operand a, Operand b);

// -- Joins and parts -----------------------------------------------------------------------------------------------------

inline Tensor row_stack(const TensorList &tensors, Location loc = Location::current()) { return vstack(tensors, loc); }
inline Tensor atleast_3d(const Tensor &x, Location loc = Location::current()) { return x.dim() > 2 ? x : atleast_2d(x, loc).unsqueeze(2, loc); }
/// Matrices (scalars and vectors are rows) along a diagonal, zeros elsewhere.
Tensor block_diag(const TensorList &tensors, Location loc = Location::current());
/// Every choice of r elements of a vector, in order: [number of choices, r].
Tensor combinations(const Tensor &x, int64_t r = 2, bool with_replacement = false, Location loc = Location::current());
/// Powers of a vector as columns, the highest first unless `increasing`; n of them, by default as many as rows.
Tensor vander(const Tensor &x, std::optional<int64_t> n = std::nullopt, bool increasing = false, Location loc = Location::current());

// -- Places --------------------------------------------------------------------------------------------------------------

/// Which elements occur among `test_elements`. A comparison of every pair.
Tensor isin(const Tensor &elements, const Tensor &test_elements, bool assume_unique = false, bool invert = false, Location loc = Location::current());
/// Coordinates, a tensor per dimension of `shape`, of places in a flat tensor of that shape.
TensorList unravel_index(const Tensor &indices, IntArrayRef shape, Location loc = Location::current());
/// Of the flat tensor: values without those equal to the one before, at which of them each element is, and how many each stands for; what is not asked for is empty.
/// The shape depends on data, which is read as by item(): refused inside compile.
std::tuple<Tensor, Tensor, Tensor> unique_consecutive(const Tensor &x, bool return_inverse = false, bool return_counts = false, Location loc = Location::current());

// -- Distances, integrals, statistics ------------------------------------------------------------------------------------

/// The p-norms of the differences of rows i < j of x [N, M]: [N (N - 1) / 2].
Tensor pdist(const Tensor &x, double p = 2, Location loc = Location::current());
/// Correlations of the rows of x.
Tensor corrcoef(const Tensor &x, Location loc = Location::current());
/// The integral of y by trapezoids along dim, at places x (of that dimension's extent, or y's shape) or `dx` apart; cumulative: up to each place but the first.
Tensor trapezoid(const Tensor &y, const Tensor &x, int64_t dim = -1, Location loc = Location::current());
Tensor trapezoid(const Tensor &y, Scalar dx = 1, int64_t dim = -1, Location loc = Location::current());
inline Tensor trapz(const Tensor &y, const Tensor &x, int64_t dim = -1, Location loc = Location::current()) { return trapezoid(y, x, dim, loc); }
inline Tensor trapz(const Tensor &y, double dx = 1, int64_t dim = -1, Location loc = Location::current()) { return trapezoid(y, Scalar(dx), dim, loc); }
Tensor cumulative_trapezoid(const Tensor &y, const Tensor &x, int64_t dim = -1, Location loc = Location::current());
Tensor cumulative_trapezoid(const Tensor &y, Scalar dx = 1, int64_t dim = -1, Location loc = Location::current());
/// Differences of neighbours on both sides over their distance, along each of `dims` (none: all); at the ends those of one side.
TensorList gradient(const Tensor &x, Scalar spacing = 1, IntArrayRef dims = {}, Location loc = Location::current());
/// A product of matrices in the order of fewest multiplications.
Tensor chain_matmul(const TensorList &matrices, Location loc = Location::current());

} // namespace tenon
