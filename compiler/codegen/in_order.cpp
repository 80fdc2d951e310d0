// The order of a kernel's ops: a loop over those that are left, until none is.
#include "compiler/codegen/in_order.h"
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace tenon::compiler {

using linalg::GenericOp;
namespace kernel = tenon::ir::kernel;

int axisOf(GenericOp op) { return op->getAttrOfType<IntegerAttr>("axis").getInt(); }

Value overwrites(kernel::GridOp grid, GenericOp op) {
  for (auto [i, v] : llvm::enumerate(grid.getYielded()))
    if (v == op.getResult(0) && grid.getInPlace()[i] >= 0) return grid.getBody().getArgument(grid.getInPlace()[i]);
  return {};
}

GenericOp readerOf(Operation *user) {
  auto reader = dyn_cast<GenericOp>(user);
  return reader ? reader : user->getParentOfType<GenericOp>();
}

SmallVector<GenericOp> inOrder(kernel::GridOp grid) {
  SmallVector<GenericOp> left(grid.getBody().front().getOps<GenericOp>()), order;
  DenseSet<Operation *> done;
  while (!left.empty()) {
    size_t before = order.size();
    SmallVector<GenericOp> waiting;
    for (GenericOp op : left) {
      bool ready = llvm::all_of(reads(op), [&](Value v) { return !v.getDefiningOp<GenericOp>() || done.count(v.getDefiningOp()); });
      if (Value old = overwrites(grid, op))
        for (Operation *user : old.getUsers())
          if (GenericOp reader = readerOf(user); reader && reader != op && !done.count(reader)) ready = false;
      if (ready) order.push_back(op), done.insert(op);
      else waiting.push_back(op);
    }
    if (order.size() == before) llvm::report_fatal_error("kernel: old state would be read after it is overwritten");
    left = waiting;
  }
  return order;
}

} // namespace tenon::compiler
