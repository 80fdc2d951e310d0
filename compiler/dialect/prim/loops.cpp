// Loops and branches: their verifiers, and a bounded while as a scan.
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::ir::prim {

static RankedTensorType stacked(int64_t length, Type slice) {
  auto type = mlir::cast<RankedTensorType>(slice);
  SmallVector<int64_t> shape{length};
  llvm::append_range(shape, type.getShape());
  return RankedTensorType::get(shape, type.getElementType());
}
std::string text(TypeRange types) {
  std::string out;
  llvm::raw_string_ostream os(out);
  llvm::interleaveComma(types, os);
  return types.empty() ? "nothing" : out;
}

LogicalResult verifyStateless(Operation *op, StringRef label) {
  auto found = op->walk([&](Operation *inner) {
    if (!isa<ReadOp, WriteOp>(inner))
      return WalkResult::advance();
    inner->emitOpError() << "state is read and written outside of '" << op->getName() << "' only (" << label << ")";
    return WalkResult::interrupt();
  });
  return failure(found.wasInterrupted());
}

LogicalResult ScanOp::verify() {
  int64_t length = getLength();
  SmallVector<Type> arguments(getInits().getTypes());
  for (auto [i, x] : llvm::enumerate(getXs())) {
    auto type = mlir::cast<RankedTensorType>(x.getType());
    if (!type.getRank() || type.getDimSize(0) != length)
      return emitOpError() << "scanned value " << i << " is " << type << ", expected a leading extent of " << length << " (C1)";
    arguments.push_back(RankedTensorType::get(type.getShape().drop_front(), type.getElementType()));
  }
  if (length < 0)
    return emitOpError() << "a length of " << length << ", expected at least 0 (C1)";
  if (getChunk() && int64_t(*getChunk()) < 1)
    return emitOpError() << "a chunk of " << int64_t(*getChunk()) << " steps, expected at least 1 (C6)";
  llvm::append_range(arguments, getCaptured().getTypes());
  if (TypeRange(arguments) != TypeRange(getBlock().getArgumentTypes()))
    return emitOpError() << "the body takes " << text(getBlock().getArgumentTypes()) << ", expected " << text(arguments) << " (C2)";
  size_t carries = getInits().size();
  if (getYield()->getNumOperands() < carries)
    return emitOpError() << "the body yields " << getYield()->getNumOperands() << " values, expected at least the " << carries << " carries (C3)";
  for (auto [i, from, to] : llvm::enumerate(getInits().getTypes(), getYield()->getOperands().take_front(carries).getTypes()))
    if (from != to)
      return emitOpError() << "carry " << i << " is " << from << ", the body yields " << to << " for it (C3)";
  SmallVector<Type> results(getInits().getTypes());
  for (Type t : getYield()->getOperands().drop_front(carries).getTypes())
    results.push_back(stacked(length, t));
  if (TypeRange(results) != (*this)->getResultTypes())
    return emitOpError() << "has results " << text((*this)->getResultTypes()) << ", expected " << text(results) << " (C4)";
  return verifyStateless(*this, "C5");
}

LogicalResult WhileOp::verify() {
  if (getBound() && int64_t(*getBound()) < 0)
    return emitOpError() << "a bound of " << int64_t(*getBound()) << ", expected at least 0 (C1)";
  SmallVector<Type> arguments(getOperandTypes());
  for (Region *region : {&getCondition(), &getBody()})
    if (TypeRange(arguments) != TypeRange(region->front().getArgumentTypes()))
      return emitOpError() << "a region takes " << text(region->front().getArgumentTypes()) << ", expected " << text(arguments) << " (C2)";
  TypeRange flag = getCondition().front().getTerminator()->getOperandTypes();
  if (flag.size() != 1 || flag[0] != RankedTensorType::get({}, IntegerType::get(getContext(), 1)))
    return emitOpError() << "the condition is " << text(flag) << ", expected tensor<i1> (C3)";
  TypeRange yielded = getBody().front().getTerminator()->getOperandTypes();
  if (yielded != TypeRange(getInits().getTypes()) || (*this)->getResultTypes() != TypeRange(getInits().getTypes()))
    return emitOpError() << "the carries are " << text(getInits().getTypes()) << ", the body yields " << text(yielded) << ", the results are "
                         << text((*this)->getResultTypes()) << " (C4)";
  return verifyStateless(*this, "C5");
}

LogicalResult IfOp::verify() {
  for (Region *region : {&getThen(), &getOtherwise()}) {
    if (TypeRange(region->front().getArgumentTypes()) != TypeRange(getCaptured().getTypes()))
      return emitOpError() << "a branch takes " << text(region->front().getArgumentTypes()) << ", expected " << text(getCaptured().getTypes())
                           << " (C1)";
    if (TypeRange yielded = region->front().getTerminator()->getOperandTypes(); yielded != (*this)->getResultTypes())
      return emitOpError() << "a branch yields " << text(yielded) << ", expected " << text((*this)->getResultTypes()) << " (C2)";
  }
  return verifyStateless(*this, "C3");
}

/// A predicate that is known: the branch takes the op's place.
LogicalResult IfOp::canonicalize(IfOp op, PatternRewriter &rewriter) {
  DenseElementsAttr known;
  if (!matchPattern(op.getPredicate(), m_Constant(&known)))
    return failure();
  Block &block = (known.getSplatValue<bool>() ? op.getThen() : op.getOtherwise()).front();
  Operation *yield = block.getTerminator();
  SmallVector<Value> captured(op.getCaptured());
  rewriter.inlineBlockBefore(&block, op, captured);
  rewriter.replaceOp(op, yield->getOperands());
  rewriter.eraseOp(yield);
  return success();
}

void inlineBlock(Block &from, ValueRange arguments, OpBuilder &b, SmallVectorImpl<Value> &results) {
  IRMapping map;
  map.map(from.getArguments(), arguments);
  for (Operation &op : from.without_terminator())
    b.clone(op, map);
  for (Value v : from.getTerminator()->getOperands())
    results.push_back(map.lookupOrDefault(v));
}

ScanOp WhileOp::makeScan(ImplicitLocOpBuilder &b) {
  auto flag = RankedTensorType::get({}, b.getI1Type());
  size_t n = getInits().size();
  SmallVector<Value> inits(getInits());
  inits.push_back(ConstantOp::create(b, DenseElementsAttr::get(flag, true)));
  SmallVector<Type> types(getInits().getTypes());
  types.push_back(flag);
  auto scan = ScanOp::create(b, types, inits, ValueRange(), getCaptured(), int64_t(*getBound()), false, IntegerAttr());
  OpBuilder::InsertionGuard guard(b);
  SmallVector<Type> arguments(types);
  llvm::append_range(arguments, getCaptured().getTypes());
  auto block = [&](Region &region, TypeRange of) { return b.createBlock(&region, {}, of, SmallVector<Location>(of.size(), getLoc())); };
  Block *step = block(scan.getBody(), arguments);
  SmallVector<Value> taken(step->getArguments().take_front(n)), more;
  llvm::append_range(taken, step->getArguments().drop_front(n + 1));
  inlineBlock(getCondition().front(), taken, b, more);
  Value live = AndOp::create(b, step->getArgument(n), more[0]);
  auto branch = IfOp::create(b, TypeRange(getInits().getTypes()), live, taken);
  block(branch.getThen(), ValueRange(taken).getTypes());
  SmallVector<Value> next;
  inlineBlock(getBody().front(), branch.getThen().getArguments(), b, next);
  YieldOp::create(b, next);
  block(branch.getOtherwise(), ValueRange(taken).getTypes());
  YieldOp::create(b, ValueRange(branch.getOtherwise().getArguments().take_front(n)));
  b.setInsertionPointToEnd(step);
  SmallVector<Value> yielded(branch.getResults());
  yielded.push_back(live);
  YieldOp::create(b, yielded);
  return scan;
}

} // namespace tenon::ir::prim
