// The methods of Tensor as functions (tenon::exp(x)), and those that take several tensors.
#pragma once
#include "tensor.h"

#include <string>

namespace tenon {

#define X(op) inline Tensor op(const Tensor &x, Location loc = Location::current()) { return x.op(loc); }
TENON_UNARY_METHODS(X)
#undef X
#define X(op) inline Tensor op(const Tensor &x, Operand other) { return x.op(other); }
TENON_BINARY_METHODS(X)
#undef X
inline Tensor add(const Tensor &a, Operand b, Scalar alpha = 1) { return a.add(b, alpha); }
inline Tensor sub(const Tensor &a, Operand b, Scalar alpha = 1) { return a.sub(b, alpha); }
inline Tensor clamp(const Tensor &x, std::optional<Scalar> min = std::nullopt, std::optional<Scalar> max = std::nullopt, Location loc = Location::current()) { return x.clamp(min, max, loc); }

inline Tensor sum(const Tensor &x, Location loc = Location::current()) { return x.sum(std::nullopt, loc); }
inline Tensor sum(const Tensor &x, IntArrayRef dims, bool keepdim = false, Location loc = Location::current()) { return x.sum(dims, keepdim, std::nullopt, loc); }
inline Tensor sum(const Tensor &x, int64_t dim, bool keepdim = false, Location loc = Location::current()) { return x.sum(dim, keepdim, std::nullopt, loc); }
inline Tensor mean(const Tensor &x, Location loc = Location::current()) { return x.mean(std::nullopt, loc); }
inline Tensor mean(const Tensor &x, IntArrayRef dims, bool keepdim = false, Location loc = Location::current()) { return x.mean(dims, keepdim, std::nullopt, loc); }
inline Tensor mean(const Tensor &x, int64_t dim, bool keepdim = false, Location loc = Location::current()) { return x.mean(dim, keepdim, std::nullopt, loc); }
inline Tensor max(const Tensor &x, Location loc = Location::current()) { return x.max(loc); }
inline Tensor min(const Tensor &x, Location loc = Location::current()) { return x.min(loc); }
inline std::tuple<Tensor, Tensor> max(const Tensor &x, int64_t dim, bool keepdim = false, Location loc = Location::current()) { return x.max(dim, keepdim, loc); }
inline std::tuple<Tensor, Tensor> min(const Tensor &x, int64_t dim, bool keepdim = false, Location loc = Location::current()) { return x.min(dim, keepdim, loc); }
inline Tensor max(const Tensor &a, const Tensor &b, Location loc = Location::current()) { return a.maximum(Operand(b, loc)); }
inline Tensor min(const Tensor &a, const Tensor &b, Location loc = Location::current()) { return a.minimum(Operand(b, loc)); }
inline Tensor argmax(const Tensor &x, std::optional<int64_t> dim = std::nullopt, bool keepdim = false, Location loc = Location::current()) { return x.argmax(dim, keepdim, loc); }
inline Tensor argmin(const Tensor &x, std::optional<int64_t> dim = std::nullopt, bool keepdim = false, Location loc = Location::current()) { return x.argmin(dim, keepdim, loc); }
inline Tensor logsumexp(const Tensor &x, IntArrayRef dims, bool keepdim = false, Location loc = Location::current()) { return x.logsumexp(dims, keepdim, loc); }
inline Tensor softmax(const Tensor &x, int64_t dim, Location loc = Location::current()) { return x.softmax(dim, loc); }
inline Tensor log_softmax(const Tensor &x, int64_t dim, Location loc = Location::current()) { return x.log_softmax(dim, loc); }

inline Tensor matmul(const Tensor &a, const Tensor &b, Location loc = Location::current()) { return a.matmul(b, loc); }
inline Tensor mm(const Tensor &a, const Tensor &b, Location loc = Location::current()) { return a.mm(b, loc); }
inline Tensor bmm(const Tensor &a, const Tensor &b, Location loc = Location::current()) { return a.bmm(b, loc); }
inline Tensor mv(const Tensor &a, const Tensor &b, Location loc = Location::current()) { return a.mv(b, loc); }
inline Tensor dot(const Tensor &a, const Tensor &b, Location loc = Location::current()) { return a.dot(b, loc); }
inline Tensor outer(const Tensor &a, const Tensor &b, Location loc = Location::current()) { return a.outer(b, loc); }
inline Tensor addmm(const Tensor &c, const Tensor &a, const Tensor &b, Scalar beta = 1, Scalar alpha = 1, Location loc = Location::current()) { return c.addmm(a, b, beta, alpha, loc); }

inline Tensor reshape(const Tensor &x, IntArrayRef sizes, Location loc = Location::current()) { return x.reshape(sizes, loc); }
inline Tensor flatten(const Tensor &x, int64_t start_dim = 0, int64_t end_dim = -1, Location loc = Location::current()) { return x.flatten(start_dim, end_dim, loc); }
inline Tensor squeeze(const Tensor &x, Location loc = Location::current()) { return x.squeeze(loc); }
inline Tensor squeeze(const Tensor &x, int64_t dim, Location loc = Location::current()) { return x.squeeze(dim, loc); }
inline Tensor unsqueeze(const Tensor &x, int64_t dim, Location loc = Location::current()) { return x.unsqueeze(dim, loc); }
inline Tensor transpose(const Tensor &x, int64_t a, int64_t b, Location loc = Location::current()) { return x.transpose(a, b, loc); }
inline Tensor permute(const Tensor &x, IntArrayRef dims, Location loc = Location::current()) { return x.permute(dims, loc); }
inline Tensor flip(const Tensor &x, IntArrayRef dims, Location loc = Location::current()) { return x.flip(dims, loc); }
inline Tensor clone(const Tensor &x, Location loc = Location::current()) { return x.clone(loc); }

inline Tensor roll(const Tensor &x, IntArrayRef shifts, IntArrayRef dims = {}, Location loc = Location::current()) { return x.roll(shifts, dims, loc); }
inline Tensor tile(const Tensor &x, IntArrayRef repeats, Location loc = Location::current()) { return x.tile(repeats, loc); }
inline Tensor repeat_interleave(const Tensor &x, int64_t repeats, std::optional<int64_t> dim = std::nullopt, Location loc = Location::current()) { return x.repeat_interleave(repeats, dim, loc); }
inline Tensor movedim(const Tensor &x, IntArrayRef source, IntArrayRef destination, Location loc = Location::current()) { return x.movedim(source, destination, loc); }
inline Tensor swapaxes(const Tensor &x, int64_t a, int64_t b, Location loc = Location::current()) { return x.transpose(a, b, loc); }
inline Tensor diagonal(const Tensor &x, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1, Location loc = Location::current()) { return x.diagonal(offset, dim1, dim2, loc); }
inline Tensor diag(const Tensor &x, int64_t diagonal = 0, Location loc = Location::current()) { return x.diag(diagonal, loc); }
inline Tensor diag_embed(const Tensor &x, int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1, Location loc = Location::current()) { return x.diag_embed(offset, dim1, dim2, loc); }
inline Tensor tril(const Tensor &x, int64_t diagonal = 0, Location loc = Location::current()) { return x.tril(diagonal, loc); }
inline Tensor triu(const Tensor &x, int64_t diagonal = 0, Location loc = Location::current()) { return x.triu(diagonal, loc); }
inline TensorList unbind(const Tensor &x, int64_t dim = 0, Location loc = Location::current()) { return x.unbind(dim, loc); }
inline TensorList split(const Tensor &x, int64_t split_size, int64_t dim = 0, Location loc = Location::current()) { return x.split(split_size, dim, loc); }
inline TensorList chunk(const Tensor &x, int64_t chunks, int64_t dim = 0, Location loc = Location::current()) { return x.chunk(chunks, dim, loc); }
inline Tensor narrow(const Tensor &x, int64_t dim, int64_t start, int64_t length, Location loc = Location::current()) { return x.narrow(dim, start, length, loc); }
inline Tensor amax(const Tensor &x, IntArrayRef dims = {}, bool keepdim = false, Location loc = Location::current()) { return x.amax(dims, keepdim, loc); }
inline Tensor amin(const Tensor &x, IntArrayRef dims = {}, bool keepdim = false, Location loc = Location::current()) { return x.amin(dims, keepdim, loc); }
inline std::tuple<Tensor, Tensor> aminmax(const Tensor &x, std::optional<int64_t> dim = std::nullopt, bool keepdim = false, Location loc = Location::current()) { return x.aminmax(dim, keepdim, loc); }
inline Tensor prod(const Tensor &x, Location loc = Location::current()) { return x.prod(std::nullopt, loc); }
inline Tensor prod(const Tensor &x, int64_t dim, bool keepdim = false, Location loc = Location::current()) { return x.prod(dim, keepdim, std::nullopt, loc); }
inline Tensor all(const Tensor &x, Location loc = Location::current()) { return x.all(loc); }
inline Tensor any(const Tensor &x, Location loc = Location::current()) { return x.any(loc); }
inline Tensor norm(const Tensor &x, Scalar p = 2, Location loc = Location::current()) { return x.norm(p, loc); }
inline Tensor norm(const Tensor &x, Scalar p, IntArrayRef dims, bool keepdim = false, Location loc = Location::current()) { return x.norm(p, dims, keepdim, loc); }
inline Tensor var(const Tensor &x, bool unbiased = true, Location loc = Location::current()) { return x.var(unbiased, loc); }
inline Tensor var(const Tensor &x, IntArrayRef dims, bool unbiased = true, bool keepdim = false, Location loc = Location::current()) { return x.var(dims, unbiased, keepdim, loc); }
inline Tensor std(const Tensor &x, bool unbiased = true, Location loc = Location::current()) { return x.std(unbiased, loc); }
inline Tensor std(const Tensor &x, IntArrayRef dims, bool unbiased = true, bool keepdim = false, Location loc = Location::current()) { return x.std(dims, unbiased, keepdim, loc); }
inline std::tuple<Tensor, Tensor> var_mean(const Tensor &x, IntArrayRef dims = {}, bool unbiased = true, bool keepdim = false, Location loc = Location::current()) { return {x.var(dims, unbiased, keepdim, loc), x.mean(dims, keepdim, std::nullopt, loc)}; }
inline std::tuple<Tensor, Tensor> std_mean(const Tensor &x, IntArrayRef dims = {}, bool unbiased = true, bool keepdim = false, Location loc = Location::current()) { return {x.std(dims, unbiased, keepdim, loc), x.mean(dims, keepdim, std::nullopt, loc)}; }
inline Tensor trace(const Tensor &x, Location loc = Location::current()) { return x.trace(loc); }
inline Tensor logit(const Tensor &x, std::optional<double> eps = std::nullopt, Location loc = Location::current()) { return x.logit(eps, loc); }
inline Tensor nan_to_num(const Tensor &x, std::optional<double> nan = std::nullopt, std::optional<double> posinf = std::nullopt, std::optional<double> neginf = std::nullopt, Location loc = Location::current()) { return x.nan_to_num(nan, posinf, neginf, loc); }
inline Tensor masked_fill(const Tensor &x, const Tensor &mask, Operand value) { return x.masked_fill(mask, value); }
inline Tensor lerp(const Tensor &x, const Tensor &end, Operand weight) { return x.lerp(end, weight); }
inline Tensor addcmul(const Tensor &x, const Tensor &a, const Tensor &b, Scalar value = 1, Location loc = Location::current()) { return x.addcmul(a, b, value, loc); }
inline Tensor addcdiv(const Tensor &x, const Tensor &a, const Tensor &b, Scalar value = 1, Location loc = Location::current()) { return x.addcdiv(a, b, value, loc); }
inline Tensor addmv(const Tensor &c, const Tensor &a, const Tensor &b, Scalar beta = 1, Scalar alpha = 1, Location loc = Location::current()) { return c.addmv(a, b, beta, alpha, loc); }
inline Tensor baddbmm(const Tensor &c, const Tensor &a, const Tensor &b, Scalar beta = 1, Scalar alpha = 1, Location loc = Location::current()) { return c.baddbmm(a, b, beta, alpha, loc); }
inline Tensor cross(const Tensor &a, const Tensor &b, std::optional<int64_t> dim = std::nullopt, Location loc = Location::current()) { return a.cross(b, dim, loc); }
inline Tensor kron(const Tensor &a, const Tensor &b, Location loc = Location::current()) { return a.kron(b, loc); }

/// Sums of products by names of dimensions: einsum("bij,bjk->bik", {a, b}). A letter twice in one operand is its diagonal, letters absent from the result are summed, "..."
/// stands for leading dimensions that broadcast; without "->" the letters that occur once follow in alphabetical order. Operands are taken from left to right.
Tensor einsum(const std::string &equation, const TensorList &operands, Location loc = Location::current());
/// Sums over pairs of dimensions of a and b; `dims`: the last of a with the first of b.
Tensor tensordot(const Tensor &a, const Tensor &b, IntArrayRef dims_a, IntArrayRef dims_b, Location loc = Location::current());
Tensor tensordot(const Tensor &a, const Tensor &b, int64_t dims, Location loc = Location::current());
/// Vectors spread over the grid that they span; indexing "ij" or "xy".
TensorList meshgrid(const TensorList &tensors, const std::string &indexing = "ij", Location loc = Location::current());
/// Joined along the first, second, third dimension, where scalars and vectors get the dimensions they lack.
Tensor hstack(const TensorList &tensors, Location loc = Location::current());
Tensor vstack(const TensorList &tensors, Location loc = Location::current());
Tensor dstack(const TensorList &tensors, Location loc = Location::current());
Tensor cat(const TensorList &tensors, int64_t dim = 0, Location loc = Location::current());
Tensor stack(const TensorList &tensors, int64_t dim = 0, Location loc = Location::current());
Tensor where(const Tensor &condition, Operand a, Operand b);
inline Tensor concat(const TensorList &tensors, int64_t dim = 0, Location loc = Location::current()) { return cat(tensors, dim, loc); }
inline Tensor concatenate(const TensorList &tensors, int64_t dim = 0, Location loc = Location::current()) { return cat(tensors, dim, loc); }
/// Vectors and scalars as columns of a matrix, beside matrices.
Tensor column_stack(const TensorList &tensors, Location loc = Location::current());
/// All of the shape that they broadcast to.
TensorList broadcast_tensors(const TensorList &tensors, Location loc = Location::current());
/// Every choice of an element from each vector: a row of [product of sizes, number of vectors].
Tensor cartesian_prod(const TensorList &tensors, Location loc = Location::current());
/// The p-norm of every row of a [..., P, M] minus every row of b [..., R, M]: [..., P, R].
Tensor cdist(const Tensor &a, const Tensor &b, double p = 2, Location loc = Location::current());
/// Covariances of the rows of x, divided by the number of columns minus `correction`.
Tensor cov(const Tensor &x, int64_t correction = 1, Location loc = Location::current());
inline Tensor dist(const Tensor &a, const Tensor &b, Scalar p = 2, Location loc = Location::current()) { return a.dist(b, p, loc); }
inline Tensor diff(const Tensor &x, int64_t n = 1, int64_t dim = -1, Location loc = Location::current()) { return x.diff(n, dim, loc); }
inline Tensor rot90(const Tensor &x, int64_t k = 1, IntArrayRef dims = {0, 1}, Location loc = Location::current()) { return x.rot90(k, dims, loc); }
inline TensorList tensor_split(const Tensor &x, int64_t sections, int64_t dim = 0, Location loc = Location::current()) { return x.tensor_split(sections, dim, loc); }
inline Tensor nansum(const Tensor &x, IntArrayRef dims = {}, bool keepdim = false, Location loc = Location::current()) { return x.nansum(dims, keepdim, loc); }
inline Tensor nanmean(const Tensor &x, IntArrayRef dims = {}, bool keepdim = false, Location loc = Location::current()) { return x.nanmean(dims, keepdim, loc); }
inline Tensor quantile(const Tensor &x, double q, std::optional<int64_t> dim = std::nullopt, bool keepdim = false, Location loc = Location::current()) { return x.quantile(q, dim, keepdim, loc); }
inline Tensor quantile(const Tensor &x, const Tensor &q, std::optional<int64_t> dim = std::nullopt, bool keepdim = false, Location loc = Location::current()) { return x.quantile(q, dim, keepdim, loc); }
inline Tensor count_nonzero(const Tensor &x, IntArrayRef dims = {}, Location loc = Location::current()) { return x.count_nonzero(dims, loc); }
inline Tensor isclose(const Tensor &a, const Tensor &b, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false, Location loc = Location::current()) { return a.isclose(b, rtol, atol, equal_nan, loc); }
inline Tensor sinc(const Tensor &x, Location loc = Location::current()) { return x.sinc(loc); }
inline Tensor ravel(const Tensor &x, Location loc = Location::current()) { return x.flatten(0, -1, loc); }
inline Tensor atleast_1d(const Tensor &x, Location loc = Location::current()) { return x.dim() ? x : x.unsqueeze(0, loc); }
inline Tensor atleast_2d(const Tensor &x, Location loc = Location::current()) { return x.dim() > 1 ? x : atleast_1d(x, loc).unsqueeze(0, loc); }
inline Tensor softmax(const Tensor &x, int64_t dim, Dtype dtype, Location loc = Location::current()) { return x.softmax(dim, dtype, loc); }
inline Tensor log_softmax(const Tensor &x, int64_t dim, Dtype dtype, Location loc = Location::current()) { return x.log_softmax(dim, dtype, loc); }
inline int64_t numel(const Tensor &x) { return x.numel(); }
inline bool is_floating_point(const Tensor &x) { return x.is_floating_point(); }
/// On the host: shapes, dtypes and every number equal (equal), or within tolerance (allclose).
bool equal(const Tensor &a, const Tensor &b, Location loc = Location::current());
bool allclose(const Tensor &a, const Tensor &b, double rtol = 1e-5, double atol = 1e-8, Location loc = Location::current());

} // namespace tenon
