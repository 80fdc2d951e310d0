// The order in memory of the tensors around convolutions: channels last, whatever computes or reads them follows, and copies stand where nothing can follow.
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace tenon::compiler {

using linalg::GenericOp;

namespace {

/// order[i]: the dimension that comes i-th in memory.
using Order = SmallVector<int64_t>;

Order identity(int64_t rank) { return llvm::to_vector(llvm::seq<int64_t>(0, rank)); }
RankedTensorType typeOf(Value v) { return cast<RankedTensorType>(v.getType()); }
template <class T> SmallVector<T> permuted(ArrayRef<T> from, ArrayRef<int64_t> order) {
  return llvm::map_to_vector(order, [&](int64_t d) { return from[d]; });
}
AffineMap permuted(AffineMap map, ArrayRef<int64_t> order) { return AffineMap::get(map.getNumDims(), 0, permuted(map.getResults(), order), map.getContext()); }
bool reducesNothing(GenericOp op) { return op.getNumReductionLoops() == 0 && resultMap(op).isPermutation(); }

struct ChooseLayouts : PassWrapper<ChooseLayouts, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ChooseLayouts)
  StringRef getArgument() const final { return "choose-layouts"; }
  StringRef getDescription() const final { return "Tensors around convolutions have channels last in memory"; }
  void getDependentDialects(DialectRegistry &r) const final { r.insert<linalg::LinalgDialect, tensor::TensorDialect>(); }

  DenseMap<Value, Order> orders;                       ///< of what generics compute
  DenseMap<Value, SmallVector<std::pair<Order, Value>>> copies;
  struct Wish { OpOperand *use; Order order; };
  SmallVector<Wish> wishes;                            ///< of convolutions for what they read

  bool updatesState(Value v) {
    return llvm::any_of(v.getUses(), [&](OpOperand &use) {
      return isa<func::ReturnOp>(use.getOwner()) && getOperation().getResultAttr(use.getOperandNumber(), "tenon.updates");
    });
  }
  /// New state keeps the order that is known outside; views and arguments have one already.
  bool free(Value v) { return v.getDefiningOp<GenericOp>() && !updatesState(v); }
  void set(Value v, const Order &order) { orders.try_emplace(v, order); }

  /// Dimensions of a map by `key`, equal keys as they are.
  static Order sorted(AffineMap map, llvm::function_ref<int64_t(AffineExpr)> key) {
    Order order = identity(map.getNumResults());
    llvm::stable_sort(order, [&](int64_t a, int64_t b) { return key(map.getResult(a)) < key(map.getResult(b)); });
    return order;
  }

  /// The result has its lanes last, the second operand too, and the rest as the sum walks it. What is wished depends on the op alone.
  void seed(GenericOp op) {
    int lane = laneLoop(op);
    AffineMap a = op.getIndexingMapsArray()[0], b = op.getIndexingMapsArray()[1], y = resultMap(op);
    auto isLoop = [](AffineExpr e, int loop) { return loop >= 0 && e == getAffineDimExpr(loop, e.getContext()); };
    if (free(op.getResult(0))) set(op.getResult(0), sorted(y, [&](AffineExpr e) { return isLoop(e, lane); }));
    // The first operand's last: its lanes (depthwise), the innermost sum, or where that has a window the rows of the tile.
    int last = a.isFunctionOfDim(lane < 0 ? 0 : lane) ? lane : -1, inner = op.getNumLoops() - 1;
    while (inner > 0 && linalg::isParallelIterator(op.getIteratorTypesArray()[inner])) --inner;
    for (AffineExpr e : a.getResults())
      if (auto d = dyn_cast<AffineDimExpr>(e); last < 0 && d && (d.getPosition() == (unsigned)inner)) last = inner;
    for (AffineExpr e : a.getResults())
      if (auto d = dyn_cast<AffineDimExpr>(e); last < 0 && d && !b.isFunctionOfDim(d.getPosition())) last = d.getPosition();
    wish(op.getDpsInputOperand(0), sorted(a, [&](AffineExpr e) { return isLoop(e, last); }));
    auto innermost = [&](AffineExpr e) -> int64_t { // a sum cut in parts is read at a sum of two loops
      int64_t l = op.getNumLoops() - 1;
      while (l > 0 && !e.isFunctionOfDim(l)) --l;
      return l;
    };
    wish(op.getDpsInputOperand(1), sorted(b, [&](AffineExpr e) -> int64_t { return isLoop(e, lane) ? 1000 : innermost(e); }));
  }
  void wish(OpOperand *use, const Order &order) {
    if (free(use->get())) set(use->get(), order);
    wishes.push_back({use, order});
  }

  /// The order of what `map` reads, if the loops of the op go in memory as `result` dimensions in `order` do.
  static Order follow(AffineMap map, AffineMap result, ArrayRef<int64_t> order) {
    return sorted(map, [&](AffineExpr e) -> int64_t {
      for (auto [position, d] : llvm::enumerate(order))
        if (e.isFunctionOfDim(result.getDimPosition(d))) return position;
      return -1;
    });
  }
  /// The order of the result, if what `map` reads goes in memory in `order`; loops that it does not have come first.
  static Order lead(AffineMap map, AffineMap result, ArrayRef<int64_t> order) {
    return sorted(result, [&](AffineExpr e) -> int64_t {
      for (auto [position, d] : llvm::enumerate(order))
        if (map.getResult(d).isFunctionOfDim(cast<AffineDimExpr>(e).getPosition())) return position;
      return -1;
    });
  }

  void spread(ArrayRef<GenericOp> ops) {
    for (bool changed = true; changed;) {
      changed = false;
      auto give = [&](Value v, const Order &order) {
        if (free(v) && !orders.count(v) && typeOf(v).getRank() > 2) changed |= orders.try_emplace(v, order).second;
      };
      for (GenericOp op : ops) {
        if (!reducesNothing(op)) continue;
        for (OpOperand *in : op.getDpsInputOperands())
          if (auto known = orders.find(in->get()); known != orders.end() && typeOf(in->get()).getRank() == typeOf(op.getResult(0)).getRank())
            give(op.getResult(0), lead(op.getMatchingIndexingMap(in), resultMap(op), Order(known->second)));
        if (auto known = orders.find(op.getResult(0)); known != orders.end()) {
          Order order = known->second;
          for (OpOperand *in : op.getDpsInputOperands()) give(in->get(), follow(op.getMatchingIndexingMap(in), resultMap(op), order));
        }
      }
    }
  }

  /// v, whose memory has `from`, copied to memory that has `to`.
  Value copy(Value v, const Order &from, const Order &to) {
    for (auto &[order, made] : copies[v])
      if (order == to) return made;
    OpBuilder b(v.getContext());
    if (auto *op = v.getDefiningOp()) b.setInsertionPointAfter(op);
    else b.setInsertionPointToStart(&getOperation().getBody().front());
    Location loc = v.getLoc();
    RankedTensorType type = typeOf(v);
    SmallVector<int64_t> shape(to.size());
    SmallVector<AffineExpr> at(to.size()); // by dimension of v's memory
    for (auto [i, d] : llvm::enumerate(to))
      for (auto [k, e] : llvm::enumerate(from))
        if (e == d) shape[i] = type.getDimSize(k), at[k] = b.getAffineDimExpr(i);
    Value init = tensor::EmptyOp::create(b, loc, shape, type.getElementType());
    SmallVector<AffineMap> maps{AffineMap::get(to.size(), 0, at, b.getContext()), b.getMultiDimIdentityMap(to.size())};
    auto op = GenericOp::create(b, loc, TypeRange{init.getType()}, ValueRange{v}, ValueRange{init}, maps, SmallVector<utils::IteratorType>(to.size(), utils::IteratorType::parallel),
                                [](OpBuilder &n, Location l, ValueRange args) { linalg::YieldOp::create(n, l, args[0]); });
    copies[v].push_back({to, op.getResult(0)});
    return op.getResult(0);
  }

  static void setMap(GenericOp op, unsigned operand, AffineMap map) {
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    maps[operand] = map;
    op.setIndexingMapsAttr(OpBuilder(op).getAffineMapArrayAttr(maps));
  }
  /// An operand of op is now another value, whose memory has `order`.
  static void read(OpOperand &use, Value v, ArrayRef<int64_t> order) {
    auto op = cast<GenericOp>(use.getOwner());
    use.set(v);
    setMap(op, use.getOperandNumber(), permuted(op.getMatchingIndexingMap(&use), order));
    SmallVector<ir::Window> windows = windowsOf(op);
    if (windows.empty() || use.getOperandNumber()) return;
    for (ir::Window &w : windows) w.dimension = llvm::find(order, w.dimension) - order.begin();
    llvm::sort(windows, [](const ir::Window &x, const ir::Window &y) { return x.dimension < y.dimension; });
    setWindows(op, windows);
  }

  /// What computes v writes it in `order`, and all who read it know.
  void reorder(Value v, const Order &order) {
    auto op = v.getDefiningOp<GenericOp>();
    OpBuilder b(op);
    RankedTensorType old = typeOf(v), type = old.clone(permuted(old.getShape(), order));
    Value init = tensor::EmptyOp::create(b, op.getLoc(), type.getShape(), type.getElementType());
    if (auto fill = op.getDpsInits()[0].getDefiningOp<linalg::FillOp>()) init = linalg::FillOp::create(b, op.getLoc(), fill.getInputs()[0], init).getResult(0);
    setMap(op, op.getNumDpsInputs(), permuted(resultMap(op), order));
    op.getDpsInitsMutable()[0].set(init);
    v.setType(type);
    for (OpOperand &use : llvm::make_early_inc_range(v.getUses())) {
      if (auto extract = dyn_cast<tensor::ExtractOp>(use.getOwner())) {
        SmallVector<Value> at(extract.getIndices());
        extract.getIndicesMutable().assign(permuted(ArrayRef<Value>(at), order));
      } else if (auto reader = dyn_cast<GenericOp>(use.getOwner())) read(use, v, order);
      else if (!isa<tensor::EmptyOp>(use.getOwner())) use.set(copy(v, order, identity(order.size())));
    }
  }

  void runOnOperation() final {
    orders.clear(), copies.clear(), wishes.clear();
    SmallVector<GenericOp> ops(getOperation().getBody().front().getOps<GenericOp>());
    for (GenericOp op : ops)
      if (!windowsOf(op).empty()) seed(op);
    if (wishes.empty()) return;
    spread(ops);
    // New state keeps its order: what it reads in another is copied, so that the update walks all of its tensors alike.
    SmallVector<OpOperand *> straighten;
    for (GenericOp op : ops)
      if (reducesNothing(op) && updatesState(op.getResult(0)))
        for (OpOperand *in : op.getDpsInputOperands())
          if (orders.count(in->get())) straighten.push_back(in);
    SmallVector<std::pair<Value, Order>> chosen;
    for (GenericOp op : ops)
      if (auto known = orders.find(op.getResult(0)); known != orders.end() && known->second != identity(known->second.size())) chosen.push_back({op.getResult(0), known->second});
      else orders.erase(op.getResult(0));
    auto current = [&](Value v) { auto it = orders.find(v); return it == orders.end() ? identity(typeOf(v).getRank()) : it->second; };
    SmallVector<Order> before = llvm::map_to_vector(wishes, [&](Wish &w) { return current(w.use->get()); });
    for (auto &[v, order] : chosen) reorder(v, order);
    for (auto [w, had] : llvm::zip(wishes, before)) {
      if (w.order == had) continue;
      Value v = w.use->get();
      Order back(had.size()); // from what it has to what is wished
      for (auto [i, d] : llvm::enumerate(w.order)) back[i] = llvm::find(had, d) - had.begin();
      read(*w.use, copy(v, had, w.order), back);
    }
    for (OpOperand *in : straighten) {
      Order had = current(in->get()), back(had.size());
      for (auto [i, d] : llvm::enumerate(had)) back[d] = i;
      if (had != identity(had.size())) read(*in, copy(in->get(), had, identity(had.size())), back);
    }
  }
};

} // namespace

std::unique_ptr<Pass> createChooseLayoutsPass() { return std::make_unique<ChooseLayouts>(); }

} // namespace tenon::compiler
