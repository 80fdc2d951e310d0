// Parts of tensors: slices, joins, borders.
#include "compiler/onnx/import/rules/common.h"
#include "compiler/onnx/import/rules/numbers.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

void sliceRule(Node &n) {
  Expr x = n.in(0);
  bool attributes = n.version < 10;
  auto starts = attributes ? n.is("starts", {}) : n.ints(1), ends = attributes ? n.is("ends", {}) : n.ints(2);
  Dims axes = range(0, starts.size()), steps(starts.size(), 1);
  if (attributes)
    axes = n.is("axes", axes);
  else if (n.has(3))
    axes = n.ints(3);
  if (n.has(4))
    steps = n.ints(4);
  n.expect(ends.size() == starts.size() && axes.size() == starts.size() && steps.size() == starts.size(), "starts, ends, axes and steps have different lengths");
  Dims turned;
  llvm::SmallDenseSet<int64_t> seen;
  for (size_t i = 0; i < axes.size(); ++i) {
    int64_t d = n.axis(axes[i], x.rank()), extent = x.shape()[d], step = steps[i];
    n.expect(step != 0 && step != INT64_MIN && seen.insert(d).second, "a step is 0, or an axis is named twice");
    auto wrap = [&](int64_t v) { return v < 0 ? (v < -extent ? -1 : v + extent) : v; };
    int64_t from = wrap(starts[i]), to = wrap(ends[i]);
    if (step > 0) {
      from = std::clamp<int64_t>(starts[i] < -extent ? 0 : from, 0, extent), to = std::clamp<int64_t>(ends[i] < -extent ? 0 : to, 0, extent);
      step = std::min(step, std::max<int64_t>(extent, 1));
      int64_t count = to > from ? (to - from + step - 1) / step : 0;
      x = n.slice(x, d, count ? from : 0, count, step);
    } else {
      from = std::clamp<int64_t>(from, -1, extent - 1), to = std::clamp<int64_t>(to, -1, extent - 1);
      int64_t stride = std::min(-step, std::max<int64_t>(extent, 1)), count = from > to ? (from - to + stride - 1) / stride : 0;
      x = n.slice(x, d, count ? from - (count - 1) * stride : 0, count, stride);
      turned.push_back(d);
    }
  }
  llvm::sort(turned);
  n.out(0, turned.empty() ? x : reverse(x, turned), n.dtype(0));
}

void concatRule(Node &n) {
  n.expect(n.count() > 0, "it has no operand");
  int64_t axis = n.axis(n.i("axis", n.version < 4 ? 1 : 0), n.rank(0));
  SmallVector<Expr> parts;
  for (size_t i = 0; i < n.count(); ++i) {
    n.expect(n.dtype(i) == n.dtype(0), "its operands are of several types");
    parts.push_back(n.in(i));
  }
  n.out(0, n.concat(parts, axis), n.dtype(0));
}

void split(Node &n) {
  Expr x = n.in(0);
  int64_t axis = n.axis(n.i("axis", 0), x.rank()), extent = x.shape()[axis], parts = n.outs();
  Dims sizes;
  if (auto given = n.isOrInput("split", 1)) {
    sizes = *given;
  } else {
    parts = n.i("num_outputs", parts);
    n.expect(parts > 0 && parts <= int64_t(n.outs()), "it has no outputs");
    int64_t each = (extent + parts - 1) / parts;
    for (int64_t left = extent; int64_t(sizes.size()) < parts; left -= sizes.back())
      sizes.push_back(std::min(each, left));
  }
  n.expect(sizes.size() == n.outs(), "it has " + Twine(n.outs()) + " outputs and " + Twine(sizes.size()) + " sizes");
  int64_t at = 0;
  for (auto [i, size] : llvm::enumerate(sizes)) {
    n.expect(size >= 0 && size <= extent - at, "its sizes do not fit into " + Twine(extent));
    n.out(i, n.slice(x, axis, at, size), n.dtype(0));
    at += size;
  }
  n.expect(at == extent, "its sizes do not sum to " + Twine(extent));
}

/// Elements beyond the border, by places in x.
Expr bordered(Node &n, Expr x, int64_t axis, int64_t low, int64_t high, StringRef mode) {
  int64_t extent = x.shape()[axis];
  n.expect(extent > 0, "a dimension without elements has no border");
  n.expect(extent + low + high <= mostPlaces, "it would list " + Twine(extent + low + high) + " places");
  Dims places;
  for (int64_t i = -low; i < extent + high; ++i) {
    int64_t p = i;
    if (mode == "edge")
      p = std::clamp<int64_t>(i, 0, extent - 1);
    else if (mode == "wrap")
      p = ((i % extent) + extent) % extent;
    else if (extent == 1)
      p = 0;
    else { // reflect, again and again
      int64_t period = 2 * (extent - 1);
      p = ((i % period) + period) % period;
      p = p < extent ? p : period - p;
    }
    places.push_back(p);
  }
  return ir::gather(x, n.ints64(places, {int64_t(places.size())}), axis);
}

void padRule(Node &n) {
  Expr x = n.in(0);
  std::string mode = n.s("mode", "constant");
  Dims pads = n.version < 2 ? n.is("paddings", {}) : n.version < 11 ? n.is("pads", {}) : n.ints(1);
  Dims axes = n.has(3) ? n.ints(3) : range(0, x.rank());
  n.expect(pads.size() == 2 * axes.size(), "it needs two pads per axis");
  Dims low(x.rank(), 0), high(x.rank(), 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    int64_t d = n.axis(axes[i], x.rank());
    low[d] = pads[i], high[d] = pads[i + axes.size()];
    n.expect(within(low[d], int64_t(1) << 32) && within(high[d], int64_t(1) << 32) && x.shape()[d] + low[d] + high[d] >= 0, "a dimension would have a negative extent");
  }
  if (mode == "constant") {
    Dims whole;
    for (auto [d, extent] : llvm::enumerate(x.shape()))
      whole.push_back(extent + low[d] + high[d]);
    elementsOf(whole);
    Expr value = n.version >= 11 && n.has(2) ? n.reshape(n.in(2), {}) : n.splat({}, x.element(), n.version < 11 ? n.f("value", 0) : 0);
    return n.out(0, n.op<prim::PadOp>({x, value}, [&](auto &p) { p.low = n.attr(low), p.high = n.attr(high), p.interior = n.attr({}); }), n.dtype(0));
  }
  n.expect(mode == "edge" || mode == "reflect" || mode == "wrap", "mode must be constant, reflect, edge or wrap");
  for (int64_t d = 0; d < x.rank(); ++d)
    if (low[d] || high[d])
      x = bordered(n, x, d, low[d], high[d], mode);
  n.out(0, x, n.dtype(0));
}

void centerCropPad(Node &n) {
  Expr x = n.in(0);
  Dims wanted = n.ints(1), axes = n.axes(n.is("axes", range(0, x.rank())), x.rank()), low(x.rank(), 0), high(x.rank(), 0);
  n.expect(wanted.size() == axes.size(), "it needs one size per axis");
  Dims given = n.is("axes", range(0, x.rank()));
  for (auto [a, size] : llvm::zip(given, wanted)) {
    int64_t d = n.axis(a, x.rank()), extent = x.shape()[d];
    n.expect(size >= 0 && size < (int64_t(1) << 32), "a size is out of range");
    if (size <= extent)
      x = n.slice(x, d, (extent - size) / 2, size);
    else
      low[d] = (size - extent) / 2, high[d] = size - extent - low[d];
  }
  n.out(0, n.op<prim::PadOp>({x, n.splat({}, x.element(), 0)}, [&](auto &p) { p.low = n.attr(low), p.high = n.attr(high), p.interior = n.attr({}); }), n.dtype(0));
}

/// Rows of each batch that are turned around up to their length.
void reverseSequence(Node &n) {
  Expr x = n.in(0), lengths = cast(n.in(1), n.b.getI64Type());
  int64_t time = n.i("time_axis", 0), batch = n.i("batch_axis", 1);
  n.expect(x.rank() >= 2 && time + batch == 1 && (time == 0 || time == 1), "time and batch are the first two dimensions");
  auto type = RankedTensorType::get({x.shape()[0], x.shape()[1]}, n.b.getI64Type());
  Expr t = iota(n.b, type, time), b = iota(n.b, type, batch), length = n.along(lengths, type.getShape(), batch);
  Expr from = select(t < length, length - t - 1.0, t);
  Expr place = time == 0 ? from * double(x.shape()[1]) + b : b * double(x.shape()[1]) + from;
  Dims merged{x.shape()[0] * x.shape()[1]};
  llvm::append_range(merged, x.shape().drop_front(2));
  n.out(0, ir::gather(n.reshape(x, merged), place, 0), n.dtype(0));
}
} // namespace

void addSlices(Table &t) {
  t("Slice", 1, sliceRule);
  t("Concat", 1, concatRule);
  t("Split", 1, split);
  t("Pad", 1, padRule).host = 2;
  t("ReverseSequence", 10, reverseSequence);
  t("CenterCropPad", 18, centerCropPad);
}

} // namespace tenon::onnx::imports
