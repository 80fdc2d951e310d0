// Pooling: borders that pooling of nn does not have are padded before.
#include "compiler/onnx/import/rules/common.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The windows, with `high` such that the last window of ceil_mode ends inside.
Windows poolWindows(Node &n, Expr x, Dims &counts) {
  n.expect(x.rank() >= 3, "it takes [N, C, spatial...]");
  auto kernel = n.is("kernel_shape");
  n.expect(kernel.has_value(), "attribute 'kernel_shape' is missing");
  Windows w = windowsOf(n, x.shape().drop_front(2), *kernel);
  bool ceil = n.i("ceil_mode", 0);
  for (size_t i = 0; i < w.kernel.size(); ++i) {
    int64_t extent = x.shape()[i + 2], reach = (w.kernel[i] - 1) * w.dilation[i] + 1, last = extent + w.low[i] + w.high[i] - reach;
    n.expect(last >= 0, "no window fits in dimension " + Twine(i + 2));
    int64_t count = (last + (ceil ? w.stride[i] - 1 : 0)) / w.stride[i] + 1;
    if (ceil && (count - 1) * w.stride[i] >= extent + w.low[i]) // it would begin in the padding behind
      --count;
    counts.push_back(count);
  }
  return w;
}
/// x with `value` around it as far as windows reach.
Expr bordered(Node &n, Expr x, const Windows &w, ArrayRef<int64_t> counts, double value) {
  Dims low{0, 0}, high{0, 0};
  for (size_t i = 0; i < counts.size(); ++i) {
    int64_t reach = (counts[i] - 1) * w.stride[i] + (w.kernel[i] - 1) * w.dilation[i] + 1;
    low.push_back(w.low[i]), high.push_back(reach - x.shape()[i + 2] - w.low[i]);
  }
  if (llvm::all_of(low, [](int64_t v) { return v == 0; }) && llvm::all_of(high, [](int64_t v) { return v == 0; }))
    return x;
  return n.op<prim::PadOp>({x, n.splat({}, x.element(), value)}, [&](auto &p) { p.low = n.attr(low), p.high = n.attr(high), p.interior = n.attr({}); });
}
template <class Op> Expr pooled(Node &n, Expr x, const Windows &w) {
  return n.op<Op>({x}, [&](auto &p) {
    p.kernel = n.attr(w.kernel), p.stride = n.attr(w.stride), p.padding = n.attr(Dims(w.kernel.size(), 0));
    if constexpr (!std::is_same_v<Op, nn::AvgPoolOp>)
      p.dilation = n.attr(w.dilation);
    else
      p.divisor = n.b.getI64IntegerAttr(1), p.count_include_pad = n.b.getBoolAttr(true);
    p.ceil_mode = n.b.getBoolAttr(false);
  });
}
/// Sums of windows, as a depthwise convolution: it knows dilation.
Expr windowed(Node &n, Expr e, const Windows &w) {
  int64_t channels = e.shape()[0] * e.shape()[1];
  Dims flat{1, channels}, kernel{channels, 1};
  llvm::append_range(flat, e.shape().drop_front(2));
  llvm::append_range(kernel, w.kernel);
  Dims zero(w.kernel.size(), 0);
  Expr y = n.op<nn::ConvOp>({n.reshape(e, flat), n.splat(kernel, e.element(), 1)}, [&](auto &p) {
    p.stride = n.attr(w.stride), p.low = n.attr(zero), p.high = n.attr(zero), p.dilation = n.attr(w.dilation), p.groups = n.b.getI64IntegerAttr(channels);
  });
  Dims shape(e.shape().take_front(2));
  llvm::append_range(shape, y.shape().drop_front(2));
  return n.reshape(y, shape);
}
/// Symmetric padding that nn's own pooling takes, as PyTorch does.
bool plain(const Windows &w, Expr x, ArrayRef<int64_t> counts) {
  for (size_t i = 0; i < counts.size(); ++i) {
    int64_t reach = (w.kernel[i] - 1) * w.dilation[i] + 1;
    if (w.low[i] != w.high[i] || w.low[i] < 0 || w.low[i] > reach / 2 || (x.shape()[i + 2] + 2 * w.low[i] - reach) / w.stride[i] + 1 != counts[i])
      return false;
  }
  return true;
}

void maxPool(Node &n) {
  Expr x = n.in(0);
  Dims counts;
  Windows w = poolWindows(n, x, counts);
  int dtype = n.dtype(0);
  Expr v = isFloat(dtype) ? x : cast(x, n.b.getF32Type()); // 8 bits are exact there
  n.expect(isFloat(dtype) || integerForm(dtype).bits == 8, "it takes floating point, int8 or uint8");
  if (plain(w, x, counts) && n.outs() < 2)
    return n.out(0, cast(n.op<nn::MaxPoolOp>({v}, [&](auto &p) {
      p.kernel = n.attr(w.kernel), p.stride = n.attr(w.stride), p.padding = n.attr(w.low), p.dilation = n.attr(w.dilation), p.ceil_mode = n.b.getBoolAttr(false);
    }), x), dtype);
  Expr padded = bordered(n, v, w, counts, -infinity);
  n.out(0, cast(pooled<nn::MaxPoolOp>(n, padded, w), x), dtype);
  if (!n.wants(1))
    return;
  // Places in the padded plane, told in the whole of x: row-major, or the last two dimensions exchanged.
  Expr place = pooled<nn::MaxPoolIndicesOp>(n, padded, w), result;
  bool columns = n.i("storage_order", 0);
  Dims extents(x.shape().drop_front(2)), strides(extents.size());
  int64_t stride = 1;
  for (size_t k = 0; k < extents.size(); ++k) {
    size_t d = columns ? k : extents.size() - 1 - k;
    strides[d] = stride;
    stride *= extents[d];
  }
  int64_t inner = 1;
  for (int64_t d = int64_t(extents.size()) - 1; d >= 0; --d) {
    int64_t wide = padded.shape()[d + 2];
    Expr at = rem(place / double(inner), like(double(wide), place)) - double(w.low[d]);
    result = result ? result + at * double(strides[d]) : at * double(strides[d]);
    inner *= wide;
  }
  auto planes = RankedTensorType::get({x.shape()[0], x.shape()[1]}, n.b.getI64Type());
  Expr plane = (iota(n.b, planes, 0) * double(x.shape()[1]) + iota(n.b, planes, 1)) * double(stride);
  n.out(1, result + ir::broadcast(plane, place.shape(), {0, 1}), D::INT64);
}

void averagePool(Node &n) {
  Expr x = n.in(0);
  Dims counts;
  Windows w = poolWindows(n, x, counts);
  bool all = n.i("count_include_pad", 0);
  bool dilated = llvm::any_of(w.dilation, [](int64_t d) { return d != 1; });
  if (plain(w, x, counts) && !dilated)
    return n.out(0, n.op<nn::AvgPoolOp>({x}, [&](auto &p) {
      p.kernel = n.attr(w.kernel), p.stride = n.attr(w.stride), p.padding = n.attr(w.low), p.ceil_mode = n.b.getBoolAttr(false), p.count_include_pad = n.b.getBoolAttr(all), p.divisor = n.b.getI64IntegerAttr(0);
    }));
  // Sums of windows of x over sums of windows of ones.
  Expr total = windowed(n, bordered(n, x, w, counts, 0), w);
  Dims one{1, 1}, low{0, 0}, high{0, 0};
  for (size_t i = 0; i < counts.size(); ++i) {
    one.push_back(x.shape()[i + 2]);
    low.push_back(w.low[i]), high.push_back(w.high[i]);
  }
  Expr ones = n.splat(one, x.element(), 1);
  if (all) // padding that the file asks for counts; what ceil_mode adds does not
    ones = n.op<prim::PadOp>({ones, n.splat({}, x.element(), 1)}, [&](auto &p) { p.low = n.attr(low), p.high = n.attr(high), p.interior = n.attr({}); });
  Windows rest = w;
  if (all)
    rest.low = Dims(counts.size(), 0);
  n.out(0, total / n.broadcast(windowed(n, bordered(n, ones, rest, counts, 0), w), total.shape()));
}

void lpPool(Node &n) {
  Expr x = n.in(0);
  Dims counts;
  Windows w = poolWindows(n, x, counts);
  double p = n.version < 2 ? n.f("p", 2) : double(n.i("p", 2));
  Expr powers = bordered(n, pow(abs(x), like(p, x)), w, counts, 0);
  Expr sums = llvm::all_of(w.dilation, [](int64_t d) { return d == 1; }) ? pooled<nn::AvgPoolOp>(n, powers, w) : windowed(n, powers, w); // divided by 1
  n.out(0, pow(sums, like(1 / p, sums)));
}

template <class F> Rule global(F f) {
  return [f](Node &n) {
    Expr x = n.in(0);
    n.expect(x.rank() >= 2, "it takes [N, C, spatial...]");
    Dims spatial = range(2, x.rank());
    n.out(0, n.keep(f(n, x, spatial), x.shape(), spatial));
  };
}
Expr mean(Node &, Expr x, ArrayRef<int64_t> dims) {
  double count = 1;
  for (int64_t d : dims)
    count *= double(x.shape()[d]);
  return cast(sum(wide(x), dims) / count, x);
}

void maxUnpool(Node &n) {
  Expr x = n.in(0), indices = n.in(1);
  auto kernel = n.is("kernel_shape");
  n.expect(kernel && x.rank() >= 3 && int64_t(kernel->size()) == x.rank() - 2 && indices.shape() == x.shape(), "it takes [N, C, spatial...], indices of that shape, and a kernel_shape");
  size_t k = kernel->size();
  Dims stride = n.is("strides", Dims(k, 1)), pads = n.is("pads", Dims(2 * k, 0)), plain{x.shape()[0], x.shape()[1]};
  n.expect(stride.size() == k && pads.size() == 2 * k, "strides and pads need entries for every spatial dimension");
  for (size_t i = 0; i < k; ++i)
    plain.push_back((x.shape()[i + 2] - 1) * stride[i] + (*kernel)[i] - pads[i] - pads[i + k]);
  Dims whole = n.has(2) ? n.ints(2) : plain;
  n.expect(whole.size() == plain.size(), "output_shape has another rank");
  int64_t total = elementsOf(whole, int64_t(1) << 32), count = elementsOf(x.shape());
  // Indices are places in the plain result; a larger one keeps rows and columns.
  Expr place = n.reshape(indices, {count});
  if (whole != plain) {
    Expr rest = place, moved;
    int64_t outer = 1;
    for (int64_t d = int64_t(plain.size()) - 1; d >= 0; --d) {
      Expr at = rem(rest, like(double(plain[d]), rest));
      moved = moved ? moved + at * double(outer) : at;
      rest = rest / double(plain[d]);
      outer *= whole[d];
    }
    place = moved;
  }
  Expr wideX = wide(n.reshape(x, {count}));
  n.out(0, cast(n.reshape(scatterSet(place, wideX, RankedTensorType::get({total}, wideX.element()), 0), whole), x));
}
} // namespace

void addPool(Table &t) {
  t("MaxPool", 1, maxPool);
  t("AveragePool", 1, averagePool);
  t("LpPool", 1, lpPool);
  t("GlobalAveragePool", 1, global(mean));
  t("GlobalMaxPool", 1, global([](Node &, Expr x, ArrayRef<int64_t> dims) { return reduceMax(x, dims); }));
  t("GlobalLpPool", 1, global([](Node &n, Expr x, ArrayRef<int64_t> dims) {
      double p = n.version < 2 ? n.f("p", 2) : double(n.i("p", 2));
      Expr s = sum(pow(abs(x), like(p, x)), dims);
      return pow(s, like(1 / p, s));
    }));
  t("MaxUnpool", 9, maxUnpool).host = 4;
}

} // namespace tenon::onnx::imports
