// prim.conv in ONNX: a Conv between transposes. Input dilation, walks backwards and cuts, which Conv cannot say, are done to its operands and its result.
#include "compiler/dialect/prim/onnx.h"
#include <limits>

using namespace mlir;
namespace tenon::ir::prim {

static RankedTensorType tensorOf(Value v) { return mlir::cast<RankedTensorType>(v.getType()); }

/// x with q - 1 zeros between neighbours of dimension d.
static std::string spread(OnnxBuilder &o, std::string x, SmallVector<int64_t> &shape, size_t d, int64_t q, Type element) {
  SmallVector<int64_t> apart(shape), none(shape.size() + 1, 0), behind(none);
  apart.insert(apart.begin() + d + 1, 1);
  behind[d + 1] = q - 1;
  x = o.pad(o.reshape(x, apart), none, behind, o.number(element, 0));
  SmallVector<int64_t> whole(shape), cut(shape.size(), 0), last(cut);
  whole[d] *= q;
  last[d] = -(q - 1);
  shape[d] = whole[d] - (q - 1);
  return o.pad(o.reshape(x, whole), cut, last, o.number(element, 0));
}
static std::string backwards(OnnxBuilder &o, std::string x, ArrayRef<int64_t> dimensions) {
  SmallVector<int64_t> last(dimensions.size(), -1), before(dimensions.size(), std::numeric_limits<int64_t>::min());
  return dimensions.empty() ? x : o.node("Slice", {x, o.integers(last), o.integers(before), o.integers(dimensions), o.integers(last)});
}

/// x [N, groups * channels, ...] and k [groups * features, channels, ...]: [N, groups * features, ...].
static std::string convolved(ConvOp op, std::string x, SmallVector<int64_t> xShape, std::string k, int64_t groups, OnnxBuilder &o) {
  Type element = tensorOf(op.getY()).getElementType();
  SmallVector<int64_t> extents = op.getLoopRanges(), strides, dilations, low, high, turnedTaps, turnedOuts;
  for (auto [i, w] : llvm::enumerate(op.getWindows())) {
    if (w.inputDilation > 1)
      x = spread(o, x, xShape, i + 2, w.inputDilation, element);
    int64_t front = w.padding, reach = extents[w.tap] - 1, walk = extents[w.out] - 1;
    auto turned = [&](SmallVector<int64_t> &dimensions, int64_t steps, int64_t way) {
      if (steps > 0) // nothing and one are the same from behind
        dimensions.push_back(i + 2);
      front -= steps * way;
    };
    if (w.dilation < 0)
      turned(turnedTaps, reach, w.dilation);
    if (w.stride < 0)
      turned(turnedOuts, walk, w.stride);
    strides.push_back(std::abs(w.stride)), dilations.push_back(std::abs(w.dilation)), low.push_back(front);
    high.push_back(walk * strides.back() + reach * dilations.back() + 1 - front - xShape[i + 2]);
  }
  k = backwards(o, k, turnedTaps);
  if (llvm::any_of(llvm::concat<int64_t>(low, high), [](int64_t n) { return n < 0; })) {
    SmallVector<int64_t> before{0, 0}, after{0, 0};
    llvm::append_range(before, low), llvm::append_range(after, high);
    x = o.pad(x, before, after, o.number(element, 0));
    low.assign(low.size(), 0), high.assign(high.size(), 0);
  }
  std::vector<int64_t> pads(low.begin(), low.end());
  pads.insert(pads.end(), high.begin(), high.end());
  std::vector<int64_t> kernel;
  for (const Window &w : op.getWindows())
    kernel.push_back(extents[w.tap]);
  std::string y = o.node("Conv", {x, k}, {{"strides", std::vector<int64_t>(strides.begin(), strides.end())}, {"pads", pads}, {"dilations", std::vector<int64_t>(dilations.begin(), dilations.end())}, {"group", groups}, {"kernel_shape", kernel}});
  return backwards(o, y, turnedOuts);
}

OnnxForm onnx(ConvOp op, OnnxBuilder &o) {
  Type element = tensorOf(op.getY()).getElementType();
  SmallVector<Window> windows = op.getWindows();
  if (!isa<FloatType>(element) || windows.empty())
    return o.refuse("convolutions are of floating-point numbers, over one dimension at least");
  SmallVector<AffineMap> maps = op.getLoopMaps();
  SmallVector<int64_t> extents = op.getLoopRanges();
  SmallVector<unsigned> batch, group, channel, feature, outs, taps;
  for (const Window &w : windows)
    outs.push_back(w.out), taps.push_back(w.tap);
  for (unsigned d : llvm::seq(0u, maps[0].getNumDims())) {
    if (llvm::is_contained(outs, d) || llvm::is_contained(taps, d))
      continue;
    bool a = maps[0].isFunctionOfDim(d), b = maps[1].isFunctionOfDim(d), y = maps[2].isFunctionOfDim(d);
    (a && b && y ? group : a && b ? channel : a ? batch : feature).push_back(d);
  }
  auto join = [](std::initializer_list<ArrayRef<unsigned>> lists) {
    SmallVector<unsigned> all;
    for (auto list : lists)
      llvm::append_range(all, list);
    return all;
  };
  auto count = [&](ArrayRef<unsigned> list) {
    int64_t n = 1;
    for (unsigned d : list)
      n *= extents[d];
    return n;
  };
  /// Brings a value's dimensions, which hold the indices `have`, into the order `want`.
  auto arranged = [&](std::string v, ArrayRef<unsigned> have, ArrayRef<unsigned> want) {
    return o.transpose(v, llvm::map_to_vector(want, [&](unsigned d) { return static_cast<int64_t>(llvm::find(have, d) - have.begin()); }));
  };
  SmallVector<unsigned> inA, inB, inY; // a window's dimension goes by its result's index
  for (AffineExpr e : maps[0].getResults()) {
    auto d = dyn_cast<AffineDimExpr>(e);
    inA.push_back(d ? d.getPosition() : llvm::find_if(windows, [&](const Window &w) { return e.isFunctionOfDim(w.out); })->out);
  }
  for (AffineExpr e : maps[1].getResults())
    inB.push_back(cast<AffineDimExpr>(e).getPosition());
  for (AffineExpr e : maps[2].getResults())
    inY.push_back(cast<AffineDimExpr>(e).getPosition());

  // As many groups as a size says are a Scan over them.
  bool each = !group.empty() && o.moves();
  int64_t groups = each ? 1 : count(group);
  ArrayRef<unsigned> first = each ? group : ArrayRef<unsigned>(), inner = each ? ArrayRef<unsigned>() : group;
  SmallVector<int64_t> xShape{count(batch), groups * count(channel)}, wShape{groups * count(feature), count(channel)};
  for (const Window &w : windows)
    xShape.push_back(tensorOf(op.getA()).getDimSize(w.dimension)), wShape.push_back(extents[w.tap]);
  auto whole = [&](ArrayRef<int64_t> shape) {
    SmallVector<int64_t> all(shape);
    if (each)
      all.insert(all.begin(), count(group));
    return all;
  };
  std::string x = arranged(o(op.getA()), inA, join({first, batch, inner, channel, outs}));
  if (first.size() > 1 || batch.size() != 1 || inner.size() + channel.size() != 1)
    x = o.reshape(x, whole(xShape));
  std::string k = arranged(o(op.getB()), inB, join({first, inner, feature, channel, taps}));
  if (first.size() > 1 || inner.size() + feature.size() != 1 || channel.size() != 1)
    k = o.reshape(k, whole(wShape));
  std::string y;
  if (each) {
    SmallVector<Type> types{RankedTensorType::get(xShape, element), RankedTensorType::get(wShape, element)};
    OnnxBody body = o.body(types, [&](ArrayRef<std::string> arguments) { return OnnxNames{o.node("Identity", {convolved(op, arguments[0], xShape, arguments[1], 1, o)})}; });
    y = o.node("Scan", {x, k}, {{"body", body}, {"num_scan_inputs", int64_t(2)}, {"scan_input_directions", std::vector<int64_t>(2, 0)}, {"scan_output_directions", std::vector<int64_t>(1, 0)}});
  } else {
    y = convolved(op, x, xShape, k, groups, o);
  }
  SmallVector<unsigned> made = join({first, batch, inner, feature, outs});
  if (first.size() > 1 || batch.size() != 1 || inner.size() + feature.size() != 1)
    y = o.reshape(y, llvm::map_to_vector(made, [&](unsigned d) { return extents[d]; }));
  y = arranged(y, made, inY);
  return OnnxNames{y};
}

} // namespace tenon::ir::prim
