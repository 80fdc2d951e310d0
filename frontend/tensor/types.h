// Small value types of the public interface: element types, devices, errors, host scalars and lists of sizes.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <source_location>
#include <stdexcept>
#include <string>
#include <vector>

namespace tenon {

/// Where in the user's program something was written; every op takes one as its last, defaulted argument.
using Location = std::source_location;

/// What every error of the frontend is: a full sentence that names the op, what was expected, what came, and the
/// user's line: "matmul: [2, 3] and [4, 5] do not fit (train.cpp:41)".
class Error : public std::runtime_error {
public:
  explicit Error(const std::string &message) : std::runtime_error(message) {}
  Error(const std::string &message, const Location &where);
};

enum class ScalarType : int8_t { Bool, Int, Long, Half, BFloat16, Float, Double };
using Dtype = ScalarType;
inline constexpr Dtype kBool = ScalarType::Bool, kInt = ScalarType::Int, kInt32 = ScalarType::Int, kLong = ScalarType::Long,
                       kInt64 = ScalarType::Long, kHalf = ScalarType::Half, kFloat16 = ScalarType::Half, kBFloat16 = ScalarType::BFloat16, kFloat = ScalarType::Float,
                       kFloat32 = ScalarType::Float, kDouble = ScalarType::Double, kFloat64 = ScalarType::Double;
std::size_t element_size(Dtype dtype);
const char *name(Dtype dtype); // "float32"
inline bool is_floating_point(Dtype d) { return d >= ScalarType::Half; }
/// What arithmetic on a dtype is done in: float32 where it is only storage (float16, bfloat16).
inline Dtype opmath_type(Dtype d) { return d == kHalf || d == kBFloat16 ? kFloat : d; }
std::ostream &operator<<(std::ostream &, Dtype);

/// The dtype that holds both: bool < int32 < int64 < float16, bfloat16 < float32 < float64; of float16 and bfloat16: float32.
inline Dtype promote_types(Dtype a, Dtype b) {
  return (a == kHalf && b == kBFloat16) || (a == kBFloat16 && b == kHalf) ? kFloat : a < b ? b : a;
}

/// bfloat16 as data: the upper half of a float.
struct BFloat16 {
  uint16_t bits = 0;
  BFloat16() = default;
  BFloat16(float value); // rounds to nearest even
  operator float() const;
};

/// float16 (IEEE 754 binary16) as data.
struct Half {
  uint16_t bits = 0;
  Half() = default;
  Half(float value); // rounds to nearest even; infinite from 65520 on
  operator float() const;
};

template <class T> struct dtype_of;
template <> struct dtype_of<bool> { static constexpr Dtype value = kBool; };
template <> struct dtype_of<int32_t> { static constexpr Dtype value = kInt; };
template <> struct dtype_of<long> { static constexpr Dtype value = kLong; };
template <> struct dtype_of<long long> { static constexpr Dtype value = kLong; };
template <> struct dtype_of<Half> { static constexpr Dtype value = kHalf; };
template <> struct dtype_of<BFloat16> { static constexpr Dtype value = kBFloat16; };
template <> struct dtype_of<float> { static constexpr Dtype value = kFloat; };
template <> struct dtype_of<double> { static constexpr Dtype value = kDouble; };

enum class DeviceType : int8_t { CPU, CUDA };
inline constexpr DeviceType kCPU = DeviceType::CPU, kCUDA = DeviceType::CUDA;
/// A place for tensors: the CPU, or an NVIDIA GPU ("cuda" is the first).
struct Device {
  Device(DeviceType type = kCPU, int index = -1) : type_(type), index_(index) {}
  Device(const std::string &text); // "cpu", "cuda:1"
  Device(const char *text) : Device(std::string(text)) {}
  DeviceType type() const { return type_; }
  int index() const { return index_; }
  bool is_cpu() const { return type_ == kCPU; }
  bool is_cuda() const { return type_ == kCUDA; }
  std::string str() const;
  bool operator==(const Device &) const = default;

private:
  DeviceType type_;
  int index_;
};
std::ostream &operator<<(std::ostream &, const Device &);

/// A number of the host: what `item()` gives and what `x * 0.5` takes.
class Scalar {
public:
  Scalar() : Scalar(int64_t(0)) {}
  template <std::floating_point T> Scalar(T value) : kind_(kDouble), real_(double(value)) {}
  template <std::integral T> Scalar(T value) : kind_(std::same_as<T, bool> ? kBool : kLong), whole_(int64_t(value)) {}
  Dtype type() const { return kind_; } // kDouble, kLong or kBool
  bool isFloatingPoint() const { return kind_ == kDouble; }
  bool isIntegral(bool include_bool = false) const { return kind_ == kLong || (include_bool && kind_ == kBool); }
  bool isBoolean() const { return kind_ == kBool; }
  template <class T> T to() const { return kind_ == kDouble ? T(real_) : T(whole_); }
  double toDouble() const { return to<double>(); }
  float toFloat() const { return to<float>(); }
  int64_t toLong() const { return to<int64_t>(); }
  int toInt() const { return to<int>(); }
  bool toBool() const { return to<bool>(); }

private:
  Dtype kind_;
  union {
    double real_;
    int64_t whole_;
  };
};
std::ostream &operator<<(std::ostream &, const Scalar &);

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winit-list-lifetime"
#endif
/// A view of a list of sizes or dimensions, for arguments: from {2, 3}, a vector, or one number.
class IntArrayRef {
public:
  IntArrayRef() = default;
  IntArrayRef(const int64_t *data, std::size_t size) : data_(data), size_(size) {}
  IntArrayRef(std::initializer_list<int64_t> list) : data_(list.begin()), size_(list.size()) {}
  IntArrayRef(const std::vector<int64_t> &list) : data_(list.data()), size_(list.size()) {}
  IntArrayRef(const int64_t &one) : data_(&one), size_(1) {}
  const int64_t *begin() const { return data_; }
  const int64_t *end() const { return data_ + size_; }
  const int64_t *data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  int64_t operator[](std::size_t i) const { return data_[i]; }
  int64_t front() const { return data_[0]; }
  int64_t back() const { return data_[size_ - 1]; }
  std::vector<int64_t> vec() const { return {begin(), end()}; }
  bool equals(IntArrayRef o) const;
  friend bool operator==(IntArrayRef a, IntArrayRef b) { return a.equals(b); }

private:
  const int64_t *data_ = nullptr;
  std::size_t size_ = 0;
};
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
std::ostream &operator<<(std::ostream &, IntArrayRef); // [2, 3]

/// dtype, device and requires_grad of a tensor to be made; `kFloat64` or `device(kCPU).dtype(kLong)` convert.
class TensorOptions {
public:
  TensorOptions() = default;
  TensorOptions(Dtype dtype) : dtype_(dtype), has_dtype_(true) {}
  TensorOptions(Device device) : has_device_(true), device_(device) {}
  TensorOptions(DeviceType device) : has_device_(true), device_(device) {}
  TensorOptions dtype(Dtype d) const { auto o = *this; o.dtype_ = d; o.has_dtype_ = true; return o; }
  TensorOptions device(Device d) const { auto o = *this; o.device_ = d; o.has_device_ = true; return o; }
  TensorOptions requires_grad(bool r) const { auto o = *this; o.requires_grad_ = r; return o; }
  Dtype dtype() const { return dtype_; }
  bool has_dtype() const { return has_dtype_; }
  bool has_device() const { return has_device_; }
  Device device() const { return device_; }
  bool requires_grad() const { return requires_grad_; }

private:
  Dtype dtype_ = kFloat; // get_default_dtype() where has_dtype_ is false
  bool has_dtype_ = false, has_device_ = false, requires_grad_ = false;
  Device device_;
};
inline TensorOptions dtype(Dtype d) { return TensorOptions(d); }
inline TensorOptions device(Device d) { return TensorOptions(d); }
inline TensorOptions requires_grad(bool r = true) { return TensorOptions().requires_grad(r); }

} // namespace tenon
