// Pooling and its adjoints, as pointwise ops on slices.
#include "compiler/dialect/nn/slices.h"

using namespace mlir;
namespace tenon::ir::nn {

template <class Combine, class Reduce> static Expr overStage(Expr x, const Stage &stage, Combine combine, Reduce reduce) {
  if (stage.folds) {
    SmallVector<int64_t> inside;
    Expr parts = folded(x, stage, inside);
    return reduce(parts, inside);
  }
  SmallVector<Expr> parts = slices(x, stage);
  Expr result = parts[0];
  for (Expr part : llvm::drop_begin(parts))
    result = combine(result, part);
  return result;
}
static Expr maximum(Expr x, const Stage &stage) {
  return overStage(x, stage, [](Expr a, Expr b) { return max(a, b); }, [](Expr a, ArrayRef<int64_t> d) { return reduceMax(a, d); });
}
static Expr paddedBelow(Expr x, const Windows &windows) { return padded(x, windows, -std::numeric_limits<double>::infinity()); }

Expr maxPool(Expr x, const Windows &windows) {
  Expr y = paddedBelow(x, windows);
  for (const Stage &stage : stagesOf(windows, y.rank()))
    y = maximum(y, stage);
  return y;
}

/// Row-major places in the window's dimensions of the unpadded x, i32, over a tensor of `shape` whose dimensions begin at -`before`; -1 outside.
static Expr places(ImplicitLocOpBuilder &b, ArrayRef<int64_t> shape, const Windows &windows, bool withPadding) {
  RankedTensorType type = RankedTensorType::get(shape, b.getI32Type());
  Expr place, inside;
  int64_t stride = 1, d = shape.size();
  for (const Window &w : llvm::reverse(windows)) {
    Expr at = iota(b, type, --d);
    if (withPadding && w.padding) {
      at = at - static_cast<double>(w.padding);
      inside = inside ? inside & (at >= 0.0) : at >= 0.0;
    }
    if (withPadding && w.missing()) {
      Expr before = at < static_cast<double>(w.extent);
      inside = inside ? inside & before : before;
    }
    place = place + (stride == 1 ? at : at * static_cast<double>(stride));
    stride *= w.extent;
  }
  return inside ? select(inside, place, -1.0) : place;
}

/// The place of the first maximum of each window, or of its first NaN; `y` are the maxima.
static Expr placeOfMaximum(Expr x, Expr y, const Windows &windows) {
  x = paddedBelow(x, windows);
  Expr place = places(*x.builder, x.shape(), windows, /*withPadding=*/true);
  bool around = llvm::any_of(windows, [](const Window &w) { return w.padding || w.missing(); });
  // Padding is as low as the input can be, but never the maximum.
  auto found = [&](Expr part, Expr best, Expr at) {
    Expr hit = eq(part, best) | ne(part, part);
    return around ? hit & (at >= 0.0) : hit;
  };
  SmallVector<Stage> stages = stagesOf(windows, x.rank());
  for (auto [i, stage] : llvm::enumerate(stages)) {
    Expr best = i + 1 == stages.size() ? y : maximum(x, stage);
    if (stage.folds) {
      SmallVector<int64_t> inside, again;
      Expr parts = folded(x, stage, inside), at = folded(place, stage, again);
      place = reduceMin(select(found(parts, restore(best, parts.shape(), inside), at), at, static_cast<double>(INT32_MAX)), inside);
    } else {
      SmallVector<Expr> parts = slices(x, stage), at = slices(place, stage);
      place = at.back();
      for (size_t k = parts.size() - 1; k-- > 0;)
        place = select(found(parts[k], best, at[k]), at[k], place);
    }
    x = best;
  }
  return place;
}
Expr maxPoolIndices(Expr x, const Windows &windows) {
  return cast(placeOfMaximum(x, maxPool(x, windows), windows), x.builder->getI64Type());
}

/// How many windows may cover an element along a dimension.
static int64_t covering(const Window &w) { return (w.reach() - 1) / w.stride + 1; }

/// For element h of x: the values that belong to the windows `(h + padding) / stride - a`, a in [0, covering), in row-major order of a; `outside` where there is no such
/// window.
static SmallVector<Expr> byElement(Expr v, ArrayRef<int64_t> shape, const Windows &windows, double outside) {
  int64_t rank = shape.size(), first = rank - windows.size();
  SmallVector<int64_t> low(rank, 0), high(rank, 0), repeats(rank, 1), ways;
  bool pads = false;
  for (auto [i, w] : llvm::enumerate(windows)) {
    ways.push_back(covering(w));
    low[first + i] = ways.back() - 1;
    high[first + i] = std::max<int64_t>(0, (w.extent - 1 + w.padding) / w.stride + 1 - w.count);
    repeats[first + i] = w.stride;
    pads |= low[first + i] || high[first + i];
  }
  Expr repeated = repeatInterleave(pads ? pad(v, outside, low, high, {}) : v, repeats);
  SmallVector<Expr> result;
  forEach(ways, [&](ArrayRef<int64_t> a) {
    SmallVector<int64_t> offsets(rank, 0);
    for (auto [i, w] : llvm::enumerate(windows))
      offsets[first + i] = w.padding + (ways[i] - 1 - a[i]) * w.stride;
    result.push_back(slice(repeated, offsets, shape, SmallVector<int64_t>(rank, 1)));
  });
  return result;
}

Expr maxPoolGradient(Expr x, Expr y, Expr dy, const Windows &windows) {
  if (!dy)
    return dy;
  Expr here = places(*x.builder, x.shape(), windows, /*withPadding=*/false), total;
  SmallVector<Expr> best = byElement(placeOfMaximum(x, y, windows), x.shape(), windows, -1), flow = byElement(dy, x.shape(), windows, 0);
  for (auto [place, d] : llvm::zip(best, flow))
    total = total + select(eq(place, here), d, 0.0);
  return total;
}

static Expr constant(ImplicitLocOpBuilder &b, ArrayRef<int64_t> shape, ArrayRef<double> numbers, Type element) {
  SmallVector<Attribute> elements;
  for (double n : numbers)
    elements.push_back(isa<FloatType>(element) ? Attribute(b.getFloatAttr(element, n)) : b.getIntegerAttr(element, static_cast<int64_t>(n)));
  return {&b, prim::ConstantOp::create(b, DenseElementsAttr::get(RankedTensorType::get(shape, element), elements))};
}

/// What the sum of each window is divided by: a number, or a tensor of y's shape.
static Expr divisorOf(Expr y, const Windows &windows, bool countPadding, int64_t divisor) {
  if (divisor)
    return static_cast<double>(divisor);
  SmallVector<int64_t> counts, dimensions;
  SmallVector<double> numbers;
  for (const Window &w : windows) {
    dimensions.push_back(y.rank() - windows.size() + counts.size());
    counts.push_back(w.count);
  }
  forEach(counts, [&](ArrayRef<int64_t> at) {
    double n = 1;
    for (auto [i, w] : llvm::zip(at, windows)) {
      int64_t begin = i * w.stride - w.padding, end = std::min(begin + w.kernel, w.extent + w.padding);
      n *= countPadding ? end - begin : std::min(end, w.extent) - std::max<int64_t>(begin, 0);
    }
    numbers.push_back(n);
  });
  if (llvm::all_equal(numbers))
    return numbers[0];
  return broadcast(constant(*y.builder, counts, numbers, y.element()), y.shape(), dimensions);
}

Expr avgPool(Expr x, const Windows &windows, bool countPadding, int64_t divisor) {
  Expr y = padded(x, windows, 0.0);
  for (const Stage &stage : stagesOf(windows, y.rank()))
    y = overStage(y, stage, [](Expr a, Expr b) { return a + b; }, [](Expr a, ArrayRef<int64_t> d) { return sum(a, d); });
  return y / divisorOf(y, windows, countPadding, divisor);
}

Expr avgPoolGradient(Expr x, Expr dy, const Windows &windows, bool countPadding, int64_t divisor) {
  if (!dy)
    return dy;
  int64_t first = x.rank() - windows.size();
  SmallVector<Expr> flow = byElement(dy / divisorOf(dy, windows, countPadding, divisor), x.shape(), windows, 0);
  SmallVector<int64_t> ways;
  for (const Window &w : windows)
    ways.push_back(covering(w));
  Expr total;
  size_t next = 0;
  forEach(ways, [&](ArrayRef<int64_t> a) {
    Expr d = flow[next++];
    for (auto [i, w] : llvm::enumerate(windows)) {
      if (w.kernel >= (a[i] + 1) * w.stride)
        continue; // all of these windows reach the element
      SmallVector<double> reached;
      for (int64_t h = 0; h < w.extent; ++h)
        reached.push_back((h + w.padding) % w.stride + a[i] * w.stride < w.kernel);
      d = select(broadcast(constant(*x.builder, {w.extent}, reached, x.builder->getI1Type()), x.shape(), {first + static_cast<int64_t>(i)}), d, 0.0);
    }
    total = total + d;
  });
  return total;
}

} // namespace tenon::ir::nn
