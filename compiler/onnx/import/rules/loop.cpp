// Loop: few steps of a known number are written side by side, which knows each step's number; others become a scan of prim (nothing ends it before) or a while.
#include "compiler/onnx/import/rules/bodies.h"
#include "compiler/onnx/import/rules/numbers.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

constexpr int64_t few = 32;
constexpr int64_t mostUnrolled = 1 << 16;

Value known(Node &n, int64_t value, Type element, int dtype) {
  Literal l = Literal::zeros(RankedTensorType::get({}, element));
  l.set(0, {.integer = value});
  Value v;
  v.dtype = dtype, v.type = l.type, v.known = std::make_shared<Literal>(l);
  return v;
}
/// What the iterations stack, along a new first dimension.
void stackedOut(Node &n, size_t at, ArrayRef<Value> parts, int64_t axis, bool reversed) {
  n.expect(!parts.empty(), "it makes no step: the shape of output " + Twine(at) + " is unknown");
  SmallVector<Expr> all;
  for (const Value &v : parts) {
    n.expect(v.isTensor() && v.type == parts[0].type, "what its steps stack has several shapes");
    Expr e = n.value(v);
    Dims shape(e.shape());
    shape.insert(shape.begin() + n.axis(axis, e.rank(), 1), 1);
    all.push_back(n.reshape(e, shape));
  }
  if (reversed)
    std::reverse(all.begin(), all.end());
  n.out(at, n.concat(all, n.axis(axis, parts[0].type.getRank(), 1)), parts[0].dtype);
}

/// Step by step, as long as the condition is known.
void unrolled(Node &n, const pb::GraphProto &graph, int64_t trips, bool going) {
  size_t carried = n.count() > 2 ? n.count() - 2 : 0;
  n.expect(n.outs() >= carried, "it has fewer outputs than carries");
  std::vector<Value> carries(n.inputs.begin() + std::min<size_t>(2, n.count()), n.inputs.end());
  std::vector<std::vector<Value>> stacks(n.outs() > carried ? n.outs() - carried : 0);
  for (int64_t i = 0; going && i < trips; ++i) {
    n.expect(i < mostUnrolled, "it makes more than " + Twine(mostUnrolled) + " steps, which are written side by side");
    SmallVector<Value> arguments{known(n, i, n.b.getI64Type(), D::INT64), known(n, 1, n.b.getI1Type(), D::BOOL)};
    llvm::append_range(arguments, carries);
    auto results = inlined(n, graph, arguments);
    n.expect(results.size() == 1 + n.outs(), "its body has another number of outputs");
    n.expect(results[0].isTensor() && results[0].dtype == D::BOOL && results[0].type.getNumElements() == 1, "its body's condition must be one bool");
    n.expect(results[0].isConstant() || i + 1 >= trips, "whether it goes on depends on data, and its carries change their shapes");
    going = !results[0].isConstant() || results[0].known->get(0).integer;
    carries.assign(results.begin() + 1, results.begin() + 1 + carried);
    for (size_t k = 0; k < stacks.size(); ++k)
      stacks[k].push_back(results[1 + carried + k]);
  }
  for (size_t k = 0; k < carried; ++k)
    n.out(k, carries[k]);
  for (size_t k = 0; k < stacks.size(); ++k)
    stackedOut(n, carried + k, stacks[k], 0, false);
}

/// As a loop of prim, whose carries keep their types: after the number of the step (and, of a while, whether it goes on) those of the node.
void looped(Node &n, const pb::GraphProto &graph, std::optional<int64_t> trips, bool &endless) {
  size_t carried = n.count() > 2 ? n.count() - 2 : 0;
  auto number = RankedTensorType::get({}, n.b.getI64Type()), flag = RankedTensorType::get({}, n.b.getI1Type());
  Body body(n, /*repeated=*/true);
  body.argument(D::INT64, number);
  body.arguments.push_back(known(n, 1, n.b.getI1Type(), D::BOOL)); // else the step would not be made
  SmallVector<mlir::Value> inits{n.splat({}, n.b.getI64Type(), 0).value};
  for (size_t k = 0; k < carried; ++k) {
    n.expect(n.has(2 + k) && n.input(2 + k).isTensor(), "carry " + Twine(k) + " is no tensor, and the number of steps is not known");
    inits.push_back(n.in(2 + k).value);
    body.argument(n.dtype(2 + k), n.input(2 + k).type);
  }
  auto results = n.importer.body(graph, body.scope, body.b, body.arguments);
  n.expect(results.size() == 1 + n.outs() && n.outs() >= carried, "its body has another number of outputs");
  n.expect(results[0].isTensor() && results[0].dtype == D::BOOL && results[0].type.getNumElements() == 1, "its body's condition must be one bool");
  bool begins = !n.has(1) || n.input(1).isConstant(), always = begins && results[0].isConstant() && results[0].known->get(0).integer;
  endless = always && !n.has(0);
  n.expect(!endless, "it never ends");
  always &= trips.has_value();

  Expr next = Expr{&body.b, body.arguments[0].value} + 1.0;
  SmallVector<mlir::Value> yielded{next.value};
  SmallVector<Type> types{number};
  for (size_t k = 0; k < n.outs(); ++k) {
    const Value &v = results[1 + k];
    if (k < carried)
      sameType(n, v, n.input(2 + k).type, "carry " + Twine(k));
    n.expect(v.isTensor(), "it stacks a sequence");
    n.expect(k < carried || always, "how many steps it makes depends on data, and with it the shape of output " + Twine(k));
    yielded.push_back(valueIn(n, body, v).value);
    Dims shape(v.type.getShape());
    if (k >= carried)
      shape.insert(shape.begin(), *trips);
    types.push_back(v.type.clone(shape));
  }
  auto finish = [&](Operation *op, size_t first) {
    for (size_t k = 0; k < n.outs(); ++k)
      n.out(k, Expr{&n.b, op->getResult(unsigned(first + k))}, results[1 + k].dtype);
  };
  if (always) {
    prim::YieldOp::create(body.b, yielded);
    auto op = prim::ScanOp::create(n.b, types, inits, ValueRange(), body.scope.captured, *trips, false, IntegerAttr());
    op.getBody().push_back(body.block.release());
    return finish(op, 1);
  }
  Expr more = valueIn(n, body, results[0]);
  yielded.insert(yielded.begin() + 1, reshape(more, {}).value);
  prim::YieldOp::create(body.b, yielded);
  body.block->insertArgument(1u, flag, body.b.getLoc());
  inits.insert(inits.begin() + 1, n.has(1) ? n.reshape(n.in(1), {}).value : n.splat({}, n.b.getI1Type(), 1).value);
  types.insert(types.begin() + 1, flag);
  // At most `trips` steps: of a loop that is told how many it has a derivative.
  SmallVector<mlir::Value> captured(body.scope.captured);
  bool bounded = trips && *trips <= (int64_t(1) << 20);
  if (n.has(0) && !bounded) {
    captured.push_back(n.reshape(n.in(0), {}).value);
    body.block->addArgument(number, body.b.getLoc());
  }
  auto op = prim::WhileOp::create(n.b, types, inits, captured, bounded ? n.b.getI64IntegerAttr(std::max<int64_t>(0, *trips)) : IntegerAttr());
  Block *test = new Block;
  op.getCondition().push_back(test);
  for (BlockArgument a : body.block->getArguments())
    test->addArgument(a.getType(), a.getLoc());
  ImplicitLocOpBuilder b = ImplicitLocOpBuilder::atBlockEnd(n.b.getLoc(), test);
  Expr goes{&b, test->getArgument(1)};
  if (n.has(0) && !bounded)
    goes = goes & (Expr{&b, test->getArgument(0)} < Expr{&b, test->getArguments().back()});
  prim::YieldOp::create(b, goes.value);
  op.getBody().push_back(body.block.release());
  finish(op, 2);
}

/// What goes wrong; none: it went well.
template <class Make> std::optional<Failure> attempt(Node &n, Make make) {
  auto before = n.importer.place();
  try {
    make();
    return std::nullopt;
  } catch (Failure &f) {
    n.importer.restore(before);
    n.outputs.assign(n.outputs.size(), Value());
    return f;
  }
}

void loop(Node &n) {
  const pb::GraphProto &graph = n.graph("body");
  n.expect(graph.input_size() >= 2 && graph.output_size() >= 1, "its body takes at least a number and a condition");
  size_t carried = n.count() > 2 ? n.count() - 2 : 0;
  n.expect(n.outs() >= carried, "it has fewer outputs than carries");
  bool counted = n.has(0) && n.input(0).isConstant(), begins = !n.has(1) || n.input(1).isConstant();
  std::optional<int64_t> trips = counted ? std::optional(integerOf(n, 0)) : std::nullopt;
  if (begins && n.has(1) && !integerOf(n, 1))
    trips = 0;
  auto aside = [&] { unrolled(n, graph, n.has(0) ? trips ? *trips : integerOf(n, 0) : trips.value_or(INT64_MAX), !n.has(1) || integerOf(n, 1)); };
  bool endless = false;
  auto turning = [&] { looped(n, graph, trips, endless); };
  // A number of steps that comes with the inputs is asked for where a derivative may be.
  bool asked = n.importer.environment.training() && n.has(0) && !counted && n.input(0).input >= 0;
  bool asideFirst = begins && ((trips && *trips <= few) || asked);
  auto first = asideFirst ? attempt(n, aside) : attempt(n, turning);
  if (!first)
    return;
  if (first->wanted >= 0 || endless)
    throw *first;
  if (auto second = asideFirst ? attempt(n, turning) : attempt(n, aside))
    throw second->wanted >= 0 ? *second : *first;
}
} // namespace

void addLoop(Table &t) { t("Loop", 1, loop).random = true; } // not folded itself: its graph is

} // namespace tenon::onnx::imports
