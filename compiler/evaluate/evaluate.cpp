// A function, op by op.
#include "compiler/evaluate/evaluate.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/evaluate/prepare.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
namespace tenon::compiler {
namespace {

std::string lineOf(Location loc) {
  if (auto file = loc->findInstanceOf<FileLineColLoc>())
    return (" (" + file.getFilename().getValue() + ":" + Twine(file.getLine()) + ")").str();
  return "";
}

/// Slice t of the leading axis, and back.
Literal sliceOf(const Literal &stack, Type slice, int64_t t) {
  Literal result = Literal::zeros(mlir::cast<RankedTensorType>(slice));
  std::copy_n(stack.data.begin() + t * result.data.size(), result.data.size(), result.data.begin());
  return result;
}

struct Run {
  DenseMap<Value, Literal> values;
  llvm::StringMap<Literal> &state;
  llvm::StringMap<Literal> written; // becomes state when every check has held
  const EvaluationObserver &observer;

  /// Runs a body; what it yields becomes `results`.
  llvm::Error block(Block &body, ArrayRef<Literal> arguments, SmallVectorImpl<Literal> &results) {
    for (auto [argument, value] : llvm::zip_equal(body.getArguments(), arguments))
      values[argument] = value;
    for (Operation &op : body.without_terminator())
      if (llvm::Error error = observed(op))
        return error;
    results.clear();
    for (Value v : body.getTerminator()->getOperands())
      results.push_back(values.at(v));
    return llvm::Error::success();
  }
  SmallVector<Literal> all(ValueRange of) {
    return llvm::map_to_vector(of, [&](Value v) { return values.at(v); });
  }

  llvm::Error scan(ir::prim::ScanOp op) {
    SmallVector<Literal> carries = all(op.getInits()), xs = all(op.getXs()), captured = all(op.getCaptured()), yielded;
    SmallVector<Literal> stacked = llvm::map_to_vector(op.getStacked(), [](Value v) { return Literal::zeros(mlir::cast<RankedTensorType>(v.getType())); });
    int64_t length = op.getLength();
    for (int64_t i = 0; i < length; ++i) {
      int64_t t = op.getReverse() ? length - 1 - i : i;
      SmallVector<Literal> arguments(carries);
      for (auto [x, slice] : llvm::zip(xs, op.getSlices()))
        arguments.push_back(sliceOf(x, slice.getType(), t));
      llvm::append_range(arguments, captured);
      if (llvm::Error error = block(op.getBlock(), arguments, yielded))
        return error;
      for (auto [j, y] : llvm::enumerate(stacked)) {
        const std::vector<char> &slice = yielded[carries.size() + j].data;
        std::copy(slice.begin(), slice.end(), y.data.begin() + t * slice.size());
      }
      yielded.truncate(carries.size());
      carries = yielded;
    }
    llvm::append_range(carries, stacked);
    for (auto [v, value] : llvm::zip_equal(op->getResults(), carries))
      values[v] = value;
    return llvm::Error::success();
  }

  llvm::Error loop(ir::prim::WhileOp op) {
    SmallVector<Literal> carries = all(op.getInits()), captured = all(op.getCaptured()), yielded;
    for (uint64_t i = 0; !op.getBound() || i < *op.getBound(); ++i) {
      SmallVector<Literal> arguments(carries);
      llvm::append_range(arguments, captured);
      if (llvm::Error error = block(op.getCondition().front(), arguments, yielded))
        return error;
      if (!yielded[0].data[0])
        break;
      if (llvm::Error error = block(op.getBody().front(), arguments, yielded))
        return error;
      carries = yielded;
    }
    for (auto [v, value] : llvm::zip_equal(op->getResults(), carries))
      values[v] = value;
    return llvm::Error::success();
  }

  llvm::Error branch(ir::prim::IfOp op) {
    SmallVector<Literal> yielded;
    Region &taken = values.at(op.getPredicate()).data[0] ? op.getThen() : op.getOtherwise();
    if (llvm::Error error = block(taken.front(), all(op.getCaptured()), yielded))
      return error;
    for (auto [v, value] : llvm::zip_equal(op->getResults(), yielded))
      values[v] = value;
    return llvm::Error::success();
  }

  llvm::Error observed(Operation &op) {
    llvm::Error error = step(op);
    if (!error && observer)
      observer(op, [&](Value v) -> const Literal & { return values.at(v); });
    return error;
  }
  llvm::Error step(Operation &op) {
    if (auto s = dyn_cast<ir::prim::ScanOp>(op))
      return scan(s);
    if (auto w = dyn_cast<ir::prim::WhileOp>(op))
      return loop(w);
    if (auto i = dyn_cast<ir::prim::IfOp>(op))
      return branch(i);
    if (auto nest = dyn_cast<ir::LoopNestOpInterface>(op)) {
      SmallVector<const Literal *> operands;
      for (Value v : op.getOperands())
        operands.push_back(&values.at(v));
      llvm::Expected<Literal> result = evaluateLoopNest(nest, operands);
      if (!result)
        return result.takeError();
      values[op.getResult(0)] = std::move(*result);
      return llvm::Error::success();
    }
    if (auto whole = dyn_cast<ir::PiecewiseOpInterface>(op)) {
      SmallVector<const Literal *> operands;
      for (Value v : op.getOperands())
        operands.push_back(&values.at(v));
      values[op.getResult(0)] = whole.evaluate(operands);
      return llvm::Error::success();
    }
    ElementsAttr constant;
    if (matchPattern(&op, m_Constant(&constant))) {
      values[op.getResult(0)] = Literal::from(constant);
    } else if (auto read = dyn_cast<ir::prim::ReadOp>(op)) {
      ir::prim::StateOp root = ir::prim::StateOp::resolve(read, read.getStateAttr());
      auto found = written.find(root.getSymName());
      if (found != written.end())
        values[read] = found->second;
      else if (auto kept = state.find(root.getSymName()); kept != state.end())
        values[read] = kept->second;
      else
        values[read] = root.getInitial() ? Literal::from(*root.getInitial()) : Literal::zeros(mlir::cast<RankedTensorType>(root.getType()));
    } else if (auto write = dyn_cast<ir::prim::WriteOp>(op)) {
      written[ir::prim::StateOp::resolve(write, write.getStateAttr()).getSymName()] = values.at(write.getValue());
    } else if (auto check = dyn_cast<ir::prim::CheckOp>(op)) {
      if (llvm::is_contained(values.at(check.getCondition()).data, 0))
        return llvm::createStringError(check.getMessage() + lineOf(op.getLoc()));
    } else {
      return llvm::createStringError("the evaluator does not know " + op.getName().getStringRef() + lineOf(op.getLoc()));
    }
    return llvm::Error::success();
  }
};

} // namespace

llvm::Expected<SmallVector<Literal>> evaluate(func::FuncOp function, ArrayRef<Literal> inputs, llvm::StringMap<Literal> &state, const EvaluationObserver &observer) {
  llvm::Expected<OwningOpRef<ModuleOp>> prepared = prepare(function);
  if (!prepared)
    return prepared.takeError();
  if (*prepared)
    function = (*prepared)->lookupSymbol<func::FuncOp>(function.getSymNameAttr());
  Run run{DenseMap<Value, Literal>(), state, {}, observer};
  if (inputs.size() != function.getNumArguments())
    return llvm::createStringError(function.getSymName() + " takes " + Twine(function.getNumArguments()) + " inputs, got " +
                                   Twine(inputs.size()));
  for (auto [argument, input] : llvm::zip(function.getArguments(), inputs)) {
    if (argument.getType() != input.type)
      return llvm::createStringError(function.getSymName() + ": input " + Twine(argument.getArgNumber()) +
                                     " has another type than the function takes");
    run.values[argument] = input;
  }
  for (Operation &op : function.getBody().front().without_terminator())
    if (llvm::Error error = run.observed(op))
      return std::move(error);
  SmallVector<Literal> results;
  for (Value v : function.getBody().front().getTerminator()->getOperands())
    results.push_back(run.values.at(v));
  for (auto &entry : run.written)
    state[entry.first()] = entry.second;
  return results;
}

} // namespace tenon::compiler
