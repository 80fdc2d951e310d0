// The methods of Tensor as functions (tenon::exp(x)), and those that take several tensors.
#pragma once
#include "tensor.h"

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

Tensor cat(const TensorList &tensors, int64_t dim = 0, Location loc = Location::current());
Tensor stack(const TensorList &tensors, int64_t dim = 0, Location loc = Location::current());
Tensor where(const Tensor &condition, Operand a, Operand b);
/// On the host: shapes, dtypes and every number equal (equal), or within tolerance (allclose).
bool equal(const Tensor &a, const Tensor &b, Location loc = Location::current());
bool allclose(const Tensor &a, const Tensor &b, double rtol = 1e-5, double atol = 1e-8, Location loc = Location::current());

} // namespace tenon
