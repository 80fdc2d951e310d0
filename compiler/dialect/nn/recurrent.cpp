// Recurrent layers as scans, and their verifier.
#include "compiler/dialect/nn/recurrent.h"

using namespace mlir;
namespace tenon::ir::nn {

static RankedTensorType tensorOf(Value v) { return mlir::cast<RankedTensorType>(v.getType()); }

LogicalResult verifyRecurrentShapes(const Recurrent &layer, Operation *op, int64_t gates, int64_t states) {
  RankedTensorType x = tensorOf(layer.x);
  if (x.getRank() != 3)
    return op->emitOpError() << "x is " << x << ", expected [steps, batch, features] (C1)";
  int64_t steps = x.getDimSize(0), batch = x.getDimSize(1), features = x.getDimSize(2);
  if (int64_t(layer.states.size()) != states)
    return op->emitOpError() << "has " << layer.states.size() << " states, expected " << states << " (C2)";
  int64_t hidden = tensorOf(layer.states[0]).getRank() == 2 ? tensorOf(layer.states[0]).getDimSize(1) : -1;
  auto type = [&](ArrayRef<int64_t> shape) { return RankedTensorType::get(shape, x.getElementType()); };
  auto check = [&](const char *what, Value v, ArrayRef<int64_t> shape, const char *label) -> LogicalResult {
    if (hidden >= 0 && v.getType() == type(shape))
      return success();
    InFlightDiagnostic error = op->emitOpError() << what << " is " << v.getType();
    if (hidden >= 0)
      error << ", expected " << type(shape);
    return error << " (" << label << ")";
  };
  for (Value v : layer.states)
    if (failed(check("a state", v, {batch, hidden}, "C2")))
      return failure();
  if (failed(check("w_ih", layer.w_ih, {gates * hidden, features}, "C2")) || failed(check("w_hh", layer.w_hh, {gates * hidden, hidden}, "C2")))
    return failure();
  if (layer.bias.size() != 0 && layer.bias.size() != 2)
    return op->emitOpError() << "has " << layer.bias.size() << " biases, expected none or two (C2)";
  for (Value v : layer.bias)
    if (failed(check("a bias", v, {gates * hidden}, "C2")))
      return failure();
  if (layer.lengths && layer.lengths.getType() != RankedTensorType::get({batch}, IntegerType::get(op->getContext(), 64)))
    return op->emitOpError() << "lengths are " << layer.lengths.getType() << ", expected " << batch << " 64-bit integers (C3)";
  if (int64_t(op->getNumResults()) != 1 + states)
    return op->emitOpError() << "has " << op->getNumResults() << " results, expected y and " << states << " states (C4)";
  if (failed(check("y", op->getResult(0), {steps, batch, hidden}, "C4")))
    return failure();
  for (Value v : op->getResults().drop_front())
    if (failed(check("a last state", v, {batch, hidden}, "C4")))
      return failure();
  return success();
}

/// The next states, the first of them the output, of what input and state say.
static SmallVector<Expr> step(Cell cell, Expr a, Expr r, ArrayRef<Expr> states) {
  int64_t batch = states[0].shape()[0], hidden = states[0].shape()[1];
  auto part = [&](Expr e, int64_t k) { return slice(e, {0, k * hidden}, {batch, hidden}, {1, 1}); };
  auto gate = [&](Expr e) { return Expr(e.builder, SigmoidOp::create(*e.builder, e.type(), e.value)); };
  switch (cell) {
  case Cell::tanh:
    return {tanh(a + r)};
  case Cell::relu: {
    Expr sum = a + r;
    return {select(sum <= 0.0, 0.0, sum)};
  }
  case Cell::lstm: {
    Expr sum = a + r;
    Expr c = gate(part(sum, 1)) * states[1] + gate(part(sum, 0)) * tanh(part(sum, 2));
    return {gate(part(sum, 3)) * tanh(c), c};
  }
  case Cell::gru: {
    Expr reset = gate(part(a, 0) + part(r, 0)), z = gate(part(a, 1) + part(r, 1));
    Expr n = tanh(part(a, 2) + reset * part(r, 2));
    return {n + z * (states[0] - n)};
  }
  }
  llvm_unreachable("no such cell");
}

FailureOr<SmallVector<Value>> recurrentScan(const Recurrent &layer, ImplicitLocOpBuilder &b, Cell cell) {
  RankedTensorType x = tensorOf(layer.x);
  int64_t steps = x.getDimSize(0);
  SmallVector<Value> xs{layer.x}, captured{layer.w_ih, layer.w_hh};
  llvm::append_range(captured, layer.bias);
  if (layer.lengths) {
    xs.push_back(iota(b, RankedTensorType::get({steps}, b.getI64Type()), 0).value);
    captured.push_back(layer.lengths);
  }
  SmallVector<Type> arguments(layer.states.getTypes()), results(layer.states.getTypes());
  for (Value v : xs)
    arguments.push_back(RankedTensorType::get(tensorOf(v).getShape().drop_front(), tensorOf(v).getElementType()));
  llvm::append_range(arguments, ValueRange(captured).getTypes());
  ArrayRef<int64_t> state = tensorOf(layer.states[0]).getShape();
  results.push_back(RankedTensorType::get({steps, state[0], state[1]}, x.getElementType()));
  auto scan = prim::ScanOp::create(b, results, layer.states, xs, captured, steps, layer.reverse, IntegerAttr());
  {
    OpBuilder::InsertionGuard guard(b);
    Block *body = b.createBlock(&scan.getBody(), {}, arguments, SmallVector<Location>(arguments.size(), b.getLoc()));
    size_t n = layer.states.size();
    auto argument = [&](size_t i) { return Expr(&b, body->getArgument(i)); };
    size_t w = n + xs.size();
    bool biased = !layer.bias.empty();
    SmallVector<Expr> states;
    for (size_t i = 0; i < n; ++i)
      states.push_back(argument(i));
    Expr a = linear(argument(n), argument(w), biased ? argument(w + 2) : Expr());
    Expr r = linear(states[0], argument(w + 1), biased ? argument(w + 3) : Expr());
    SmallVector<Expr> next = step(cell, a, r, states);
    Expr y = next[0];
    if (layer.lengths) {
      Expr t = argument(n + 1), lengths = argument(w + captured.size() - 1);
      Expr live = broadcast(broadcast(t, lengths.shape(), {}) < lengths, y.shape(), {0});
      y = select(live, y, 0.0);
      for (size_t i = 0; i < n; ++i)
        next[i] = select(live, next[i], states[i]);
    }
    SmallVector<Value> yielded;
    for (Expr e : next)
      yielded.push_back(e.value);
    yielded.push_back(y.value);
    prim::YieldOp::create(b, yielded);
  }
  SmallVector<Value> values{scan->getResult(layer.states.size())};
  llvm::append_range(values, scan.getFinals());
  return values;
}

} // namespace tenon::ir::nn
