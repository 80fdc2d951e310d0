// Functions of probabilities.
#include "frontend/tensor/special.h"
#include "frontend/tensor/pointwise.h"
#include "frontend/tensor/trace.h"
#include <limits>

namespace tenon::special {

using namespace detail;
constexpr double infinity = std::numeric_limits<double>::infinity(), root_half = 0.70710678118654752440;

Tensor xlog1py(const Tensor &a, Operand b) {
  auto loc = b.location;
  auto dtype = record::promote(Operand(a, loc), b);
  auto [x, y] = align("xlog1py", Operand(a, loc), b, is_floating_point(dtype) ? dtype : get_default_dtype(), loc);
  auto edge = y.le({-1, loc}).logical_or({y.eq({infinity, loc}), loc}).logical_and({x.eq({0, loc}), loc});
  return x.mul({y.masked_fill(edge, {0, loc}).log1p(loc), loc});
}
Tensor entr(const Tensor &x, Location loc) {
  auto y = real("entr", x, loc);
  return y.xlogy({y, loc}).neg(loc).masked_fill(y.lt({0, loc}), {-infinity, loc});
}
Tensor ndtr(const Tensor &x, Location loc) { return real("ndtr", x, loc).mul({-root_half, loc}).erfc(loc).mul({0.5, loc}); }
/// Far below 0, where erfc is too small for a number: -x^2 / 2 - log(-x sqrt(2 pi)) + log(1 - 1 / x^2 + 3 / x^4 - 15 / x^6 + ...).
Tensor log_ndtr(const Tensor &x, Location loc) {
  auto y = real("log_ndtr", x, loc);
  double edge = y.scalar_type() == kDouble ? -10 : -6; // where the series is as exact as the dtype
  auto far = y.lt({edge, loc}), right = y.gt({1, loc});
  auto z = y.clamp_max({edge, loc}), w = z.square(loc).reciprocal(loc), series = w.mul({0, loc});
  for (int k = 10; k > 0; --k) // 1 - w (1 - 3 w (1 - 5 w (...)))
    series = series.neg(loc).add({1, loc}).mul({w.mul({2 * k - 1, loc}), loc});
  auto below = z.square(loc).mul({-0.5, loc}).sub({z.neg(loc).log(loc), loc}).sub({0.91893853320467274178, loc}).add({series.neg(loc).log1p(loc), loc});
  auto middle = ndtr(y.clamp(edge, 1, loc), loc).log(loc), above = y.clamp_min({1, loc}).mul({root_half, loc}).erfc(loc).mul({-0.5, loc}).log1p(loc);
  return tenon::where(far, Operand(below, loc), Operand(tenon::where(right, Operand(above, loc), Operand(middle, loc)), loc));
}

} // namespace tenon::special
