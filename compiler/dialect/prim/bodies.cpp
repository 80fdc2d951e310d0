// Loop bodies that are longer than an expression: pad and concat (which read their operands themselves), and Philox.
#include "compiler/dialect/prim/loop_nest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
namespace tenon::ir::prim {

static Scalar index(ImplicitLocOpBuilder &b, int64_t n) {
  return {&b, arith::ConstantIndexOp::create(b, n)};
}
/// The element at `indices`, as the type asked for (bf16 and f16 are read as f32).
static Value extract(ImplicitLocOpBuilder &b, Value tensor, ArrayRef<Value> indices, Type element) {
  return cast(Scalar(&b, tensor::ExtractOp::create(b, tensor, indices)), element).value;
}
static Scalar clamp(Scalar i, int64_t high) {
  return min(max(i, index(*i.builder, 0)), index(*i.builder, std::max<int64_t>(high, 0)));
}

Value padBody(PadOp op, ImplicitLocOpBuilder &b, ValueRange args, ValueRange operands, Type element) {
  RankedTensorType type = op.getX().getType();
  if (type.getNumElements() == 0)
    return args[0];
  Scalar inside = constant(b, b.getI1Type(), 1);
  SmallVector<Value> indices;
  for (int64_t d : llvm::seq<int64_t>(0, type.getRank())) {
    int64_t low = op.getLow()[d], high = op.getHigh()[d];
    int64_t step = op.getInterior().empty() ? 1 : op.getInterior()[d] + 1, last = (type.getDimSize(d) - 1) * step;
    Scalar i = loopIndex(b, d);
    if (low)
      i = i - index(b, low);
    if (low > 0) {
      inside = inside & (i >= index(b, 0));
      i = max(i, index(b, 0));
    }
    if (high > 0) {
      inside = inside & (i <= index(b, last));
      i = min(i, index(b, last));
    }
    if (step > 1) {
      inside = inside & eq(Scalar(&b, arith::RemUIOp::create(b, i.value, index(b, step).value)), index(b, 0));
      i = Scalar(&b, arith::DivUIOp::create(b, i.value, index(b, step).value));
    }
    indices.push_back(i.value);
  }
  return select(inside, Scalar(&b, extract(b, operands[0], indices, element)), Scalar(&b, args[0])).value;
}

Value concatBody(ConcatOp op, ImplicitLocOpBuilder &b, ValueRange, ValueRange operands, Type element) {
  int64_t dimension = op.getDimension(), offset = 0;
  SmallVector<Value> indices;
  for (int64_t d : llvm::seq<int64_t>(0, op.getY().getType().getRank()))
    indices.push_back(linalg::IndexOp::create(b, d));
  Scalar i{&b, indices[dimension]};
  std::optional<Scalar> result;
  // Each operand takes over from where it begins.
  for (Value part : operands) {
    int64_t extent = mlir::cast<RankedTensorType>(part.getType()).getDimSize(dimension);
    if (extent == 0)
      continue;
    Scalar begin = index(b, offset);
    indices[dimension] = clamp(i - begin, extent - 1).value;
    Scalar mine{&b, extract(b, part, indices, element)};
    result = result ? select(i >= begin, mine, *result) : mine;
    offset += extent;
  }
  return result ? result->value : constant(b, element, 0).value;
}

SmallVector<Value> philox4x32(ImplicitLocOpBuilder &b, ValueRange counter, ValueRange key) {
  auto word = [&](uint32_t n) { return arith::ConstantOp::create(b, b.getI32IntegerAttr(static_cast<int32_t>(n))).getResult(); };
  Value c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; ++round) {
    auto p = arith::MulUIExtendedOp::create(b, word(0xD2511F53), c0), q = arith::MulUIExtendedOp::create(b, word(0xCD9E8D57), c2);
    Value n0 = arith::XOrIOp::create(b, arith::XOrIOp::create(b, q.getHigh(), c1), k0);
    Value n2 = arith::XOrIOp::create(b, arith::XOrIOp::create(b, p.getHigh(), c3), k1);
    c0 = n0, c1 = q.getLow(), c2 = n2, c3 = p.getLow();
    k0 = arith::AddIOp::create(b, k0, word(0x9E3779B9));
    k1 = arith::AddIOp::create(b, k1, word(0xBB67AE85));
  }
  return {c0, c1, c2, c3};
}

Value philoxBody(PhiloxOp op, ImplicitLocOpBuilder &b, ValueRange args, ValueRange, Type) {
  auto low = [&](Value v) -> Value { return arith::TruncIOp::create(b, b.getI32Type(), v); };
  auto high = [&](Value v) -> Value { return low(arith::ShRUIOp::create(b, v, arith::ConstantOp::create(b, b.getI64IntegerAttr(32)))); };
  // The element's row-major place is added to the counter.
  ArrayRef<int64_t> shape = op.getY().getType().getShape();
  Scalar place = index(b, 0);
  for (auto [d, extent] : llvm::enumerate(shape))
    place = d == 0 ? loopIndex(b, d) : place * index(b, extent) + loopIndex(b, d);
  Value counter = (Scalar(&b, args[1]) + cast(place, b.getI64Type())).value;
  Value zero = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
  return philox4x32(b, {low(counter), high(counter), zero, zero}, {low(args[0]), high(args[0])})[op.getWord()];
}

} // namespace tenon::ir::prim
