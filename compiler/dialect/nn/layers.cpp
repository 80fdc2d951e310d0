// Compositions of layers and random numbers.
#include "compiler/dialect/nn/compositions.h"
#include "compiler/dialect/interfaces/literal.h"
#include <cmath>

using namespace mlir;
namespace tenon::ir::nn {

Expr linear(Expr x, Expr w, Expr b) {
  // Indices: the leading dimensions of x, then out, then in.
  Builder make(x.builder->getContext());
  unsigned lead = x.rank() - 1;
  SmallVector<AffineExpr> rows;
  for (unsigned d = 0; d < lead; ++d)
    rows.push_back(make.getAffineDimExpr(d));
  AffineExpr out = make.getAffineDimExpr(lead), in = make.getAffineDimExpr(lead + 1);
  auto map = [&](ArrayRef<AffineExpr> first, ArrayRef<AffineExpr> rest) {
    return AffineMap::get(lead + 2, 0, llvm::to_vector(llvm::concat<const AffineExpr>(first, rest)), make.getContext());
  };
  Expr y = contract(x, w, {map(rows, in), map({}, {out, in}), map(rows, out)});
  return b ? y + broadcast(b, y.shape(), {static_cast<int64_t>(lead)}) : y;
}

Expr lowBits(Expr word, int bits, Type element) {
  return cast(word & static_cast<double>((1 << bits) - 1), element);
}

Expr randomUniform(Expr seed, Expr counter, RankedTensorType type) {
  Type element = type.getElementType();
  Expr high = philox(seed, counter, type.getShape(), 0);
  if (int bits = mlir::cast<FloatType>(element).getFPMantissaWidth(); bits <= 24)
    return lowBits(high, bits, element) * std::ldexp(1.0, -bits);
  Expr low = philox(seed, counter, type.getShape(), 1);
  return lowBits(high, 27, element) * 0x1p-27 + lowBits(low, 26, element) * 0x1p-53;
}

Expr dropout(Expr x, Expr seed, Expr counter, double p) {
  Expr u = randomUniform(seed, counter, x.type());
  Expr mask = select(u < p, like(0.0, x), p < 1 ? 1.0 / (1.0 - p) : 0.0);
  return x * mask;
}

} // namespace tenon::ir::nn
