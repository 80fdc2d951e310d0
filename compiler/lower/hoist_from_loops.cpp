// What a step does not need of the step before leaves the loop: a reduction of slices alone is one op over all steps, before it; a carry to which each step
// adds a reduction is one reduction over all steps, after it. The projection of a recurrent layer's inputs and the gradients of its weights become one
// contraction each, of as many rows as there are in all steps.
#include "compiler/dialect/prim/Prim.h"
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace prim = tenon::ir::prim;
using linalg::GenericOp;

namespace tenon::compiler {
namespace {

RankedTensorType withLeading(int64_t extent, RankedTensorType t) {
  SmallVector<int64_t> shape{extent};
  llvm::append_range(shape, t.getShape());
  return RankedTensorType::get(shape, t.getElementType());
}
RankedTensorType merged(int64_t extent, RankedTensorType t) {
  SmallVector<int64_t> shape(t.getShape());
  shape[0] *= extent;
  return RankedTensorType::get(shape, t.getElementType());
}
RankedTensorType tensorOf(Value v) { return cast<RankedTensorType>(v.getType()); }

/// An input of an op that leaves: a value from outside, a stack of slices or the same in every step.
struct Input {
  Value value;
  bool stacked;
};

struct Hoister {
  prim::ScanOp op;
  OpBuilder before;
  int64_t length;
  DenseMap<Value, Value> stacks = DenseMap<Value, Value>(); ///< values of the body: all steps', from outside

  Value outside(Value v) {
    auto arg = dyn_cast<BlockArgument>(v);
    size_t n = op.getInits().size(), m = op.getXs().size();
    return arg && arg.getArgNumber() >= n + m ? op.getCaptured()[arg.getArgNumber() - n - m] : Value();
  }

  /// Its body reads nothing but its operands and constants, and its result starts from a number.
  static bool isSelfContained(GenericOp g) {
    llvm::SetVector<Value> above;
    getUsedValuesDefinedAbove(g->getRegions(), above);
    return g.getNumDpsInits() == 1 && llvm::all_of(above, [](Value v) { return matchPattern(v, m_Constant()) && !isa<TensorType>(v.getType()); }) &&
           isa_and_nonnull<linalg::FillOp, tensor::EmptyOp>(g.getDpsInits()[0].getDefiningOp());
  }

  /// The rows of each step become rows of one op: loop `d` is the leading axis of all stacks (and of the result, if it is parallel) and of nothing else.
  bool merges(GenericOp g, ArrayRef<Input> inputs, bool summed) {
    AffineMap out = resultMap(g);
    int row = -1;
    auto leads = [&](AffineMap m) {
      int d = m.getNumResults() ? loopAt(m, 0) : -1;
      if (d < 0 || !isa<AffineDimExpr>(m.getResult(0)) || (row >= 0 && d != row)) return false;
      row = d;
      return llvm::none_of(m.getResults().drop_front(), [&](AffineExpr e) { return e.isFunctionOfDim(d); });
    };
    for (auto [in, operand] : llvm::zip(inputs, g.getDpsInputOperands()))
      if (in.stacked && !leads(g.getMatchingIndexingMap(operand))) return false;
    if (row < 0 || g.hasIndexSemantics()) return false;
    for (auto [in, operand] : llvm::zip(inputs, g.getDpsInputOperands()))
      if (!in.stacked && g.getMatchingIndexingMap(operand).isFunctionOfDim(row)) return false;
    return summed ? !out.isFunctionOfDim(row) : leads(out);
  }

  /// The op over all steps: each step's result in a stack, or (`summed`) the sum of them all.
  Value build(OpBuilder &b, GenericOp g, ArrayRef<Input> inputs, bool summed) {
    Location loc = g.getLoc();
    bool rows = merges(g, inputs, summed);
    auto type = tensorOf(g.getResult(0));
    auto made = summed ? type : rows ? merged(length, type) : withLeading(length, type);
    SmallVector<AffineMap> maps;
    auto shifted = [&](AffineMap m, bool leading) {
      if (rows) return m;
      AffineMap s = m.shiftDims(1);
      SmallVector<AffineExpr> results(s.getResults());
      if (leading) results.insert(results.begin(), b.getAffineDimExpr(0));
      return AffineMap::get(s.getNumDims(), 0, results, b.getContext());
    };
    SmallVector<Value> values;
    for (auto [in, operand] : llvm::zip(inputs, g.getDpsInputOperands())) {
      Value v = in.value;
      if (in.stacked && rows) v = prim::ReshapeOp::create(b, loc, merged(length, tensorOf(operand->get())), v);
      values.push_back(v);
      maps.push_back(shifted(g.getMatchingIndexingMap(operand), in.stacked));
    }
    maps.push_back(shifted(resultMap(g), !summed));
    SmallVector<utils::IteratorType> iterators = g.getIteratorTypesArray();
    if (!rows) iterators.insert(iterators.begin(), summed ? utils::IteratorType::reduction : utils::IteratorType::parallel);
    Value init = tensor::EmptyOp::create(b, loc, made.getShape(), made.getElementType());
    if (auto fill = g.getDpsInits()[0].getDefiningOp<linalg::FillOp>())
      init = linalg::FillOp::create(b, loc, b.clone(*fill.getInputs()[0].getDefiningOp())->getResult(0), init).getResult(0);
    IRMapping map;
    llvm::SetVector<Value> above;
    getUsedValuesDefinedAbove(g->getRegions(), above);
    for (Value v : above) map.map(v, b.clone(*v.getDefiningOp())->getResult(0));
    auto result = GenericOp::create(b, loc, TypeRange{made}, values, ValueRange{init}, maps, iterators);
    g.getRegion().cloneInto(&result.getRegion(), map);
    if (!rows) result.walk([](linalg::IndexOp i) { i.setDim(i.getDim() + 1); });
    Value v = result.getResult(0);
    return rows && !summed ? prim::ReshapeOp::create(b, loc, withLeading(length, type), v).getResult() : v;
  }

  /// Ops of the body that depend on slices and captured values alone, in order.
  void hoist() {
    size_t n = op.getInits().size();
    for (auto [x, slice] : llvm::zip(op.getXs(), op.getSlices())) stacks[slice] = x;
    llvm::SetVector<Operation *> able;
    DenseSet<Value> known;
    for (Value v : op.getSlices()) known.insert(v);
    for (Operation &inner : op.getBlock().without_terminator()) {
      auto g = dyn_cast<GenericOp>(inner);
      bool view = isView(&inner) && known.contains(inner.getOperand(0));
      bool ready = g && isSelfContained(g) && llvm::any_of(g.getDpsInputs(), [&](Value v) { return known.contains(v); }) &&
                   llvm::all_of(g.getDpsInputs(), [&](Value v) { return known.contains(v) || outside(v) || matchPattern(v, m_Constant()); });
      if (view || ready) able.insert(&inner), known.insert(inner.getResult(0));
    }
    // Worth a stack: reductions, and what they are made of.
    DenseSet<Operation *> wanted;
    for (Operation *inner : llvm::reverse(able)) {
      auto g = dyn_cast<GenericOp>(inner);
      if ((g && g.getNumReductionLoops()) || llvm::any_of(inner->getUsers(), [&](Operation *user) { return wanted.contains(user); })) wanted.insert(inner);
    }
    SmallVector<std::pair<Value, Value>> slices;
    for (Operation *inner : able) {
      if (!wanted.contains(inner)) continue;
      Value v = inner->getResult(0);
      if (isView(inner)) {
        Value from = stacks.lookup(inner->getOperand(0));
        stacks[v] = prim::ReshapeOp::create(before, inner->getLoc(), withLeading(length, tensorOf(v)), from);
        continue;
      }
      auto g = cast<GenericOp>(inner);
      stacks[v] = build(before, g, inputsOf(g, [](Value) { return Value(); }), false);
      if (g.getNumReductionLoops()) slices.push_back({v, stacks[v]});
    }
    // The body reads their slices.
    for (auto [v, stack] : slices) {
      size_t at = n + op.getXs().size();
      BlockArgument slice = op.getBlock().insertArgument(at, v.getType(), v.getLoc());
      op.getXsMutable().append(stack);
      stacks[slice] = stack;
      v.replaceAllUsesWith(slice);
    }
  }
  static bool isView(Operation *op) {
    auto nest = dyn_cast<ir::LoopNestOpInterface>(op);
    return nest && nest.isView();
  }

  template <class More> SmallVector<Input> inputsOf(GenericOp g, More more) {
    SmallVector<Input> inputs;
    for (Value v : g.getDpsInputs()) {
      Value stack = stacks.lookup(v);
      if (!stack) stack = more(v);
      if (stack) inputs.push_back({stack, true});
      else if (Value same = outside(v)) inputs.push_back({same, false});
      else inputs.push_back({before.clone(*v.getDefiningOp())->getResult(0), false}); // a constant
    }
    return inputs;
  }

  /// The reduction that each step adds to carry i, or null: `carry' = carry + sum(...)`.
  GenericOp addend(size_t i) {
    BlockArgument carry = op.getBlock().getArgument(i);
    Value next = op.getYield()->getOperand(i);
    auto add = next.getDefiningOp<GenericOp>();
    if (!carry.hasOneUse() || !add || !next.hasOneUse() || add.getNumReductionLoops() || add.getNumDpsInputs() != 2) return {};
    auto sum = dyn_cast<arith::AddFOp>(add.getBody()->front());
    if (!sum || add.getBody()->getOperations().size() != 2 || !llvm::all_of(add.getIndexingMapsArray(), [](AffineMap m) { return m.isIdentity(); })) return {};
    if (sum.getLhs() == sum.getRhs() || !isa<BlockArgument>(sum.getLhs()) || !isa<BlockArgument>(sum.getRhs())) return {};
    Value other = add.getDpsInputs()[0] == carry ? add.getDpsInputs()[1] : add.getDpsInputs()[0];
    auto g = other.getDefiningOp<GenericOp>();
    if (!g || !other.hasOneUse() || !g.getNumReductionLoops() || !isSelfContained(g)) return {};
    auto fill = g.getDpsInits()[0].getDefiningOp<linalg::FillOp>();
    if (!fill || !matchPattern(fill.getInputs()[0], m_AnyZeroFloat())) return {};
    // The step's own sum: `accumulator + x`, or a fused product and sum.
    Value result = g.getBody()->getTerminator()->getOperand(0), accumulator = g.getBody()->getArguments().back();
    Operation *last = result.getDefiningOp();
    bool adds = last && accumulator.hasOneUse() &&
                ((isa<arith::AddFOp>(last) && llvm::is_contained(last->getOperands(), accumulator)) || (isa<math::FmaOp>(last) && last->getOperand(2) == accumulator));
    return adds ? g : GenericOp();
  }

  prim::ScanOp accumulate() {
    size_t n = op.getInits().size();
    SmallVector<std::pair<size_t, GenericOp>> sums;
    for (size_t i = 0; i < n; ++i)
      if (GenericOp g = addend(i)) sums.push_back({i, g});
    if (sums.empty()) return op;
    // Further results: what the sums read.
    SmallVector<Value> yielded(op.getYield()->getOperands());
    SmallVector<Type> types(op->getResultTypes());
    auto resultFor = [&](Value v) -> size_t {
      auto have = std::find(yielded.begin() + n, yielded.end(), v);
      if (have == yielded.end()) {
        yielded.push_back(v), types.push_back(withLeading(length, tensorOf(v)));
        return yielded.size() - 1;
      }
      return have - yielded.begin();
    };
    DenseMap<Value, size_t> results;
    for (auto [i, g] : sums)
      for (Value v : g.getDpsInputs())
        if (!stacks.lookup(v) && !outside(v) && !matchPattern(v, m_Constant())) results[v] = resultFor(v);
    for (auto [i, g] : sums) yielded[i] = op.getBlock().getArgument(i); // an unchanging carry, which simplification drops
    op.getYield()->setOperands(yielded);
    OpBuilder b(op);
    auto made = prim::ScanOp::create(b, op.getLoc(), types, op.getInits(), op.getXs(), op.getCaptured(), op.getLength(), op.getReverse(), op.getChunkAttr());
    made.getBody().takeBody(op.getBody());
    op->replaceAllUsesWith(made->getResults().take_front(op->getNumResults()));
    op.erase();
    op = made;
    b.setInsertionPointAfter(made);
    before.setInsertionPoint(made);
    for (auto [i, g] : sums) {
      Value sum = build(b, g, inputsOf(g, [&](Value v) { return results.count(v) ? Value(made->getResult(results[v])) : Value(); }), true);
      if (!startsFromZero(made.getInits()[i])) sum = add(b, g.getLoc(), made.getInits()[i], sum);
      made->getResult(i).replaceAllUsesWith(sum);
    }
    return made;
  }

  static bool startsFromZero(Value v) {
    if (matchPattern(v, m_AnyZeroFloat())) return true;
    auto g = v.getDefiningOp<GenericOp>();
    return g && g.getNumDpsInputs() == 0 && matchPattern(g.getBody()->getTerminator()->getOperand(0), m_AnyZeroFloat());
  }
  static Value add(OpBuilder &b, Location loc, Value x, Value y) {
    auto type = tensorOf(x);
    Value init = tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
    SmallVector<AffineMap> maps(3, b.getMultiDimIdentityMap(type.getRank()));
    SmallVector<utils::IteratorType> iterators(type.getRank(), utils::IteratorType::parallel);
    return GenericOp::create(b, loc, TypeRange{type}, ValueRange{x, y}, ValueRange{init}, maps, iterators, [](OpBuilder &n, Location l, ValueRange args) {
             linalg::YieldOp::create(n, l, arith::AddFOp::create(n, l, args[0], args[1]).getResult());
           }).getResult(0);
  }
};

struct HoistFromLoops : PassWrapper<HoistFromLoops, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(HoistFromLoops)
  StringRef getArgument() const final { return "hoist-from-loops"; }
  StringRef getDescription() const final { return "What does not depend on the step before leaves the loop"; }
  void getDependentDialects(DialectRegistry &r) const final { r.insert<linalg::LinalgDialect, tensor::TensorDialect, arith::ArithDialect, prim::PrimDialect>(); }
  void runOnOperation() final {
    SmallVector<prim::ScanOp> scans;
    getOperation().walk([&](prim::ScanOp op) { scans.push_back(op); }); // inner ones first: what leaves them may leave the outer
    for (prim::ScanOp op : scans) {
      if (op.getLength() < 2 || op.recomputes()) continue; // whose steps are not kept
      Hoister h{op, OpBuilder(op), (int64_t)op.getLength()};
      h.hoist();
      (void)h.accumulate();
    }
  }
};

} // namespace

std::unique_ptr<Pass> createHoistFromLoopsPass() { return std::make_unique<HoistFromLoops>(); }

} // namespace tenon::compiler
