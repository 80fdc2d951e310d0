// Numbers in host memory: fills and conversions, by element type.
#include "frontend/tensor/impl.h"
#include <algorithm>
#include <cstring>

namespace tenon::detail {
namespace {

/// A bool in memory: a byte, true where it is not zero.
struct Flag {
  char byte;
  Flag(bool value = false) : byte(value) {}
  operator bool() const { return byte != 0; }
};
/// visit(T()) with the type of a dtype's elements in memory.
template <class Visit> auto with_type(Dtype dtype, Visit visit) {
  switch (dtype) {
  case ScalarType::Bool:
    return visit(Flag());
  case ScalarType::Int:
    return visit(int32_t());
  case ScalarType::Long:
    return visit(int64_t());
  case ScalarType::Half:
    return visit(Half());
  case ScalarType::BFloat16:
    return visit(BFloat16());
  case ScalarType::Float:
    return visit(float());
  case ScalarType::Double:
    break;
  }
  return visit(double());
}
template <class T> constexpr bool is_storage = std::is_same_v<T, BFloat16> || std::is_same_v<T, Half>;
template <class T> constexpr bool is_real = std::is_floating_point_v<T> || is_storage<T>;
/// By way of the wider of double and int64.
template <class To, class From> To converted(From from) {
  auto wide = [&] {
    if constexpr (is_real<From>)
      return double(from);
    else
      return int64_t(from);
  }();
  if constexpr (is_storage<To>)
    return To(float(wide));
  else
    return To(wide);
}

} // namespace

void convert(const void *from, Dtype from_type, void *to, Dtype to_type, int64_t count) {
  if (from_type == to_type) {
    std::memcpy(to, from, size_t(count) * tenon::element_size(from_type));
    return;
  }
  with_type(from_type, [&](auto f) {
    with_type(to_type, [&](auto t) {
      using From = decltype(f);
      using To = decltype(t);
      auto *source = static_cast<const From *>(from);
      std::transform(source, source + count, static_cast<To *>(to), converted<To, From>);
    });
  });
}

void fill(void *to, Dtype dtype, Scalar value, int64_t count) {
  with_type(dtype, [&](auto t) {
    using T = decltype(t);
    T element;
    store_scalar(&element, dtype, value);
    std::fill_n(static_cast<T *>(to), count, element);
  });
}

void store_scalar(void *to, Dtype dtype, Scalar value) {
  with_type(dtype, [&](auto t) {
    using T = decltype(t);
    T element;
    if constexpr (is_storage<T>)
      element = T(value.toFloat());
    else
      element = value.to<T>();
    std::memcpy(to, &element, sizeof element);
  });
}

Scalar load_scalar(const void *from, Dtype dtype) {
  return with_type(dtype, [&](auto t) -> Scalar {
    using T = decltype(t);
    T element;
    std::memcpy(static_cast<void *>(&element), from, sizeof element);
    if constexpr (is_storage<T>)
      return float(element);
    else if constexpr (std::is_same_v<T, Flag>)
      return bool(element);
    else
      return element;
  });
}

} // namespace tenon::detail
