// Images read at places that are data: per dimension a few elements with weights, and all their combinations gathered and summed.
#include "frontend/functional/check.h"
#include "frontend/functional/vision.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/value.h"

namespace tenon::nn::functional {
namespace {

using tenon::detail::Value;

/// An element of one dimension: its number, and what it counts for; 0 where there is none.
struct Tap {
  Value index, weight; // int64, floating point
};

/// Places as numbers of elements: -1 and 1 are the outer elements' centres, or their outer edges.
Value unnormalized(const Value &u, int64_t extent, bool align) {
  return align ? (u + 1.0) * (double(extent - 1) / 2) : ((u + 1.0) * double(extent) - 1.0) * 0.5;
}
/// Through which nothing flows at the ends and outside, as in PyTorch.
Value clipped(const Value &at, int64_t extent) {
  double last = double(extent - 1);
  Value flat = where(at > 0.0, Value{at.tensor.detach(at.line).clamp(0.0, last, at.line), at.line}, 0.0); // NaN is at the beginning
  return where((at > 0.0) & (at < last), at, flat);
}
Value mirrored(const Value &at, int64_t extent, bool align) {
  double low = align ? 0 : -0.5, span = align ? double(extent - 1) : double(extent);
  if (span == 0)
    return at * 0.0;
  Value from = at - low, distance = where(from < 0.0, -from, from);
  Value flips = Value{(distance.detach() / span).tensor.floor(at.line), at.line}, extra = distance - flips * span;
  Value odd = flips - Value{(flips * 0.5).tensor.floor(at.line), at.line} * 2.0;
  return where(odd > 0.5, span + low - extra, extra + low);
}
Value padded(const Value &at, int64_t extent, GridPadding padding, bool align) {
  if (padding == GridPadding::Zeros)
    return at;
  return clipped(padding == GridPadding::Reflection ? mirrored(at, extent, align) : at, extent);
}
/// The element at a whole number of them.
Tap tap(const Value &whole, const Value &weight, int64_t extent) {
  Value inside = number((whole >= 0.0) & (whole <= double(extent - 1)), weight);
  Tensor near = whole.tensor.detach(whole.line).clamp(0.0, double(extent - 1), whole.line);
  return {{near.to(kLong, whole.line), whole.line}, weight * inside};
}

std::vector<Tap> taps(const Value &u, int64_t extent, InterpolateMode mode, GridPadding padding, bool align) {
  Value at = unnormalized(u, extent, align);
  auto whole = [&](const Tensor &t) { return Value{t, u.line}; };
  if (mode == kNearest) { // the grid's gradient is there, and zero
    Value one = where(whole(zeros(u.tensor.sizes(), u.tensor.options().dtype(kBool), u.line)), u, 1.0);
    return {tap(whole(padded(at, extent, padding, align).tensor.detach(u.line).round(u.line)), one, extent)};
  }
  if (mode == kBilinear) {
    at = padded(at, extent, padding, align);
    Value low = whole(at.tensor.detach(u.line).floor(u.line)), part = at - low;
    return {tap(low, 1.0 - part, extent), tap(low + 1.0, part, extent)};
  }
  // Keys' cubic convolution with a = -0.75; what lies outside is padded element by element.
  constexpr double a = -0.75;
  Value low = whole(at.tensor.detach(u.line).floor(u.line)), t = at - low;
  auto inner = [&](const Value &d) { return (d * (a + 2) - (a + 3)) * d * d + 1.0; };
  auto outer = [&](const Value &d) { return ((d * a - 5 * a) * d + 8 * a) * d - 4 * a; };
  Value weights[] = {outer(t + 1.0), inner(t), inner(1.0 - t), outer(2.0 - t)};
  std::vector<Tap> result;
  for (int k = 0; k < 4; ++k)
    result.push_back(tap(whole(padded(low + double(k - 1), extent, padding, align).tensor.round(u.line)), weights[k], extent));
  return result;
}

} // namespace

GridSampleFuncOptions &GridSampleFuncOptions::padding_mode(PaddingMode mode, Location loc) {
  if (mode != kZeros)
    throw record::error("grid_sample", "expected a padding_mode of kZeros, kBorder or kReflection", loc);
  return padding_mode(GridPadding::Zeros);
}

Tensor grid_sample(const Tensor &input, const Tensor &grid, const GridSampleFuncOptions &options, Location loc) {
  detail::expect_floating("grid_sample", "input", input, loc);
  detail::expect_floating("grid_sample", "grid", grid, loc);
  auto refuse = [&](const std::string &what) { throw record::error("grid_sample", what, loc); };
  int64_t dims = input.dim() - 2;
  if ((dims != 2 && dims != 3) || grid.dim() != input.dim() || grid.size(0) != input.size(0) || grid.size(-1) != dims)
    refuse("expected input [N, C, H, W] and grid [N, H', W', 2], or [N, C, D, H, W] and [N, D', H', W', 3], came " + record::text(input) + " and " + record::text(grid));
  if (input.scalar_type() != grid.scalar_type())
    refuse("expected input and grid of one dtype, came " + record::text(input) + " and " + record::text(grid));
  InterpolateMode mode = options.mode();
  if (mode != kBilinear && mode != kNearest && (mode != kBicubic || dims == 3))
    refuse("expected a mode of kBilinear, kNearest, or in two dimensions kBicubic");
  bool align = options.align_corners().value_or(false);
  int64_t batch = input.size(0), channels = input.size(1), elements = 1, places = 1;
  for (int64_t d = 0; d < dims; ++d) {
    if (input.size(2 + d) < 1)
      refuse("expected spatial dimensions with elements, came " + record::text(input));
    elements *= input.size(2 + d), places *= grid.size(1 + d);
  }
  Shape last{0}; // channels last: a place is one row
  for (int64_t d = 0; d < dims; ++d)
    last.push_back(2 + d);
  last.push_back(1);
  Tensor rows = input.permute(last, loc).reshape({batch * elements, channels}, loc);
  Value first{(arange(batch, grid.options().dtype(kLong), loc).mul({elements, loc})).view({batch, 1}, loc).expand({batch, places}, loc), loc};
  std::vector<Tap> all{{first, {ones({batch, places}, grid.options(), loc), loc}}}; // combinations so far: the row, the weight
  int64_t stride = elements;
  for (int64_t d = 0; d < dims; ++d) {
    int64_t extent = input.size(2 + d);
    stride /= extent;
    Value u{grid.select(-1, dims - 1 - d, loc).reshape({batch, places}, loc), loc};
    std::vector<Tap> combined, own = taps(u, extent, mode, options.padding_mode(), align);
    for (const Tap &before : all)
      for (const Tap &now : own)
        combined.push_back({before.index + Value{now.index.tensor.mul({stride, loc}), loc}, d == 0 ? now.weight : before.weight * now.weight});
    all = std::move(combined);
  }
  Tensor sum;
  for (const Tap &t : all) {
    Value row{rows.index_select(0, t.index.tensor.reshape({batch * places}, loc), loc), loc};
    Value part = row * Value{t.weight.tensor.reshape({batch * places, 1}, loc), loc};
    sum = sum.defined() ? sum.add(part) : part.tensor;
  }
  Shape shape{batch}, back{0, dims + 1};
  for (int64_t d = 0; d < dims; ++d)
    shape.push_back(grid.size(1 + d)), back.push_back(1 + d);
  shape.push_back(channels);
  return sum.reshape(shape, loc).permute(back, loc);
}

Tensor affine_grid(const Tensor &theta, IntArrayRef size, bool align_corners, Location loc) {
  detail::expect_floating("affine_grid", "theta", theta, loc);
  int64_t dims = int64_t(size.size()) - 2;
  bool fits = (dims == 2 || dims == 3) && theta.sizes() == IntArrayRef({size[0], dims, dims + 1});
  for (int64_t d = 0; fits && d < dims; ++d)
    fits = size[size_t(2 + d)] >= 1;
  if (!fits)
    throw record::error("affine_grid", "expected theta [N, 2, 3] for a size [N, C, H, W], or [N, 3, 4] for [N, C, D, H, W], came " + record::text(theta) + " and " + record::shape_text(size), loc);
  Shape whole(size.begin() + 2, size.end()), lone(size_t(dims) + 1, 1), result(whole);
  whole.push_back(1);
  TensorList parts; // x, y, z, 1
  int64_t places = 1;
  for (int64_t d = dims - 1; d >= 0; --d) {
    int64_t n = size[size_t(2 + d)];
    places *= n;
    Tensor line = linspace(-1, 1, n, theta.options(), loc);
    line = n == 1 ? line.mul({0, loc}) : align_corners ? line : line.mul({double(n - 1) / double(n), loc});
    Shape along = lone;
    along[size_t(d)] = n;
    parts.push_back(line.reshape(along, loc).expand(whole, loc));
  }
  parts.push_back(ones(whole, theta.options(), loc));
  result.insert(result.begin(), size[0]);
  result.push_back(dims);
  return cat(parts, dims, loc).reshape({1, places, dims + 1}, loc).matmul(theta.transpose(1, 2, loc), loc).reshape(result, loc);
}

} // namespace tenon::nn::functional
