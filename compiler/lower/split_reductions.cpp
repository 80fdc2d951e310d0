// A long reduction into few elements becomes two: partial results of parts of fixed size, which threads share, then the parts in order.
//
//   sum over i of f(i)   =   sum over p of (sum over i < part of f(p * part + i)),  and what is left over when the parts do not divide the loop
//
// How it is cut follows from the loops' lengths alone, so the order of the sum does too. On GPUs contractions of few tiles are cut as well (gradients of weights): there are
// hundreds of processors to be kept busy.
#include "compiler/lower/grouping.h"
#include "mlir/Analysis/SliceAnalysis.h"

using namespace mlir;
namespace tenon::compiler {

using linalg::GenericOp;

namespace {

constexpr int64_t fewElements = 16, longLoops = 1 << 16, pointsOfPart = 1 << 13, mostParts = 32;
// GPUs: so many tiles, of so many elements, shall there be; parts are some steps of a tile's pipeline at least, and what they leave is less than a quarter of what they read.
constexpr int64_t enoughTiles = 128, tileElements = 64 * 64, termsOfPart = 128, longSum = 512;

struct Cut {
  int loop = -1;
  int64_t parts = 0, part = 0, rest = 0;
};

Cut cutOf(GenericOp op, bool gpu) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  int64_t results = 1, points = 1;
  for (auto [range, iterator] : llvm::zip(ranges, op.getIteratorTypesArray())) points *= range, results *= linalg::isParallelIterator(iterator) ? range : 1;
  SmallVector<ir::Window> windows = windowsOf(op);
  Cut cut;
  int64_t terms = results ? points / results : 0, tiles = llvm::divideCeil(results, tileElements);
  if (gpu && largeContraction(op) && tiles < enoughTiles / 2 && terms >= longSum) {
    int64_t read = 0;
    for (Value v : op.getDpsInputs()) read += cast<RankedTensorType>(v.getType()).getNumElements();
    cut.parts = std::min({terms / termsOfPart, enoughTiles / tiles, read / (4 * results), mostParts});
    if (cut.parts < 2) return {};
  } else if (results < fewElements && points >= longLoops && windows.empty()) cut.parts = std::min(points / pointsOfPart, mostParts);
  else return {};
  auto inWindow = [&](int64_t l) { return llvm::any_of(windows, [&](const ir::Window &w) { return w.out == l || w.tap == l; }); };
  for (auto [l, iterator] : llvm::enumerate(op.getIteratorTypesArray())) // the outermost that is long enough, else the longest
    if (linalg::isReductionIterator(iterator) && !inWindow(l) && (cut.loop < 0 || (ranges[cut.loop] < cut.parts && ranges[l] > ranges[cut.loop]))) cut.loop = l;
  if (cut.loop < 0 || ranges[cut.loop] < 2) return {};
  int64_t range = ranges[cut.loop];
  cut.part = std::max<int64_t>(1, range / cut.parts);
  for (int64_t size = cut.part; size > cut.part * 3 / 4; --size) // one that divides the loop, if there is one
    if (range % size == 0) { cut.part = size; break; }
  cut.parts = range / cut.part, cut.rest = range % cut.part;
  return cut;
}

/// The op that joins two partial results, or null.
Operation *combiner(GenericOp op) {
  Operation *last = op.getBody()->getTerminator()->getOperand(0).getDefiningOp();
  if (isa_and_nonnull<math::FmaOp>(last)) return last->getOperand(2) == op.getRegionOutputArgs()[0] ? last : nullptr;
  SmallVector<Operation *> ops;
  return matchReduction(op.getRegionOutputArgs(), 0, ops) && ops.size() == 1 ? ops[0] : nullptr;
}

struct SplitReductions : PassWrapper<SplitReductions, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SplitReductions)
  explicit SplitReductions(bool gpu = false) { forGpu = gpu; }
  SplitReductions(const SplitReductions &o) : PassWrapper(o) {}
  Option<bool> forGpu{*this, "gpu", llvm::cl::desc("contractions of few tiles, too"), llvm::cl::init(false)};
  StringRef getArgument() const final { return "split-reductions"; }
  StringRef getDescription() const final { return "Long reductions into few elements become two: of parts, then of the parts' results"; }
  void getDependentDialects(DialectRegistry &r) const final { r.insert<linalg::LinalgDialect, tensor::TensorDialect, arith::ArithDialect>(); }

  static Value filled(OpBuilder &b, GenericOp op, ArrayRef<int64_t> shape) {
    auto fill = op.getDpsInits()[0].getDefiningOp<linalg::FillOp>();
    Value empty = tensor::EmptyOp::create(b, op.getLoc(), shape, getElementTypeOrSelf(op.getResult(0).getType()));
    return linalg::FillOp::create(b, op.getLoc(), fill.getInputs()[0], empty).getResult(0);
  }

  /// A copy of op whose cut loop is `length` long and stands for indices from `offset` on; with `parts`, a parallel loop around it chooses the part.
  static Value walk(OpBuilder &b, GenericOp op, const Cut &cut, int64_t length, int64_t offset, bool parts) {
    MLIRContext *c = b.getContext();
    unsigned loops = op.getNumLoops() + parts;
    SmallVector<AffineExpr> old;
    for (unsigned l = 0; l < op.getNumLoops(); ++l) old.push_back(b.getAffineDimExpr(l + parts));
    AffineExpr inner = old[cut.loop], whole = parts ? b.getAffineDimExpr(0) * cut.part + inner : inner + offset;
    old[cut.loop] = whole;
    auto rewritten = [&](AffineMap m) {
      SmallVector<AffineExpr> at;
      for (AffineExpr e : m.getResults()) {
        auto first = dyn_cast<AffineBinaryOpExpr>(e); // `d mod size` is d: the first part of an axis
        bool bare = first && first.getKind() == AffineExprKind::Mod && first.getLHS() == b.getAffineDimExpr(cut.loop);
        at.push_back(bare ? whole : e.replaceDims(old));
      }
      return AffineMap::get(loops, 0, at, c);
    };
    SmallVector<Value> inputs(op.getDpsInputs());
    SmallVector<AffineMap> maps;
    for (OpOperand *in : op.getDpsInputOperands()) maps.push_back(rewritten(op.getMatchingIndexingMap(in)));
    // No operand's shape tells how long the inner loop is: one that nobody reads does.
    inputs.push_back(tensor::EmptyOp::create(b, op.getLoc(), ArrayRef<int64_t>{length}, b.getI1Type()));
    maps.push_back(AffineMap::get(loops, 0, inner, c));
    SmallVector<AffineExpr> out;
    SmallVector<int64_t> shape;
    if (parts) out.push_back(b.getAffineDimExpr(0)), shape.push_back(cut.parts);
    llvm::append_range(out, rewritten(resultMap(op)).getResults());
    llvm::append_range(shape, cast<RankedTensorType>(op.getResult(0).getType()).getShape());
    maps.push_back(AffineMap::get(loops, 0, out, c));
    SmallVector<utils::IteratorType> iterators(op.getIteratorTypesArray());
    if (parts) iterators.insert(iterators.begin(), utils::IteratorType::parallel);
    Value init = filled(b, op, shape);
    auto copy = GenericOp::create(b, op.getLoc(), TypeRange{init.getType()}, inputs, ValueRange{init}, maps, iterators, [&](OpBuilder &n, Location l, ValueRange args) {
      IRMapping map;
      map.map(op.getBody()->getArguments().drop_back(), args.take_front(op.getNumDpsInputs()));
      map.map(op.getBody()->getArguments().back(), args.back());
      for (Operation &x : *op.getBody()) {
        auto index = dyn_cast<linalg::IndexOp>(x);
        if (!index) { n.clone(x, map); continue; }
        Value v = linalg::IndexOp::create(n, l, index.getDim() + parts);
        if ((int)index.getDim() == cut.loop) {
          Value from = arith::ConstantIndexOp::create(n, l, parts ? cut.part : offset);
          if (parts) from = arith::MulIOp::create(n, l, linalg::IndexOp::create(n, l, 0), from);
          v = arith::AddIOp::create(n, l, from, v);
        }
        map.map(index.getResult(), v);
      }
    });
    SmallVector<ir::Window> windows = windowsOf(op);
    for (ir::Window &w : windows) w.out += parts, w.tap += parts;
    if (!windows.empty()) setWindows(copy, windows);
    return copy.getResult(0);
  }

  static Value join(OpBuilder &b, Location loc, Operation *combiner, Value x, Value y) {
    if (isa<math::FmaOp>(combiner)) return arith::AddFOp::create(b, loc, x, y);
    IRMapping map;
    map.map(combiner->getOperands(), ValueRange{x, y});
    return b.clone(*combiner, map)->getResult(0);
  }

  void runOnOperation() final {
    for (GenericOp op : llvm::make_early_inc_range(getOperation().getBody().front().getOps<GenericOp>())) {
      if (!op.getNumReductionLoops()) continue;
      Cut cut = cutOf(op, forGpu);
      Operation *joins = cut.loop >= 0 ? combiner(op) : nullptr;
      if (!joins || !op.getDpsInits()[0].getDefiningOp<linalg::FillOp>()) continue;
      OpBuilder b(op);
      auto type = cast<RankedTensorType>(op.getResult(0).getType());
      int64_t rank = type.getRank();
      Value partial = walk(b, op, cut, cut.part, 0, true), init = filled(b, op, type.getShape());
      AffineMap all = b.getMultiDimIdentityMap(rank + 1), each = b.getMultiDimIdentityMap(rank);
      SmallVector<utils::IteratorType> iterators(rank + 1, utils::IteratorType::parallel);
      iterators[0] = utils::IteratorType::reduction;
      auto body = [&](OpBuilder &n, Location l, ValueRange args) { linalg::YieldOp::create(n, l, join(n, l, joins, args[1], args[0])); };
      Value whole = GenericOp::create(b, op.getLoc(), TypeRange{type}, partial, init, SmallVector<AffineMap>{all, all.dropResult(0)}, iterators, body).getResult(0);
      if (cut.rest) {
        Value rest = walk(b, op, cut, cut.rest, cut.parts * cut.part, false);
        Value empty = tensor::EmptyOp::create(b, op.getLoc(), type.getShape(), type.getElementType());
        whole = GenericOp::create(b, op.getLoc(), TypeRange{type}, ValueRange{whole, rest}, empty, SmallVector<AffineMap>{each, each, each}, SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
                                  [&](OpBuilder &n, Location l, ValueRange args) { linalg::YieldOp::create(n, l, join(n, l, joins, args[0], args[1])); }).getResult(0);
      }
      op.getResult(0).replaceAllUsesWith(whole);
      op.erase();
    }
  }
};

} // namespace

std::unique_ptr<Pass> createSplitReductionsPass(const TileTable &table) { return std::make_unique<SplitReductions>(table.threads > 0); }

} // namespace tenon::compiler
