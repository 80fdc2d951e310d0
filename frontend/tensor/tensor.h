// The public face of tensors: handles, operators, factories, gradients. LibTorch's names; no MLIR.
// An op never computes: it appends to the thread's trace. Asking for a number (item, data_ptr, printing) compiles what
// is pending and runs it. Every op takes the caller's line as its last argument; errors name it.
#pragma once
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

using Shape = std::vector<int64_t>;
using TensorList = std::vector<Tensor>;
using OptionalDtype = std::optional<Dtype>;

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
  Device device() const { return Device(); }
  bool is_cuda() const { return false; }
  bool is_cpu() const { return true; }
  TensorOptions options() const { return TensorOptions(scalar_type()); }
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
  void retain_grad(Location loc = Location::current()) const;
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
  Tensor to(Device device, Location loc = Location::current()) const;
  Tensor to(DeviceType device, Location loc = Location::current()) const { return to(Device(device), loc); }
  Tensor to(Device device, Dtype dtype, Location loc = Location::current()) const;
  Tensor to(const TensorOptions &options, Location loc = Location::current()) const;
  Tensor to(const Tensor &like, Location loc = Location::current()) const { return to(like.scalar_type(), loc); }
  Tensor type_as(const Tensor &like, Location loc = Location::current()) const { return to(like.scalar_type(), loc); }
  Tensor cpu(Location = Location::current()) const { return *this; }
  Tensor clone(Location loc = Location::current()) const;
  Tensor contiguous(Location = Location::current()) const { return *this; }
  Tensor toType(Dtype dtype, Location loc = Location::current()) const { return to(dtype, loc); }
  Tensor new_empty(IntArrayRef sizes, Location loc = Location::current()) const { return new_zeros(sizes, loc); }
  Tensor new_zeros(IntArrayRef sizes, Location loc = Location::current()) const { return new_full(sizes, 0, loc); }
  Tensor new_ones(IntArrayRef sizes, Location loc = Location::current()) const { return new_full(sizes, 1, loc); }
  Tensor new_full(IntArrayRef sizes, Scalar value, Location loc = Location::current()) const;

  // -- Shape: views alias their base ------------------------------------------------------------------------------------
  Tensor view(IntArrayRef sizes, Location loc = Location::current()) const;
  Tensor view_as(const Tensor &o, Location loc = Location::current()) const { return view(o.sizes(), loc); }
  Tensor reshape(IntArrayRef sizes, Location loc = Location::current()) const { return view(sizes, loc); }
  Tensor reshape_as(const Tensor &o, Location loc = Location::current()) const { return view(o.sizes(), loc); }
  Tensor flatten(int64_t start_dim = 0, int64_t end_dim = -1, Location loc = Location::current()) const;
  Tensor squeeze(Location loc = Location::current()) const;
  Tensor squeeze(int64_t dim, Location loc = Location::current()) const;
  Tensor unsqueeze(int64_t dim, Location loc = Location::current()) const;
  Tensor transpose(int64_t dim0, int64_t dim1, Location loc = Location::current()) const;
  Tensor t(Location loc = Location::current()) const;
  Tensor mT(Location loc = Location::current()) const { return transpose(-2, -1, loc); }
  Tensor permute(IntArrayRef dims, Location loc = Location::current()) const;
  Tensor expand(IntArrayRef sizes, Location loc = Location::current()) const;
  Tensor expand_as(const Tensor &o, Location loc = Location::current()) const { return expand(o.sizes(), loc); }
  Tensor broadcast_to(IntArrayRef sizes, Location loc = Location::current()) const { return expand(sizes, loc); }
  Tensor slice(int64_t dim = 0, std::optional<int64_t> start = std::nullopt, std::optional<int64_t> end = std::nullopt, int64_t step = 1,
               Location loc = Location::current()) const;
  Tensor narrow_copy(int64_t dim, int64_t start, int64_t length, Location loc = Location::current()) const { return narrow(dim, start, length, loc).clone(loc); }
  Tensor narrow(int64_t dim, int64_t start, int64_t length, Location loc = Location::current()) const;
  Tensor select(int64_t dim, int64_t index, Location loc = Location::current()) const;
  Tensor operator[](Index index) const { return select(0, index.value, index.location); }
  TensorList unbind(int64_t dim = 0, Location loc = Location::current()) const;
  TensorList split(int64_t split_size, int64_t dim = 0, Location loc = Location::current()) const;
  TensorList chunk(int64_t chunks, int64_t dim = 0, Location loc = Location::current()) const;
  Tensor flip(IntArrayRef dims, Location loc = Location::current()) const;
  Tensor fliplr(Location loc = Location::current()) const { return flip({1}, loc); }
  Tensor flipud(Location loc = Location::current()) const { return flip({0}, loc); }
  Tensor squeeze(IntArrayRef dims, Location loc = Location::current()) const;
  Tensor unflatten(int64_t dim, IntArrayRef sizes, Location loc = Location::current()) const;
  Tensor movedim(IntArrayRef source, IntArrayRef destination, Location loc = Location::current()) const;
  Tensor moveaxis(IntArrayRef source, IntArrayRef destination, Location loc = Location::current()) const { return movedim(source, destination, loc); }
  Tensor swapaxes(int64_t a, int64_t b, Location loc = Location::current()) const { return transpose(a, b, loc); }
  Tensor swapdims(int64_t a, int64_t b, Location loc = Location::current()) const { return transpose(a, b, loc); }
  /// Parts of these sizes, which add up to the dimension's.
  TensorList split(IntArrayRef sizes, int64_t dim = 0, Location loc = Location::current()) const;
  TensorList split_with_sizes(IntArrayRef sizes, int64_t dim = 0, Location loc = Location::current()) const { return split(sizes, dim, loc); }
  /// Parts whose sizes differ by one at most.
  TensorList tensor_split(int64_t sections, int64_t dim = 0, Location loc = Location::current()) const;
  /// Windows of `size` elements, `step` apart, as a new last dimension.
  Tensor unfold(int64_t dim, int64_t size, int64_t step, Location loc = Location::current()) const;
  /// Turned k times by a quarter, from the first of two dimensions to the second.
  Tensor rot90(int64_t k = 1, IntArrayRef dims = {0, 1}, Location loc = Location::current()) const;
  /// Elements shifted, those that leave come back at the other end; no dims: of the flattened tensor.
  Tensor roll(IntArrayRef shifts, IntArrayRef dims = {}, Location loc = Location::current()) const;
  /// The whole tensor repeated; repeat needs a number per dimension, tile fills with ones on either side.
  Tensor repeat(IntArrayRef repeats, Location loc = Location::current()) const;
  Tensor tile(IntArrayRef repeats, Location loc = Location::current()) const;
  /// Every element `repeats` times in a row; no dim: of the flattened tensor.
  Tensor repeat_interleave(int64_t repeats, std::optional<int64_t> dim = std::nullopt, Location loc = Location::current()) const;
  /// A view of the elements (i, i + offset) of two dimensions, as a last dimension.
  Tensor diagonal(int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1, Location loc = Location::current()) const;
  /// Of a matrix its diagonal, of a vector the matrix with it.
  Tensor diag(int64_t diagonal = 0, Location loc = Location::current()) const;
  /// The last dimension as a diagonal of two new ones.
  Tensor diag_embed(int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1, Location loc = Location::current()) const;
  /// The lower and the upper triangle of the last two dimensions, zeros elsewhere.
  Tensor tril(int64_t diagonal = 0, Location loc = Location::current()) const;
  Tensor triu(int64_t diagonal = 0, Location loc = Location::current()) const;

  // -- Pointwise -------------------------------------------------------------------------------------------------------
#define TENON_UNARY_NUMBERS(X)                                                                                                               \
  X(neg) X(abs) X(sign) X(floor) X(ceil) X(exp) X(log) X(expm1) X(log1p) X(sqrt) X(rsqrt) X(sin) X(cos) X(tanh) X(erf) X(sigmoid) X(relu)    \
  X(square) X(reciprocal) X(logical_not) X(tan) X(asin) X(acos) X(atan) X(sinh) X(cosh) X(asinh) X(acosh) X(atanh)  \
  X(log2) X(log10) X(exp2) X(erfc) X(erfinv) X(lgamma) X(digamma) X(round) X(trunc) X(frac) X(bitwise_not)
#define TENON_UNARY_METHODS(X) TENON_UNARY_NUMBERS(X) X(isnan) X(isfinite) X(isinf)
#define TENON_BINARY_NUMBERS(X)                                                                                                              \
  X(mul) X(div) X(pow) X(remainder) X(eq) X(ne) X(lt) X(le) X(gt) X(ge) X(logical_and) X(logical_or) X(logical_xor)                          \
  X(bitwise_and) X(bitwise_or) X(bitwise_xor) X(atan2) X(fmod) X(floor_divide) X(xlogy) X(hypot) X(copysign)
#define TENON_BINARY_METHODS(X) TENON_BINARY_NUMBERS(X) X(maximum) X(minimum) X(logaddexp) X(fmax) X(fmin)
#define X(op) Tensor op(Location loc = Location::current()) const;
  TENON_UNARY_METHODS(X)
#undef X
#define X(op) Tensor op(Operand other) const;
  TENON_BINARY_METHODS(X)
#undef X
  /// this + alpha * other, this - alpha * other.
  Tensor add(Operand other, Scalar alpha = 1) const;
  Tensor sub(Operand other, Scalar alpha = 1) const;
  Tensor operator-() const { return neg(); }
  Tensor operator~() const { return logical_not(); }
  Tensor clamp(std::optional<Scalar> min = std::nullopt, std::optional<Scalar> max = std::nullopt, Location loc = Location::current()) const;
  Tensor clamp_min(Operand min) const;
  Tensor clamp_max(Operand max) const;
  /// Bounds of a tensor each, broadcast; undefined: none.
  Tensor clamp(const Tensor &min, const Tensor &max, Location loc = Location::current()) const;
  Tensor clip(std::optional<Scalar> min = std::nullopt, std::optional<Scalar> max = std::nullopt, Location loc = Location::current()) const { return clamp(min, max, loc); }
  /// log(x / (1 - x)); with eps, x is clamped to [eps, 1 - eps] first.
  Tensor logit(std::optional<double> eps = std::nullopt, Location loc = Location::current()) const;
  /// NaN, infinity and -infinity as these numbers; by default 0 and the dtype's largest and lowest.
  Tensor nan_to_num(std::optional<double> nan = std::nullopt, std::optional<double> posinf = std::nullopt, std::optional<double> neginf = std::nullopt,
                    Location loc = Location::current()) const;
  Tensor masked_fill(const Tensor &mask, Operand value) const;
  Tensor where(const Tensor &condition, Operand otherwise) const;
  /// sin(pi x) / (pi x)
  Tensor sinc(Location loc = Location::current()) const;
  /// |this - other| <= atol + rtol |other|, element by element
  Tensor isclose(const Tensor &other, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false, Location loc = Location::current()) const;
  bool allclose(const Tensor &other, double rtol = 1e-5, double atol = 1e-8, Location loc = Location::current()) const;
  bool equal(const Tensor &other, Location loc = Location::current()) const;
  /// Elements minus those before them, n times.
  Tensor diff(int64_t n = 1, int64_t dim = -1, Location loc = Location::current()) const;
  Tensor lerp(const Tensor &end, Operand weight) const;
  Tensor addcmul(const Tensor &a, const Tensor &b, Scalar value = 1, Location loc = Location::current()) const;
  Tensor addcdiv(const Tensor &a, const Tensor &b, Scalar value = 1, Location loc = Location::current()) const;

  // -- Reductions ------------------------------------------------------------------------------------------------------
  Tensor sum(OptionalDtype dtype = std::nullopt, Location loc = Location::current()) const;
  Tensor sum(IntArrayRef dims, bool keepdim = false, OptionalDtype dtype = std::nullopt, Location loc = Location::current()) const;
  Tensor sum(int64_t dim, bool keepdim = false, OptionalDtype dtype = std::nullopt, Location loc = Location::current()) const { return sum(IntArrayRef(dim), keepdim, dtype, loc); }
  Tensor mean(OptionalDtype dtype = std::nullopt, Location loc = Location::current()) const;
  Tensor mean(IntArrayRef dims, bool keepdim = false, OptionalDtype dtype = std::nullopt, Location loc = Location::current()) const;
  Tensor mean(int64_t dim, bool keepdim = false, OptionalDtype dtype = std::nullopt, Location loc = Location::current()) const { return mean(IntArrayRef(dim), keepdim, dtype, loc); }
  Tensor max(Location loc = Location::current()) const;
  Tensor min(Location loc = Location::current()) const;
  /// (values, indices of the first maximum)
  std::tuple<Tensor, Tensor> max(int64_t dim, bool keepdim = false, Location loc = Location::current()) const;
  std::tuple<Tensor, Tensor> min(int64_t dim, bool keepdim = false, Location loc = Location::current()) const;
  Tensor amax(IntArrayRef dims, bool keepdim = false, Location loc = Location::current()) const;
  Tensor amin(IntArrayRef dims, bool keepdim = false, Location loc = Location::current()) const;
  Tensor argmax(std::optional<int64_t> dim = std::nullopt, bool keepdim = false, Location loc = Location::current()) const;
  Tensor argmin(std::optional<int64_t> dim = std::nullopt, bool keepdim = false, Location loc = Location::current()) const;
  Tensor all(Location loc = Location::current()) const;
  Tensor any(Location loc = Location::current()) const;
  Tensor all(int64_t dim, bool keepdim = false, Location loc = Location::current()) const;
  Tensor any(int64_t dim, bool keepdim = false, Location loc = Location::current()) const;
  Tensor prod(OptionalDtype dtype = std::nullopt, Location loc = Location::current()) const;
  Tensor prod(int64_t dim, bool keepdim = false, OptionalDtype dtype = std::nullopt, Location loc = Location::current()) const;
  std::tuple<Tensor, Tensor> aminmax(std::optional<int64_t> dim = std::nullopt, bool keepdim = false, Location loc = Location::current()) const;
  Tensor count_nonzero(IntArrayRef dims = {}, Location loc = Location::current()) const;
  Tensor trace(Location loc = Location::current()) const { return diagonal(0, 0, 1, loc).sum(std::nullopt, loc); }
  /// The p-norm, p any number or an infinity; its derivative at zero is zero.
  Tensor norm(Scalar p, IntArrayRef dims, bool keepdim = false, Location loc = Location::current()) const;
  /// Divided by the number of elements minus `correction` (1 unless given). The derivative of std where nothing varies is zero.
  Tensor var(IntArrayRef dims, std::optional<Scalar> correction, bool keepdim = false, Location loc = Location::current()) const;
  Tensor std(IntArrayRef dims, std::optional<Scalar> correction, bool keepdim = false, Location loc = Location::current()) const;
  Tensor std(IntArrayRef dims, bool unbiased = true, bool keepdim = false, Location loc = Location::current()) const;
  Tensor norm(Scalar p = 2, Location loc = Location::current()) const { return norm(p, {}, false, loc); }
  /// (this - other).norm(p)
  Tensor dist(const Tensor &other, Scalar p = 2, Location loc = Location::current()) const;
  /// NaN counts as nothing.
  Tensor nansum(IntArrayRef dims = {}, bool keepdim = false, Location loc = Location::current()) const;
  Tensor nanmean(IntArrayRef dims = {}, bool keepdim = false, Location loc = Location::current()) const;
  /// Where a fraction q of the elements lies below, between two by a straight line; q of rank 1 gives a first dimension. Without dim: of the flat tensor.
  Tensor quantile(const Tensor &q, std::optional<int64_t> dim = std::nullopt, bool keepdim = false, Location loc = Location::current()) const;
  Tensor quantile(double q, std::optional<int64_t> dim = std::nullopt, bool keepdim = false, Location loc = Location::current()) const;
  Tensor var(bool unbiased = true, Location loc = Location::current()) const;
  Tensor var(IntArrayRef dims, bool unbiased = true, bool keepdim = false, Location loc = Location::current()) const;
  Tensor std(bool unbiased = true, Location loc = Location::current()) const { return std(IntArrayRef(), unbiased, false, loc); }
  Tensor logsumexp(IntArrayRef dims, bool keepdim = false, Location loc = Location::current()) const;
  Tensor softmax(int64_t dim, Location loc = Location::current()) const;
  Tensor log_softmax(int64_t dim, Location loc = Location::current()) const;
  Tensor softmax(int64_t dim, Dtype dtype, Location loc = Location::current()) const { return to(dtype, loc).softmax(dim, loc); }
  Tensor log_softmax(int64_t dim, Dtype dtype, Location loc = Location::current()) const { return to(dtype, loc).log_softmax(dim, loc); }

  // -- Places that are data: indices are int64 or int32; one that does not exist makes the step fail, naming this line -----
  /// out[i][j] = x[index[i][j]][j] for dim 0; index has x's rank and is nowhere larger but along dim.
  Tensor gather(int64_t dim, const Tensor &index, Location loc = Location::current()) const;
  /// As gather, where the other axes broadcast and negative indices count from the end; without dim: of the flat tensor.
  Tensor take_along_dim(const Tensor &indices, std::optional<int64_t> dim = std::nullopt, Location loc = Location::current()) const;
  Tensor index_select(int64_t dim, const Tensor &index, Location loc = Location::current()) const;
  /// Elements of the flat tensor; negative indices count from the end.
  Tensor take(const Tensor &index, Location loc = Location::current()) const;
  /// x with x[index[i][j]][j] = src[i][j] for dim 0; of several the last one stays.
  Tensor scatter(int64_t dim, const Tensor &index, Operand src, Location loc = Location::current()) const;
  Tensor scatter_(int64_t dim, const Tensor &index, Operand src, Location loc = Location::current()) const;
  Tensor scatter_add(int64_t dim, const Tensor &index, const Tensor &src, Location loc = Location::current()) const;
  Tensor scatter_add_(int64_t dim, const Tensor &index, const Tensor &src, Location loc = Location::current()) const;
  /// `reduce`: "sum", "mean", "amax" or "amin".
  Tensor scatter_reduce(int64_t dim, const Tensor &index, const Tensor &src, const std::string &reduce, bool include_self = true, Location loc = Location::current()) const;
  Tensor scatter_reduce_(int64_t dim, const Tensor &index, const Tensor &src, const std::string &reduce, bool include_self = true, Location loc = Location::current()) const;
  /// Slices of `source` along dim are added to x's, or take their place, at the indices.
  Tensor index_add(int64_t dim, const Tensor &index, const Tensor &source, Scalar alpha = 1, Location loc = Location::current()) const;
  Tensor index_add_(int64_t dim, const Tensor &index, const Tensor &source, Scalar alpha = 1, Location loc = Location::current()) const;
  Tensor index_copy(int64_t dim, const Tensor &index, const Tensor &source, Location loc = Location::current()) const;
  Tensor index_copy_(int64_t dim, const Tensor &index, const Tensor &source, Location loc = Location::current()) const;
  Tensor index_fill(int64_t dim, const Tensor &index, Operand value, Location loc = Location::current()) const;
  Tensor index_fill_(int64_t dim, const Tensor &index, Operand value, Location loc = Location::current()) const;
  /// x[...] of Python: see tenon::indexing. Tensors of indices broadcast; of flags they stand for the places that are set (not inside compile).
  Tensor index(const std::vector<indexing::TensorIndex> &indices, Location loc = Location::current()) const;
  /// x[...] = values, or += where `accumulate` (then values that meet add up).
  Tensor index_put_(const std::vector<indexing::TensorIndex> &indices, Operand values, bool accumulate = false, Location loc = Location::current()) const;
  Tensor index_put(const std::vector<indexing::TensorIndex> &indices, Operand values, bool accumulate = false, Location loc = Location::current()) const;
  /// Ones with these probabilities, zeros else; and indices drawn with them (see tenon::multinomial).
  Tensor bernoulli(Location loc = Location::current()) const;
  Tensor multinomial(int64_t num_samples, bool replacement = false, Location loc = Location::current()) const;
  /// The shape depends on data, which is read as by item(): refused inside compile.
  Tensor masked_select(const Tensor &mask, Location loc = Location::current()) const;
  /// [number of them, axes]: where the elements are that are not 0.
  Tensor nonzero(Location loc = Location::current()) const;
  /// The values that occur, ascending.
  Tensor unique(Location loc = Location::current()) const;

  // -- Order: NaN is larger than any number; equal elements keep their order -----------------------------------------------
  /// (values, indices)
  std::tuple<Tensor, Tensor> sort(int64_t dim = -1, bool descending = false, Location loc = Location::current()) const;
  Tensor argsort(int64_t dim = -1, bool descending = false, Location loc = Location::current()) const;
  std::tuple<Tensor, Tensor> topk(int64_t k, int64_t dim = -1, bool largest = true, bool sorted = true, Location loc = Location::current()) const;
  /// The k-th smallest, from 1.
  std::tuple<Tensor, Tensor> kthvalue(int64_t k, int64_t dim = -1, bool keepdim = false, Location loc = Location::current()) const;
  /// The lower of two; NaN where there is one.
  Tensor median(Location loc = Location::current()) const;
  std::tuple<Tensor, Tensor> median(int64_t dim, bool keepdim = false, Location loc = Location::current()) const;

  // -- Running: of all elements up to here ---------------------------------------------------------------------------------
  /// Integers are summed in int64.
  Tensor cumsum(int64_t dim, Location loc = Location::current()) const;
  Tensor cumprod(int64_t dim, Location loc = Location::current()) const;
  Tensor logcumsumexp(int64_t dim, Location loc = Location::current()) const;

  // -- Products --------------------------------------------------------------------------------------------------------
  Tensor matmul(const Tensor &o, Location loc = Location::current()) const;
  Tensor mm(const Tensor &o, Location loc = Location::current()) const;
  Tensor bmm(const Tensor &o, Location loc = Location::current()) const;
  Tensor mv(const Tensor &o, Location loc = Location::current()) const;
  Tensor dot(const Tensor &o, Location loc = Location::current()) const;
  Tensor outer(const Tensor &o, Location loc = Location::current()) const;
  Tensor addmv(const Tensor &a, const Tensor &b, Scalar beta = 1, Scalar alpha = 1, Location loc = Location::current()) const;
  Tensor addr(const Tensor &a, const Tensor &b, Scalar beta = 1, Scalar alpha = 1, Location loc = Location::current()) const;
  Tensor baddbmm(const Tensor &a, const Tensor &b, Scalar beta = 1, Scalar alpha = 1, Location loc = Location::current()) const;
  Tensor ger(const Tensor &o, Location loc = Location::current()) const { return outer(o, loc); }
  /// Of vectors of 3 elements along a dimension; none given: the first of extent 3.
  Tensor cross(const Tensor &o, std::optional<int64_t> dim = std::nullopt, Location loc = Location::current()) const;
  Tensor kron(const Tensor &o, Location loc = Location::current()) const;
  Tensor addmm(const Tensor &a, const Tensor &b, Scalar beta = 1, Scalar alpha = 1, Location loc = Location::current()) const;

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
#include "factories.h"
#include "free_functions.h"
#include "grad.h"
#include "index.h"
#include "compile.h"
