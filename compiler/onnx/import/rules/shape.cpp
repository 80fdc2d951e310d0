// Shapes, and constants that are made of them.
#include "compiler/onnx/import/rules/common.h"
#include "compiler/onnx/import/rules/numbers.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;

void constantOut(Node &n, const pb::TensorProto &t) { n.outKnown(0, literalOf(t, n.importer.folder, *n.b.getContext()), t.data_type()); }

namespace {
Literal filled(ArrayRef<int64_t> shape, Type element, ArrayRef<double> reals, ArrayRef<int64_t> integers) {
  Literal l = Literal::zeros(RankedTensorType::get(shape, element));
  for (auto [i, v] : llvm::enumerate(reals))
    l.set(i, {.real = v});
  for (auto [i, v] : llvm::enumerate(integers))
    l.set(i, {.integer = v});
  return l;
}
void constant(Node &n) {
  Type f32 = n.b.getF32Type(), i64 = n.b.getI64Type();
  if (auto *a = n.attribute("value", pb::AttributeProto::TENSOR))
    return constantOut(n, a->t());
  if (n.hasAttribute("value_float"))
    return n.outKnown(0, filled({}, f32, n.f("value_float", 0), {}), D::FLOAT);
  if (n.hasAttribute("value_int"))
    return n.outKnown(0, filled({}, i64, {}, n.i("value_int")), D::INT64);
  if (auto *a = n.attribute("value_floats", pb::AttributeProto::FLOATS)) {
    SmallVector<double> v(a->floats().begin(), a->floats().end());
    return n.outKnown(0, filled({int64_t(v.size())}, f32, v, {}), D::FLOAT);
  }
  if (auto v = n.is("value_ints"))
    return n.outKnown(0, filled({int64_t(v->size())}, i64, {}, *v), D::INT64);
  n.fail(n.hasAttribute("value_string") || n.hasAttribute("value_strings") ? "strings have no form in Tenon" : n.hasAttribute("sparse_value") ? "sparse tensors are not supported" : "it has no value");
}
void constantOfShape(Node &n) {
  Dims shape = n.ints(0);
  elementsOf(shape, int64_t(1) << 34);
  int dtype = D::FLOAT;
  Expr one = n.splat({}, n.b.getF32Type(), 0);
  if (auto *a = n.attribute("value", pb::AttributeProto::TENSOR)) {
    Literal l = literalOf(a->t(), n.importer.folder, *n.b.getContext());
    n.expect(l.type.getNumElements() == 1, "its value must be one element");
    dtype = a->t().data_type();
    one = n.reshape(n.constant(l), {});
  }
  n.out(0, n.broadcast(one, shape), dtype);
}

void shapeOf(Node &n) {
  ArrayRef<int64_t> shape = n.shape(0);
  int64_t rank = shape.size(), from = n.i("start", 0), to = n.i("end", rank);
  auto clamp = [&](int64_t v) { return std::clamp<int64_t>(v < 0 ? v + rank : v, 0, rank); };
  from = clamp(from), to = std::max(from, clamp(to));
  n.outInts(0, shape.slice(from, to - from), {to - from});
}

void reshapeRule(Node &n) {
  Dims target = n.version < 5 ? n.is("shape", {}) : n.ints(1);
  bool zeroIsZero = n.i("allowzero", 0);
  int open = -1;
  int64_t total = n.input(0).type.getNumElements(), known = 1;
  for (auto [d, extent] : llvm::enumerate(target)) {
    if (extent == 0 && !zeroIsZero) {
      n.expect(int64_t(d) < n.rank(0), "a 0 in the shape stands for a dimension that the operand does not have");
      extent = n.shape(0)[d];
    }
    n.expect(extent >= -1, "the new shape has the extent " + Twine(extent));
    if (extent == -1) {
      n.expect(open < 0, "the new shape has two extents of -1");
      open = int(d);
    } else {
      n.expect(extent == 0 || known <= (int64_t(1) << 40) / extent, "the new shape is too large");
      known *= extent;
    }
  }
  if (open >= 0) {
    n.expect(known != 0 && total % known == 0, Twine(total) + " elements do not fit into the new shape");
    target[open] = total / known;
  }
  Expr x = n.in(0);
  int64_t count = x.type().getNumElements();
  n.expect(elementsOf(target) == count, Twine(count) + " elements do not fit into the new shape");
  n.out(0, ir::reshape(x, target), n.dtype(0));
}

void flatten(Node &n) {
  int64_t axis = n.i("axis", 1), rank = n.rank(0);
  n.expect(axis >= -rank && axis <= rank, "axis " + Twine(axis) + " does not exist in " + Twine(rank) + " dimensions");
  n.out(0, flattened(n, n.in(0), axis < 0 ? axis + rank : axis), n.dtype(0));
}
void squeeze(Node &n) {
  Dims axes;
  if (auto given = n.isOrInput("axes", 1))
    axes = n.axes(*given, n.rank(0));
  else
    for (auto [d, extent] : llvm::enumerate(n.shape(0)))
      if (extent == 1)
        axes.push_back(d);
  n.out(0, n.squeeze(n.in(0), axes), n.dtype(0));
}
void unsqueeze(Node &n) {
  auto given = n.isOrInput("axes", 1);
  n.expect(given.has_value(), "axes are missing");
  n.expect(given->size() <= 64, "it has too many axes");
  int64_t rank = n.rank(0) + given->size();
  Dims axes = n.axes(*given, rank), shape;
  auto old = n.shape(0).begin();
  for (int64_t d = 0; d < rank; ++d)
    shape.push_back(llvm::is_contained(axes, d) ? 1 : *old++);
  n.out(0, restore(n.in(0), shape, axes), n.dtype(0));
}
void transposeRule(Node &n) {
  int64_t rank = n.rank(0);
  Dims order = llvm::to_vector(llvm::reverse(range(0, rank)));
  order = n.is("perm", order);
  Dims sorted(order);
  llvm::sort(sorted);
  n.expect(sorted == range(0, rank), "perm is no permutation of the " + Twine(rank) + " dimensions");
  n.out(0, transpose(n.in(0), order), n.dtype(0));
}
void expand(Node &n) { n.out(0, n.broadcast(n.in(0), n.broadcastShape(n.shape(0), n.ints(1))), n.dtype(0)); }
void tile(Node &n) {
  Dims repeats = n.ints(1);
  if (n.version < 6) { // (tiles, axis): one dimension
    n.expect(repeats.size() == 1, "tiles must be one number");
    Dims all(n.rank(0), 1);
    all[n.axis(integerOf(n, 2), n.rank(0))] = repeats[0];
    repeats = all;
  }
  n.expect(int64_t(repeats.size()) == n.rank(0), "it needs one repeat per dimension");
  Dims wide, whole, places;
  for (auto [d, extent] : llvm::enumerate(n.shape(0))) {
    n.expect(repeats[d] >= 0 && repeats[d] < (int64_t(1) << 32), "a repeat is out of range");
    places.push_back(wide.size() + 1);
    wide.append({repeats[d], extent});
    whole.push_back(repeats[d] * extent);
  }
  elementsOf(whole);
  n.out(0, n.reshape(ir::broadcast(n.in(0), wide, places), whole), n.dtype(0));
}
void rangeRule(Node &n) {
  auto one = [&](size_t i) { return n.real(i); };
  double start = one(0), limit = one(1), delta = one(2);
  n.expect(delta != 0, "its step is 0");
  double count = std::max(0.0, std::ceil((limit - start) / delta));
  n.expect(count < double(int64_t(1) << 31), "it has too many elements");
  Type e = n.element(n.dtype(0));
  Expr places = iota(n.b, RankedTensorType::get({int64_t(count)}, e), 0);
  n.out(0, like(start, places) + places * delta, n.dtype(0));
}
void eyeLike(Node &n) {
  n.expect(n.rank(0) == 2, "it takes a matrix");
  int dtype = int(n.i("dtype", n.dtype(0)));
  auto type = RankedTensorType::get(n.shape(0), n.b.getI64Type());
  n.out(0, cast(eq(iota(n.b, type, 1), iota(n.b, type, 0) + double(n.i("k", 0))), n.element(dtype)), dtype);
}
void trilu(Node &n) {
  Expr x = n.in(0);
  n.expect(x.rank() >= 2, "it takes matrices");
  double k = n.has(1) ? n.real(1) : 0;
  auto type = RankedTensorType::get(x.shape(), n.b.getI64Type());
  Expr row = iota(n.b, type, x.rank() - 2), column = iota(n.b, type, x.rank() - 1);
  Expr kept = n.i("upper", 1) ? column >= row + k : column <= row + k;
  n.out(0, select(kept, x, like(0.0, x)), n.dtype(0));
}
void depthToSpace(Node &n) {
  Expr x = n.in(0);
  int64_t s = n.i("blocksize");
  std::string mode = n.s("mode", "DCR");
  n.expect(x.rank() == 4 && s >= 1 && s < (1 << 15) && x.shape()[1] % (s * s) == 0, "it takes [N, C, H, W] with C a multiple of blocksize squared");
  n.expect(mode == "DCR" || mode == "CRD", "mode must be DCR or CRD");
  int64_t N = x.shape()[0], C = x.shape()[1] / (s * s), H = x.shape()[2], W = x.shape()[3];
  Expr y = mode == "DCR" ? transpose(n.reshape(x, {N, s, s, C, H, W}), {0, 3, 4, 1, 5, 2}) : transpose(n.reshape(x, {N, C, s, s, H, W}), {0, 1, 4, 2, 5, 3});
  n.out(0, n.reshape(y, {N, C, H * s, W * s}), n.dtype(0));
}
void spaceToDepth(Node &n) {
  Expr x = n.in(0);
  int64_t s = n.i("blocksize");
  n.expect(x.rank() == 4 && s >= 1 && x.shape()[2] % s == 0 && x.shape()[3] % s == 0, "it takes [N, C, H, W] with H and W multiples of blocksize");
  int64_t N = x.shape()[0], C = x.shape()[1], H = x.shape()[2] / s, W = x.shape()[3] / s;
  n.out(0, n.reshape(transpose(n.reshape(x, {N, C, H, s, W, s}), {0, 3, 5, 1, 2, 4}), {N, C * s * s, H, W}), n.dtype(0));
}
} // namespace

void addShape(Table &t) {
  t("Constant", 1, constant);
  t("ConstantOfShape", 9, constantOfShape);
  t("Shape", 1, shapeOf);
  t("Size", 1, [](Node &n) { n.outInts(0, {n.input(0).type.getNumElements()}, {}); });
  t("Reshape", 1, reshapeRule);
  t("Flatten", 1, flatten);
  t("Squeeze", 1, squeeze);
  t("Unsqueeze", 1, unsqueeze);
  t("Transpose", 1, transposeRule);
  t("Expand", 8, expand);
  t("Tile", 1, tile);
  t("Range", 11, rangeRule).host = ~0u;
  t("EyeLike", 9, eyeLike);
  t("Trilu", 14, trilu);
  t("DepthToSpace", 1, depthToSpace);
  t("SpaceToDepth", 1, spaceToDepth);
  t("Identity", 1, [](Node &n) { n.out(0, n.input(0)); });
}

} // namespace tenon::onnx::imports
