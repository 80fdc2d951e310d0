// prim in ONNX: loops and branches. What a body captures it sees by name; its results are values of its own (Identity), as ONNX wants them.
#include "compiler/dialect/prim/onnx.h"
#include "mlir/IR/Matchers.h"

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

/// The carry that counts the steps from 0, and the one that says whether another follows: a Loop has both by itself. None: -1.
static std::pair<int, int> ownCarries(WhileOp op) {
  Block &condition = op.getCondition().front(), &step = op.getBody().front();
  auto placeOf = [](Value v, Block &block) {
    auto argument = dyn_cast<BlockArgument>(v);
    return argument && argument.getOwner() == &block ? static_cast<int>(argument.getArgNumber()) : -1;
  };
  int count = op.getInits().size(), flag = placeOf(condition.getTerminator()->getOperand(0), condition), counter = -1;
  if (flag >= count || (flag >= 0 && !op.getResult(flag).use_empty()))
    flag = -1;
  for (int k = 0; k < count && counter < 0; ++k)
    if (auto next = step.getTerminator()->getOperand(k).getDefiningOp<AddOp>(); next && op.getResult(k).use_empty() && next.getType() == RankedTensorType::get({}, IntegerType::get(op.getContext(), 64)))
      if (matchPattern(op.getInits()[k], m_Zero()) && condition.getArgument(k).use_empty() && placeOf(next.getA(), step) == k && matchPattern(next.getB(), m_One()))
        counter = k;
  return {counter, flag};
}

OnnxForm onnx(WhileOp op, OnnxBuilder &o) {
  SmallVector<std::string> inits = names(o, op.getInits()), captured = names(o, op.getCaptured());
  Block &condition = op.getCondition().front(), &step = op.getBody().front();
  auto [counter, flag] = ownCarries(op);
  auto isOwn = [counter = counter, flag = flag](int k) { return k == counter || k == flag; };
  SmallVector<Type> inputs{RankedTensorType::get({}, IntegerType::get(op.getContext(), 64)), RankedTensorType::get({}, IntegerType::get(op.getContext(), 1))};
  SmallVector<std::string> carried;
  for (int k : llvm::seq<int>(0, inits.size()))
    if (!isOwn(k))
      inputs.push_back(op.getInits()[k].getType()), carried.push_back(inits[k]);
  auto goesOn = [&, flag = flag](ArrayRef<std::string> carries) { return flag >= 0 ? carries[flag] : o.block(condition, join(carries, captured))[0]; };
  auto begins = [&, flag = flag] { // of the inits themselves, not of arguments: constants are seen
    if (flag >= 0)
      return inits[flag];
    IRMapping map;
    map.map(condition.getArguments(), op.getOperands());
    Block first;
    OpBuilder b(op.getContext());
    b.setInsertionPointToEnd(&first);
    for (Operation &each : condition)
      b.clone(each, map);
    return o.block(first, {})[0];
  };
  OnnxBody body = o.body(inputs, [&, counter = counter](ArrayRef<std::string> arguments) {
    SmallVector<std::string> carries;
    ArrayRef<std::string> left = arguments.drop_front(2);
    for (int k : llvm::seq<int>(0, inits.size())) {
      carries.push_back(isOwn(k) ? arguments[k == counter ? 0 : 1] : left[0]);
      left = isOwn(k) ? left : left.drop_front();
    }
    OnnxNames next = o.block(step, join(carries, captured)), yields{goesOn(next)};
    for (int k : llvm::seq<int>(0, next.size()))
      if (!isOwn(k))
        yields.push_back(next[k]);
    return own(o, yields);
  });
  SmallVector<std::string> operands = join({op.getBound() ? o.integer(*op.getBound()) : std::string(), begins()}, carried);
  OnnxNames made = o.nodes("Loop", operands, {{"body", body}}, carried.size()), results;
  for (int k : llvm::seq<int>(0, inits.size()))
    results.push_back(isOwn(k) ? std::string() : made[results.size() - (counter >= 0 && counter < k) - (flag >= 0 && flag < k)]);
  return results;
}

OnnxForm onnx(IfOp op, OnnxBuilder &o) {
  SmallVector<std::string> captured = names(o, op.getCaptured());
  auto branch = [&](Block &block) { return o.body({}, [&](ArrayRef<std::string>) { return own(o, o.block(block, captured)); }); };
  OnnxBody then = branch(op.getThen().front()), otherwise = branch(op.getOtherwise().front());
  return o.nodes("If", {o(op.getPredicate())}, {{"then_branch", then}, {"else_branch", otherwise}}, op->getNumResults());
}

} // namespace tenon::ir::prim
