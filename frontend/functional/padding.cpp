// Padding: with a constant it is prim.pad; by the tensor's own elements, slices of it joined.
#include "frontend/functional/padding.h"
#include "frontend/functional/check.h"
#include "frontend/tensor/record.h"

namespace tenon {

using record::builder;

namespace {

void check_amounts(const Tensor &x, IntArrayRef pad, size_t most, Location loc) {
  detail::expect_defined("pad", "input", x, loc);
  if (pad.size() % 2 || pad.size() / 2 > most)
    throw record::error("pad", "expected (before, after) for up to " + std::to_string(most) + " dimensions of " + record::text(x) + ", came " + record::shape_text(pad), loc);
  for (size_t i = 0; i < pad.size() / 2; ++i)
    if (x.size(-1 - int64_t(i)) + pad[2 * i] + pad[2 * i + 1] < 0)
      throw record::error("pad", "amounts " + record::shape_text(pad) + " take more than " + record::text(x) + " has", loc);
}

/// Elements of dimension d itself before and after it.
Tensor by_elements(const Tensor &x, int64_t d, int64_t before, int64_t after, PaddingMode mode, Location loc) {
  int64_t size = x.size(d), most = mode == kReflect ? size - 1 : mode == kCircular || size == 0 ? size : std::max(before, after);
  if (std::max(before, after) > most)
    throw record::error("pad", "expected amounts of at most " + std::to_string(most) + " for dimension " + std::to_string(d) + " of " + record::text(x) + ", came " + std::to_string(before) + " and " + std::to_string(after), loc);
  TensorList parts;
  auto put = [&](int64_t count, bool front) {
    if (count <= 0)
      return;
    Shape edge = x.sizes().vec();
    edge[size_t(d)] = count;
    parts.push_back(mode == kCircular  ? x.narrow(d, front ? size - count : 0, count, loc)
                    : mode == kReflect ? x.narrow(d, front ? 1 : size - 1 - count, count, loc).flip({d}, loc)
                                       : x.narrow(d, front ? 0 : size - 1, 1, loc).expand(edge, loc));
  };
  put(before, true);
  parts.push_back(x);
  put(after, false);
  return parts.size() == 1 ? x : cat(parts, d, loc);
}

} // namespace

Tensor constant_pad_nd(const Tensor &x, IntArrayRef pad, Scalar value, Location loc) {
  detail::expect_defined("pad", "input", x, loc);
  check_amounts(x, pad, size_t(x.dim()), loc);
  Shape low(size_t(x.dim()), 0), high = low;
  for (size_t i = 0; i < pad.size() / 2; ++i) {
    low[low.size() - 1 - i] = pad[2 * i];
    high[high.size() - 1 - i] = pad[2 * i + 1];
  }
  return record::op<ir::prim::PadOp>({x, record::constant(value, x.scalar_type(), {}, loc)}, loc, [&](auto &p) {
    p.low = builder().getDenseI64ArrayAttr(low);
    p.high = builder().getDenseI64ArrayAttr(high);
    p.interior = builder().getDenseI64ArrayAttr({});
  });
}

Tensor nn::functional::pad(const Tensor &x, const PadFuncOptions &options, Location loc) {
  IntArrayRef pad = options.pad();
  if (options.mode() == kConstant)
    return constant_pad_nd(x, pad, options.value(), loc);
  detail::expect_defined("pad", "input", x, loc);
  int64_t dims = int64_t(pad.size() / 2);
  if (pad.size() % 2 || dims < 1 || dims > 3 || x.dim() < dims + 1 || x.dim() > dims + 2)
    throw record::error("pad", "expected two amounts for each spatial dimension of [C, spatial...] or [N, C, spatial...], came " + record::shape_text(pad) + " for " + record::text(x), loc);
  check_amounts(x, pad, size_t(dims), loc);
  Tensor y = x;
  for (int64_t i = 0; i < dims; ++i)
    y = by_elements(y, x.dim() - 1 - i, pad[size_t(2 * i)], pad[size_t(2 * i + 1)], options.mode(), loc);
  // What negative amounts take away goes last: mirrors see the whole tensor.
  for (int64_t i = 0; i < dims; ++i) {
    int64_t d = x.dim() - 1 - i, before = std::max<int64_t>(0, -pad[size_t(2 * i)]), after = std::max<int64_t>(0, -pad[size_t(2 * i + 1)]);
    if (before || after)
      y = y.narrow(d, before, y.size(d) - before - after, loc);
  }
  return y;
}

} // namespace tenon
