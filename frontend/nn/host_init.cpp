// Initialisers that compute on the host: from uniform or normal numbers of the generator.
#include <tenon/nn/init.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tenon::nn::init {
namespace {

std::vector<double> numbers_of(const Tensor &t, Location loc) {
  const double *data = t.const_data_ptr<double>(loc);
  return {data, data + t.numel()};
}
Tensor fill(const Tensor &t, const std::vector<double> &numbers, Location loc) {
  NoGradGuard guard;
  return t.copy_(tenon::tensor(numbers, kFloat64).view(t.sizes(), loc), false, loc);
}

/// The inverse of erf: Winitzki's approximation, then Newton's method.
double inverse_erf(double y) {
  double l = std::log1p(-y * y), c = 2 / (3.141592653589793 * 0.147) + l / 2;
  double x = std::copysign(std::sqrt(std::sqrt(c * c - l / 0.147) - c), y);
  for (int i = 0; i < 4; ++i)
    x -= (std::erf(x) - y) / (1.1283791670955126 * std::exp(-x * x));
  return x;
}

/// Q of the QR decomposition of a [rows, columns] matrix, rows >= columns, R's diagonal positive: by Householder's reflections.
std::vector<double> orthonormal(std::vector<double> a, int64_t rows, int64_t columns) {
  std::vector<std::vector<double>> reflections;
  std::vector<double> signs;
  auto reflect = [&](std::vector<double> &m, const std::vector<double> &v, int64_t from) {
    for (int64_t j = 0; j < columns; ++j) {
      double s = 0;
      for (int64_t i = from; i < rows; ++i)
        s += v[i] * m[i * columns + j];
      for (int64_t i = from; i < rows; ++i)
        m[i * columns + j] -= 2 * s * v[i];
    }
  };
  for (int64_t k = 0; k < columns; ++k) {
    std::vector<double> v(rows, 0);
    double length = 0;
    for (int64_t i = k; i < rows; ++i)
      length += (v[i] = a[i * columns + k]) * v[i];
    double head = v[k];
    v[k] += std::copysign(std::sqrt(length), head);
    double norm = std::sqrt(length - head * head + v[k] * v[k]);
    for (double &x : v)
      x = norm > 0 ? x / norm : 0;
    reflect(a, v, k);
    reflections.push_back(v);
    signs.push_back(a[k * columns + k] < 0 ? -1 : 1);
  }
  std::vector<double> q(rows * columns, 0);
  for (int64_t k = 0; k < columns; ++k)
    q[k * columns + k] = signs[k];
  for (int64_t k = columns; k-- > 0;)
    reflect(q, reflections[k], k);
  return q;
}

} // namespace

Tensor trunc_normal_(Tensor tensor, double mean, double std, double a, double b, Location loc) {
  if (!(a <= b))
    throw Error("trunc_normal_: expected a not above b, came " + std::to_string(a) + " and " + std::to_string(b), loc);
  auto below = [&](double x) { return (1 + std::erf((x - mean) / std / std::sqrt(2.0))) / 2; };
  double low = 2 * below(a) - 1, high = 2 * below(b) - 1;
  std::vector<double> numbers = numbers_of(rand(tensor.sizes(), kFloat64, loc), loc);
  for (double &x : numbers)
    x = std::clamp(mean + std * std::sqrt(2.0) * inverse_erf(low + (high - low) * x), a, b);
  return fill(tensor, numbers, loc);
}

Tensor orthogonal_(Tensor tensor, double gain, Location loc) {
  if (tensor.dim() < 2)
    throw Error("orthogonal_: expected at least 2 dimensions, came " + std::to_string(tensor.dim()), loc);
  if (tensor.numel() == 0)
    return tensor;
  int64_t rows = tensor.size(0), columns = tensor.numel() / rows, tall = std::max(rows, columns), wide = std::min(rows, columns);
  std::vector<double> q = orthonormal(numbers_of(randn({tall, wide}, kFloat64, loc), loc), tall, wide), result(q.size());
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      result[i * columns + j] = gain * (rows >= columns ? q[i * wide + j] : q[j * wide + i]);
  return fill(tensor, result, loc);
}

Tensor sparse_(Tensor matrix, double sparsity, double std, Location loc) {
  if (matrix.dim() != 2)
    throw Error("sparse_: expected a matrix, came rank " + std::to_string(matrix.dim()), loc);
  if (!(sparsity >= 0 && sparsity <= 1))
    throw Error("sparse_: expected a sparsity in [0, 1], came " + std::to_string(sparsity), loc);
  int64_t rows = matrix.size(0), columns = matrix.size(1), zeros = static_cast<int64_t>(std::ceil(sparsity * static_cast<double>(rows)));
  std::vector<double> numbers = numbers_of(randn(matrix.sizes(), kFloat64, loc), loc),
                      order = numbers_of(rand(matrix.sizes(), kFloat64, loc), loc);
  std::vector<int64_t> place(rows);
  for (int64_t j = 0; j < columns; ++j) { // the rows in a random order: the first of them are zero
    std::iota(place.begin(), place.end(), 0);
    std::sort(place.begin(), place.end(), [&](int64_t a, int64_t b) { return order[a * columns + j] < order[b * columns + j]; });
    for (int64_t i = 0; i < rows; ++i)
      numbers[place[i] * columns + j] *= i < zeros ? 0 : std;
  }
  return fill(matrix, numbers, loc);
}

Tensor dirac_(Tensor tensor, int64_t groups, Location loc) {
  if (tensor.dim() < 3 || tensor.dim() > 5)
    throw Error("dirac_: expected 3 to 5 dimensions, came " + std::to_string(tensor.dim()), loc);
  if (groups < 1 || tensor.size(0) % groups)
    throw Error("dirac_: expected groups that divide " + std::to_string(tensor.size(0)) + ", came " + std::to_string(groups), loc);
  int64_t out = tensor.size(0) / groups, field = 1, centre = 0;
  for (int64_t d = 2; d < tensor.dim(); ++d) {
    centre = centre * tensor.size(d) + tensor.size(d) / 2;
    field *= tensor.size(d);
  }
  std::vector<double> numbers(tensor.numel(), 0);
  for (int64_t g = 0; g < groups; ++g)
    for (int64_t i = 0; i < std::min(out, tensor.size(1)); ++i)
      numbers[((g * out + i) * tensor.size(1) + i) * field + centre] = 1;
  return fill(tensor, numbers, loc);
}

} // namespace tenon::nn::init
