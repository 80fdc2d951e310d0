// Functions of a real number by series and reflections.
#include "compiler/dialect/nn/math.h"
#include "compiler/dialect/interfaces/literal.h"

using namespace mlir;
namespace tenon::ir::nn {

static constexpr double pi = 3.141592653589793;

/// Long formulas are computed in single precision and rounded once.
static Expr once(Expr x, Expr (*function)(Expr)) { return cast(function(wide(x)), x); }

/// The polynomial whose highest coefficient comes first.
static Expr polynomial(Expr x, ArrayRef<double> coefficients) {
  Expr result = coefficients[0] * x;
  for (double c : coefficients.drop_front().drop_back())
    result = (result + c) * x;
  return result + coefficients.back();
}

/// log(|x| + sqrt(x^2 + 1)) without the cancellation near 0; where x^2 would overflow, log(2 |x|).
Expr asinh(Expr x) {
  if (isStorage(x.element()))
    return once(x, asinh);
  Expr size = abs(x), s = min(size, 1e8);
  Expr near = log1p(s + s * s / (1.0 + sqrt(s * s + 1.0)));
  Expr y = select(size > 1e8, log(max(size, 1.0)) + 0.6931471805599453, near);
  return select(x < 0.0, -y, y);
}

Expr erfinv(Expr x) {
  if (isStorage(x.element()))
    return once(x, erfinv);
  Expr w = -log((1.0 - x) * (1.0 + x));
  Expr centre = polynomial(w - 2.5, {2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941});
  Expr tail = polynomial(sqrt(max(w, 5.0)) - 3.0, {-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682});
  Expr y = select(w < 5.0, centre, tail) * x;
  // That was single precision; Newton's steps, with erf or erfc, whichever keeps its digits.
  Expr size = abs(y), all = abs(x), rest = 1.0 - all;
  for (int step = 0; step < 2 && x.element().isF64(); ++step)
    size = size + select(all < 0.5, all - erf(size), erfc(size) - rest) * (0.886226925452758 * exp(min(size * size, 80.0)));
  Expr refined = select(x < 0.0, -size, size);
  // At +-1, where nothing can be refined, and outside.
  Expr edge = select(eq(abs(x), 1.0), x * std::numeric_limits<double>::infinity(), x * std::numeric_limits<double>::quiet_NaN());
  return select(abs(x) < 1.0, refined, edge);
}

/// lgamma(x) for x >= 1/2.
static Expr lanczos(Expr x) {
  static constexpr double c[] = {676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7};
  Expr z = x - 1.0, sum = 0.99999999999980993 + c[0] / (z + 1.0);
  for (int i = 1; i < 8; ++i)
    sum = sum + c[i] / (z + (i + 1.0));
  Expr t = z + 7.5;
  return (0.9189385332046727 - 7.0) + (z + 0.5) * (log(t) - 1.0) + log(sum);
}
Expr lgamma(Expr x) {
  if (isStorage(x.element()))
    return once(x, lgamma);
  Expr reflected = x < 0.5;
  Expr y = lanczos(select(reflected, 1.0 - x, x));
  // The sine of the distance to the nearest integer keeps its digits.
  Expr sine = abs(sin(pi * (x - round(x))));
  return select(reflected, 1.1447298858494002 - log(sine) - y, y);
}

Expr digamma(Expr x) { return {x.builder, DigammaOp::create(*x.builder, x.value)}; }
Expr digammaOf(Expr x) {
  if (isStorage(x.element()))
    return once(x, digammaOf);
  Expr reflected = x < 0.0, z = select(reflected, 1.0 - x, x), shift;
  for (int i = 0; i < 8; ++i)
    shift = shift + 1.0 / (z + static_cast<double>(i));
  Expr t = z + 8.0, r = 1.0 / (t * t);
  Expr y = log(t) - 0.5 / t - r * polynomial(r, {1.0 / 12, -691.0 / 32760, 1.0 / 132, -1.0 / 240, 1.0 / 252, -1.0 / 120, 1.0 / 12}) - shift;
  Expr angle = select(reflected, pi * (x - round(x)), 1.0);
  return select(reflected, y - pi * (cos(angle) / sin(angle)), y);
}

} // namespace tenon::ir::nn
