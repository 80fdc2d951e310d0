// Images read at places that are data: regions of interest, deformed convolutions.
#include "compiler/onnx/import/rules/common.h"
#include <limits>

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

/// x [N, C, H, W] as rows of channels, [N * H * W, C].
Expr rowsOf(Node &n, Expr x) {
  auto s = x.shape();
  return n.reshape(transpose(x, {0, 2, 3, 1}), {elementsOf({s[0], s[2], s[3]}), s[1]});
}
/// [N] along dimension 0 of `shape`, and so on: x's dimensions are the first ones.
Expr leading(Expr x, ArrayRef<int64_t> shape) { return ir::broadcast(x, shape, range(0, x.rank())); }

/// The four elements around (y, x), weighted: [places..., C] each. `image` (i64) says which of the images of `rows`; `inside` are flags: the others are zeros.
SmallVector<Expr> corners(Node &n, Expr rows, Expr image, Expr y, Expr x, int64_t height, int64_t width, llvm::function_ref<Expr(Expr, Expr)> inside) {
  SmallVector<Expr> result;
  Expr top = floor(y), left = floor(x), ly = y - top, lx = x - left;
  for (int i : {0, 1})
    for (int j : {0, 1}) {
      Expr row = top + double(i), column = left + double(j), weight = (i ? ly : 1.0 - ly) * (j ? lx : 1.0 - lx);
      weight = select(inside(row, column), weight, like(0.0, weight));
      Expr at = cast(max(min(row, double(height - 1)), 0.0), n.b.getI64Type()) * double(width) + cast(max(min(column, double(width - 1)), 0.0), n.b.getI64Type());
      Expr v = ir::gather(rows, image * double(height * width) + at, 0);
      result.push_back(v * leading(weight, v.shape()));
    }
  return result;
}

/// What begins at `start` in steps of `step`, both [R]: [R, count], `offset` steps further.
Expr ladder(Node &n, Expr start, Expr step, int64_t count, double offset) {
  Dims shape{start.shape()[0], count};
  Expr at = iota(n.b, RankedTensorType::get(shape, start.element()), 1) + offset;
  return leading(start, shape) + at * leading(step, shape);
}

void roiAlign(Node &n) {
  Expr x = n.in(0), rois = n.in(1), batch = cast(n.in(2), n.b.getI64Type());
  n.expect(x.rank() == 4 && rois.rank() == 2 && rois.shape()[1] == 4 && batch.rank() == 1 && batch.shape()[0] == rois.shape()[0] && isFloat(n.dtype(0)) && rois.element() == x.element(),
           "it takes [N, C, H, W], rois [R, 4] and the number of each roi's image");
  int64_t height = n.i("output_height", 1), width = n.i("output_width", 1), samples = n.i("sampling_ratio", 0), count = rois.shape()[0];
  int64_t limit = int64_t(1) << 16;
  n.expect(samples != 0, "sampling_ratio 0: how many samples a region has depends on data");
  n.expect(height > 0 && width > 0 && samples > 0 && height <= limit && width <= limit && samples <= 1024, "output_height, output_width and sampling_ratio must be positive");
  n.expect(x.shape()[2] > 0 && x.shape()[3] > 0, "the images have no elements");
  double scale = n.f("spatial_scale", 1);
  std::string mode = n.s("mode", "avg"), coordinates = n.s("coordinate_transformation_mode", n.version < 16 ? "output_half_pixel" : "half_pixel");
  n.expect(mode == "avg" || mode == "max", "mode must be avg or max");
  n.expect(coordinates == "half_pixel" || coordinates == "output_half_pixel", "coordinate_transformation_mode '" + coordinates + "' is unknown");
  bool half = coordinates == "half_pixel";
  Type element = x.element();
  x = cast(x, promoted(element)), rois = cast(rois, promoted(element));
  // Per dimension: places [R, bins * samples], and whether they are near the image.
  auto places = [&](int64_t from, int64_t bins, int64_t extent, Expr &near) {
    auto column = [&](int64_t i) { return n.reshape(n.slice(rois, 1, i, 1), {count}) * scale - (half ? 0.5 : 0.0); };
    Expr start = column(from), size = column(from + 2) - start;
    if (!half)
      size = max(size, 1.0);
    Expr at = ladder(n, start, size / double(bins * samples), bins * samples, 0.5);
    near = (at >= -1.0) & (at <= double(extent));
    return min(max(at, 0.0), double(extent - 1));
  };
  Expr nearY, nearX, y = places(1, height, x.shape()[2], nearY), at = places(0, width, x.shape()[3], nearX);
  Dims grid{count, height * samples, width * samples};
  elementsOf({grid[0], grid[1], grid[2], x.shape()[1]});
  auto rows = [&](Expr v) { return ir::broadcast(v, grid, {0, 1}); };
  auto columns = [&](Expr v) { return ir::broadcast(v, grid, {0, 2}); };
  Expr near = rows(nearY) & columns(nearX);
  auto parts = corners(n, rowsOf(n, x), leading(batch, grid), rows(y), columns(at), x.shape()[2], x.shape()[3], [&](Expr, Expr) { return near; });
  // ONNX's largest is of the weighted corners, not of their sums.
  Expr v = mode == "avg" ? parts[0] + parts[1] + parts[2] + parts[3] : max(max(parts[0], parts[1]), max(parts[2], parts[3]));
  v = n.reshape(v, {count, height, samples, width, samples, x.shape()[1]});
  v = mode == "avg" ? sum(v, {2, 4}) / double(samples * samples) : reduceMax(v, {2, 4});
  n.out(0, cast(transpose(v, {0, 3, 1, 2}), element), n.dtype(0));
}

/// The largest elements of each region's bins, whose edges are whole numbers. One dimension after the other: a bin's elements are flags over it.
void maxRoiPool(Node &n) {
  Expr x = n.in(0), rois = n.in(1);
  auto pooled = n.is("pooled_shape");
  n.expect(x.rank() == 4 && rois.rank() == 2 && rois.shape()[1] == 5 && rois.element() == x.element() && isFloat(n.dtype(0)), "it takes [N, C, H, W] and rois [R, 5]");
  n.expect(pooled && pooled->size() == 2 && (*pooled)[0] > 0 && (*pooled)[1] > 0 && (*pooled)[0] <= 4096 && (*pooled)[1] <= 4096, "pooled_shape must be two positive numbers");
  double scale = n.f("spatial_scale", 1);
  int64_t count = rois.shape()[0];
  Type element = x.element();
  x = cast(x, promoted(element)), rois = cast(rois, promoted(element));
  auto column = [&](int64_t i) { return n.reshape(n.slice(rois, 1, i, 1), {count}); };
  auto nearest = [](Expr v) { return floor(v + 0.5); };
  Expr v = ir::gather(x, cast(column(0), n.b.getI64Type()), 0); // [R, C, H, W]
  Expr filled;
  for (int64_t d : {0, 1}) { // y, then x
    int64_t bins = (*pooled)[d], extent = v.shape()[2 + d];
    Expr start = nearest(column(2 - d) * scale), size = max(nearest(column(4 - d) * scale) - start + 1.0, 1.0) / double(bins);
    auto edge = [&](double offset, bool up) {
      Expr at = ladder(n, like(0.0, start), size, bins, offset);
      return min(max((up ? -floor(-at) : floor(at)) + leading(start, at.shape()), 0.0), double(extent));
    };
    Expr from = edge(0, false), to = edge(1, true);
    // [R, C, bins, extents...]: the dimension becomes bins.
    Dims shape(v.shape());
    shape.insert(shape.begin() + 2 + d, bins);
    elementsOf(shape, int64_t(1) << 34);
    Expr at = iota(n.b, RankedTensorType::get(shape, v.element()), 3 + d);
    Expr in = (at >= ir::broadcast(from, shape, {0, 2 + d})) & (at < ir::broadcast(to, shape, {0, 2 + d}));
    Dims kept = range(0, 5);
    kept.erase(kept.begin() + 2 + d);
    Expr whole = ir::broadcast(v, shape, kept);
    v = reduceMax(select(in, whole, like(-std::numeric_limits<double>::infinity(), whole)), {3 + d});
    Expr some = ir::broadcast(from < to, v.shape(), {0, 2 + d});
    filled = d ? ir::broadcast(filled, v.shape(), {0, 2}) & some : from < to;
  }
  n.out(0, cast(select(filled, v, like(0.0, v)), element), n.dtype(0));
}

void deformConv(Node &n) {
  Expr x = n.in(0), w = n.in(1), offset = n.in(2);
  n.expect(x.rank() == 4 && w.rank() == 4 && offset.rank() == 4 && isFloat(n.dtype(0)) && w.element() == x.element() && offset.element() == x.element(), "it takes [N, C, H, W], weights and offsets of four dimensions too");
  auto s = x.shape(), k = w.shape();
  Windows windows = windowsOf(n, s.drop_front(2), n.is("kernel_shape", Dims(k.drop_front(2))));
  int64_t groups = n.i("group", 1), fields = n.i("offset_group", 1), taps = k[2] * k[3];
  n.expect(windows.kernel == Dims(k.drop_front(2)) && groups > 0 && fields > 0 && s[1] % groups == 0 && s[1] % fields == 0 && k[0] % groups == 0 && k[1] == s[1] / groups, "weights and groups do not fit to the channels");
  Dims out;
  for (size_t d : {0, 1}) {
    out.push_back((s[2 + d] + windows.low[d] + windows.high[d] - windows.dilation[d] * (windows.kernel[d] - 1) - 1) / windows.stride[d] + 1);
    n.expect(out[d] > 0 && s[2 + d] > 0, "the window is larger than the image");
  }
  Dims wanted{s[0], fields * taps * 2, out[0], out[1]}, grid{s[0], fields, taps, out[0], out[1]};
  n.expect(offset.shape() == ArrayRef(wanted), "offsets have another shape than the windows ask for");
  Type element = x.element(), wide = promoted(element);
  x = cast(x, wide), w = cast(w, wide);
  offset = n.reshape(cast(offset, wide), {s[0], fields, taps, 2, out[0], out[1]});
  auto whole = RankedTensorType::get(grid, wide);
  // Dimension d's places: the window's, the tap's and the offset.
  auto place = [&](int64_t d) {
    Expr tap = iota(n.b, RankedTensorType::get(grid, n.b.getI64Type()), 2);
    tap = d ? rem(tap, like(double(k[3]), tap)) : tap / like(double(k[3]), tap);
    return iota(n.b, whole, 3 + d) * double(windows.stride[d]) + cast(tap, wide) * double(windows.dilation[d]) - double(windows.low[d]) + n.reshape(n.slice(offset, 3, d, 1), grid);
  };
  // Channels of an offset's group are an image of their own.
  int64_t each = s[1] / fields;
  auto number = RankedTensorType::get(grid, n.b.getI64Type());
  Expr image = iota(n.b, number, 0) * double(fields) + iota(n.b, number, 1);
  auto parts = corners(n, rowsOf(n, n.reshape(x, {s[0] * fields, each, s[2], s[3]})), image, place(0), place(1), s[2], s[3], [&](Expr row, Expr column) {
    return (row >= 0.0) & (row <= double(s[2] - 1)) & (column >= 0.0) & (column <= double(s[3] - 1));
  });
  Expr v = parts[0] + parts[1] + parts[2] + parts[3]; // [N, fields, taps, oH, oW, each]
  if (n.has(4)) {
    Expr mask = cast(n.in(4), wide);
    n.expect(mask.type().getNumElements() == whole.getNumElements(), "the mask has another shape than the windows ask for");
    v = v * leading(n.reshape(mask, grid), v.shape());
  }
  int64_t area = out[0] * out[1];
  v = n.reshape(transpose(v, {0, 1, 5, 2, 3, 4}), {s[0], groups, s[1] / groups * taps, area});
  Expr y = n.matmul(n.reshape(w, {1, groups, k[0] / groups, k[1] * taps}), v);
  y = n.reshape(y, {s[0], k[0], out[0], out[1]});
  if (n.has(3))
    y = y + n.along(cast(n.in(3), wide), y.shape(), 1);
  n.out(0, cast(y, element), n.dtype(0));
}
} // namespace

void addSampled(Table &t) {
  t("RoiAlign", 10, roiAlign);
  t("MaxRoiPool", 1, maxRoiPool);
  t("DeformConv", 19, deformConv);
}

} // namespace tenon::onnx::imports
