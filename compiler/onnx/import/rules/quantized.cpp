// Quantized numbers: exact in i32 and i64, whose values the operands' narrow types hold.
#include "compiler/onnx/import/rules/common.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

/// A scale or zero point: one number, one per element along an axis, or (block size) one per block of it.
Expr spread(Node &n, Expr q, ArrayRef<int64_t> shape, int64_t axis) {
  if (q.type().getNumElements() == 1)
    return n.broadcast(n.reshape(q, {}), shape);
  if (q.rank() == 1)
    return n.along(q, shape, n.axis(axis, shape.size()));
  int64_t block = n.i("block_size", 0);
  axis = n.axis(axis, shape.size());
  n.expect(block > 0 && q.rank() == int64_t(shape.size()), "a scale of several dimensions needs a block_size");
  Dims repeats(shape.size(), 1);
  repeats[axis] = block;
  Expr wide = n.slice(repeatInterleave(q, repeats), axis, 0, shape[axis]);
  n.expect(wide.shape() == shape, "scales do not fit to the blocks");
  return wide;
}
Expr quantize(Expr x, Expr scale, Expr zero, int dtype) {
  // What i32 holds is beyond every narrow type: no overflow before saturation.
  Expr y = cast(round(x / scale), zero);
  y = min(max(y, -1e9), 1e9) + zero;
  return saturated(y, dtype);
}
Expr narrow(Node &n, Expr x) { return cast(x, n.b.getI32Type()); }

void quantizeLinear(Node &n) {
  Expr x = cast(n.in(0), n.b.getF32Type());
  int64_t axis = n.i("axis", 1);
  int dtype = n.has(2) ? n.dtype(2) : int(n.i("output_dtype", D::UINT8));
  n.expect(integerForm(dtype).bits && integerForm(dtype).bits <= 16, Twine("it makes ") + dtypeName(dtype) + ", which is not supported");
  Expr scale = spread(n, cast(n.in(1), n.b.getF32Type()), x.shape(), axis);
  Expr zero = n.has(2) ? spread(n, n.in(2), x.shape(), axis) : n.splat(x.shape(), n.b.getI32Type(), 0);
  n.out(0, quantize(x, scale, zero, dtype), dtype);
}
void dequantizeLinear(Node &n) {
  Expr x = n.in(0);
  int64_t axis = n.i("axis", 1);
  n.expect(integerForm(n.dtype(0)).bits != 0, "it takes integers");
  Expr scale = spread(n, n.in(1), x.shape(), axis);
  if (n.has(2))
    x = x - spread(n, cast(n.in(2), x), x.shape(), axis);
  n.out(0, cast(cast(x, n.b.getF32Type()) * cast(scale, n.b.getF32Type()), scale), n.dtype(1));
}
void dynamicQuantizeLinear(Node &n) {
  Expr x = n.in(0);
  Expr low = min(reduceMin(x, range(0, x.rank())), 0.0), high = max(reduceMax(x, range(0, x.rank())), 0.0);
  Expr scale = (high - low) / 255.0;
  Expr zero = round(min(max(-low / select(eq(scale, 0.0), 1.0, scale), 0.0), 255.0));
  Expr point = narrow(n, zero);
  Expr safe = select(eq(scale, 0.0), 1.0, scale);
  n.out(0, quantize(x, n.broadcast(safe, x.shape()), n.broadcast(point, x.shape()), D::UINT8), D::UINT8);
  n.out(1, scale, D::FLOAT);
  n.out(2, point, D::UINT8);
}

/// x minus its zero point; `axis` where that is one per row or column.
Expr centred(Node &n, size_t x, size_t zero, int64_t axis) {
  Expr e = narrow(n, n.in(x));
  if (!n.has(zero))
    return e;
  Expr z = narrow(n, n.in(zero));
  return e - (z.type().getNumElements() == 1 ? n.broadcast(n.reshape(z, {}), e.shape()) : z.rank() == 1 ? n.along(z, e.shape(), axis) : n.broadcast(z, e.shape()));
}
void matmulInteger(Node &n) { n.out(0, n.matmul(centred(n, 0, 2, n.rank(0) - 2), centred(n, 1, 3, n.rank(1) - 1)), D::INT32); }

Expr integerConv(Node &n, Expr x, Expr w) {
  n.expect(x.rank() >= 3 && w.rank() == x.rank(), "it takes [N, C, spatial...] and [F, C / group, kernel...]");
  Windows s = windowsOf(n, x.shape().drop_front(2), n.is("kernel_shape", Dims(w.shape().drop_front(2))));
  // 2^53 is far above what sums of products of 8 bits reach: doubles are exact.
  Type wide = n.b.getF64Type();
  Expr y = n.op<nn::ConvOp>({cast(x, wide), cast(w, wide)}, [&](auto &p) {
    p.stride = n.attr(s.stride), p.low = n.attr(s.low), p.high = n.attr(s.high), p.dilation = n.attr(s.dilation), p.groups = n.b.getI64IntegerAttr(n.i("group", 1));
  });
  return cast(y, n.b.getI32Type());
}
void convInteger(Node &n) { n.out(0, integerConv(n, centred(n, 0, 2, 0), centred(n, 1, 3, 0)), D::INT32); }

/// A sum of products in i32 as a quantized number; scales of weights are along `axis`.
void requantized(Node &n, Expr sums, Expr a, Expr b, Expr scale, Expr zero, int64_t axis) {
  auto along = [&](Expr e) { return e.type().getNumElements() == 1 ? n.broadcast(n.reshape(e, {}), sums.shape()) : n.along(e, sums.shape(), axis); };
  Type wide = n.b.getF64Type();
  Expr factor = along(cast(a, wide)) * along(cast(b, wide)) / along(cast(scale, wide));
  Expr y = saturated(narrow(n, min(max(round(cast(sums, wide) * factor), -1e9), 1e9)) + along(narrow(n, zero)), n.dtype(7));
  n.out(0, y, n.dtype(7));
}
void qlinearMatmul(Node &n) { requantized(n, n.matmul(centred(n, 0, 2, n.rank(0) - 2), centred(n, 3, 5, n.rank(3) - 1)), n.in(1), n.in(4), n.in(6), n.in(7), std::max<int64_t>(0, n.rank(0) - 1)); }
void qlinearConv(Node &n) {
  Expr sums = integerConv(n, centred(n, 0, 2, 0), centred(n, 3, 5, 0));
  if (n.has(8))
    sums = sums + n.along(n.in(8), sums.shape(), 1);
  requantized(n, sums, n.in(1), n.in(4), n.in(6), n.in(7), 1);
}
} // namespace

void addQuantized(Table &t) {
  t("QuantizeLinear", 10, quantizeLinear);
  t("DequantizeLinear", 10, dequantizeLinear);
  t("DynamicQuantizeLinear", 11, dynamicQuantizeLinear);
  t("MatMulInteger", 10, matmulInteger);
  t("ConvInteger", 10, convInteger);
  t("QLinearMatMul", 10, qlinearMatmul);
  t("QLinearConv", 10, qlinearConv);
}

} // namespace tenon::onnx::imports
