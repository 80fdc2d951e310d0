// Activations and dropouts that draw: compositions over one draw of the generator each.
#include "frontend/functional/activation.h"
#include "frontend/functional/check.h"
#include "frontend/functional/functional.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/value.h"

#include <cmath>
#include <limits>

namespace tenon::nn::functional {
namespace {

using tenon::detail::Value;

void expect_probability(const char *op, double p, Location loc) {
  if (!(p >= 0 && p <= 1))
    throw record::error(op, "expected a probability p in [0, 1], came " + std::to_string(p), loc);
}

/// The shape of one number per channel: x is [N, C, ...], or [C, ...] where it has `unbatched` dimensions.
Shape channels(const char *op, const Tensor &x, int64_t unbatched, Location loc) {
  tenon::detail::expect_floating(op, "input", x, loc);
  if (x.dim() < 2 || (unbatched && x.dim() != unbatched && x.dim() != unbatched + 1))
    throw record::error(op,
                        "expected " +
                            (unbatched ? std::to_string(unbatched) + " or " + std::to_string(unbatched + 1) : std::string("at least 2")) +
                            " dimensions, came " + record::text(x),
                        loc);
  Shape shape(x.dim(), 1);
  shape[0] = x.size(0);
  if (x.dim() != unbatched)
    shape[1] = x.size(1);
  return shape;
}

Tensor channel_dropout(const char *op, const Tensor &x, int64_t unbatched, double p, bool training, Location loc) {
  expect_probability(op, p, loc);
  Shape shape = channels(op, x, unbatched, loc);
  return training && p > 0 ? x.mul({tenon::dropout(ones(shape, x.options(), loc), p, true, loc), loc}) : x;
}

/// Dropped elements become selu's limit for -infinity; an affine map restores mean and variance.
Tensor alpha_dropped(const char *op, const Tensor &x, IntArrayRef shape, const AlphaDropoutFuncOptions &o, Location loc) {
  double p = o.p();
  if (!o.training() || p == 0)
    return x;
  Tensor y;
  if (p == 1) {
    y = x.mul({0.0, loc});
  } else {
    double limit = -1.7580993408473766, a = 1 / std::sqrt((1 - p) * (1 + p * limit * limit)), b = -a * p * limit;
    Tensor keep = rand(shape, x.options(), loc).ge({p, loc}).expand(x.sizes(), loc);
    y = where(Value{keep, loc}, Value{x, loc}, limit).tensor.mul({a, loc}).add({b, loc});
  }
  return o.inplace() ? x.copy_(y, false, loc) : y;
}

} // namespace

Tensor dropout1d(const Tensor &x, double p, bool training, Location loc) {
  return channel_dropout("dropout1d", x, 2, p, training, loc);
}
Tensor dropout2d(const Tensor &x, double p, bool training, Location loc) {
  return channel_dropout("dropout2d", x, 3, p, training, loc);
}
Tensor dropout3d(const Tensor &x, double p, bool training, Location loc) {
  return channel_dropout("dropout3d", x, 4, p, training, loc);
}

Tensor alpha_dropout(const Tensor &x, const AlphaDropoutFuncOptions &o, Location loc) {
  tenon::detail::expect_floating("alpha_dropout", "input", x, loc);
  expect_probability("alpha_dropout", o.p(), loc);
  return alpha_dropped("alpha_dropout", x, x.sizes(), o, loc);
}
Tensor feature_alpha_dropout(const Tensor &x, const AlphaDropoutFuncOptions &o, Location loc) {
  expect_probability("feature_alpha_dropout", o.p(), loc);
  return alpha_dropped("feature_alpha_dropout", x, channels("feature_alpha_dropout", x, 0, loc), o, loc);
}

Tensor rrelu(const Tensor &x, const RReLUFuncOptions &o, Location loc) {
  tenon::detail::expect_floating("rrelu", "input", x, loc);
  if (!(o.lower() <= o.upper()))
    throw record::error("rrelu", "expected lower not above upper, came " + std::to_string(o.lower()) + " and " + std::to_string(o.upper()),
                        loc);
  Tensor y;
  if (o.training()) {
    Value v{x, loc}, slope = Value{rand(x.sizes(), x.options(), loc), loc} * (o.upper() - o.lower()) + o.lower();
    y = where(v >= 0.0, v, v * slope).tensor;
  } else {
    y = tenon::leaky_relu(x, (o.lower() + o.upper()) / 2, loc);
  }
  return o.inplace() ? x.copy_(y, false, loc) : y;
}

Tensor gumbel_softmax(const Tensor &x, const GumbelSoftmaxFuncOptions &o, Location loc) {
  tenon::detail::expect_floating("gumbel_softmax", "input", x, loc);
  if (!(o.tau() > 0))
    throw record::error("gumbel_softmax", "expected tau above 0, came " + std::to_string(o.tau()), loc);
  int64_t dim = record::wrap_dim("gumbel_softmax", o.dim(), x.dim(), loc);
  Value u{rand(x.sizes(), x.options(), loc), loc};
  double smallest = x.scalar_type() == kFloat64 ? std::numeric_limits<double>::min() : std::numeric_limits<float>::min();
  Value noise = -(-(1.0 - u).log()).at_least(smallest).log(); // 1 - u is in (0, 1]
  Tensor soft = ((Value{x, loc} + noise) / o.tau()).tensor.softmax(dim, loc);
  if (!o.hard())
    return soft;
  Shape shape(x.dim(), 1);
  shape[dim] = x.size(dim);
  Tensor index = arange(x.size(dim), x.options().dtype(kLong), loc).view(shape, loc);
  Tensor hard = soft.argmax(dim, true, loc).eq({index, loc}).to(x.scalar_type(), loc);
  return (Value{hard, loc} - Value{soft, loc}.detach() + Value{soft, loc}).tensor;
}

} // namespace tenon::nn::functional
