// Normal draws by Box and Muller's method (1958), of operations that every machine rounds alike (+ - * / sqrt and comparisons; no library
// function, no fma): equal bits in the evaluator and in compiled code, on every instruction set and device.
#include "compiler/dialect/nn/compositions.h"

using namespace mlir;
namespace tenon::ir::nn {

static Expr polynomial(Expr x, ArrayRef<double> c) {
  Expr y = like(c.back(), x);
  for (double next : llvm::reverse(c.drop_back()))
    y = y * x + next;
  return y;
}

/// -log x for multiples of 2^-24 (f64: 2^-53) in (0, 1]: x = m / 2^n with m around 1 by doubling, then log m = 2 artanh((m - 1) / (m + 1)).
static Expr minusLog(Expr x) {
  bool wide = x.element().isF64();
  Expr m = x, n = like(0.0, x);
  for (int step : {32, 16, 8, 4, 2, 1}) {
    if (step == 32 && !wide)
      continue;
    double factor = static_cast<double>(1ll << step);
    Expr small = m < 1.0 / factor;
    m = select(small, m * factor, m), n = select(small, n + static_cast<double>(step), n);
  }
  Expr low = m < 0.70710678118654752440;
  m = select(low, m * 2.0, m), n = select(low, n + 1.0, n);
  Expr s = (m - 1.0) / (m + 1.0), w = s * s;
  SmallVector<double> c{0.6666666666666666646, 0.4000000000000088324, 0.2857142857079978465, 0.2222222239258110752};
  if (wide)
    c.append({0.1818179554751595387, 0.1538624473785204202, 0.1326863836405197264, 0.1308803489814203046});
  return n * 0.69314718055994530942 - (s * 2.0 + s * w * polynomial(w, c));
}

/// cos(2 pi v) for v in [0, 1): the nearest quarter turn is taken off exactly.
static Expr cosOfTurn(Expr v) {
  bool wide = v.element().isF64();
  Expr quarters = floor(v * 4.0 + 0.5), a = (v - quarters * 0.25) * 6.28318530717958647693, s = a * a;
  SmallVector<double> sines{-0.1666666666383804294, 0.008333331868008515448, -0.0001984008311777977696, 2.724945708426661839e-6};
  SmallVector<double> cosines{0.04166666465022890584, -0.001388830124102485174, 0.0000245475548427056112};
  if (wide) {
    sines = {-0.1666666666666666667, 0.008333333333333331475, -0.0001984126984126502827, 2.755731921931064742e-6, -2.505210622254861065e-8, 1.605853005116733917e-10, -7.586604768597899604e-13};
    cosines = {0.04166666666666666667, -0.001388888888888888786, 0.00002480158730158462598, -2.755731922138693733e-7, 2.087675578556840776e-9, -1.147046001484436784e-11, 4.74582050330642801e-14};
  }
  Expr sine = a * s * polynomial(s, sines) + a, cosine = s * s * polynomial(s, cosines) + (1.0 - s * 0.5);
  Expr first = eq(quarters, 1.0), third = eq(quarters, 3.0);
  Expr y = select(first | third, sine, cosine);
  return select(first | eq(quarters, 2.0), -y, y);
}

Expr randomNormal(Expr seed, Expr counter, RankedTensorType type) {
  // Two uniforms from the two halves of one block; the first in (0, 1]. Draws of bf16 and f16 are made in f32.
  Type element = promoted(type.getElementType());
  auto uniform = [&](int64_t word) {
    Expr high = philox(seed, counter, type.getShape(), word);
    if (element.isF32())
      return lowBits(high, 24, element) * 0x1p-24;
    return lowBits(high, 27, element) * 0x1p-27 + lowBits(philox(seed, counter, type.getShape(), word + 1), 26, element) * 0x1p-53;
  };
  Expr radius = sqrt(minusLog(1.0 - uniform(0)) * 2.0);
  return cast(radius * cosOfTurn(uniform(2)), type.getElementType());
}

} // namespace tenon::ir::nn
