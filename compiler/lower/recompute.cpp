// What another kernel reads of a pointwise op is computed again there where it follows from tensors that are in memory anyway: cheaper than to write and read it.
//
//   gelu(x) and its derivative share x^3, tanh(...) and more: the backward kernel reads x alone, of which the forward kernel writes nothing else
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace tenon::compiler {

using linalg::GenericOp;

namespace {

constexpr int64_t worthIt = 1 << 14; ///< elements
constexpr size_t mostOps = 48, mostFunctions = 4;

struct Recomputer {
  Grouping &g;
  DenseMap<Operation *, bool> known = DenseMap<Operation *, bool>();

  static int64_t elements(Value v) { return cast<RankedTensorType>(v.getType()).getNumElements(); }
  static bool large(GenericOp op, Value input) { return elements(input) * 4 > elements(op.getResult(0)); }
  bool far(GenericOp op, Operation *user) { return isa<GenericOp>(user) && g.groupOf.lookup(user) != g.groupOf.lookup(op); }

  /// Somebody reads v from memory, whatever is computed again.
  bool inMemory(Value v) {
    auto op = v.getDefiningOp<GenericOp>();
    if (!op) return true;
    return !again(op) && llvm::any_of(op->getUsers(), [&](Operation *user) { return !isa<GenericOp>(user) || far(op, user); });
  }

  /// Is op computed again wherever another kernel reads it.
  bool again(GenericOp op) {
    if (auto it = known.find(op); it != known.end()) return it->second;
    known[op] = false;
    if (op.getNumReductionLoops() || elements(op.getResult(0)) < worthIt || !windowsOf(op).empty() || op.hasIndexSemantics() || !captured(op).empty()) return false;
    for (OpOperand &use : op.getResult(0).getUses()) {
      auto user = dyn_cast<GenericOp>(use.getOwner());
      if (!user || (far(op, user) && (!windowsOf(user).empty() || !user.getMatchingIndexingMap(&use).isPermutation()))) return false;
    }
    for (Value v : op.getDpsInputs()) {
      auto from = v.getDefiningOp<GenericOp>();
      if (large(op, v) && !(from && again(from)) && !inMemory(v)) return false;
    }
    llvm::SetVector<Value> leaves;
    size_t ops = 0, functions = 0;
    count(op, leaves, ops, functions);
    if (ops > mostOps || functions > mostFunctions) return false;
    for (Operation *user : op->getUsers()) { // what its kernel reads already costs nothing more
      if (!far(op, user)) continue;
      auto have = [&](Value v) { return llvm::any_of(v.getUsers(), [&](Operation *x) { return isa<GenericOp>(x) && g.groupOf.lookup(x) == g.groupOf.lookup(user); }); };
      if (llvm::count_if(leaves, [&](Value v) { return !have(v); }) > 1) return false;
    }
    return known[op] = true;
  }

  void count(GenericOp op, llvm::SetVector<Value> &leaves, size_t &ops, size_t &functions) {
    for (Operation &x : op.getBody()->without_terminator()) ++ops, functions += isa<math::MathDialect>(x.getDialect()) && !isa<math::FmaOp, math::AbsFOp>(x);
    for (Value v : op.getDpsInputs())
      if (large(op, v)) {
        if (auto from = v.getDefiningOp<GenericOp>(); from && again(from)) count(from, leaves, ops, functions);
        else leaves.insert(v);
      }
  }

  /// A copy of op before b, with copies of what it follows from.
  Value copy(OpBuilder &b, GenericOp op) {
    auto c = cast<GenericOp>(b.clone(*op));
    for (OpOperand *in : c.getDpsInputOperands())
      if (auto from = in->get().getDefiningOp<GenericOp>(); from && known.lookup(from)) {
        OpBuilder before(c);
        in->set(copy(before, from));
      }
    return c.getResult(0);
  }

  bool run(func::FuncOp f) {
    SmallVector<GenericOp> ops(f.getBody().front().getOps<GenericOp>()), chosen;
    for (GenericOp op : ops)
      if (again(op)) chosen.push_back(op);
    bool changed = false;
    for (GenericOp op : chosen)
      for (OpOperand &use : llvm::make_early_inc_range(op.getResult(0).getUses())) {
        auto user = dyn_cast<GenericOp>(use.getOwner());
        if (!user || !g.groupOf.count(user) || !far(op, user)) continue;
        OpBuilder b(user);
        use.set(copy(b, op));
        changed = true;
      }
    return changed;
  }
};

struct Recompute : PassWrapper<Recompute, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Recompute)
  TileTable table;
  explicit Recompute(TileTable table) : table(table) {}
  Recompute() = default;
  StringRef getArgument() const final { return "recompute"; }
  StringRef getDescription() const final { return "Pointwise values that another kernel reads are computed again there"; }
  void getDependentDialects(DialectRegistry &r) const final { r.insert<linalg::LinalgDialect, tensor::TensorDialect, arith::ArithDialect>(); }
  void runOnOperation() final {
    Grouping g;
    if (failed(group(getOperation(), table, g))) return signalPassFailure();
    Recomputer{g}.run(getOperation());
  }
};

} // namespace

std::unique_ptr<Pass> createRecomputePass(TileTable table) { return std::make_unique<Recompute>(table); }

} // namespace tenon::compiler
