// Writes the grouping into the IR: each group becomes a kernel.grid, in the order of levels.
#include "compiler/dialect/kernel/Kernel.h"
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace tenon::compiler {

using linalg::GenericOp;
namespace kernel = tenon::ir::kernel;

namespace {

struct FormKernels : PassWrapper<FormKernels, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FormKernels)
  TileTable table;
  explicit FormKernels(TileTable table) : table(table) {}
  FormKernels() = default;
  StringRef getArgument() const final { return "form-kernels"; }
  StringRef getDescription() const final { return "Groups generics into kernels: grids over one axis, in levels"; }
  void getDependentDialects(DialectRegistry &r) const final { r.insert<kernel::KernelDialect>(); }

  /// What a fusion missed costs a pass over memory: said where the value is made.
  void remark(Grouping &g) {
    for (Group &k : g.groups)
      for (GenericOp op : k.ops)
        for (OpOperand &use : op.getResult(0).getUses()) {
          auto user = dyn_cast<GenericOp>(use.getOwner());
          if (!user || g.groupOf[user] == g.groupOf[op]) continue;
          bool barrier = user.getNumReductionLoops() || g.groups[g.groupOf[user]].axis[user] != k.axis[op];
          op->emitRemark("kept in memory: a kernel that reads it ") << (barrier ? "needs all of its blocks (a barrier)" : "could not be fused");
          break;
        }
  }

  void runOnOperation() final {
    func::FuncOp f = getOperation();
    Grouping g;
    if (failed(group(f, table, g))) return signalPassFailure();
    if (remarks) remark(g);
    Block &body = f.getBody().front();
    SmallVector<unsigned> order(g.groups.size());
    for (unsigned i = 0; i < order.size(); ++i) order[i] = i;
    llvm::stable_sort(order, [&](unsigned a, unsigned b) { return g.groups[a].level < g.groups[b].level; });
    OpBuilder b(body.getTerminator());
    SmallVector<Operation *> old;
    for (Operation &op : body.without_terminator()) old.push_back(&op);
    IRMapping map; // old values to what kernels left
    for (unsigned k : order) {
      if (Operation *control = g.groups[k].control) writeControl(control, g.groups[k].level, b, map);
      else write(g, g.groups[k], k, b, map);
    }
    Operation *ret = body.getTerminator();
    for (OpOperand &v : ret->getOpOperands()) v.set(outside(v.get(), b, map));
    for (Operation *op : llvm::reverse(old)) op->dropAllUses(), op->erase();
  }

  /// A value as seen outside of kernels: views and constants are cloned on the way.
  Value outside(Value v, OpBuilder &b, IRMapping &map) {
    if (isa<BlockArgument>(v) || map.contains(v)) return map.lookupOrDefault(v);
    Operation *op = v.getDefiningOp();
    for (Value x : op->getOperands()) (void)outside(x, b, map);
    return b.clone(*op, map)->getResult(0);
  }

  void writeControl(Operation *op, int level, OpBuilder &b, IRMapping &map) {
    for (Value v : op->getOperands()) map.map(v, outside(v, b, map));
    b.clone(*op, map)->setAttr("level", b.getI64IntegerAttr(level));
  }

  void write(Grouping &g, Group &k, unsigned number, OpBuilder &b, IRMapping &map) {
    llvm::SetVector<Value> inputs;
    SmallVector<Value> outputs;
    SmallVector<Location> locations;
    for (Operation *op : k.members()) {
      locations.push_back(op->getLoc());
      for (Value v : reads(op))
        if (auto p = v.getDefiningOp<GenericOp>(); !p || g.groupOf[p] != number) inputs.insert(v);
      bool leaves = llvm::any_of(op->getUsers(), [&](Operation *u) {
        auto user = u->getParentOfType<GenericOp>();
        if (!user) user = dyn_cast<GenericOp>(u);
        return !user || g.groupOf[user] != number;
      });
      if (auto in = g.inPlace.find(op->getResult(0)); in != g.inPlace.end()) inputs.insert(getOperation().getArgument(in->second));
      if (leaves || k.alone) outputs.push_back(op->getResult(0));
    }
    SmallVector<int64_t> inPlace;
    for (Value v : outputs) {
      auto in = g.inPlace.find(v);
      inPlace.push_back(in == g.inPlace.end() ? -1 : llvm::find(inputs, getOperation().getArgument(in->second)) - inputs.begin());
    }
    SmallVector<Value> operands;
    for (Value v : inputs) operands.push_back(outside(v, b, map));
    Location loc = FusedLoc::get(b.getContext(), locations);
    auto grid = kernel::GridOp::create(b, loc, ValueRange(outputs).getTypes(), operands, k.extent, k.block, k.level, inPlace);
    int64_t work = 0;
    for (Operation *op : k.members()) work += workOf(op);
    grid->setAttr("work", b.getI64IntegerAttr(work));
    Block *inner = b.createBlock(&grid.getBody(), {}, ValueRange(operands).getTypes(), SmallVector<Location>(operands.size(), loc));
    IRMapping in;
    for (auto [v, a] : llvm::zip(inputs, inner->getArguments())) in.map(v, a);
    if (k.alone) b.clone(*k.alone, in);
    for (GenericOp op : k.ops) {
      Value init = op.getDpsInits()[0];
      auto fill = init.getDefiningOp<linalg::FillOp>();
      auto type = cast<RankedTensorType>(init.getType());
      Value fresh = tensor::EmptyOp::create(b, op.getLoc(), type.getShape(), type.getElementType());
      if (fill) {
        Value start = b.clone(*fill.getInputs()[0].getDefiningOp())->getResult(0);
        fresh = linalg::FillOp::create(b, op.getLoc(), start, fresh).getResult(0);
      }
      in.map(init, fresh);
      llvm::SetVector<Value> above;
      getUsedValuesDefinedAbove(op->getRegions(), above);
      for (Value v : above) // scalars that canonicalization moved out of bodies
        if (!in.contains(v)) b.clone(*v.getDefiningOp(), in);
      Operation *copy = b.clone(*op, in);
      copy->setAttr("axis", b.getI64IntegerAttr(k.axis[op]));
    }
    SmallVector<Value> results;
    for (Value v : outputs) results.push_back(in.lookup(v));
    kernel::YieldOp::create(b, loc, results);
    b.setInsertionPointAfter(grid);
    for (auto [v, r] : llvm::zip(outputs, grid.getResults())) map.map(v, r);
  }

  Option<bool> remarks{*this, "remarks", llvm::cl::desc("say which values were not fused"), llvm::cl::init(false)};
  FormKernels(const FormKernels &other) : PassWrapper(other), table(other.table) {}
};

} // namespace

std::unique_ptr<Pass> createFormKernelsPass(TileTable table, bool remarks) {
  auto pass = std::make_unique<FormKernels>(table);
  pass->remarks = remarks;
  return pass;
}

void registerLowerPasses() {
  registerPass([] { return createLiftChecksPass(); });
  registerPass([] { return createStateToArgumentsPass(); });
  registerPass([] { return createLowerToLinalgPass(); });
  registerPass([] { return createHoistFromLoopsPass(); });
  registerPass([] { return createFusePointwisePass(); });
  registerPass([] { return createOutlineLoopsPass(); });
  registerPass([] { return createRecomputePass(); });
  registerPass([] { return createSplitReductionsPass(); });
  registerPass([] { return createChooseLayoutsPass(); });
  registerPass([] { return createFormKernelsPass(); });
}

} // namespace tenon::compiler
