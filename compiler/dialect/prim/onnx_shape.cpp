// prim in ONNX: elements made or rearranged, and places that are data.
#include "compiler/dialect/prim/onnx.h"
#include "mlir/IR/Matchers.h"
#include <limits>

using namespace mlir;
namespace tenon::ir::prim {

static RankedTensorType tensorOf(Value v) { return mlir::cast<RankedTensorType>(v.getType()); }
static SmallVector<int64_t> range(int64_t from, int64_t to) { return llvm::to_vector(llvm::seq<int64_t>(from, to)); }

/// Indices 0 ... n - 1 along dimension `at` of `rank`, whole numbers of 64 bits; the others have extent 1.
static std::string counted(OnnxBuilder &o, int64_t n, int64_t rank, int64_t at) {
  std::string r = o.node("Range", {o.integer(0), o.integer(n), o.integer(1)});
  SmallVector<int64_t> axes = range(0, rank);
  axes.erase(axes.begin() + at);
  return axes.empty() ? r : o.node("Unsqueeze", {r, o.integers(axes)});
}

/// Numbers 0 ... n - 1 along its dimension, without those in front of it.
static std::string places(IotaOp op, OnnxBuilder &o) {
  RankedTensorType type = tensorOf(op.getY());
  int64_t d = op.getDimension(), behind = type.getRank() - 1 - d;
  std::string y = o.node("Range", {o.integer(0), o.integer(type.getDimSize(d)), o.integer(1)});
  if (!type.getElementType().isInteger(64))
    y = o.cast(y, type.getElementType());
  return behind ? o.node("Unsqueeze", {y, o.integers(range(1, behind + 1))}) : y;
}
std::optional<OnnxRepeated> IotaOp::getOnnxRepeated() {
  SmallVector<int64_t> shape(getY().getType().getRank(), 1);
  shape[getDimension()] = getY().getType().getDimSize(getDimension());
  return OnnxRepeated{shape, [op = *this](OnnxBuilder &o) { return places(op, o); }};
}

OnnxForm onnx(IotaOp op, OnnxBuilder &o) {
  RankedTensorType type = tensorOf(op.getY());
  int64_t d = op.getDimension();
  std::string y = places(op, o);
  SmallVector<int64_t> repeats(type.getShape());
  repeats[d] = 1;
  return OnnxNames{llvm::all_of(repeats, [](int64_t n) { return n == 1; }) ? y : o.expand(y, repeats)};
}

std::optional<OnnxRepeated> BroadcastOp::getOnnxRepeated() {
  ArrayRef<int64_t> kept = getDimensions();
  int64_t rank = getY().getType().getRank();
  SmallVector<int64_t> shape(rank, 1), axes;
  for (auto [d, n] : llvm::zip(kept, getX().getType().getShape()))
    shape[d] = n;
  for (int64_t d = kept.empty() ? rank : kept[0]; d < rank; ++d)
    if (!llvm::is_contained(kept, d))
      axes.push_back(d - kept[0]);
  return OnnxRepeated{shape, [x = getX(), axes](OnnxBuilder &o) { return axes.empty() ? o(x) : o.node("Unsqueeze", {o(x), o.integers(axes)}); }};
}

/// New dimensions by Unsqueeze, which names no extent, but for leading ones that Expand adds; its shape says 1 where nothing is repeated.
OnnxForm onnx(BroadcastOp op, OnnxBuilder &o) {
  RankedTensorType x = tensorOf(op.getX()), y = tensorOf(op.getY());
  SmallVector<int64_t> axes, shape(y.getShape());
  for (int64_t d : range(0, y.getRank())) {
    auto *place = llvm::find(op.getDimensions(), d);
    if (place == op.getDimensions().end())
      axes.push_back(d);
    else if (x.getDimSize(place - op.getDimensions().begin()) == shape[d])
      shape[d] = 1;
  }
  std::string v = o(op.getX());
  bool repeats = !llvm::all_of(shape, [](int64_t n) { return n == 1; });
  if (repeats) {
    int64_t first = op.getDimensions().empty() ? y.getRank() : op.getDimensions()[0];
    llvm::erase_if(axes, [&](int64_t d) { return d < first; });
    for (int64_t &d : axes)
      d -= first;
  }
  if (!axes.empty())
    v = o.node("Unsqueeze", {v, o.integers(axes)});
  return OnnxNames{repeats ? o.expand(v, shape) : v};
}

OnnxForm onnx(SliceOp op, OnnxBuilder &o) {
  SmallVector<int64_t> axes, starts, ends, steps;
  for (int64_t d : range(0, op.getOffsets().size())) {
    int64_t offset = op.getOffsets()[d], size = op.getSizes()[d], step = op.getStrides()[d];
    if (offset == 0 && step == 1 && size == tensorOf(op.getX()).getDimSize(d))
      continue; // whole: its extent may move
    axes.push_back(d), starts.push_back(offset), steps.push_back(step), ends.push_back(size ? offset + (size - 1) * step + 1 : offset);
  }
  if (axes.empty())
    return OnnxNames{o.node("Identity", {o(op.getX())})};
  bool dense = llvm::all_of(steps, [](int64_t n) { return n == 1; });
  return OnnxNames{o.node("Slice", {o(op.getX()), o.integers(starts), o.integers(ends), o.integers(axes), dense ? std::string() : o.integers(steps)})};
}

/// Values between neighbours: each element becomes a row of itself and these, and the last of them is cut.
OnnxForm onnx(PadOp op, OnnxBuilder &o) {
  RankedTensorType type = tensorOf(op.getX());
  std::string x = o(op.getX()), value = o(op.getValue());
  SmallVector<int64_t> high(op.getHigh()), rows, apart, low, behind, shape;
  bool between = false;
  for (int64_t d : range(0, type.getRank())) {
    int64_t n = type.getDimSize(d), inner = op.getInterior().empty() ? 0 : op.getInterior()[d];
    rows.push_back(n), shape.push_back(n * (inner + 1)), low.append({0, 0}), behind.append({0, inner});
    apart.append({n, 1});
    if (inner)
      between = true, high[d] -= inner;
  }
  if (between) {
    if (llvm::is_contained(rows, 0))
      return o.refuse("values between the elements of an empty tensor");
    x = o.reshape(o.pad(o.reshape(x, apart), low, behind, value), shape);
  }
  std::string y = o.pad(x, op.getLow(), high, value);
  return OnnxNames{y == o(op.getX()) ? o.node("Identity", {y}) : y};
}

OnnxForm onnx(RepeatInterleaveOp op, OnnxBuilder &o) {
  SmallVector<int64_t> apart, repeated, axes;
  for (auto [d, n] : llvm::enumerate(op.getRepeats()))
    axes.push_back(2 * d + 1), repeated.append({1, n});
  std::string x = o.expand(o.node("Unsqueeze", {o(op.getX()), o.integers(axes)}), repeated);
  return OnnxNames{o.reshape(x, tensorOf(op.getY()).getShape())};
}

OnnxForm onnx(ReverseOp op, OnnxBuilder &o) {
  // Nothing is turned around too: a slice back from -1 is none of an extent of 0.
  size_t n = cast<RankedTensorType>(op.getX().getType()).getNumElements() ? op.getDimensions().size() : 0;
  SmallVector<int64_t> last(n, -1), before(n, std::numeric_limits<int64_t>::min()), back(n, -1);
  return OnnxNames{n ? o.node("Slice", {o(op.getX()), o.integers(last), o.integers(before), o.integers(op.getDimensions()), o.integers(back)}) : o.node("Identity", {o(op.getX())})};
}

//===-- Places that are data ----------------------------------------------------------------------------------------===//

/// Whether places exist, in [0, extent).
static std::string inside(OnnxBuilder &o, std::string places, Type element, int64_t extent) {
  std::string low = o.node("GreaterOrEqual", {places, o.number(element, 0)});
  return o.node("And", {low, o.node("Less", {places, o.number(element, static_cast<double>(extent))})});
}

/// i of `i < 0 ? i + extent : i`, which is how ONNX's own Gather counts; null: something else.
static Value fromTheEnd(Value indices, int64_t extent) {
  auto choice = indices.getDefiningOp<SelectOp>();
  if (!choice)
    return {};
  auto below = choice.getC().getDefiningOp<CompareOp>();
  auto moved = choice.getA().getDefiningOp<AddOp>();
  auto is = [](Value v, int64_t n) {
    if (auto repeated = v.getDefiningOp<BroadcastOp>())
      v = repeated.getX();
    DenseElementsAttr value;
    return matchPattern(v, m_Constant(&value)) && value.isSplat() && value.getSplatValue<APInt>().getSExtValue() == n;
  };
  Value i = choice.getB();
  bool same = below && moved && below.getPredicate() == Predicate::lt && below.getA() == i && is(below.getB(), 0) && moved.getA() == i && is(moved.getB(), extent);
  return same ? i : Value();
}

OnnxForm onnx(GatherOp op, OnnxBuilder &o) {
  if (Value i = fromTheEnd(op.getIndices(), tensorOf(op.getX()).getDimSize(op.getAxis()))) // bad ones are the runtime's error
    return OnnxNames{o.node("Gather", {o(op.getX()), o(i)}, {{"axis", static_cast<int64_t>(op.getAxis())}})};
  RankedTensorType x = tensorOf(op.getX()), indices = tensorOf(op.getIndices());
  int64_t axis = op.getAxis(), rest = x.getRank() - axis - 1;
  std::string i = o(op.getIndices()), exists = inside(o, i, indices.getElementType(), x.getDimSize(axis));
  std::string rows = o.node("Gather", {o(op.getX()), o.node("Where", {exists, i, o.number(indices.getElementType(), 0)})}, {{"axis", axis}});
  if (rest && indices.getRank())
    exists = o.node("Unsqueeze", {exists, o.integers(range(indices.getRank(), indices.getRank() + rest))});
  return OnnxNames{o.node("Where", {exists, rows, o.number(x.getElementType(), 0)})};
}

/// Sums and the last ones: a row behind the last takes what has no place, and is cut. The largest: a mask says which update meets which row.
OnnxForm onnx(ScatterOp op, OnnxBuilder &o) {
  RankedTensorType y = tensorOf(op.getY()), updates = tensorOf(op.getUpdates()), indices = tensorOf(op.getIndices());
  int64_t axis = op.getAxis(), n = y.getDimSize(axis), count = indices.getNumElements(), rank = y.getRank();
  bool largest = op.getMode() == ScatterMode::max;
  if (op.getMode() == ScatterMode::add && o.opset < 16)
    return o.refuse("sums of what meets in a place are there from opset 16 on");
  Type e = y.getElementType();
  SmallVector<int64_t> shape(y.getShape());
  shape[axis] = count;
  std::string u = updates.getShape() == ArrayRef<int64_t>(shape) ? o(op.getUpdates()) : o.reshape(o(op.getUpdates()), shape);
  std::string i = indices.getRank() == 1 ? o(op.getIndices()) : o.reshape(o(op.getIndices()), count);
  double least = isa<FloatType>(e) ? -std::numeric_limits<double>::infinity() : e.isInteger(32) ? double(INT32_MIN) : double(INT64_MIN);
  std::string x = op.getX() ? o(op.getX()) : o.expand(o.number(e, largest ? least : 0), y.getShape());
  if (largest) {
    // [count, 1] meets [1, n]; then [..., count, n, ...].
    std::string meets = o.node("Equal", {o.node("Unsqueeze", {o.cast(i, IntegerType::get(op.getContext(), 64)), o.integers({1})}), counted(o, n, 2, 1)});
    if (axis + 1 < rank)
      meets = o.node("Unsqueeze", {meets, o.integers(range(2, 2 + rank - axis - 1))});
    std::string all = o.node("Where", {meets, o.node("Unsqueeze", {u, o.integers({axis + 1})}), o.number(e, least)});
    if (count == 0)
      return OnnxNames{o.node("Identity", {x})};
    return OnnxNames{o.node("Max", {x, o.node("ReduceMax", {all}, {{"axes", std::vector<int64_t>{axis}}, {"keepdims", int64_t(0)}})})};
  }
  SmallVector<int64_t> none(rank, 0), one(rank, 0), begin(1, 0), axes = range(0, rank);
  one[axis] = 1;
  axes.erase(axes.begin() + axis);
  i = o.node("Where", {inside(o, i, indices.getElementType(), n), i, o.number(indices.getElementType(), static_cast<double>(n))});
  if (!axes.empty())
    i = o.expand(o.node("Unsqueeze", {i, o.integers(axes)}), shape);
  SmallVector<OnnxAttribute, 2> attributes{{"axis", axis}};
  if (op.getMode() == ScatterMode::add)
    attributes.push_back({"reduction", std::string("add")});
  std::string all = o.node("ScatterElements", {o.pad(x, none, one, o.number(e, 0)), i, u}, attributes);
  return OnnxNames{o.node("Slice", {all, o.integers(0), o.integers(-1), o.integers(axis)})};
}

OnnxForm onnx(ArgsortOp op, OnnxBuilder &o) {
  int64_t d = op.getDimension();
  return OnnxNames{o.nodes("TopK", {o(op.getX()), o.integers(tensorOf(op.getX()).getDimSize(d))}, {{"axis", d}, {"largest", int64_t(op.getDescending())}}, 2)[1]};
}

/// The starts as one tensor, each clamped to what is left.
static std::string clamped(OnnxBuilder &o, ValueRange starts, RankedTensorType x, ArrayRef<int64_t> sizes) {
  SmallVector<std::string> parts;
  for (auto [d, start] : llvm::enumerate(starts))
    parts.push_back(o.node("Unsqueeze", {o.node("Clip", {o(start), o.integer(0), o.integer(x.getDimSize(d) - sizes[d])}), o.integers(0)}));
  return parts.size() == 1 ? parts[0] : o.node("Concat", parts, {{"axis", int64_t(0)}});
}

OnnxForm onnx(DynamicSliceOp op, OnnxBuilder &o) {
  if (op.getSizes().empty())
    return OnnxNames{o.node("Identity", {o(op.getX())})};
  std::string starts = clamped(o, op.getStarts(), tensorOf(op.getX()), op.getSizes());
  return OnnxNames{o.node("Slice", {o(op.getX()), starts, o.node("Add", {starts, o.integers(op.getSizes())})})};
}

/// The update and a mask of its places, both padded to x's shape.
OnnxForm onnx(DynamicUpdateSliceOp op, OnnxBuilder &o) {
  RankedTensorType x = tensorOf(op.getX()), u = tensorOf(op.getUpdate());
  if (x.getRank() == 0)
    return OnnxNames{o.node("Identity", {o(op.getUpdate())})};
  SmallVector<int64_t> left;
  for (auto [n, m] : llvm::zip(x.getShape(), u.getShape()))
    left.push_back(n - m);
  std::string starts = clamped(o, op.getStarts(), x, u.getShape()), behind = o.node("Sub", {o.integers(left), starts});
  std::string pads = o.node("Concat", {starts, behind}, {{"axis", int64_t(0)}});
  Type flag = IntegerType::get(op.getContext(), 32);
  std::string there = o.cast(o.node("Pad", {o.expand(o.number(flag, 1), u.getShape()), pads, o.number(flag, 0)}), IntegerType::get(op.getContext(), 1));
  bool bits = x.getElementType().isInteger(1);
  std::string update = bits ? o.cast(o(op.getUpdate()), flag) : o(op.getUpdate());
  std::string whole = o.node("Pad", {update, pads, o.number(bits ? flag : x.getElementType(), 0)});
  return OnnxNames{o.node("Where", {there, bits ? o.cast(whole, IntegerType::get(op.getContext(), 1)) : whole, o(op.getX())})};
}

} // namespace tenon::ir::prim
