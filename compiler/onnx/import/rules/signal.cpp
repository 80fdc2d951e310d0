// Windows, spectra, and what samples planes.
#include "compiler/onnx/import/rules/common.h"
#include "compiler/onnx/import/rules/numbers.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

constexpr double pi = 3.14159265358979323846;

/// a0 - a1 cos + a2 cos 2.
Rule window(double a0, double a1, double a2) {
  return [=](Node &n) {
    int dtype = int(n.i("output_datatype", D::FLOAT));
    int64_t size = n.ints(0).size() == 1 ? n.ints(0)[0] : -1;
    n.expect(size >= 0 && size < mostPlaces, "its size is out of range");
    double period = n.i("periodic", 1) ? double(size) : double(size - 1);
    Literal l = Literal::zeros(RankedTensorType::get({size}, n.b.getF64Type()));
    for (int64_t i = 0; i < size; ++i) {
      double angle = 2 * pi * double(i) / period;
      l.set(i, {.real = a0 - a1 * std::cos(angle) + a2 * std::cos(2 * angle)});
    }
    n.out(0, cast(n.constant(l), n.element(dtype)), dtype);
  };
}

/// Sums over `axis` with cos and sin of 2 pi i k / size: [.., size] to real and imaginary parts [.., bins].
struct Spectrum {
  Expr real, imaginary;
};
Spectrum transform(Node &n, Expr re, Expr im, int64_t size, int64_t bins, bool inverse) {
  n.expect(size * bins <= (int64_t(1) << 24), "it has too many elements for a table of sines");
  Literal c = Literal::zeros(RankedTensorType::get({size, bins}, re.element())), s = c;
  for (int64_t i = 0; i < size; ++i)
    for (int64_t k = 0; k < bins; ++k) {
      double angle = 2 * pi * double(i * k % size) / double(size), scale = inverse ? 1.0 / double(size) : 1;
      c.set(i * bins + k, {.real = std::cos(angle) * scale});
      s.set(i * bins + k, {.real = (inverse ? 1 : -1) * std::sin(angle) * scale});
    }
  Expr C = n.constant(c), S = n.constant(s);
  Expr real = n.matmul(re, C), imaginary = n.matmul(re, S);
  if (im)
    real = real - n.matmul(im, S), imaginary = imaginary + n.matmul(im, C);
  return {real, imaginary};
}
Expr joined(Node &n, Spectrum s) {
  Dims shape(s.real.shape());
  shape.push_back(1);
  return n.concat({n.reshape(s.real, shape), n.reshape(s.imaginary, shape)}, shape.size() - 1);
}
/// x [..., 1 or 2] as parts.
Spectrum parts(Node &n, Expr x) {
  n.expect(x.rank() >= 2 && (x.shape().back() == 1 || x.shape().back() == 2), "the last dimension holds real and imaginary parts");
  auto part = [&](int64_t k) { return n.reshape(n.slice(x, x.rank() - 1, k, 1), x.shape().drop_back()); };
  return {part(0), x.shape().back() == 2 ? part(1) : Expr()};
}
Expr resized(Node &n, Expr x, int64_t axis, int64_t size) {
  if (!x || x.shape()[axis] == size)
    return x;
  Dims low(x.rank(), 0), high(x.rank(), 0);
  high[axis] = size - x.shape()[axis];
  return n.op<prim::PadOp>({x, n.splat({}, x.element(), 0)}, [&](auto &p) { p.low = n.attr(low), p.high = n.attr(high), p.interior = n.attr({}); });
}

void dft(Node &n) {
  Expr x = n.in(0);
  int64_t axis = n.axis(n.version >= 20 && n.has(2) ? integerOf(n, 2) : n.i("axis", n.version >= 20 ? -2 : 1), x.rank());
  n.expect(axis < x.rank() - 1, "axis must not be that of the parts");
  bool inverse = n.i("inverse", 0), oneSided = n.i("onesided", 0);
  bool half = inverse && oneSided; // real numbers from half of their transform: the other half is its mirror image
  int64_t given = x.shape()[axis], size = n.has(1) ? integerOf(n, 1) : half ? 2 * (given - 1) : given, bins = oneSided && !inverse ? size / 2 + 1 : size;
  n.expect(size > 0 && size < (1 << 20), "its length is out of range");
  auto [re, im] = parts(n, x);
  n.expect(!half || im, "an inverse transform of one side takes real and imaginary parts");
  re = resized(n, re, axis, half ? size / 2 + 1 : size), im = resized(n, im, axis, half ? size / 2 + 1 : size);
  if (half) {
    Dims mirrored;
    for (int64_t i = 0; i < size; ++i)
      mirrored.push_back(i <= size / 2 ? i : size - i);
    Expr places = n.ints64(mirrored, {size}), whole = iota(n.b, RankedTensorType::get({size}, n.b.getI64Type()), 0);
    re = ir::gather(re, places, axis), im = ir::gather(im, places, axis);
    im = select(n.along(whole, im.shape(), axis) > double(size / 2), -im, im);
  }
  Dims order = range(0, re.rank());
  std::swap(order[axis], order.back());
  auto turned = [&](Expr e) { return e ? transpose(e, order) : e; };
  Spectrum s = transform(n, turned(re), turned(im), size, bins, inverse);
  Dims real(turned(s.real).shape());
  real.push_back(1);
  n.out(0, half ? n.reshape(turned(s.real), real) : joined(n, {turned(s.real), turned(s.imaginary)}), n.dtype(0));
}

void stft(Node &n) {
  Expr x = n.in(0);
  n.expect(x.rank() == 3, "the signal is [batch, length, 1 or 2]");
  int64_t step = integerOf(n, 1), size = n.has(3) ? integerOf(n, 3) : n.has(2) && n.rank(2) == 1 ? n.shape(2)[0] : x.shape()[1];
  n.expect(step > 0 && size > 0 && size <= x.shape()[1], "frame_step and frame_length do not fit to the signal");
  int64_t frames = (x.shape()[1] - size) / step + 1, bins = n.i("onesided", 1) ? size / 2 + 1 : size;
  n.expect(frames <= mostPlaces / size, "it has " + Twine(frames) + " frames of " + Twine(size) + " elements, more than it can list");
  Dims places;
  for (int64_t f = 0; f < frames; ++f)
    for (int64_t i = 0; i < size; ++i)
      places.push_back(f * step + i);
  Expr at = n.ints64(places, {frames, size});
  auto framed = [&](Expr e) {
    if (!e)
      return e;
    Expr y = ir::gather(e, at, 1);
    return n.has(2) ? y * n.along(n.in(2), y.shape(), 2) : y;
  };
  auto [re, im] = parts(n, x);
  n.out(0, joined(n, transform(n, framed(re), framed(im), size, bins, false)), n.dtype(0));
}

void melWeightMatrix(Node &n) {
  int dtype = int(n.i("output_datatype", D::FLOAT));
  int64_t bins = int64_t(n.real(0)), length = int64_t(n.real(1));
  double rate = n.real(2), low = n.real(3), high = n.real(4);
  n.expect(bins > 0 && bins < (1 << 16) && length > 0 && length < (1 << 24) && rate > 0, "its numbers are out of range");
  auto mel = [](double f) { return 2595 * std::log10(1 + f / 700); };
  int64_t spectrum = length / 2 + 1;
  n.expect(spectrum <= mostPlaces / bins, "its result has " + Twine(spectrum) + " times " + Twine(bins) + " elements");
  double step = (mel(high) - mel(low)) / double(bins + 2);
  Dims edges;
  for (int64_t i = 0; i < bins + 2; ++i) {
    double edge = std::floor((double(length) + 1) * (700 * (std::pow(10, (double(i) * step + mel(low)) / 2595) - 1)) / rate);
    n.expect(std::abs(edge) < double(int64_t(1) << 53), "its frequencies are out of range"); // nor no number
    edges.push_back(int64_t(edge));
  }
  Literal l = Literal::zeros(RankedTensorType::get({spectrum, bins}, n.b.getF64Type()));
  for (int64_t i = 0; i < bins; ++i) {
    int64_t a = edges[i], c = edges[i + 1], e = edges[i + 2];
    auto set = [&](int64_t j, double v) {
      if (j >= 0 && j < spectrum)
        l.set(j * bins + i, {.real = v});
    };
    if (c == a)
      set(c, 1);
    else
      for (int64_t j = std::max<int64_t>(a, 0); j <= std::min(c, spectrum - 1); ++j)
        set(j, double(j - a) / double(c - a));
    if (e > c)
      for (int64_t j = std::max<int64_t>(c, 0); j < std::min(e, spectrum); ++j)
        set(j, double(e - j) / double(e - c));
  }
  n.out(0, cast(n.constant(l), n.element(dtype)), dtype);
}

/// Where a plane is read: places in one dimension, and whether they exist.
Expr reflected(Node &n, Expr v, double low, double high) {
  Expr span = like(std::max(high - low, 1e-30), v), away = abs(v - low), over = rem(away, span), flips = floor(away / span);
  Expr odd = ne(rem(flips, like(2.0, flips)), 0.0);
  return select(odd, high - over, over + low);
}
void gridSample(Node &n) {
  Expr x = n.in(0), grid = n.in(1);
  std::string mode = n.s("mode", n.version < 20 ? "bilinear" : "linear"), padding = n.s("padding_mode", "zeros");
  bool corners = n.i("align_corners", 0);
  if (mode == "bilinear") mode = "linear";
  if (mode == "bicubic") mode = "cubic";
  int64_t k = x.rank() - 2;
  n.expect((k == 2 || k == 3) && grid.rank() == x.rank() && grid.shape().back() == k && grid.shape()[0] == x.shape()[0], "it takes [N, C, H, W] and a grid [N, H', W', 2], or both of one dimension more");
  n.expect(mode == "linear" || mode == "nearest" || (mode == "cubic" && k == 2), "mode must be linear, nearest or (of two dimensions) cubic");
  n.expect(padding == "zeros" || padding == "border" || padding == "reflection", "padding_mode must be zeros, border or reflection");
  Dims extents(x.shape().drop_front(2)), places(grid.shape().drop_back()), order{0}, back{0, k + 1};
  auto folded = [&](Expr v, int64_t extent) {
    if (padding == "reflection")
      v = corners ? reflected(n, v, 0, double(extent - 1)) : reflected(n, v, -0.5, double(extent) - 0.5);
    return padding == "zeros" ? v : min(max(v, 0.0), double(extent - 1));
  };
  SmallVector<Expr> at; // in every dimension of x: the grid names the last one first
  for (int64_t d = 0; d < k; ++d) {
    Expr g = n.reshape(n.slice(grid, k + 1, k - 1 - d, 1), places);
    g = corners ? (g + 1.0) * (double(extents[d] - 1) / 2) : ((g + 1.0) * double(extents[d]) - 1.0) * 0.5;
    at.push_back(mode == "cubic" ? g : folded(g, extents[d]));
    order.push_back(d + 2), back.push_back(d + 1);
  }
  order.push_back(1);
  Expr rows = n.reshape(transpose(x, order), {x.shape()[0] * elementsOf(extents), x.shape()[1]});
  auto batch = iota(n.b, RankedTensorType::get(places, n.b.getI64Type()), 0);
  auto read = [&](ArrayRef<Expr> index) { // [N, places, C]
    Expr inside, place = batch;
    for (auto [d, i] : llvm::enumerate(index)) {
      Expr v = mode == "cubic" ? folded(i, extents[d]) : i;
      double last = double(extents[d] - 1);
      Expr here = (v >= 0.0) & (v <= last);
      inside = inside ? inside & here : here;
      place = place * double(extents[d]) + cast(min(max(v, 0.0), last), n.b.getI64Type());
    }
    Expr v = ir::gather(rows, place, 0);
    return select(ir::broadcast(inside, v.shape(), range(0, k + 1)), v, like(0.0, v));
  };
  Expr y;
  if (mode == "nearest") {
    y = read(llvm::map_to_vector(at, [](Expr v) { return round(v); }));
  } else {
    int64_t taps = mode == "linear" ? 2 : 4, all = 1;
    SmallVector<Expr> whole = llvm::map_to_vector(at, [](Expr v) { return floor(v); });
    auto weight = [&](Expr t, int64_t i) {
      if (taps == 2)
        return i ? t : 1.0 - t;
      double a = -0.75;
      Expr d = abs(t - double(i - 1));
      return i == 1 || i == 2 ? ((a + 2) * d - (a + 3)) * d * d + 1.0 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    };
    for (int64_t d = 0; d < k; ++d)
      all *= taps;
    for (int64_t number = 0; number < all; ++number) {
      SmallVector<Expr> index(k);
      Expr product;
      for (int64_t d = k, rest = number; d-- > 0; rest /= taps) {
        int64_t i = rest % taps;
        Expr part = weight(at[d] - whole[d], i);
        index[d] = whole[d] + double(i - taps / 2 + 1), product = product ? product * part : part;
      }
      Expr v = read(index), part = v * ir::broadcast(product, v.shape(), range(0, k + 1));
      y = y ? y + part : part;
    }
  }
  n.out(0, transpose(y, back), n.dtype(0));
}
} // namespace

void addSignal(Table &t) {
  t("HannWindow", 17, window(0.5, 0.5, 0));
  t("HammingWindow", 17, window(25.0 / 46, 21.0 / 46, 0));
  t("BlackmanWindow", 17, window(0.42, 0.5, 0.08));
  t("DFT", 17, dft).host = 0b110;
  t("STFT", 17, stft).host = 0b1010;
  t("MelWeightMatrix", 17, melWeightMatrix).host = ~0u;
  t("GridSample", 16, gridSample);
}

} // namespace tenon::onnx::imports
