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

struct Run {
  DenseMap<Value, Literal> values;
  llvm::StringMap<Literal> &state;
  llvm::StringMap<Literal> written; // becomes state when every check has held

  llvm::Error step(Operation &op) {
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

llvm::Expected<SmallVector<Literal>> evaluate(func::FuncOp function, ArrayRef<Literal> inputs, llvm::StringMap<Literal> &state) {
  llvm::Expected<OwningOpRef<ModuleOp>> prepared = prepare(function);
  if (!prepared)
    return prepared.takeError();
  if (*prepared)
    function = (*prepared)->lookupSymbol<func::FuncOp>(function.getSymNameAttr());
  Run run{DenseMap<Value, Literal>(), state, {}};
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
    if (llvm::Error error = run.step(op))
      return std::move(error);
  SmallVector<Literal> results;
  for (Value v : function.getBody().front().getTerminator()->getOperands())
    results.push_back(run.values.at(v));
  for (auto &entry : run.written)
    state[entry.first()] = entry.second;
  return results;
}

} // namespace tenon::compiler
