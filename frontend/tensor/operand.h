// What operators and functions take: a tensor or a number of the host, with the line where it was written; and numbers of a tensor for loops of the host.
#pragma once
#include "types.h"
#include <concepts>
#include <cstddef>
#include <type_traits>

namespace tenon {

class Tensor;

/// What an operator takes: a tensor or a host number, with the line where it was written.
struct Operand {
  Operand(const Tensor &t, Location where = Location::current()) : tensor(&t), location(where) {}
  template <class T>
    requires std::is_arithmetic_v<T>
  Operand(T number, Location where = Location::current()) : scalar(number), location(where) {}
  Operand(Scalar number, Location where = Location::current()) : scalar(number), location(where) {}
  const Tensor *tensor = nullptr; // null: `scalar`
  Scalar scalar;
  Location location;
};

/// The index of `t[i]`, with the line where it was written.
struct Index {
  template <std::integral T> Index(T value, Location where = Location::current()) : value(int64_t(value)), location(where) {}
  int64_t value;
  Location location;
};

/// A view onto numbers of a tensor for nested loops on the host: auto a = t.accessor<float, 2>(); a[i][j].
template <class T, std::size_t N> struct TensorAccessor {
  T *data_;
  const int64_t *sizes_;
  int64_t size(int64_t i) const { return sizes_[i]; }
  decltype(auto) operator[](int64_t i) const {
    if constexpr (N == 1) {
      return (data_[i]);
    } else {
      int64_t stride = 1;
      for (std::size_t d = 1; d < N; ++d)
        stride *= sizes_[d];
      return TensorAccessor<T, N - 1>{data_ + i * stride, sizes_ + 1};
    }
  }
};

} // namespace tenon
