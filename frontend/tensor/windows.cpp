// Windows of signals: numbers from 0 up and down again.
#include "frontend/tensor/record.h"
#include <cmath>

namespace tenon {

namespace {

constexpr double pi = 3.14159265358979323846;

/// 0, 1, ... n - 1 and what the last place is divided by: none where the window is a single one.
struct Places {
  Tensor at;
  double length;
};
std::optional<Places> places(const char *op, int64_t n, bool periodic, const TensorOptions &options, Location loc) {
  if (n < 0)
    throw record::error(op, "expected a length that is not negative, got " + std::to_string(n), loc);
  auto dtype = options.has_dtype() ? options.dtype() : get_default_dtype();
  if (!is_floating_point(dtype))
    throw record::error(op, std::string("expected a dtype of floating point, got ") + name(dtype), loc);
  if (n == 1)
    return std::nullopt;
  return Places{arange(0, n, 1, options.dtype(dtype), loc), double(periodic ? n : n - 1)};
}
Tensor waves(const char *op, int64_t n, bool periodic, std::initializer_list<double> factors, const TensorOptions &options, Location loc) {
  auto p = places(op, n, periodic, options, loc);
  if (!p)
    return ones({1}, options, loc);
  Tensor sum;
  double turns = 0;
  for (double factor : factors) {
    auto term = p->at.mul({2 * pi * turns++ / p->length, loc}).cos(loc).mul({factor, loc});
    sum = sum.defined() ? sum.add({term, loc}) : term;
  }
  return sum;
}
/// The modified Bessel function of order 0, by its series.
double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > sum * 1e-18; ++k)
    sum += term *= (x / 2 / k) * (x / 2 / k);
  return sum;
}

} // namespace

Tensor hann_window(int64_t n, bool periodic, const TensorOptions &options, Location loc) {
  auto p = places("hann_window", n, periodic, options, loc);
  return p ? p->at.mul({pi / p->length, loc}).sin(loc).square(loc) : ones({1}, options, loc);
}
Tensor hamming_window(int64_t n, bool periodic, double alpha, double beta, const TensorOptions &options, Location loc) {
  return waves("hamming_window", n, periodic, {alpha, -beta}, options, loc);
}
Tensor blackman_window(int64_t n, bool periodic, const TensorOptions &options, Location loc) { return waves("blackman_window", n, periodic, {0.42, -0.5, 0.08}, options, loc); }
Tensor bartlett_window(int64_t n, bool periodic, const TensorOptions &options, Location loc) {
  auto p = places("bartlett_window", n, periodic, options, loc);
  if (!p)
    return ones({1}, options, loc);
  auto up = p->at.mul({2 / p->length, loc});
  return up.minimum({up.neg(loc).add({2, loc}), loc});
}
Tensor kaiser_window(int64_t n, bool periodic, double beta, const TensorOptions &options, Location loc) {
  auto p = places("kaiser_window", n, periodic, options, loc);
  if (!p)
    return ones({1}, options, loc);
  std::vector<double> numbers;
  for (int64_t i = 0; i < n; ++i)
    numbers.push_back(bessel_i0(beta * std::sqrt(std::max(0.0, 1 - std::pow(2 * double(i) / p->length - 1, 2)))) / bessel_i0(beta));
  return tensor(numbers, p->at.options(), loc);
}

} // namespace tenon
