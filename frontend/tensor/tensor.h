// The public face of tensors: handles, operators, factories, gradients. LibTorch's names; no MLIR.
// An op never computes: it appends to the thread's trace. Asking for a number (item, data_ptr, printing) compiles what
// is pending and runs it. Every op takes the caller's line as its last argument; errors name it.
#pragma once
#include "operand.h"
#include "types.h"
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace tenon {

class Tensor;
namespace indexing {
struct TensorIndex; // index.h
}
namespace detail {
struct TensorImpl;
struct Access; // the frontend's own door to the implementation
} // namespace detail

using Shape = std::vector<int64_t>;
using TensorList = std::vector<Tensor>;
using OptionalDtype = std::optional<Dtype>;

/// A handle on a slot: copies share it, an in-place write is seen by every copy and every view.
class Tensor {
public:
  Tensor() = default;
  Tensor(const Tensor &) = default;
  Tensor(Tensor &&) = default;
  Tensor &operator=(const Tensor &) & = default;
  Tensor &operator=(Tensor &&) & = default;
  /// `x[0] = y`: what is assigned to no variable is written into the numbers, as by copy_ and fill_.
  Tensor operator=(Operand values) && { return values.tensor ? copy_(*values.tensor, false, values.location) : fill_(values); }

  // -- What it is ------------------------------------------------------------------------------------------------
  bool defined() const { return impl_ != nullptr; }
  void reset() { impl_.reset(); }
  bool is_same(const Tensor &other) const { return impl_ == other.impl_; }
  IntArrayRef sizes() const;
  int64_t size(int64_t dim, Location loc = Location::current()) const;
  int64_t dim() const;
  int64_t ndimension() const { return dim(); }
  int64_t numel() const;
  int64_t nelement() const { return numel(); }
  /// Of the numbers in memory, which are row-major whatever views came before.
  Shape strides() const;
  int64_t stride(int64_t dim, Location loc = Location::current()) const { return size(dim, loc), strides()[size_t(dim < 0 ? dim + this->dim() : dim)]; }
  Dtype dtype() const { return scalar_type(); }
  Dtype scalar_type() const;
  std::size_t element_size() const { return tenon::element_size(scalar_type()); }
  std::size_t nbytes() const { return element_size() * std::size_t(numel()); }
  std::size_t itemsize() const { return element_size(); }
  Device device() const;
  bool is_cuda() const { return device().is_cuda(); }
  bool is_cpu() const { return device().is_cpu(); }
  TensorOptions options() const { return TensorOptions(scalar_type()).device(device()); }
  bool is_floating_point() const { return tenon::is_floating_point(scalar_type()); }
  bool is_contiguous() const { return true; }
  bool is_complex() const { return false; }
  bool is_sparse() const { return false; }
  std::string toString() const;

  // -- Numbers: these compile and run what is pending ---------------------------------------------------------------
  template <class T> T item(Location loc = Location::current()) const { return item_scalar(loc).template to<T>(); }
  Scalar item(Location loc = Location::current()) const { return item_scalar(loc); }
  bool is_nonzero(Location loc = Location::current()) const { return item_scalar(loc).toBool(); }
  explicit operator bool() const { return is_nonzero(); }
  /// Row-major host memory, valid until the tensor is written or released. Writing through it is an in-place write.
  /// Of a tensor on a GPU it is an error: use cpu().
  template <class T> T *data_ptr(Location loc = Location::current()) const { return static_cast<T *>(typed_data(dtype_of<T>::value, loc)); }
  template <class T> T *mutable_data_ptr(Location loc = Location::current()) const { return data_ptr<T>(loc); }
  template <class T> const T *const_data_ptr(Location loc = Location::current()) const { return data_ptr<T>(loc); }
  void *data_ptr(Location loc = Location::current()) const;
  const void *const_data_ptr(Location loc = Location::current()) const;
  template <class T, std::size_t N> TensorAccessor<T, N> accessor(Location loc = Location::current()) const {
    check_rank(N, loc);
    return {data_ptr<T>(loc), sizes().data()};
  }

  // -- Gradients -------------------------------------------------------------------------------------------------------
  bool requires_grad() const;
  const Tensor &set_requires_grad(bool required, Location loc = Location::current()) const;
  Tensor requires_grad_(bool required = true, Location loc = Location::current()) const { return set_requires_grad(required, loc); }
  bool is_leaf() const;
  const Tensor &grad() const;
  Tensor &mutable_grad() const;
  /// Sets .grad to none, as zero_grad does.
  void reset_grad() const;
  /// Calls fn(gradient) whenever a gradient of this tensor has been computed, in backward() or grad(). It returns nothing, or the gradient to
  /// go on with, of the same shape and dtype. Gradients are traced: asking for a number of one there is an error; afterwards it is none.
  /// Inside tenon::compile the hooks that are there when the function is recorded become part of it. Returns the hook's number.
  template <class Hook> unsigned register_hook(Hook hook, Location loc = Location::current()) const {
    if constexpr (std::is_void_v<decltype(hook(std::declval<const Tensor &>()))>)
      return add_hook([hook](const Tensor &g) mutable { return hook(g), Tensor(); }, loc);
    else
      return add_hook(std::move(hook), loc);
  }
  void remove_hook(unsigned number, Location loc = Location::current()) const;
  /// The gradient of a tensor that is no leaf is kept in .grad too, as its hooks leave it. Not in the body of a loop or branch.
  void retain_grad(Location loc = Location::current()) const;
  bool retains_grad() const;
  /// Adds d(this)/d(leaf) to every reachable leaf's .grad. `this` has one element, or `gradient` has its shape.
  void backward(const Tensor &gradient = {}, std::optional<bool> retain_graph = std::nullopt, bool create_graph = false,
                Location loc = Location::current()) const;
  Tensor detach(Location loc = Location::current()) const;
  Tensor detach_(Location loc = Location::current()) const;
  Tensor data(Location loc = Location::current()) const { return detach(loc); }

  // -- Copies and casts ------------------------------------------------------------------------------------------------
  Tensor to(Dtype dtype, Location loc = Location::current()) const;
  Tensor half(Location loc = Location::current()) const { return to(kHalf, loc); }
  Tensor bfloat16(Location loc = Location::current()) const { return to(kBFloat16, loc); }
  /// The tensor on this device, itself if it is there; gradients flow through. Errors: no driver, no such GPU.
  Tensor to(Device device, Location loc = Location::current()) const;
  Tensor to(DeviceType device, Location loc = Location::current()) const { return to(Device(device), loc); }
  Tensor to(Device device, Dtype dtype, Location loc = Location::current()) const;
  Tensor to(const TensorOptions &options, Location loc = Location::current()) const;
  Tensor to(const Tensor &like, Location loc = Location::current()) const { return to(like.device(), like.scalar_type(), loc); }
  Tensor type_as(const Tensor &like, Location loc = Location::current()) const { return to(like.scalar_type(), loc); }
  Tensor cpu(Location loc = Location::current()) const { return to(Device(kCPU), loc); }
  Tensor cuda(Location loc = Location::current()) const { return to(Device(kCUDA), loc); }
  Tensor clone(Location loc = Location::current()) const;
  Tensor contiguous(Location = Location::current()) const { return *this; }
  Tensor toType(Dtype dtype, Location loc = Location::current()) const { return to(dtype, loc); }
  Tensor new_empty(IntArrayRef sizes, Location loc = Location::current()) const { return new_zeros(sizes, loc); }
  Tensor new_zeros(IntArrayRef sizes, Location loc = Location::current()) const { return new_full(sizes, 0, loc); }
  Tensor new_ones(IntArrayRef sizes, Location loc = Location::current()) const { return new_full(sizes, 1, loc); }
  Tensor new_full(IntArrayRef sizes, Scalar value, Location loc = Location::current()) const;

#include "tensor_shapes.h"
#include "tensor_numbers.h"
#include "tensor_places.h"
#include "tensor_aliases.h"

  // -- In place: every copy and view sees the new value ------------------------------------------------------------------
  Tensor add_(Operand other, Scalar alpha = 1) const;
  Tensor sub_(Operand other, Scalar alpha = 1) const;
#define X(op) Tensor op##_(Location loc = Location::current()) const;
  TENON_UNARY_NUMBERS(X)
#undef X
#define X(op) Tensor op##_(Operand other) const;
  TENON_BINARY_NUMBERS(X)
#undef X
  Tensor copy_(const Tensor &source, bool non_blocking = false, Location loc = Location::current()) const;
  Tensor fill_(Operand value) const;
  Tensor zero_(Location loc = Location::current()) const;
  Tensor clamp_min_(Operand min) const;
  Tensor clamp_max_(Operand max) const;
  /// Where all indices are equal; of more than two axes all are of one extent.
  Tensor fill_diagonal_(Operand value) const;
  Tensor clamp_(std::optional<Scalar> min = std::nullopt, std::optional<Scalar> max = std::nullopt, Location loc = Location::current()) const;
  Tensor masked_fill_(const Tensor &mask, Operand value) const;
  Tensor clip_(std::optional<Scalar> min = std::nullopt, std::optional<Scalar> max = std::nullopt, Location loc = Location::current()) const { return clamp_(min, max, loc); }
  Tensor tril_(int64_t diagonal = 0, Location loc = Location::current()) const;
  Tensor triu_(int64_t diagonal = 0, Location loc = Location::current()) const;
  Tensor cumsum_(int64_t dim, Location loc = Location::current()) const;
  Tensor cumprod_(int64_t dim, Location loc = Location::current()) const;
  Tensor renorm_(Scalar p, int64_t dim, Scalar maxnorm, Location loc = Location::current()) const;
  Tensor logit_(std::optional<double> eps = std::nullopt, Location loc = Location::current()) const;
  Tensor nan_to_num_(std::optional<double> nan = std::nullopt, std::optional<double> posinf = std::nullopt, std::optional<double> neginf = std::nullopt,
                     Location loc = Location::current()) const;
#define X(op) Tensor op##_(const Tensor &a, const Tensor &b, Scalar beta = 1, Scalar alpha = 1, Location loc = Location::current()) const;
#define TENON_ADDED_PRODUCTS(X) X(addmm) X(addmv) X(addr) X(addbmm) X(baddbmm)
  TENON_ADDED_PRODUCTS(X)
#undef X
  Tensor lerp_(const Tensor &end, Operand weight) const;
  Tensor addcmul_(const Tensor &a, const Tensor &b, Scalar value = 1, Location loc = Location::current()) const;
  Tensor addcdiv_(const Tensor &a, const Tensor &b, Scalar value = 1, Location loc = Location::current()) const;
  Tensor uniform_(double from = 0, double to = 1, Location loc = Location::current()) const;
  Tensor normal_(double mean = 0, double std = 1, Location loc = Location::current()) const;
  Tensor bernoulli_(double p = 0.5, Location loc = Location::current()) const;
  /// Whole numbers in [from, to), or [0, to).
  Tensor random_(int64_t from, int64_t to, Location loc = Location::current()) const;
  Tensor random_(int64_t to, Location loc = Location::current()) const { return random_(0, to, loc); }
  /// Density lambd exp(-lambd x).
  Tensor exponential_(double lambd = 1, Location loc = Location::current()) const;
  /// exp of normal_(mean, std).
  Tensor log_normal_(double mean = 1, double std = 2, Location loc = Location::current()) const;
  Tensor cauchy_(double median = 0, double sigma = 1, Location loc = Location::current()) const;
  /// Trials until the first success, which has probability p.
  Tensor geometric_(double p, Location loc = Location::current()) const;
  const Tensor &operator+=(Operand o) const { add_(o); return *this; }
  const Tensor &operator-=(Operand o) const { sub_(o); return *this; }
  const Tensor &operator*=(Operand o) const { mul_(o); return *this; }
  const Tensor &operator/=(Operand o) const { div_(o); return *this; }

private:
  friend struct detail::Access;
  explicit Tensor(std::shared_ptr<detail::TensorImpl> impl) : impl_(std::move(impl)) {}
  Scalar item_scalar(Location loc) const;
  unsigned add_hook(std::function<Tensor(const Tensor &)> function, Location loc) const;
  void *typed_data(Dtype expected, Location loc) const;
  void check_rank(std::size_t rank, Location loc) const;
  std::shared_ptr<detail::TensorImpl> impl_;
};

Tensor operator+(Operand a, Operand b);
Tensor operator-(Operand a, Operand b);
Tensor operator*(Operand a, Operand b);
Tensor operator/(Operand a, Operand b);
Tensor operator==(Operand a, Operand b);
Tensor operator!=(Operand a, Operand b);
Tensor operator<(Operand a, Operand b);
Tensor operator<=(Operand a, Operand b);
Tensor operator>(Operand a, Operand b);
Tensor operator>=(Operand a, Operand b);
Tensor operator&(Operand a, Operand b);
Tensor operator|(Operand a, Operand b);
Tensor operator^(Operand a, Operand b);
Tensor operator%(Operand a, Operand b);
/// Prints numbers: compiles and runs what is pending.
std::ostream &operator<<(std::ostream &, const Tensor &);

} // namespace tenon

#include "autocast.h"
#include "cuda.h"
#include "factories.h"
#include "free_functions.h"
#include "grad.h"
#include "index.h"
#include "linalg.h"
#include "special.h"
#include "compile.h"
