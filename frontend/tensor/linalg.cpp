// Norms and products of matrices.
#include "frontend/tensor/linalg.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"
#include <cmath>

namespace tenon {

using namespace detail;

Tensor Tensor::inner(const Tensor &o, Location loc) const {
  impl("inner", *this, loc), impl("inner", o, loc);
  if (dim() == 0 || o.dim() == 0)
    return mul({o, loc});
  if (size(-1) != o.size(-1))
    throw record::error("inner", "expected last dimensions of one extent, got " + record::text(*this) + " and " + record::text(o), loc);
  return tensordot(*this, o, {-1}, {-1}, loc);
}
Tensor Tensor::matrix_power(int64_t n, Location loc) const {
  impl("matrix_power", *this, loc);
  if (dim() < 2 || size(-1) != size(-2) || n < 0)
    throw record::error("matrix_power", "expected square matrices [..., n, n] and a power that is not negative, got " + record::text(*this) + " and " + std::to_string(n), loc);
  if (n == 0)
    return eye(size(-1), options(), loc).expand(sizes(), loc).clone(loc);
  Tensor result, square = *this;
  for (;; square = square.matmul(square, loc)) {
    if (n & 1)
      result = result.defined() ? result.matmul(square, loc) : square;
    if ((n /= 2) == 0)
      return result.is_same(*this) ? clone(loc) : result;
  }
}

/// Of the ways to multiply neighbours the one with the fewest multiplications.
static Tensor product(const char *op, const TensorList &given, Location loc) {
  if (given.empty())
    throw record::error(op, "expected at least one matrix", loc);
  TensorList m = given;
  size_t n = m.size();
  bool row = n > 1 && impl(op, m[0], loc)->type.getRank() == 1, column = n > 1 && impl(op, m[n - 1], loc)->type.getRank() == 1;
  if (row)
    m[0] = m[0].unsqueeze(0, loc);
  if (column)
    m[n - 1] = m[n - 1].unsqueeze(1, loc);
  for (size_t i = 0; i < n; ++i)
    if (impl(op, m[i], loc)->type.getRank() != 2 || (i && m[i - 1].size(1) != m[i].size(0)))
      throw record::error(op, "expected matrices whose shapes fit each other, got " + record::text(given[i]) + (i ? " behind " + record::text(given[i - 1]) : ""), loc);
  std::vector<std::vector<double>> cost(n, std::vector<double>(n, 0));
  std::vector<std::vector<size_t>> cut(n, std::vector<size_t>(n, 0));
  for (size_t length = 1; length < n; ++length)
    for (size_t i = 0; i + length < n; ++i) {
      size_t j = i + length;
      cost[i][j] = INFINITY;
      for (size_t k = i; k < j; ++k)
        if (double c = cost[i][k] + cost[k + 1][j] + double(m[i].size(0)) * double(m[k].size(1)) * double(m[j].size(1)); c < cost[i][j])
          cost[i][j] = c, cut[i][j] = k;
    }
  auto multiply = [&](auto &self, size_t i, size_t j) -> Tensor { return i == j ? m[i] : self(self, i, cut[i][j]).matmul(self(self, cut[i][j] + 1, j), loc); };
  auto y = multiply(multiply, 0, n - 1);
  if (column)
    y = y.squeeze(1, loc);
  return row ? y.squeeze(0, loc) : y;
}
Tensor chain_matmul(const TensorList &matrices, Location loc) { return product("chain_matmul", matrices, loc); }

namespace linalg {

Tensor multi_dot(const TensorList &matrices, Location loc) { return product("multi_dot", matrices, loc); }
Tensor vector_norm(const Tensor &x, Scalar ord, IntArrayRef dims, bool keepdim, OptionalDtype dtype, Location loc) {
  return (dtype ? x.to(*dtype, loc) : x).norm(ord, dims, keepdim, loc);
}

static Shape matrix_dims(const Tensor &x, IntArrayRef dims, Location loc) {
  impl("matrix_norm", x, loc);
  if (dims.size() != 2 || x.dim() < 2 || record::wrap_dim("matrix_norm", dims[0], x.dim(), loc) == record::wrap_dim("matrix_norm", dims[1], x.dim(), loc))
    throw record::error("matrix_norm", "expected two different dimensions of " + record::text(x) + ", got " + record::shape_text(dims), loc);
  return {record::wrap_dim("matrix_norm", dims[0], x.dim(), loc), record::wrap_dim("matrix_norm", dims[1], x.dim(), loc)};
}
Tensor matrix_norm(const Tensor &x, const std::string &ord, IntArrayRef dims, bool keepdim, OptionalDtype dtype, Location loc) {
  auto both = matrix_dims(x, dims, loc);
  if (ord != "fro")
    throw record::error("matrix_norm", "expected \"fro\", 1, -1, an infinity or its negative, got \"" + ord + "\"", loc);
  return vector_norm(x, 2, both, keepdim, dtype, loc);
}
Tensor matrix_norm(const Tensor &x, Scalar ord, IntArrayRef dims, bool keepdim, OptionalDtype dtype, Location loc) {
  auto both = matrix_dims(x, dims, loc);
  double p = ord.toDouble();
  if (std::abs(p) != 1 && !std::isinf(p))
    throw record::error("matrix_norm", "expected \"fro\", 1, -1, an infinity or its negative, got " + std::to_string(p), loc);
  auto sum = vector_norm(x, 1, {both[std::isinf(p) ? 1 : 0]}, true, dtype, loc);
  auto y = p > 0 ? sum.amax(both, keepdim, loc) : sum.amin(both, keepdim, loc);
  return y;
}
Tensor norm(const Tensor &x, std::optional<Scalar> ord, IntArrayRef dims, bool keepdim, OptionalDtype dtype, Location loc) {
  impl("norm", x, loc);
  bool matrix = ord && (dims.size() == 2 || (dims.empty() && x.dim() == 2));
  if (ord && dims.empty() && x.dim() > 2)
    throw record::error("norm", "expected a vector, a matrix, or dims, with an order; got " + record::text(x), loc);
  return matrix ? matrix_norm(x, *ord, dims.empty() ? IntArrayRef({-2, -1}) : dims, keepdim, dtype, loc) : vector_norm(x, ord.value_or(2), dims, keepdim, dtype, loc);
}
Tensor vecdot(const Tensor &a, const Tensor &b, int64_t dim, Location loc) { return a.mul({b, loc}).sum(dim, false, std::nullopt, loc); }
Tensor vander(const Tensor &x, std::optional<int64_t> count, Location loc) {
  if (impl("vander", x, loc)->type.getRank() < 1 || count.value_or(1) < 1)
    throw record::error("vander", "expected rank 1 at least and at least one power, got " + record::text(x) + " and " + std::to_string(count.value_or(1)), loc);
  TensorList columns{ones_like(x, loc)};
  for (int64_t i = 1; i < count.value_or(x.size(-1)); ++i)
    columns.push_back(columns.back().mul({x, loc}));
  return stack(columns, -1, loc);
}

} // namespace linalg

Tensor vander(const Tensor &x, std::optional<int64_t> n, bool increasing, Location loc) {
  if (impl("vander", x, loc)->type.getRank() != 1)
    throw record::error("vander", "expected a vector, got " + record::text(x), loc);
  if (n.value_or(x.numel()) < 1)
    return empty({x.numel(), 0}, x.options(), loc);
  auto y = linalg::vander(x, n, loc);
  return increasing ? y : y.flip({1}, loc);
}

} // namespace tenon
