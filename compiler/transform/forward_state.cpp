// State inside one function is a variable: reads and writes become values, but for the first read and the last write.
#include "compiler/transform/forward_state.h"
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::compiler {

void forwardState(func::FuncOp f) {
  struct Known {
    Value value;             // what the state holds here
    Value original;          // what it held at first, if it was read
    ir::prim::WriteOp write; // the write that is pending
  };
  llvm::MapVector<StringAttr, Known> states;
  auto at = [&](auto op) -> Known & {
    if (ir::prim::StateOp root = ir::prim::StateOp::resolve(op, op.getStateAttr()))
      op.setStateAttr(FlatSymbolRefAttr::get(root.getSymNameAttr()));
    return states[op.getStateAttr().getAttr()];
  };
  for (Operation &op : llvm::make_early_inc_range(f.getBody().front())) {
    if (auto read = dyn_cast<ir::prim::ReadOp>(op)) {
      Known &known = at(read);
      if (!known.value) {
        known.value = known.original = read;
        continue;
      }
      read.replaceAllUsesWith(known.value);
      read.erase();
    } else if (auto write = dyn_cast<ir::prim::WriteOp>(op)) {
      Known &known = at(write);
      if (known.write)
        known.write.erase();
      known.write = write;
      known.value = write.getValue();
    }
  }
  for (auto &[name, known] : states)
    if (known.write && known.write.getValue() == known.original)
      known.write.erase();
}

} // namespace tenon::compiler
