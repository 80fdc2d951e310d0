// Tensors from numbers. Define-by-run makes them on the host at once; in a compiled function they are constants of it.
#include "frontend/tensor/factories.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"
#include <cmath>
#include <cstring>

namespace tenon {

using namespace detail;
namespace prim = ir::prim;

namespace {
thread_local Dtype default_dtype = kFloat;

Dtype dtype_of_options(const TensorOptions &o) { return o.has_dtype() ? o.dtype() : default_dtype; }

void check(const char *op, IntArrayRef sizes, const TensorOptions &o, Location loc) {
  for (auto s : sizes)
    if (s < 0)
      throw record::error(op, "expected sizes that are not negative, got " + record::shape_text(sizes), loc);
  if (o.requires_grad() && !is_floating_point(dtype_of_options(o)))
    throw record::error(op, std::string("only floating-point tensors can require grad, got ") + name(dtype_of_options(o)), loc);
}

/// On the host; recorded functions get it as a constant of theirs.
template <class Write> Tensor made(const char *op, IntArrayRef sizes, Dtype dtype, const TensorOptions &o, Location loc, Write write) {
  Lock lock;
  check(op, sizes, o, loc);
  auto p = make_stored({sizes.data(), sizes.size()}, dtype, loc);
  write(p->storage->host(Use::Replace), p->numel());
  auto device = device_number(op, o.device(), loc);
  if (auto *capture = current_capture(); capture || current_trace().body) {
    auto elements = dense_elements(p->type, p->storage->host());
    auto t = placed(record::op<prim::ConstantOp>({}, loc, [&](auto &q) { q.value = elements; }), device);
    if (o.requires_grad())
      t.set_requires_grad(true, loc);
    return t;
  }
  p->requires_grad = o.requires_grad();
  p->device = device;
  return Access::wrap(std::move(p));
}
/// Without a number: whatever is in memory.
Tensor filled(const char *op, IntArrayRef sizes, std::optional<Scalar> number, const TensorOptions &o, Location loc, bool written_by_user) {
  Lock lock;
  auto dtype = dtype_of_options(o);
  auto value = number.value_or(0);
  if (current_capture() || current_trace().body) {
    check(op, sizes, o, loc);
    auto one = written_by_user ? record::host_number(value, dtype, loc) : record::constant(value, dtype, {}, loc);
    auto t = placed(record::broadcast(op, one, sizes, loc), device_number(op, o.device(), loc));
    if (o.requires_grad())
      t.set_requires_grad(true, loc);
    return t;
  }
  return made(op, sizes, dtype, o, loc, [&](void *to, int64_t n) {
    if (number)
      fill(to, dtype, value, n);
  });
}
Dtype kind_of(const std::vector<Scalar> &numbers) {
  Dtype kind = kBool;
  for (auto &n : numbers)
    kind = std::max(kind, n.type());
  return numbers.empty() || kind == kDouble ? default_dtype : kind;
}
} // namespace

Dtype get_default_dtype() { return default_dtype; }
void set_default_dtype(Dtype dtype) { default_dtype = dtype; }

TensorData::TensorData(std::initializer_list<TensorData> list) {
  shape_.push_back(int64_t(list.size()));
  for (auto &item : list) {
    if (&item == list.begin())
      shape_.insert(shape_.end(), item.shape_.begin(), item.shape_.end());
    ragged_ |= item.ragged_ || !std::equal(shape_.begin() + 1, shape_.end(), item.shape_.begin(), item.shape_.end());
    numbers_.insert(numbers_.end(), item.numbers_.begin(), item.numbers_.end());
  }
}
Tensor tensor(const TensorData &data, const TensorOptions &options, Location loc) {
  if (data.ragged())
    throw record::error("tensor", "expected lists of equal lengths", loc);
  auto dtype = options.has_dtype() ? options.dtype() : kind_of(data.numbers());
  return made("tensor", data.shape(), dtype, options.dtype(dtype), loc, [&](void *to, int64_t) {
    for (size_t i = 0; i < data.numbers().size(); ++i)
      store_scalar(static_cast<char *>(to) + i * element_size(dtype), dtype, data.numbers()[i]);
  });
}
Tensor tensor(std::initializer_list<TensorData> data, const TensorOptions &options, Location loc) { return tensor(TensorData(data), options, loc); }
template <class T> Tensor tensor(const std::vector<T> &data, const TensorOptions &options, Location loc) {
  constexpr auto from = dtype_of<T>::value;
  auto dtype = options.has_dtype() ? options.dtype() : is_floating_point(from) ? default_dtype : from == kInt ? kLong : from;
  return made("tensor", int64_t(data.size()), dtype, options.dtype(dtype), loc, [&](void *to, int64_t) {
    for (size_t i = 0; i < data.size(); ++i)
      store_scalar(static_cast<char *>(to) + i * element_size(dtype), dtype, Scalar(T(data[i])));
  });
}
template Tensor tensor(const std::vector<float> &, const TensorOptions &, Location);
template Tensor tensor(const std::vector<double> &, const TensorOptions &, Location);
template Tensor tensor(const std::vector<int32_t> &, const TensorOptions &, Location);
template Tensor tensor(const std::vector<int64_t> &, const TensorOptions &, Location);
template Tensor tensor(const std::vector<bool> &, const TensorOptions &, Location);

Tensor from_blob(void *data, IntArrayRef sizes, const TensorOptions &options, Location loc) {
  Lock lock;
  check("from_blob", sizes, options, loc);
  if (!options.device().is_cpu())
    throw record::error("from_blob", "expected memory of the host, got device " + options.device().str(), loc);
  auto dtype = dtype_of_options(options);
  auto p = std::make_shared<TensorImpl>(record::tensor_type(sizes, dtype), dtype, loc);
  p->storage = std::make_shared<Storage>(data, p->bytes());
  p->requires_grad = options.requires_grad();
  return Access::wrap(std::move(p));
}

Tensor empty(IntArrayRef sizes, const TensorOptions &o, Location loc) { return filled("empty", sizes, std::nullopt, o, loc, false); }
Tensor zeros(IntArrayRef sizes, const TensorOptions &o, Location loc) { return filled("zeros", sizes, 0, o, loc, false); }
Tensor ones(IntArrayRef sizes, const TensorOptions &o, Location loc) { return filled("ones", sizes, 1, o, loc, false); }
Tensor full(IntArrayRef sizes, Scalar value, const TensorOptions &o, Location loc) {
  auto natural = value.isFloatingPoint() ? default_dtype : value.isBoolean() ? kBool : kLong;
  return filled("full", sizes, value, o.has_dtype() ? o : o.dtype(natural), loc, true);
}
Tensor scalar_tensor(Scalar value, const TensorOptions &o, Location loc) { return filled("scalar_tensor", {}, value, o, loc, true); }
Tensor eye(int64_t n, const TensorOptions &o, Location loc) { return eye(n, n, o, loc); }
Tensor eye(int64_t n, int64_t m, const TensorOptions &o, Location loc) {
  auto dtype = dtype_of_options(o);
  return made("eye", {n, m}, dtype, o, loc, [&](void *to, int64_t count) {
    fill(to, dtype, 0, count);
    for (int64_t i = 0; i < std::min(n, m); ++i)
      store_scalar(static_cast<char *>(to) + size_t(i * (m + 1)) * element_size(dtype), dtype, 1);
  });
}
Tensor arange(Scalar start, Scalar end, Scalar step, const TensorOptions &o, Location loc) {
  bool real = start.isFloatingPoint() || end.isFloatingPoint() || step.isFloatingPoint();
  auto dtype = o.has_dtype() ? o.dtype() : real ? default_dtype : kLong;
  auto count = std::ceil((end.toDouble() - start.toDouble()) / step.toDouble());
  if (!(count >= 0))
    throw record::error("arange", "expected a step towards the end", loc);
  return made("arange", int64_t(count), dtype, o.dtype(dtype), loc, [&](void *to, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      auto at = static_cast<char *>(to) + size_t(i) * element_size(dtype);
      if (real)
        store_scalar(at, dtype, start.toDouble() + double(i) * step.toDouble());
      else
        store_scalar(at, dtype, start.toLong() + i * step.toLong());
    }
  });
}
Tensor arange(Scalar start, Scalar end, const TensorOptions &o, Location loc) { return arange(start, end, 1, o, loc); }
Tensor arange(Scalar end, const TensorOptions &o, Location loc) { return arange(0, end, 1, o, loc); }
/// From both ends to the middle, as PyTorch computes it.
Tensor linspace(Scalar start, Scalar end, int64_t steps, const TensorOptions &o, Location loc) {
  auto dtype = dtype_of_options(o);
  return made("linspace", steps, dtype, o, loc, [&](void *to, int64_t n) {
    auto a = start.toDouble(), b = end.toDouble(), step = n > 1 ? (b - a) / double(n - 1) : 0;
    for (int64_t i = 0; i < n; ++i)
      store_scalar(static_cast<char *>(to) + size_t(i) * element_size(dtype), dtype, i < n / 2 || n == 1 ? a + step * double(i) : b - step * double(n - 1 - i));
  });
}

Tensor logspace(Scalar start, Scalar end, int64_t steps, double base, const TensorOptions &o, Location loc) {
  auto dtype = dtype_of_options(o);
  return made("logspace", steps, dtype, o, loc, [&](void *to, int64_t n) {
    auto a = start.toDouble(), b = end.toDouble(), step = n > 1 ? (b - a) / double(n - 1) : 0;
    for (int64_t i = 0; i < n; ++i)
      store_scalar(static_cast<char *>(to) + size_t(i) * element_size(dtype), dtype, std::pow(base, i < n / 2 || n == 1 ? a + step * double(i) : b - step * double(n - 1 - i)));
  });
}

Tensor empty_like(const Tensor &t, Location loc) { return empty(t.sizes(), t.options(), loc); }
Tensor zeros_like(const Tensor &t, Location loc) { return zeros(t.sizes(), t.options(), loc); }
Tensor ones_like(const Tensor &t, Location loc) { return ones(t.sizes(), t.options(), loc); }
Tensor full_like(const Tensor &t, Scalar value, Location loc) { return full(t.sizes(), value, t.options(), loc); }

} // namespace tenon
