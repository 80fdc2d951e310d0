// Max, average and power pooling: an op of the dialect `nn` each.
#include "frontend/functional/pooling.h"
#include "frontend/functional/check.h"
#include "compiler/dialect/nn/window.h"
#include "frontend/functional/pooled.h"
#include "frontend/tensor/record.h"

namespace tenon {
namespace detail {

using record::builder;

Shape expanded(const std::string &op, const char *what, size_t dims, IntArrayRef values, Location loc) {
  if (values.size() != 1 && values.size() != dims)
    throw record::error(op.c_str(), std::string("expected ") + std::to_string(dims) + " numbers or one as " + what + ", came " + record::shape_text(values), loc);
  return values.size() == dims ? values.vec() : Shape(dims, values[0]);
}

void expect_spatial(const std::string &op, const Tensor &x, size_t dims, Location loc) {
  expect_floating(op.c_str(), "input", x, loc);
  bool empty = false;
  for (int64_t d = x.dim() - int64_t(dims) - 1; d >= 0 && d < x.dim(); ++d)
    empty |= x.size(d) == 0;
  if ((x.dim() != int64_t(dims) + 1 && x.dim() != int64_t(dims) + 2) || empty)
    throw record::error(op.c_str(), "expected an input of rank " + std::to_string(dims + 1) + " or " + std::to_string(dims + 2) + " with channels and elements, came " + record::text(x), loc);
}

Windows windows(const std::string &op, const Tensor &x, size_t dims, IntArrayRef kernel, IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation, bool ceil, Location loc) {
  expect_spatial(op, x, dims, loc);
  Windows w{expanded(op, "kernel_size", dims, kernel, loc), {}, expanded(op, "padding", dims, padding, loc), expanded(op, "dilation", dims, dilation, loc), ceil};
  w.stride = stride.empty() ? w.kernel : expanded(op, "stride", dims, stride, loc);
  for (size_t i = 0; i < dims; ++i) {
    int64_t k = w.kernel[i], s = w.stride[i], p = w.padding[i], d = w.dilation[i], size = x.size(x.dim() - int64_t(dims) + int64_t(i));
    auto refuse = [&](const std::string &what) { throw record::error(op.c_str(), what, loc); };
    if (k < 1 || s < 1 || d < 1)
      refuse("expected a positive kernel_size, stride and dilation, came " + std::to_string(k) + ", " + std::to_string(s) + " and " + std::to_string(d));
    if (p < 0 || p > ((k - 1) * d + 1) / 2)
      refuse("expected a padding of at most half of the window of " + std::to_string((k - 1) * d + 1) + ", came " + std::to_string(p));
    if (ir::nn::windowCount(size, k, s, p, d, ceil) < 1)
      refuse("no window of " + std::to_string((k - 1) * d + 1) + " fits into " + record::text(x) + " with a padding of " + std::to_string(p));
  }
  return w;
}

template <class Op> static Tensor window_op(const Tensor &x, const Windows &w, Location loc) {
  return record::op<Op>({x}, loc, [&](auto &p) {
    p.kernel = builder().getDenseI64ArrayAttr(w.kernel);
    p.stride = builder().getDenseI64ArrayAttr(w.stride);
    p.padding = builder().getDenseI64ArrayAttr(w.padding);
    p.dilation = builder().getDenseI64ArrayAttr(w.dilation);
    p.ceil_mode = builder().getBoolAttr(w.ceil);
  });
}
Tensor max_pool(const Tensor &x, const Windows &w, Location loc) { return window_op<ir::nn::MaxPoolOp>(x, w, loc); }
Tensor max_pool_indices(const Tensor &x, const Windows &w, Location loc) { return window_op<ir::nn::MaxPoolIndicesOp>(x, w, loc); }

Tensor avg_pool(const std::string &op, const Tensor &x, const Windows &w, bool count_include_pad, std::optional<int64_t> divisor, Location loc) {
  if (divisor && (*divisor < 1 || w.kernel.size() == 1))
    throw record::error(op.c_str(), w.kernel.size() == 1 ? "it has no divisor_override" : "expected a positive divisor_override, came " + std::to_string(*divisor), loc);
  return record::op<ir::nn::AvgPoolOp>({x}, loc, [&](auto &p) {
    p.kernel = builder().getDenseI64ArrayAttr(w.kernel);
    p.stride = builder().getDenseI64ArrayAttr(w.stride);
    p.padding = builder().getDenseI64ArrayAttr(w.padding);
    p.ceil_mode = builder().getBoolAttr(w.ceil);
    p.count_include_pad = builder().getBoolAttr(count_include_pad);
    p.divisor = builder().getI64IntegerAttr(divisor.value_or(0));
  });
}

Tensor lp_pool(const std::string &op, const Tensor &x, double p, size_t dims, IntArrayRef kernel, IntArrayRef stride, bool ceil, Location loc) {
  expect_spatial(op, x, dims, loc);
  Windows w = windows(op, x, dims, kernel, stride, {0}, {1}, ceil, loc);
  double places = 1;
  for (int64_t k : w.kernel)
    places *= double(k);
  Tensor mean = avg_pool(op, record::op<ir::prim::PowOp>({x, record::constant(p, x.scalar_type(), x.sizes(), loc)}, loc), w, true, std::nullopt, loc);
  Tensor sum = mean.sign(loc).mul({mean.abs(loc).relu(loc), loc}).mul({record::constant(places, x.scalar_type(), {}, loc), loc});
  return sum.pow({record::constant(1 / p, x.scalar_type(), {}, loc), loc});
}

} // namespace detail

using namespace detail;

#define TENON_POOLS(D)                                                                                                                       \
  Tensor max_pool##D##d(const Tensor &x, IntArrayRef kernel_size, IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation, bool ceil_mode,  \
                        Location loc) {                                                                                                   \
    return detail::max_pool(x, windows("max_pool" #D "d", x, D, kernel_size, stride, padding, dilation, ceil_mode, loc), loc);               \
  }                                                                                                                                        \
  std::tuple<Tensor, Tensor> max_pool##D##d_with_indices(const Tensor &x, IntArrayRef kernel_size, IntArrayRef stride, IntArrayRef padding,  \
                                                         IntArrayRef dilation, bool ceil_mode, Location loc) {                             \
    Windows w = windows("max_pool" #D "d_with_indices", x, D, kernel_size, stride, padding, dilation, ceil_mode, loc);                      \
    return {detail::max_pool(x, w, loc), max_pool_indices(x, w, loc)};                                                                     \
  }                                                                                                                                        \
  Tensor avg_pool##D##d(const Tensor &x, IntArrayRef kernel_size, IntArrayRef stride, IntArrayRef padding, bool ceil_mode, bool count_include_pad,  \
                        std::optional<int64_t> divisor_override, Location loc) {                                                          \
    Windows w = windows("avg_pool" #D "d", x, D, kernel_size, stride, padding, {1}, ceil_mode, loc);                                        \
    return detail::avg_pool("avg_pool" #D "d", x, w, count_include_pad, divisor_override, loc);                                            \
  }                                                                                                                                        \
  namespace nn::functional {                                                                                                               \
  Tensor max_pool##D##d(const Tensor &x, const MaxPool##D##dFuncOptions &o, Location loc) {                                                  \
    return tenon::max_pool##D##d(x, o.kernel_size(), o.stride(), o.padding(), o.dilation(), o.ceil_mode(), loc);                            \
  }                                                                                                                                        \
  std::tuple<Tensor, Tensor> max_pool##D##d_with_indices(const Tensor &x, const MaxPool##D##dFuncOptions &o, Location loc) {                 \
    return tenon::max_pool##D##d_with_indices(x, o.kernel_size(), o.stride(), o.padding(), o.dilation(), o.ceil_mode(), loc);               \
  }                                                                                                                                        \
  Tensor avg_pool##D##d(const Tensor &x, const AvgPool##D##dFuncOptions &o, Location loc) {                                                  \
    return tenon::avg_pool##D##d(x, o.kernel_size(), o.stride(), o.padding(), o.ceil_mode(), o.count_include_pad(), o.divisor_override(), loc);  \
  }                                                                                                                                        \
  Tensor lp_pool##D##d(const Tensor &x, const LPPool##D##dFuncOptions &o, Location loc) {                                                    \
    return detail::lp_pool("lp_pool" #D "d", x, o.norm_type(), D, o.kernel_size(), o.stride(), o.ceil_mode(), loc);                         \
  }                                                                                                                                        \
  }
TENON_POOLS(1) TENON_POOLS(2) TENON_POOLS(3)
#undef TENON_POOLS

} // namespace tenon
