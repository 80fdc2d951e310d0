// If and Scan: decided when importing where what decides is known, else the loops and branches of prim.
#include "compiler/onnx/import/rules/bodies.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

void conditional(Node &n) {
  const Value &c = n.input(0);
  n.expect(c.isTensor() && c.dtype == D::BOOL && c.type.getNumElements() == 1, "its condition must be one bool");
  if (c.isConstant()) {
    auto results = inlined(n, n.graph(n.known(0).get(0).integer ? "then_branch" : "else_branch"), {});
    for (auto [i, v] : llvm::enumerate(results))
      n.out(i, v);
    return;
  }
  Body branches[2] = {Body(n), Body(n)};
  std::vector<Value> results[2];
  SmallVector<mlir::Value> captured;
  for (int k : {0, 1}) {
    results[k] = n.importer.body(n.graph(k ? "else_branch" : "then_branch"), branches[k].scope, branches[k].b, {});
    n.expect(results[k].size() == n.outs(), "a branch has another number of outputs");
  }
  SmallVector<mlir::Value> yielded[2];
  for (size_t i = 0; i < results[0].size(); ++i)
    for (int k : {0, 1}) {
      n.expect(results[k][i].isTensor() && results[k][i].type == results[0][i].type, "output " + Twine(i) + " has another shape or type in each branch, which is not supported where data decides");
      yielded[k].push_back(valueIn(n, branches[k], results[k][i]).value);
    }
  // Both branches take what either captured.
  for (int k : {0, 1})
    for (mlir::Value v : branches[k].scope.captured)
      if (!llvm::is_contained(captured, v))
        captured.push_back(v);
  SmallVector<Type> types;
  for (const Value &v : results[0])
    types.push_back(v.type);
  auto op = prim::IfOp::create(n.b, types, n.reshape(n.in(0), {}).value, captured);
  for (int k : {0, 1}) {
    Scope &s = branches[k].scope;
    Block *block = new Block;
    (k ? op.getOtherwise() : op.getThen()).push_back(block);
    IRMapping map;
    for (mlir::Value v : captured) {
      mlir::Value argument = block->addArgument(v.getType(), v.getLoc());
      if (auto at = llvm::find(s.captured, v); at != s.captured.end())
        s.arguments[at - s.captured.begin()].replaceAllUsesWith(argument), s.arguments[at - s.captured.begin()] = argument;
      for (mlir::Value &y : yielded[k])
        if (auto old = mlir::dyn_cast<BlockArgument>(y); old && old.getOwner() == branches[k].block.get() && old.getArgNumber() < s.captured.size() && s.captured[old.getArgNumber()] == v)
          y = argument;
    }
    block->getOperations().splice(block->end(), branches[k].block->getOperations());
    ImplicitLocOpBuilder end = ImplicitLocOpBuilder::atBlockEnd(n.b.getLoc(), block);
    prim::YieldOp::create(end, yielded[k]);
  }
  for (auto [i, v] : llvm::enumerate(op->getResults()))
    n.out(i, Expr{&n.b, v}, results[0][i].dtype);
}

/// Scan: a scan of prim where slices are along the first axis.
void scan(Node &n) {
  const pb::GraphProto &graph = n.graph("body");
  bool first = n.version < 9;
  n.expect(n.count() > size_t(first), "it has nothing to scan");
  SmallVector<Value> operands(n.inputs.begin() + (first ? 1 : 0), n.inputs.end());
  int64_t inputs = std::clamp<int64_t>(n.i("num_scan_inputs"), 0, operands.size() + 1), carried = int64_t(operands.size()) - inputs, outputs = int64_t(n.outs()) - carried;
  n.expect(inputs > 0 && carried >= 0 && outputs >= 0 && graph.output_size() == int64_t(n.outs()), "num_scan_inputs does not fit to its operands");
  Dims inAxes = n.is(first ? "no axes" : "scan_input_axes", Dims(inputs, 0)), outAxes = n.is(first ? "no axes" : "scan_output_axes", Dims(outputs, 0));
  Dims inWays = n.is(first ? "directions" : "scan_input_directions", Dims(inputs, 0)), outWays = n.is(first ? "no" : "scan_output_directions", Dims(outputs, 0));
  n.expect(int64_t(inAxes.size()) == inputs && int64_t(outAxes.size()) == outputs && int64_t(inWays.size()) == inputs && int64_t(outWays.size()) == outputs, "axes and directions need one entry per scanned operand");
  int64_t batches = 1;
  if (first) { // opset 8: a batch of scans
    n.expect(!n.has(0), "sequence_lens is not supported");
    n.expect(operands[0].isTensor() && operands[0].type.getRank() > 0, "opset 8 wants a batch dimension");
    batches = operands[0].type.getShape()[0];
    n.expect(batches > 0 && batches <= 64, "batches of more than 64 are not supported");
  }
  std::vector<std::vector<Expr>> perBatch;
  std::vector<int> dtypes(n.outs());
  for (int64_t batch = 0; batch < batches; ++batch) {
    SmallVector<Expr> given;
    for (const Value &v : operands) {
      Expr e = n.value(v);
      if (first)
        e = n.reshape(n.slice(e, 0, batch, 1), e.shape().drop_front());
      given.push_back(e);
    }
    Body body(n, /*repeated=*/true);
    SmallVector<mlir::Value> inits, xs;
    SmallVector<Type> types;
    int64_t length = -1;
    for (int64_t k = 0; k < carried; ++k) {
      inits.push_back(given[k].value), types.push_back(given[k].type());
      body.argument(operands[k].dtype, given[k].type());
    }
    for (int64_t k = 0; k < inputs; ++k) {
      Expr e = given[carried + k];
      int64_t axis = n.axis(inAxes[k], e.rank());
      Dims order = range(0, e.rank());
      std::rotate(order.begin(), order.begin() + axis, order.begin() + axis + 1);
      e = axis ? transpose(e, order) : e;
      e = inWays[k] ? reverse(e, {0}) : e;
      n.expect(length < 0 || length == e.shape()[0], "scanned operands have several lengths");
      length = e.shape()[0];
      xs.push_back(e.value);
      body.argument(operands[carried + k].dtype, RankedTensorType::get(e.shape().drop_front(), e.element()));
    }
    auto results = n.importer.body(graph, body.scope, body.b, body.arguments);
    SmallVector<mlir::Value> yielded;
    for (size_t k = 0; k < n.outs(); ++k) {
      if (int64_t(k) < carried)
        sameType(n, results[k], mlir::cast<RankedTensorType>(types[k]), "carry " + Twine(k));
      n.expect(results[k].isTensor(), "it stacks a sequence");
      dtypes[k] = results[k].dtype;
      yielded.push_back(valueIn(n, body, results[k]).value);
      if (int64_t(k) >= carried) {
        Dims shape{length};
        llvm::append_range(shape, results[k].type.getShape());
        types.push_back(RankedTensorType::get(shape, results[k].type.getElementType()));
      }
    }
    prim::YieldOp::create(body.b, yielded);
    auto op = prim::ScanOp::create(n.b, types, inits, xs, body.scope.captured, length, false, IntegerAttr());
    op.getBody().push_back(body.block.release());
    auto &out = perBatch.emplace_back();
    for (auto [k, r] : llvm::enumerate(op->getResults())) {
      Expr e{&n.b, r};
      if (int64_t(k) >= carried) {
        int64_t which = int64_t(k) - carried, axis = n.axis(outAxes[which], e.rank());
        e = outWays[which] ? reverse(e, {0}) : e;
        Dims order = range(0, e.rank());
        std::rotate(order.begin(), order.begin() + 1, order.begin() + axis + 1);
        e = axis ? transpose(e, order) : e;
      }
      out.push_back(e);
    }
  }
  for (size_t k = 0; k < n.outs(); ++k) {
    if (!first) {
      n.out(k, perBatch[0][k], dtypes[k]);
      continue;
    }
    SmallVector<Expr> parts;
    for (auto &out : perBatch) {
      Dims shape{1};
      llvm::append_range(shape, out[k].shape());
      parts.push_back(n.reshape(out[k], shape));
    }
    n.out(k, n.concat(parts, 0), dtypes[k]);
  }
}
} // namespace

void addControl(Table &t) {
  t("If", 1, conditional).random = true; // not folded itself: its graphs are
  t("Scan", 8, scan).random = true;
  t("Scan", 9, scan).random = true;
}

} // namespace tenon::onnx::imports
