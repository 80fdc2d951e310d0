// Making tensors: from numbers, from memory, at random.
#pragma once
#include "tensor.h"

namespace tenon {

Dtype get_default_dtype();
void set_default_dtype(Dtype dtype);

/// Numbers in braces: tensor(3.f), tensor({1, 2, 3}), tensor({{1.f, 2.f}, {3.f, 4.f}}). Element type as in LibTorch:
/// that of the literals, floating-point literals giving the default dtype.
class TensorData {
public:
  template <class T>
    requires std::is_arithmetic_v<T>
  TensorData(T value) : numbers_{Scalar(value)} {}
  TensorData(std::initializer_list<TensorData> list);
  const std::vector<Scalar> &numbers() const { return numbers_; }
  const Shape &shape() const { return shape_; }
  bool ragged() const { return ragged_; }

private:
  std::vector<Scalar> numbers_;
  Shape shape_;
  bool ragged_ = false;
};
Tensor tensor(const TensorData &data, const TensorOptions &options = {}, Location loc = Location::current());
Tensor tensor(std::initializer_list<TensorData> data, const TensorOptions &options = {}, Location loc = Location::current());
template <class T> Tensor tensor(const std::vector<T> &data, const TensorOptions &options = {}, Location loc = Location::current());

/// A tensor over the caller's memory (row-major; it must outlive the tensor). Its value enters a trace, by a copy, when
/// an op that uses it is written.
Tensor from_blob(void *data, IntArrayRef sizes, const TensorOptions &options = {}, Location loc = Location::current());

Tensor empty(IntArrayRef sizes, const TensorOptions &options = {}, Location loc = Location::current());
Tensor zeros(IntArrayRef sizes, const TensorOptions &options = {}, Location loc = Location::current());
Tensor ones(IntArrayRef sizes, const TensorOptions &options = {}, Location loc = Location::current());
Tensor full(IntArrayRef sizes, Scalar value, const TensorOptions &options = {}, Location loc = Location::current());
Tensor scalar_tensor(Scalar value, const TensorOptions &options = {}, Location loc = Location::current());
Tensor eye(int64_t n, const TensorOptions &options = {}, Location loc = Location::current());
Tensor arange(Scalar end, const TensorOptions &options = {}, Location loc = Location::current());
Tensor arange(Scalar start, Scalar end, const TensorOptions &options = {}, Location loc = Location::current());
Tensor arange(Scalar start, Scalar end, Scalar step, const TensorOptions &options = {}, Location loc = Location::current());
Tensor linspace(Scalar start, Scalar end, int64_t steps, const TensorOptions &options = {}, Location loc = Location::current());
/// base to the powers linspace(start, end, steps).
Tensor logspace(Scalar start, Scalar end, int64_t steps, double base = 10, const TensorOptions &options = {}, Location loc = Location::current());
Tensor eye(int64_t n, int64_t m, const TensorOptions &options = {}, Location loc = Location::current());
Tensor rand(IntArrayRef sizes, const TensorOptions &options = {}, Location loc = Location::current());
Tensor randn(IntArrayRef sizes, const TensorOptions &options = {}, Location loc = Location::current());
Tensor randint(int64_t high, IntArrayRef sizes, const TensorOptions &options = kLong, Location loc = Location::current());
Tensor randint(int64_t low, int64_t high, IntArrayRef sizes, const TensorOptions &options = kLong, Location loc = Location::current());

Tensor empty_like(const Tensor &t, Location loc = Location::current());
Tensor zeros_like(const Tensor &t, Location loc = Location::current());
Tensor ones_like(const Tensor &t, Location loc = Location::current());
Tensor full_like(const Tensor &t, Scalar value, Location loc = Location::current());
Tensor rand_like(const Tensor &t, Location loc = Location::current());
Tensor randn_like(const Tensor &t, Location loc = Location::current());
Tensor randint_like(const Tensor &t, int64_t high, Location loc = Location::current());
Tensor randint_like(const Tensor &t, int64_t low, int64_t high, Location loc = Location::current());
/// Ones with these probabilities, zeros else.
Tensor bernoulli(const Tensor &probabilities, Location loc = Location::current());
Tensor normal(double mean, double std, IntArrayRef sizes, const TensorOptions &options = {}, Location loc = Location::current());
/// An element for each mean and deviation, which broadcast.
Tensor normal(const Tensor &mean, const Tensor &std, Location loc = Location::current());
// Windows: of n numbers, symmetric in n, or in n + 1 (the last left out) where `periodic`.
/// sin^2(pi i / n)
Tensor hann_window(int64_t n, bool periodic = true, const TensorOptions &options = {}, Location loc = Location::current());
/// alpha - beta cos(2 pi i / n)
Tensor hamming_window(int64_t n, bool periodic = true, double alpha = 0.54, double beta = 0.46, const TensorOptions &options = {}, Location loc = Location::current());
/// 0.42 - 0.5 cos(2 pi i / n) + 0.08 cos(4 pi i / n)
Tensor blackman_window(int64_t n, bool periodic = true, const TensorOptions &options = {}, Location loc = Location::current());
/// Up to 1 and down again by straight lines.
Tensor bartlett_window(int64_t n, bool periodic = true, const TensorOptions &options = {}, Location loc = Location::current());
/// I0(beta sqrt(1 - (2 i / n - 1)^2)) / I0(beta)
Tensor kaiser_window(int64_t n, bool periodic = true, double beta = 12.0, const TensorOptions &options = {}, Location loc = Location::current());

/// Restarts the generator: (seed, counter 0). Draws take counters in program order, used or not.
void manual_seed(uint64_t seed);

} // namespace tenon
