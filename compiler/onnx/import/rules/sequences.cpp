// Sequences and optionals: lists that are known when importing, of tensors that need not be.
#include "compiler/onnx/import/rules/bodies.h"
#include "compiler/onnx/import/rules/numbers.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

Value listOf(std::vector<Value> elements) {
  Value v;
  v.list = std::make_shared<const std::vector<Value>>(std::move(elements));
  return v;
}
const std::vector<Value> &list(Node &n, size_t i) {
  n.expect(n.input(i).list != nullptr, "operand " + Twine(i) + " must be a sequence");
  return *n.input(i).list;
}
int64_t position(Node &n, size_t operand, int64_t size, int64_t extra) {
  Dims p = n.ints(operand);
  n.expect(p.size() == 1 && p[0] >= -size && p[0] < size + extra, "a position is not in a sequence of " + Twine(size));
  return p[0] < 0 ? p[0] + size : p[0];
}
void insert(Node &n) {
  auto elements = list(n, 0);
  int64_t at = n.has(2) ? position(n, 2, elements.size(), 1) : elements.size();
  elements.insert(elements.begin() + at, n.input(1));
  n.out(0, listOf(elements));
}
void erase(Node &n) {
  auto elements = list(n, 0);
  n.expect(!elements.empty(), "the sequence is empty");
  elements.erase(elements.begin() + (n.has(1) ? position(n, 1, elements.size(), 0) : elements.size() - 1));
  n.out(0, listOf(elements));
}
void concatFromSequence(Node &n) {
  const auto &elements = list(n, 0);
  n.expect(!elements.empty(), "the sequence is empty");
  bool fresh = n.i("new_axis", 0);
  int64_t axis = n.axis(n.i("axis"), elements[0].type ? elements[0].type.getRank() : 0, fresh);
  SmallVector<Expr> parts;
  for (const Value &v : elements) {
    Expr e = n.value(v);
    if (fresh) {
      Dims shape(e.shape());
      n.expect(axis <= int64_t(shape.size()), "elements have several ranks");
      shape.insert(shape.begin() + axis, 1);
      e = n.reshape(e, shape);
    }
    parts.push_back(e);
  }
  n.out(0, n.concat(parts, axis), elements[0].dtype);
}
void splitToSequence(Node &n) {
  Expr x = n.in(0);
  int64_t axis = n.axis(n.i("axis", 0), x.rank()), extent = x.shape()[axis];
  Dims sizes;
  bool squeezed = !n.has(1) && !n.i("keepdims", 1);
  auto bounded = [&](int64_t count) { n.expect(count <= 1 << 16, "it would make " + Twine(count) + " parts"); };
  if (!n.has(1))
    bounded(extent), sizes.assign(extent, 1);
  else if (n.known(1).type.getRank() == 0) {
    int64_t each = integerOf(n, 1);
    n.expect(each > 0, "split must be positive");
    bounded(extent / each);
    for (int64_t at = 0; at < extent; at += each)
      sizes.push_back(std::min(each, extent - at));
  } else
    sizes = n.ints(1);
  std::vector<Value> parts;
  int64_t at = 0;
  for (int64_t size : sizes) {
    n.expect(size >= 0 && size <= extent - at, "sizes do not fit");
    Expr e = n.slice(x, axis, at, size);
    at += size;
    Value v;
    e = squeezed ? n.squeeze(e, {axis}) : e;
    v.dtype = n.dtype(0), v.type = e.type(), v.value = e.value;
    parts.push_back(v);
  }
  n.out(0, listOf(parts));
}
/// Its graph, once for every element.
void sequenceMap(Node &n) {
  const auto &first = list(n, 0);
  std::vector<std::vector<Value>> made(n.outs());
  for (size_t i = 0; i < first.size(); ++i) {
    SmallVector<Value> arguments;
    for (const Value &v : n.inputs) {
      n.expect(!v.list || v.list->size() == first.size(), "its sequences have several lengths");
      arguments.push_back(v.list ? (*v.list)[i] : v);
    }
    auto results = inlined(n, n.graph("body"), arguments);
    n.expect(results.size() == n.outs(), "its body has another number of outputs");
    for (auto [all, v] : llvm::zip_equal(made, results))
      all.push_back(v);
  }
  for (auto [i, all] : llvm::enumerate(made))
    n.out(i, listOf(all));
}
} // namespace

void addSequences(Table &t) {
  auto never = [&](StringRef op, int64_t since, Rule rule) { t(op, since, std::move(rule)).random = true; }; // lists are no elements to fold
  never("SequenceEmpty", 11, [](Node &n) { n.out(0, listOf({})); });
  never("SequenceConstruct", 11, [](Node &n) {
    for (size_t i = 0; i < n.count(); ++i)
      n.input(i);
    n.out(0, listOf(n.inputs));
  });
  never("SequenceInsert", 11, insert);
  never("SequenceErase", 11, erase);
  never("SequenceAt", 11, [](Node &n) {
    const auto &elements = list(n, 0);
    n.out(0, elements[position(n, 1, elements.size(), 0)]);
  });
  t("SequenceLength", 11, [](Node &n) { n.outInts(0, {int64_t(list(n, 0).size())}, {}); }).random = true;
  never("ConcatFromSequence", 11, concatFromSequence);
  never("SplitToSequence", 11, splitToSequence);
  never("SequenceMap", 17, sequenceMap);
  never("Optional", 15, [](Node &n) { n.out(0, listOf(n.has(0) ? std::vector<Value>{n.input(0)} : std::vector<Value>{})); });
  never("OptionalHasElement", 15, [](Node &n) {
    bool has = n.has(0) && (!n.input(0).list || !n.input(0).list->empty());
    Literal l = Literal::zeros(RankedTensorType::get({}, n.b.getI1Type()));
    l.set(0, {.integer = has});
    n.outKnown(0, l, D::BOOL);
  });
  never("OptionalGetElement", 15, [](Node &n) {
    const Value &v = n.input(0);
    n.expect(!v.list || v.list->size() == 1, "the optional is empty");
    n.out(0, v.list ? v.list->front() : v);
  });
}

} // namespace tenon::onnx::imports
