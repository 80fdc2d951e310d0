// Elements at places that are data.
#include "compiler/onnx/import/rules/common.h"
#include "compiler/onnx/import/rules/numbers.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

Expr wrap(Expr indices, int64_t extent) { return select(indices < 0.0, indices + double(extent), indices); }

void gatherRule(Node &n) { n.out(0, n.gather(n.in(0), n.in(1), n.axis(n.i("axis", 0), n.rank(0))), n.dtype(0)); }

/// Row-major places in x of what ElementsOps name: the index along the axis, its own place elsewhere.
Expr elementPlaces(Node &n, ArrayRef<int64_t> shape, Expr indices, int64_t axis) {
  indices = cast(indices, n.b.getI64Type());
  n.expect(indices.rank() == int64_t(shape.size()), "indices have another rank than the data");
  Expr place;
  int64_t stride = 1;
  for (int64_t d = shape.size() - 1; d >= 0; --d) {
    n.expect(d == axis || indices.shape()[d] <= shape[d], "indices are larger than the data in dimension " + Twine(d));
    Expr at = d == axis ? wrap(indices, shape[d]) : iota(n.b, indices.type(), d);
    place = place ? place + at * double(stride) : at * double(stride);
    stride *= shape[d];
  }
  return place;
}
void gatherElements(Node &n) {
  Expr x = n.in(0);
  int64_t axis = n.axis(n.i("axis", 0), x.rank());
  Expr place = elementPlaces(n, x.shape(), n.in(1), axis);
  n.out(0, ir::gather(n.reshape(x, {x.type().getNumElements()}), place, 0), n.dtype(0));
}

/// Places in the first dimensions of `shape` that the last dimension of `indices` names, row-major; `batch` dimensions agree.
Expr tuplePlaces(Node &n, ArrayRef<int64_t> shape, Expr indices, int64_t batch, int64_t &tuple) {
  n.expect(indices.rank() >= 1 && indices.element().isInteger(64), "indices must be int64, of one dimension at least");
  tuple = indices.shape().back();
  n.expect(tuple + batch <= int64_t(shape.size()) && batch < indices.rank(), "indices name more dimensions than there are");
  Dims outer(indices.shape().drop_back());
  auto type = RankedTensorType::get(outer, n.b.getI64Type());
  Expr place = n.splat(outer, n.b.getI64Type(), 0);
  for (int64_t d = 0; d < batch; ++d) {
    n.expect(outer[d] == shape[d], "batch dimensions differ");
    place = place * double(shape[d]) + iota(n.b, type, d);
  }
  for (int64_t k = 0; k < tuple; ++k)
    place = place * double(shape[batch + k]) + wrap(n.reshape(n.slice(indices, indices.rank() - 1, k, 1), outer), shape[batch + k]);
  return place;
}
void gatherND(Node &n) {
  Expr x = n.in(0);
  int64_t batch = n.i("batch_dims", 0), tuple;
  n.expect(batch >= 0 && batch < x.rank(), "batch_dims is out of range");
  Expr place = tuplePlaces(n, x.shape(), n.in(1), batch, tuple);
  Dims merged{elementsOf(x.shape().take_front(batch + tuple))};
  llvm::append_range(merged, x.shape().drop_front(batch + tuple));
  n.out(0, ir::gather(n.reshape(x, merged), place, 0), n.dtype(0));
}

/// x times updates at rows, one after the other: many may meet at one.
Expr multiplied(Node &n, Expr x, Expr places, Expr updates) {
  int64_t count = places.shape()[0];
  auto block = std::make_unique<Block>();
  auto argument = [&](Expr v, int64_t first) { return block->addArgument(RankedTensorType::get(v.shape().drop_front(first), v.element()), n.b.getLoc()); };
  ImplicitLocOpBuilder b(n.b.getLoc(), n.b.getContext());
  b.setInsertionPointToEnd(block.get());
  Expr all{&b, argument(x, 0)}, place{&b, argument(places, 1)}, update{&b, argument(updates, 1)};
  Dims row(x.shape());
  row[0] = 1;
  place = ir::reshape(place, {1});
  Expr product = ir::gather(all, place, 0) * ir::reshape(update, row);
  prim::YieldOp::create(b, prim::ScatterOp::create(b, x.type(), place.value, product.value, all.value, 0, prim::ScatterMode::set).getResult());
  auto op = prim::ScanOp::create(n.b, TypeRange(x.type()), x.value, ValueRange{places.value, updates.value}, ValueRange(), count, false, IntegerAttr());
  op.getBody().push_back(block.release());
  return {&n.b, op->getResult(0)};
}
/// x with updates put or combined at rows, in the types that scatter has.
Expr scattered(Node &n, Expr x, Expr places, Expr updates, StringRef how, int dtype) {
  Type e = x.element(), wide = e.isInteger(1) ? n.b.getI32Type() : promoted(e);
  // The smallest is the largest of what is turned around: negated, or flipped, as integers have no negative of their smallest.
  auto turned = [&](Expr v) { return how != "min" ? v : isFloat(dtype) ? -v : flip(v); };
  bool order = how == "min" || how == "max";
  Expr base = cast(x, wide), u = cast(updates, wide);
  if (order)
    base = turned(ordered(base, dtype)), u = turned(ordered(u, dtype));
  if (how == "mul")
    return cast(wrapped(multiplied(n, base, places, u), dtype), e);
  n.expect(how == "none" || how == "add" || how == "max" || how == "min", "reduction '" + how + "' is unknown");
  auto mode = how == "none" ? prim::ScatterMode::set : how == "add" ? prim::ScatterMode::add : prim::ScatterMode::max;
  Expr y{&n.b, prim::ScatterOp::create(n.b, base.type(), places.value, u.value, base.value, 0, mode)};
  if (order)
    y = ordered(turned(y), dtype);
  return cast(wrapped(y, dtype), e);
}
void scatterElements(Node &n) {
  Expr x = n.in(0), updates = n.in(2);
  int64_t axis = n.axis(n.i("axis", 0), x.rank());
  n.expect(n.shape(1) == updates.shape() && n.dtype(0) == n.dtype(2), "updates need the shape of the indices and the type of the data");
  int64_t count = updates.type().getNumElements();
  Expr place = n.reshape(elementPlaces(n, x.shape(), n.in(1), axis), {count});
  Expr y = scattered(n, n.reshape(x, {x.type().getNumElements()}), place, n.reshape(updates, {count}), n.s("reduction", "none"), n.dtype(0));
  n.out(0, n.reshape(y, x.shape()), n.dtype(0));
}
void scatterND(Node &n) {
  Expr x = n.in(0), updates = n.in(2);
  int64_t tuple;
  Expr place = tuplePlaces(n, x.shape(), n.in(1), 0, tuple);
  n.expect(n.dtype(0) == n.dtype(2), "updates need the type of the data");
  int64_t rows = elementsOf(place.shape());
  Dims merged{elementsOf(x.shape().take_front(tuple))}, wanted{rows};
  llvm::append_range(merged, x.shape().drop_front(tuple));
  llvm::append_range(wanted, x.shape().drop_front(tuple));
  Expr y = scattered(n, n.reshape(x, merged), n.reshape(place, {rows}), n.reshape(updates, wanted), n.s("reduction", "none"), n.dtype(0));
  n.out(0, n.reshape(y, x.shape()), n.dtype(0));
}
/// A cache, from whose place `write_indices` (per batch) on an update stands.
void tensorScatter(Node &n) {
  Expr cache = n.in(0), update = n.in(1);
  int64_t axis = n.axis(n.i("axis", -2), cache.rank()), extent = cache.shape()[axis], size = update.rank() == cache.rank() ? update.shape()[axis] : 0;
  Dims rest(update.shape());
  n.expect(axis > 0 && size > 0 && size <= extent && n.dtype(0) == n.dtype(1), "an update has the cache's type and rank, and is no longer");
  rest[axis] = extent;
  n.expect(cache.shape() == ArrayRef(rest), "an update has the cache's shape but for the axis");
  std::string mode = n.s("mode", "linear");
  n.expect(mode == "linear" || mode == "circular", "mode must be linear or circular");
  auto type = RankedTensorType::get(cache.shape(), n.b.getI64Type());
  Expr from = iota(n.b, type, axis);
  if (n.has(2))
    from = from - n.along(cast(n.in(2), n.b.getI64Type()), type.getShape(), 0);
  if (mode == "circular")
    from = wrap(rem(from, like(double(extent), from)), extent);
  Expr inside = (from >= 0.0) & (from < double(size)), place = elementPlaces(n, update.shape(), max(min(from, double(size - 1)), 0.0), axis);
  n.out(0, select(inside, ir::gather(n.reshape(update, {update.type().getNumElements()}), place, 0), cache), n.dtype(0));
}
void oneHot(Node &n) {
  double depth = n.real(1);
  n.expect(depth >= 1 && depth < double(int64_t(1) << 31), "depth is out of range");
  Expr indices = n.in(0), values = n.in(2);
  n.expect(values.rank() == 1 && values.shape()[0] == 2, "values are two");
  indices = wrap(castTo(n, indices, n.dtype(0), D::INT64), int64_t(depth));
  int64_t axis = n.axis(n.i("axis", -1), indices.rank(), 1);
  Dims shape(indices.shape()), places;
  shape.insert(shape.begin() + axis, int64_t(depth));
  elementsOf(shape);
  Expr at = restore(indices, shape, {axis}), hot = eq(at, iota(n.b, RankedTensorType::get(shape, n.b.getI64Type()), axis));
  auto one = [&](int64_t i) { return n.broadcast(n.reshape(n.slice(values, 0, i, 1), {}), shape); };
  n.out(0, select(hot, one(1), one(0)), n.dtype(2));
}
void topK(Node &n) {
  Expr x = n.in(0);
  int64_t axis = n.axis(n.i("axis", -1), x.rank()), k = n.version < 10 ? n.i("k") : n.ints(1).size() == 1 ? n.ints(1)[0] : -1;
  n.expect(k >= 0 && k <= x.shape()[axis], "k is out of range");
  bool largest = n.i("largest", 1);
  Expr sorted = ordered(cast(x, promoted(x.element())), n.dtype(0));
  Expr order{&n.b, prim::ArgsortOp::create(n.b, RankedTensorType::get(x.shape(), n.b.getI64Type()), sorted.value, axis, largest)};
  Expr best = n.slice(order, axis, 0, k);
  n.out(0, ir::gather(n.reshape(x, {x.type().getNumElements()}), elementPlaces(n, x.shape(), best, axis), 0), n.dtype(0));
  n.out(1, best, D::INT64);
}
void compress(Node &n) {
  const Literal &condition = n.known(1);
  Expr x = n.in(0);
  int64_t axis = 0;
  if (n.hasAttribute("axis"))
    axis = n.axis(n.i("axis"), x.rank());
  else
    x = n.reshape(x, {x.type().getNumElements()});
  Dims kept;
  for (int64_t i = 0; i < std::min(condition.type.getNumElements(), x.shape()[axis]); ++i)
    if (condition.get(i).integer)
      kept.push_back(i);
  n.out(0, ir::gather(x, n.ints64(kept, {int64_t(kept.size())}), axis), n.dtype(0));
}
void nonZero(Node &n) {
  const Literal &l = n.known(0);
  ArrayRef<int64_t> shape = l.type.getShape();
  bool real = isa<FloatType>(l.type.getElementType());
  Dims found;
  for (int64_t i : llvm::seq(l.type.getNumElements()))
    if (real ? l.get(i).real != 0 : l.get(i).integer != 0)
      found.push_back(i);
  Dims places;
  int64_t stride = l.type.getNumElements();
  for (int64_t extent : shape) {
    stride /= std::max<int64_t>(extent, 1);
    for (int64_t i : found)
      places.push_back(i / stride % extent);
  }
  n.outInts(0, places, {int64_t(shape.size()), int64_t(found.size())});
}
} // namespace

void addIndex(Table &t) {
  t("Gather", 1, gatherRule);
  t("GatherElements", 11, gatherElements);
  t("GatherND", 11, gatherND);
  t("Scatter", 9, scatterElements);
  t("ScatterElements", 11, scatterElements);
  t("ScatterND", 11, scatterND);
  t("TensorScatter", 24, tensorScatter);
  t("OneHot", 9, oneHot).host = 2;
  t("TopK", 1, topK);
  t("Compress", 9, compress);
  t("NonZero", 9, nonZero);
}

} // namespace tenon::onnx::imports
