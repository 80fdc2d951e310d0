// Resize and Upsample, one dimension after the other: every element is a weighted sum of few, whose places and weights are known.
#include "compiler/onnx/import/rules/common.h"
#include "compiler/onnx/import/rules/numbers.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

struct Plan {
  std::string mode, transform, nearest;
  double cubic;
  bool excludeOutside, antialias;
  double extrapolation;
};

/// In float, as the file has the scale: where a place lies between two elements, its last bit decides.
float place(const Plan &p, int64_t index, float scale, int64_t in, int64_t out, float from, float to) {
  float i = float(index), n = float(in), m = scale * n; // the result's length before it was cut
  if (p.transform == "half_pixel") return (i + 0.5f) / scale - 0.5f;
  if (p.transform == "half_pixel_symmetric") return n / 2 * (1 - float(out) / m) + (i + 0.5f) / scale - 0.5f;
  if (p.transform == "pytorch_half_pixel") return out > 1 ? (i + 0.5f) / scale - 0.5f : 0;
  if (p.transform == "align_corners") return out > 1 ? i * (n - 1) / (m - 1) : 0; // of the length before it was cut, as ONNX's own reference
  if (p.transform == "asymmetric") return i / scale;
  if (p.transform == "tf_half_pixel_for_nn") return (i + 0.5f) / scale;
  if (p.transform == "tf_crop_and_resize") return out > 1 ? from * (n - 1) + i * (to - from) * (n - 1) / (float(out) - 1) : 0.5f * (from + to) * (n - 1);
  throw Failure{"coordinate_transformation_mode '" + p.transform + "' is unknown"};
}
/// Weights of neighbours at distance d (in elements of the operand, or of the result where that is smaller).
double weight(const Plan &p, double d) {
  d = std::abs(d);
  if (p.mode == "linear")
    return std::max(0.0, 1 - d);
  double a = p.cubic;
  return d < 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

Expr along(Node &n, Expr x, int64_t axis, const Plan &p, float scale, int64_t out, float from, float to) {
  int64_t in = x.shape()[axis];
  n.expect(in > 0 && out > 0, "a dimension without elements cannot be resized");
  int64_t taps = 1;
  double wide = p.antialias && scale < 1 ? 1 / double(scale) : 1;
  if (p.mode != "nearest")
    taps = int64_t(std::ceil((p.mode == "linear" ? 1 : 2) * wide)) * 2;
  n.expect(taps <= 4096, "it would read " + Twine(taps) + " elements for each");
  n.expect(out <= mostPlaces / taps, "it would read from " + Twine(out) + " times " + Twine(taps) + " places");
  std::vector<Dims> places(taps, Dims(out));
  std::vector<std::vector<double>> weights(taps, std::vector<double>(out));
  std::vector<char> outside(out);
  for (int64_t i = 0; i < out; ++i) {
    double at = place(p, i, scale, in, out, from, to);
    outside[i] = p.transform == "tf_crop_and_resize" && (at < 0 || at > double(in - 1));
    if (p.mode == "nearest") {
      double r = p.nearest == "floor" ? std::floor(at) : p.nearest == "ceil" ? std::ceil(at) : p.nearest == "round_prefer_ceil" ? std::floor(at + 0.5) : std::ceil(at - 0.5);
      places[0][i] = std::clamp<int64_t>(int64_t(r), 0, in - 1), weights[0][i] = 1;
      continue;
    }
    int64_t first = int64_t(std::floor(at)) - taps / 2 + 1;
    double total = 0;
    for (int64_t k = 0; k < taps; ++k) {
      double w = weight(p, (at - double(first + k)) / wide);
      if (p.excludeOutside && (first + k < 0 || first + k >= in))
        w = 0;
      places[k][i] = std::clamp<int64_t>(first + k, 0, in - 1), weights[k][i] = w;
      total += w;
    }
    if (p.excludeOutside || p.antialias)
      for (int64_t k = 0; k < taps; ++k)
        weights[k][i] /= total;
  }
  Expr y;
  for (int64_t k = 0; k < taps; ++k) {
    Expr part = ir::gather(x, n.ints64(places[k], {out}), axis);
    if (p.mode != "nearest") {
      Literal w = Literal::zeros(RankedTensorType::get({out}, x.element()));
      for (int64_t i = 0; i < out; ++i)
        w.set(i, {.real = weights[k][i]});
      part = part * n.along(n.constant(w), part.shape(), axis);
    }
    y = y ? y + part : part;
  }
  if (llvm::is_contained(outside, 1)) {
    Literal flags = Literal::zeros(RankedTensorType::get({out}, n.b.getI1Type()));
    for (int64_t i = 0; i < out; ++i)
      flags.set(i, {.integer = outside[i]});
    y = select(n.along(n.constant(flags), y.shape(), axis), like(p.extrapolation, y), y);
  }
  return y;
}

void resize(Node &n, bool upsample) {
  Expr x = n.in(0);
  int64_t rank = x.rank();
  bool old = upsample || n.version < 11;
  Plan p{n.s("mode", "nearest"), n.s("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel"), n.s("nearest_mode", old ? "floor" : "round_prefer_floor"), n.f("cubic_coeff_a", -0.75),
         n.i("exclude_outside", 0) != 0, n.i("antialias", 0) != 0, n.f("extrapolation_value", 0)};
  if (p.mode == "bilinear")
    p.mode = "linear";
  n.expect(p.mode == "nearest" || p.mode == "linear" || p.mode == "cubic", "mode must be nearest, linear or cubic");
  Dims axes = n.is("axes", range(0, rank));
  for (int64_t &a : axes)
    a = n.axis(a, rank);
  size_t count = axes.size();
  SmallVector<float> scales(count, 1), roi;
  Dims sizes;
  size_t scalesAt = old ? 1 : 2;
  auto numbers = [&](size_t operand) {
    auto values = n.reals(operand);
    return SmallVector<float>(values.begin(), values.end());
  };
  if (upsample && n.version < 9) {
    if (auto *a = n.attribute("scales", pb::AttributeProto::FLOATS))
      scales.assign(a->floats().begin(), a->floats().end());
    else
      n.fail("attribute 'scales' is missing");
  } else if (n.has(scalesAt) && n.input(scalesAt).type.getNumElements() > 0) {
    scales = numbers(scalesAt);
  } else {
    sizes = n.ints(3);
  }
  if (p.transform == "tf_crop_and_resize" && n.has(1))
    roi = numbers(1);
  n.expect((sizes.empty() ? scales.size() : sizes.size()) == count, "scales or sizes need one entry per axis");
  if (!sizes.empty()) {
    std::string policy = n.s("keep_aspect_ratio_policy", "stretch");
    for (size_t i = 0; i < count; ++i)
      scales[i] = float(sizes[i]) / float(x.shape()[axes[i]]);
    if (policy != "stretch") {
      float s = policy == "not_larger" ? *llvm::min_element(scales) : *llvm::max_element(scales);
      for (size_t i = 0; i < count; ++i)
        scales[i] = s, sizes[i] = int64_t(std::round(s * float(x.shape()[axes[i]])));
    }
  }
  n.expect(p.transform != "tf_crop_and_resize" || roi.size() == 2 * count, "tf_crop_and_resize needs a roi of two numbers per axis");
  Type element = x.element();
  if (p.mode != "nearest")
    x = isFloat(n.dtype(0)) ? wide(x) : cast(x, n.b.getF32Type());
  Dims whole(x.shape());
  for (size_t i = 0; i < count; ++i) {
    n.expect(scales[i] > 0 && scales[i] * float(x.shape()[axes[i]]) < float(int64_t(1) << 31), "a scale is out of range");
    whole[axes[i]] = !sizes.empty() ? sizes[i] : int64_t(std::floor(scales[i] * float(x.shape()[axes[i]])));
    if (p.transform == "tf_crop_and_resize" && sizes.empty())
      whole[axes[i]] = int64_t(std::floor(scales[i] * float(x.shape()[axes[i]]) * (roi[i + count] - roi[i])));
  }
  elementsOf(whole);
  for (size_t i = 0; i < count; ++i)
    if (scales[i] != 1 || whole[axes[i]] != x.shape()[axes[i]] || p.transform == "tf_crop_and_resize")
      x = along(n, x, axes[i], p, scales[i], whole[axes[i]], roi.empty() ? 0 : roi[i], roi.empty() ? 1 : roi[i + count]);
  n.out(0, cast(x, element), n.dtype(0));
}
} // namespace

void addResize(Table &t) {
  t("Resize", 10, [](Node &n) { resize(n, false); }).host = 0b1110;
  t("Upsample", 7, [](Node &n) { resize(n, true); }).host = 0b10;
  t("Upsample", 9, [](Node &n) { resize(n, true); }).host = 0b10;
}

} // namespace tenon::onnx::imports
