// Methods of Tensor: functions of elements, sums over them, products. tensor.h includes this inside of the class.
  // -- Pointwise -------------------------------------------------------------------------------------------------------
#define TENON_UNARY_NUMBERS(X)                                                                                                               \
  X(neg) X(abs) X(sign) X(floor) X(ceil) X(exp) X(log) X(expm1) X(log1p) X(sqrt) X(rsqrt) X(sin) X(cos) X(tanh) X(erf) X(sigmoid) X(relu)    \
  X(square) X(reciprocal) X(logical_not) X(tan) X(asin) X(acos) X(atan) X(sinh) X(cosh) X(asinh) X(acosh) X(atanh)  \
  X(log2) X(log10) X(exp2) X(erfc) X(erfinv) X(lgamma) X(digamma) X(round) X(trunc) X(frac) X(bitwise_not)
#define TENON_UNARY_METHODS(X) TENON_UNARY_NUMBERS(X) X(isnan) X(isfinite) X(isinf) X(isposinf) X(isneginf) X(signbit)
#define TENON_BINARY_NUMBERS(X)                                                                                                              \
  X(mul) X(div) X(pow) X(remainder) X(eq) X(ne) X(lt) X(le) X(gt) X(ge) X(logical_and) X(logical_or) X(logical_xor)                          \
  X(bitwise_and) X(bitwise_or) X(bitwise_xor) X(atan2) X(fmod) X(floor_divide) X(xlogy) X(hypot) X(copysign) X(heaviside) X(ldexp)
#define TENON_BINARY_METHODS(X) TENON_BINARY_NUMBERS(X) X(maximum) X(minimum) X(logaddexp) X(logaddexp2) X(fmax) X(fmin) X(float_power)
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
  /// log of the multivariate gamma function of p dimensions; every element is above (p - 1) / 2.
  Tensor mvlgamma(int64_t p, Location loc = Location::current()) const;
  /// Slices along dim whose p-norm is above `maxnorm`, scaled down to it.
  Tensor renorm(Scalar p, int64_t dim, Scalar maxnorm, Location loc = Location::current()) const;

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

  // -- Running: of all elements up to here ---------------------------------------------------------------------------------
  /// Integers are summed in int64.
  Tensor cumsum(int64_t dim, Location loc = Location::current()) const;
  Tensor cumprod(int64_t dim, Location loc = Location::current()) const;
  Tensor logcumsumexp(int64_t dim, Location loc = Location::current()) const;
  /// (values, places of the last of equal extremes); after NaN all is NaN.
  std::tuple<Tensor, Tensor> cummax(int64_t dim, Location loc = Location::current()) const;
  std::tuple<Tensor, Tensor> cummin(int64_t dim, Location loc = Location::current()) const;

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
  /// this + the sum over the batch of a[i] b[i].
  Tensor addbmm(const Tensor &a, const Tensor &b, Scalar beta = 1, Scalar alpha = 1, Location loc = Location::current()) const;
  /// Sums of products over the last dimension of both; of a scalar, the product.
  Tensor inner(const Tensor &o, Location loc = Location::current()) const;
  Tensor vdot(const Tensor &o, Location loc = Location::current()) const { return dot(o, loc); }
  /// Of square matrices [..., n, n], n not negative.
  Tensor matrix_power(int64_t n, Location loc = Location::current()) const;
