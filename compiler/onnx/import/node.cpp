// Operands, attributes and results of a node, with errors in place of assumptions.
#include "compiler/dialect/interfaces/elements.h"
#include "compiler/onnx/import/importer.h"

using namespace mlir;
namespace tenon::onnx::imports {
using A = pb::AttributeProto;

void Node::fail(const Twine &what) const { throw Failure{what.str()}; }

const Value &Node::input(size_t i) const {
  if (i >= inputs.size() || (!inputs[i].isTensor() && !inputs[i].list))
    fail("operand " + Twine(i) + " is missing");
  return inputs[i];
}

static Expr written(ImplicitLocOpBuilder &b, const Literal &l) { return {&b, ir::prim::ConstantOp::create(b, ir::denseElements(l.type, l.data))}; }
Expr Node::constant(const Literal &l) {
  importer.listed += l.type.getNumElements();
  expect(importer.listed <= Importer::mostListed, "it lists more elements than a model may");
  return written(b, l);
}
Expr Node::value(const Value &v) {
  if (!v.isTensor())
    fail(v.list ? "a sequence comes where a tensor is expected" : "an operand is missing");
  if (v.value)
    return {&b, importer.visible(scope, v.value)};
  if (v.weight >= 0)
    return {&b, importer.visible(scope, importer.weight(v.weight))};
  return written(b, *v.known);
}
Expr Node::in(size_t i) { return value(input(i)); }

const Literal &Node::known(size_t i) const {
  const Value &v = input(i);
  if (v.list)
    fail("operand " + Twine(i) + " is a sequence, not a tensor");
  if (v.known)
    return *v.known;
  std::string name = size_t(proto.input_size()) > i ? proto.input(i) : "";
  if (v.weight >= 0)
    fail("operand " + Twine(i) + " ('" + name + "') decides the shape of a result, but is a weight of " + Twine(v.type.getNumElements()) + " elements");
  throw Failure{v.input >= 0 ? "input '" + name + "' decides the shape of a result: its elements have to be known when importing"
                             : "operand " + std::to_string(i) + " ('" + name + "') decides the shape of a result, but depends on data",
                v.input};
}
Dims Node::ints(size_t i) const {
  const Literal &l = known(i);
  if (isa<FloatType>(l.type.getElementType()))
    fail("operand " + Twine(i) + " must be of integers");
  Dims result;
  for (int64_t k : llvm::seq(l.type.getNumElements()))
    result.push_back(l.get(k).integer);
  return result;
}
SmallVector<double> Node::reals(size_t i) const {
  const Literal &l = known(i);
  SmallVector<double> result;
  for (int64_t k : llvm::seq(l.type.getNumElements()))
    result.push_back(isa<FloatType>(l.type.getElementType()) ? l.get(k).real : double(l.get(k).integer));
  return result;
}
double Node::real(size_t i) const {
  auto values = reals(i);
  expect(values.size() == 1, "operand " + Twine(i) + " must be one number");
  return values[0];
}

static const char *kindName(int type) {
  static const char *names[] = {"undefined", "float", "int", "string", "tensor", "graph", "floats", "ints", "strings", "tensors", "graphs", "sparse tensor", "sparse tensors", "type", "types"};
  return type >= 0 && size_t(type) < std::size(names) ? names[type] : "unknown kind";
}
const pb::AttributeProto *Node::attribute(StringRef name, int type) const {
  for (const auto &a : proto.attribute())
    if (a.name() == name) {
      // Files of IR version 1 leave the kind out.
      int kind = a.type() ? int(a.type()) : a.has_i() ? A::INT : a.has_f() ? A::FLOAT : a.has_s() ? A::STRING : a.ints_size() ? A::INTS : a.has_t() ? A::TENSOR : a.has_g() ? A::GRAPH : type;
      if (type && kind != type)
        fail("attribute '" + name + "' must be of kind " + kindName(type) + ", it is " + kindName(kind));
      return &a;
    }
  return nullptr;
}
int64_t Node::i(StringRef name, int64_t otherwise) const {
  auto *a = attribute(name, A::INT);
  return a ? a->i() : otherwise;
}
int64_t Node::i(StringRef name) const {
  auto *a = attribute(name, A::INT);
  if (!a)
    fail("attribute '" + name + "' is missing");
  return a->i();
}
double Node::f(StringRef name, double otherwise) const {
  auto *a = attribute(name, A::FLOAT);
  return a ? double(a->f()) : otherwise;
}
std::string Node::s(StringRef name, StringRef otherwise) const {
  auto *a = attribute(name, A::STRING);
  return a ? a->s() : otherwise.str();
}
std::optional<Dims> Node::is(StringRef name) const {
  auto *a = attribute(name, A::INTS);
  return a ? std::optional<Dims>(Dims(a->ints().begin(), a->ints().end())) : std::nullopt;
}
std::optional<Dims> Node::isOrInput(StringRef name, size_t input) const { return has(input) ? std::optional(ints(input)) : is(name); }
const pb::GraphProto &Node::graph(StringRef name) const {
  auto *a = attribute(name, A::GRAPH);
  if (!a)
    fail("attribute '" + name + "' is missing");
  return a->g();
}

int64_t Node::axis(int64_t axis, int64_t rank, int64_t extra) const {
  int64_t limit = rank + extra;
  if (axis < -limit || axis >= limit)
    fail("axis " + Twine(axis) + " does not exist in " + Twine(limit) + " dimensions");
  return axis < 0 ? axis + limit : axis;
}
Dims Node::axes(Dims axes, int64_t rank) const {
  for (int64_t &a : axes)
    a = axis(a, rank);
  llvm::sort(axes);
  expect(std::adjacent_find(axes.begin(), axes.end()) == axes.end(), "an axis is named twice");
  return axes;
}

void Node::out(size_t i, Value v) {
  if (i < outputs.size())
    outputs[i] = std::move(v);
}
void Node::out(size_t i, Expr x, int dtype) {
  if (!x || !x.value)
    fail("output " + Twine(i) + " came to nothing");
  if (x.element() != storageType(dtype, *b.getContext()))
    x = cast(x, storageType(dtype, *b.getContext()));
  Value v;
  v.dtype = dtype;
  v.type = x.type();
  v.value = x.value;
  out(i, std::move(v));
}
void Node::out(size_t i, Expr x) { out(i, x, x.element() == storageType(dtype(0), *b.getContext()) ? dtype(0) : dtypeOf(x.element())); }
void Node::outKnown(size_t i, Literal l, int dtype) {
  Value v;
  v.dtype = dtype;
  v.type = l.type;
  v.known = std::make_shared<Literal>(std::move(l));
  out(i, std::move(v));
}
static Literal literalInts(MLIRContext *context, ArrayRef<int64_t> values, ArrayRef<int64_t> shape) {
  Literal l = Literal::zeros(RankedTensorType::get(shape, IntegerType::get(context, 64)));
  for (auto [k, v] : llvm::enumerate(values))
    l.set(k, {.integer = v});
  return l;
}
void Node::outInts(size_t i, ArrayRef<int64_t> values, ArrayRef<int64_t> shape) { outKnown(i, literalInts(b.getContext(), values, shape), pb::TensorProto::INT64); }
Expr Node::ints64(ArrayRef<int64_t> values, ArrayRef<int64_t> shape) { return constant(literalInts(b.getContext(), values, shape)); }

Type Node::element(int dtype) const {
  Type t = storageType(dtype, *b.getContext());
  if (!t)
    fail(Twine("elements of type ") + dtypeName(dtype) + " have no form in Tenon");
  return t;
}
Dims Node::broadcastShape(ArrayRef<int64_t> a, ArrayRef<int64_t> c) const {
  Dims shape(std::max(a.size(), c.size()), 1);
  for (size_t i = 1; i <= shape.size(); ++i) {
    int64_t p = i <= a.size() ? a[a.size() - i] : 1, q = i <= c.size() ? c[c.size() - i] : 1;
    expect(p == q || p == 1 || q == 1, "shapes [" + llvm::join(llvm::map_range(a, [](int64_t d) { return std::to_string(d); }), ", ") + "] and [" +
                                           llvm::join(llvm::map_range(c, [](int64_t d) { return std::to_string(d); }), ", ") + "] do not broadcast");
    shape[shape.size() - i] = p == 1 ? q : p;
  }
  return shape;
}
Expr Node::broadcast(Expr x, ArrayRef<int64_t> shape) const {
  expect(broadcastShape(x.shape(), shape) == shape, "an operand does not broadcast to the result's shape");
  elementsOf(shape);
  return ir::broadcast(x, shape, llvm::to_vector(llvm::seq<int64_t>(shape.size() - x.rank(), shape.size())));
}
Expr Node::along(Expr x, ArrayRef<int64_t> shape, int64_t axis) const {
  expect(x.rank() == 1 && axis >= 0 && axis < int64_t(shape.size()) && (x.shape()[0] == shape[axis] || x.shape()[0] == 1), "an operand of one dimension does not fit to dimension " + Twine(axis));
  return ir::broadcast(x, shape, {axis});
}
/// x as `shape`, which differs by extents of 1 alone where x repeats a tensor: then it repeats to that shape at once.
static Expr reshaped(Expr x, ArrayRef<int64_t> shape) {
  auto repeats = x.value.getDefiningOp<ir::prim::BroadcastOp>();
  if (!repeats || x.shape() == shape)
    return ir::reshape(x, shape);
  Expr inner{x.builder, repeats.getX()};
  if (inner.type().getNumElements() == x.type().getNumElements())
    return reshaped(inner, shape);
  Dims places(x.rank(), -1); // in `shape`
  size_t next = 0;
  for (auto [d, n] : llvm::enumerate(x.shape())) {
    while (next < shape.size() && shape[next] == 1 && n != 1)
      ++next;
    if (next < shape.size() && shape[next] == n)
      places[d] = int64_t(next++);
    else if (n != 1)
      return ir::reshape(x, shape);
  }
  Dims dimensions;
  for (int64_t d : repeats.getDimensions())
    dimensions.push_back(places[d]);
  bool whole = llvm::all_of(shape.drop_front(next), [](int64_t n) { return n == 1; });
  return whole && !llvm::is_contained(dimensions, -1) ? ir::broadcast(inner, shape, dimensions) : ir::reshape(x, shape);
}
Expr Node::squeeze(Expr x, ArrayRef<int64_t> dimensions) const {
  Dims shape;
  for (auto [d, n] : llvm::enumerate(x.shape()))
    if (llvm::is_contained(dimensions, int64_t(d)))
      expect(n == 1, "dimension " + Twine(d) + " has extent " + Twine(n) + ", not 1");
    else
      shape.push_back(n);
  return reshaped(x, shape);
}
Expr Node::keep(Expr reduced, ArrayRef<int64_t> shape, ArrayRef<int64_t> dimensions) const {
  Dims kept(shape);
  for (int64_t d : dimensions)
    kept[d] = 1;
  return ir::reshape(reduced, kept);
}
Expr Node::reshape(Expr x, ArrayRef<int64_t> shape) const {
  expect(elementsOf(shape) == x.type().getNumElements(), Twine(x.type().getNumElements()) + " elements do not fit into the new shape");
  return reshaped(x, shape);
}
/// What a value was cut from along one axis alone, element after element, and where it begins there.
static std::pair<mlir::Value, int64_t> cutAlong(mlir::Value v, int64_t axis) {
  auto cut = v.getDefiningOp<ir::prim::SliceOp>();
  if (!cut)
    return {};
  auto whole = mlir::cast<RankedTensorType>(cut.getX().getType()).getShape(), part = mlir::cast<RankedTensorType>(v.getType()).getShape();
  for (int64_t d : llvm::seq<int64_t>(0, whole.size()))
    if (cut.getStrides()[d] != 1 || (d != axis && whole[d] != part[d]))
      return {};
  return {cut.getX(), cut.getOffsets()[axis]};
}
Expr Node::slice(Expr x, int64_t axis, int64_t from, int64_t size, int64_t stride) const {
  Dims offsets(x.rank(), 0), sizes(x.shape()), strides(x.rank(), 1);
  expect(axis < x.rank() && from >= 0 && size >= 0 && stride >= 1 && (size == 0 || from + (size - 1) * stride < sizes[axis]), "a slice leaves its operand");
  if (from == 0 && size == sizes[axis])
    return x;
  // Of what was joined or cut along that axis: weights that a file arranges in another order are themselves again.
  auto joined = x.value.getDefiningOp<ir::prim::ConcatOp>();
  if (joined && stride == 1 && int64_t(joined.getDimension()) == axis) {
    int64_t at = from;
    for (mlir::Value part : joined.getParts()) {
      int64_t extent = mlir::cast<RankedTensorType>(part.getType()).getDimSize(axis);
      if (at >= 0 && at + size <= extent)
        return slice(Expr{x.builder, part}, axis, at, size);
      at -= extent;
    }
  }
  if (auto [whole, start] = cutAlong(x.value, axis); whole && stride == 1)
    return slice(Expr{x.builder, whole}, axis, start + from, size);
  offsets[axis] = from, sizes[axis] = size, strides[axis] = stride;
  return ir::slice(x, offsets, sizes, strides);
}
Expr Node::concat(ArrayRef<Expr> parts, int64_t axis) {
  // Neighbours of one tensor, cut along that axis: one slice.
  if (auto [whole, start] = cutAlong(parts[0].value, axis); whole) {
    int64_t end = start;
    bool adjoin = llvm::all_of(parts, [&](const Expr &part) {
      auto [of, from] = cutAlong(part.value, axis);
      bool next = of == whole && from == end;
      end += part.shape()[axis];
      return next;
    });
    if (adjoin)
      return slice(Expr{parts[0].builder, whole}, axis, start, end - start);
  }
  return parts.size() == 1 ? parts[0] : op<ir::prim::ConcatOp>(parts, [&](auto &p) { p.dimension = b.getI64IntegerAttr(axis); });
}
Expr Node::gather(Expr x, Expr indices, int64_t axis) {
  expect(axis < x.rank(), "axis " + Twine(axis) + " does not exist");
  expect(indices.element().isInteger(32) || indices.element().isInteger(64), "indices must be integers");
  double n = x.shape()[axis];
  return ir::gather(x, select(indices < 0.0, indices + n, indices), axis);
}
std::pair<Expr, Expr> Node::draw(int64_t n) {
  for (const Scope *s = &scope; s; s = s->around)
    expect(!s->repeated, "it draws random numbers inside of a loop whose steps are not known");
  auto [seed, counter] = importer.environment.draw(importer.root, n);
  return {Expr{&b, importer.visible(scope, seed)}, Expr{&b, importer.visible(scope, counter)}};
}

} // namespace tenon::onnx::imports
