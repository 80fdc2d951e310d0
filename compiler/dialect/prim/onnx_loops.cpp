// prim in ONNX: loops and branches. What a body captures it sees by name; its results are values of its own (Identity), as ONNX wants them.
#include "compiler/dialect/prim/onnx.h"

using namespace mlir;
namespace tenon::ir::prim {

static SmallVector<std::string> names(OnnxBuilder &o, ValueRange values) {
  return llvm::map_to_vector(values, [&](Value v) { return o(v); });
}
static OnnxNames own(OnnxBuilder &o, ArrayRef<std::string> values) {
  OnnxNames result;
  for (const std::string &v : values)
    result.push_back(o.node("Identity", {v}));
  return result;
}
static SmallVector<std::string> join(ArrayRef<std::string> a, ArrayRef<std::string> b) { return llvm::to_vector(llvm::concat<const std::string>(a, b)); }

/// A Scan where slices go in, else a Loop of a known number of steps.
OnnxForm onnx(ScanOp op, OnnxBuilder &o) {
  SmallVector<std::string> inits = names(o, op.getInits()), xs = names(o, op.getXs()), captured = names(o, op.getCaptured());
  int64_t carries = inits.size(), stacked = op->getNumResults() - carries;
  auto types = [](Block::BlockArgListType arguments) { return llvm::map_to_vector(arguments, [](BlockArgument a) { return a.getType(); }); };
  if (xs.empty()) {
    if (op.getReverse() && stacked)
      return o.refuse("a scan that goes backwards without a tensor to go over");
    SmallVector<Type> inputs{RankedTensorType::get({}, IntegerType::get(op.getContext(), 64)), RankedTensorType::get({}, IntegerType::get(op.getContext(), 1))};
    llvm::append_range(inputs, types(op.getCarries()));
    OnnxBody body = o.body(inputs, [&](ArrayRef<std::string> arguments) {
      OnnxNames yields = own(o, o.block(op.getBlock(), join(arguments.drop_front(2), captured)));
      yields.insert(yields.begin(), o.node("Identity", {arguments[1]}));
      return yields;
    });
    SmallVector<std::string> operands = join({o.integer(op.getLength()), std::string()}, inits);
    return o.nodes("Loop", operands, {{"body", body}}, op->getNumResults());
  }
  SmallVector<Type> inputs = types(op.getCarries());
  llvm::append_range(inputs, types(op.getSlices()));
  OnnxBody body = o.body(inputs, [&](ArrayRef<std::string> arguments) { return own(o, o.block(op.getBlock(), join(arguments, captured))); });
  std::vector<int64_t> in(xs.size(), op.getReverse()), out(stacked, op.getReverse());
  SmallVector<OnnxAttribute> attributes{{"body", body}, {"num_scan_inputs", static_cast<int64_t>(xs.size())}, {"scan_input_directions", in}};
  if (stacked)
    attributes.push_back({"scan_output_directions", out});
  return o.nodes("Scan", join(inits, xs), attributes, op->getNumResults());
}

OnnxForm onnx(WhileOp op, OnnxBuilder &o) {
  SmallVector<std::string> inits = names(o, op.getInits()), captured = names(o, op.getCaptured());
  Block &condition = op.getCondition().front(), &step = op.getBody().front();
  SmallVector<Type> inputs{RankedTensorType::get({}, IntegerType::get(op.getContext(), 64)), RankedTensorType::get({}, IntegerType::get(op.getContext(), 1))};
  llvm::append_range(inputs, op.getInits().getTypes());
  OnnxBody body = o.body(inputs, [&](ArrayRef<std::string> arguments) {
    OnnxNames next = o.block(step, join(arguments.drop_front(2), captured));
    OnnxNames more = o.block(condition, join(next, captured));
    next.insert(next.begin(), more[0]);
    return own(o, next);
  });
  std::string first = o.block(condition, join(inits, captured))[0];
  SmallVector<std::string> operands = join({op.getBound() ? o.integer(*op.getBound()) : std::string(), first}, inits);
  return o.nodes("Loop", operands, {{"body", body}}, op->getNumResults());
}

OnnxForm onnx(IfOp op, OnnxBuilder &o) {
  SmallVector<std::string> captured = names(o, op.getCaptured());
  auto branch = [&](Block &block) { return o.body({}, [&](ArrayRef<std::string>) { return own(o, o.block(block, captured)); }); };
  OnnxBody then = branch(op.getThen().front()), otherwise = branch(op.getOtherwise().front());
  return o.nodes("If", {o(op.getPredicate())}, {{"then_branch", then}, {"else_branch", otherwise}}, op->getNumResults());
}

} // namespace tenon::ir::prim
