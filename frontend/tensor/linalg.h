// torch::linalg: norms and products of matrices. What factors matrices (inv, det, svd, ...) is not there.
#pragma once
#include "composed.h"

namespace tenon::linalg {

/// The norm of order `ord` (any number or an infinity) of all elements, or along dims.
Tensor vector_norm(const Tensor &x, Scalar ord = 2, IntArrayRef dims = {}, bool keepdim = false, OptionalDtype dtype = std::nullopt, Location loc = Location::current());
/// "fro": the root of the sum of squares; 1 and -1: the largest and least sum of magnitudes of a column, the infinities of a row. 2, -2 and "nuc" need singular values: refused.
Tensor matrix_norm(const Tensor &x, const std::string &ord = "fro", IntArrayRef dims = {-2, -1}, bool keepdim = false, OptionalDtype dtype = std::nullopt, Location loc = Location::current());
Tensor matrix_norm(const Tensor &x, Scalar ord, IntArrayRef dims = {-2, -1}, bool keepdim = false, OptionalDtype dtype = std::nullopt, Location loc = Location::current());
/// Without `ord` the root of the sum of squares; with it matrix_norm of a matrix or two dims, vector_norm otherwise.
Tensor norm(const Tensor &x, std::optional<Scalar> ord = std::nullopt, IntArrayRef dims = {}, bool keepdim = false, OptionalDtype dtype = std::nullopt, Location loc = Location::current());
/// Sums of products along dim; shapes broadcast.
Tensor vecdot(const Tensor &a, const Tensor &b, int64_t dim = -1, Location loc = Location::current());
/// A product of matrices, the first and last of which may be vectors, in the order of fewest multiplications.
Tensor multi_dot(const TensorList &matrices, Location loc = Location::current());
inline Tensor matmul(const Tensor &a, const Tensor &b, Location loc = Location::current()) { return a.matmul(b, loc); }
inline Tensor matrix_power(const Tensor &x, int64_t n, Location loc = Location::current()) { return x.matrix_power(n, loc); }
inline Tensor cross(const Tensor &a, const Tensor &b, int64_t dim = -1, Location loc = Location::current()) { return a.cross(b, dim, loc); }
inline Tensor diagonal(const Tensor &x, int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1, Location loc = Location::current()) { return x.diagonal(offset, dim1, dim2, loc); }
/// Powers of the last dimension, ascending: [..., n] gives [..., n, count], by default n of them.
Tensor vander(const Tensor &x, std::optional<int64_t> count = std::nullopt, Location loc = Location::current());

} // namespace tenon::linalg
