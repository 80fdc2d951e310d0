// Every op that is one loop nest becomes a linalg.generic: one rule for all of them.
#include "compiler/dialect/interfaces/Interfaces.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace ir = tenon::ir;

namespace {

Value convert(OpBuilder &b, Location loc, Value v, Type to) {
  if (v.getType() == to) return v;
  if (ir::isStorage(v.getType())) return arith::ExtFOp::create(b, loc, to, v);
  return arith::TruncFOp::create(b, loc, to, v);
}

/// The number that all elements of a constant share, or null.
TypedAttr splat(Value v) {
  DenseElementsAttr elements;
  if (!matchPattern(v, m_Constant(&elements)) || !elements.isSplat()) return {};
  return cast<TypedAttr>(elements.getSplatValue<Attribute>());
}

struct LowerToLinalg : PassWrapper<LowerToLinalg, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerToLinalg)
  StringRef getArgument() const final { return "lower-to-linalg"; }
  StringRef getDescription() const final { return "Loop-nest ops become linalg.generic"; }
  void getDependentDialects(DialectRegistry &r) const final {
    r.insert<linalg::LinalgDialect, arith::ArithDialect, math::MathDialect, tensor::TensorDialect>();
  }

  using Body = llvm::function_ref<Value(OpBuilder &, Location, ValueRange)>;
  static Value generic(OpBuilder &b, Location loc, RankedTensorType type, ValueRange inputs, ArrayRef<AffineMap> maps,
                       ArrayRef<utils::IteratorType> iterators, TypedAttr initial, Body body) {
    Value init = tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
    if (initial) {
      Value zero = arith::ConstantOp::create(b, loc, initial);
      init = linalg::FillOp::create(b, loc, zero, init).getResult(0);
    }
    return linalg::GenericOp::create(b, loc, TypeRange{type}, inputs, ValueRange{init}, maps, iterators,
                                     [&](OpBuilder &nested, Location l, ValueRange args) { linalg::YieldOp::create(nested, l, body(nested, l, args)); })
        .getResult(0);
  }

  static Value pointwise(OpBuilder &b, Location loc, RankedTensorType type, ValueRange inputs, ArrayRef<AffineMap> inputMaps, Body body) {
    SmallVector<AffineMap> maps(inputMaps);
    maps.push_back(b.getMultiDimIdentityMap(type.getRank()));
    return generic(b, loc, type, inputs, maps, SmallVector<utils::IteratorType>(type.getRank(), utils::IteratorType::parallel), {}, body);
  }

  /// Where a loop walks only the first part of an axis the index is written `d mod size`, which is d: linalg takes a bare d for the whole axis.
  static AffineMap partial(AffineMap map, RankedTensorType operand, ArrayRef<int64_t> ranges, bool windows) {
    SmallVector<AffineExpr> at(map.getResults());
    for (auto [e, size] : llvm::zip(at, operand.getShape())) {
      if (auto d = dyn_cast<AffineDimExpr>(e); d && ranges[d.getPosition()] < size) e = d % size;
      if (windows && isa<AffineBinaryOpExpr>(e)) e = e % size; // which element it is stands in the windows (see setWindows)
    }
    return AffineMap::get(map.getNumDims(), 0, at, map.getContext());
  }

  static Value lower(ir::LoopNestOpInterface op, OpBuilder &b) {
    Location loc = op->getLoc();
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    Type element = type.getElementType(), compute = ir::promoted(element);
    SmallVector<AffineMap> all = op.getLoopMaps(), maps;
    SmallVector<utils::IteratorType> iterators = op.getIterators();
    bool reduces = llvm::is_contained(iterators, utils::IteratorType::reduction);
    SmallVector<Value> inputs;
    SmallVector<std::pair<int, TypedAttr>> arguments; // block argument, or the constant in its place
    for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
      if (!all[i]) continue;
      // What is reduced stays in memory, even a constant: its shape tells how far the loops go.
      TypedAttr constant = reduces ? TypedAttr() : splat(operand);
      arguments.push_back({constant ? -1 : (int)inputs.size(), constant});
      if (!constant) inputs.push_back(operand), maps.push_back(partial(all[i], cast<RankedTensorType>(operand.getType()), op.getLoopRanges(), !op.getWindows().empty() && !i));
    }
    maps.push_back(all.back());
    SmallVector<ir::Window> windows = op.getWindows();
    if (!windows.empty() && tenon::compiler::pixelsAreRows(windows, maps, iterators, op.getLoopRanges())) {
      inputs[0] = tenon::compiler::padWindows(b, loc, inputs[0], windows, op.getLoopRanges());
      maps[0] = partial(all[0], cast<RankedTensorType>(inputs[0].getType()), op.getLoopRanges(), true);
    }
    auto accumulated = RankedTensorType::get(type.getShape(), reduces ? compute : element);
    Value r = generic(b, loc, accumulated, inputs, maps, iterators, reduces ? op.getInitial(compute) : TypedAttr(), [&](OpBuilder &n, Location l, ValueRange args) {
      SmallVector<Value> values;
      for (auto [k, constant] : arguments) {
        Value v = constant ? arith::ConstantOp::create(n, l, constant).getResult() : args[k];
        values.push_back(convert(n, l, v, ir::promoted(v.getType())));
      }
      if (reduces) values.push_back(args.back());
      Value v = op.buildBody(n, l, values, op->getOperands(), compute);
      return reduces ? v : convert(n, l, v, element);
    });
    if (!windows.empty()) tenon::compiler::setWindows(r.getDefiningOp<linalg::GenericOp>(), windows);
    if (accumulated == type) return r;
    return pointwise(b, loc, type, r, b.getMultiDimIdentityMap(type.getRank()),
                     [&](OpBuilder &n, Location l, ValueRange args) { return convert(n, l, args[0], element); });
  }

  /// A reshape that only adds or drops axes of size 1 is an indexing map; any other is a view of memory and stays.
  static Value dropUnits(Operation *op, OpBuilder &b) {
    auto from = cast<RankedTensorType>(op->getOperand(0).getType()), to = cast<RankedTensorType>(op->getResult(0).getType());
    SmallVector<AffineExpr> at;
    int64_t next = 0;
    for (int64_t size : from.getShape()) {
      if (size == 1) { at.push_back(b.getAffineConstantExpr(0)); continue; }
      while (next < to.getRank() && to.getDimSize(next) == 1) ++next;
      if (next == to.getRank() || to.getDimSize(next) != size) return {};
      at.push_back(b.getAffineDimExpr(next++));
    }
    return pointwise(b, op->getLoc(), to, op->getOperand(0), AffineMap::get(to.getRank(), 0, at, b.getContext()),
                     [](OpBuilder &, Location, ValueRange args) { return args[0]; });
  }

  static bool isControl(Operation *op) { return isa<ir::prim::ScanOp, ir::prim::WhileOp, ir::prim::IfOp>(op); }

  static void lowerBlock(Block &block) {
    SmallVector<Operation *> dead;
    for (Operation &op : llvm::make_early_inc_range(block)) {
      OpBuilder b(&op);
      auto nest = dyn_cast<ir::LoopNestOpInterface>(op);
      if (nest && nest.isView()) {
        if (Value v = dropUnits(&op, b)) op.getResult(0).replaceAllUsesWith(v), dead.push_back(&op);
      } else if (nest) {
        op.getResult(0).replaceAllUsesWith(lower(nest, b));
        dead.push_back(&op);
      } else if (op.hasTrait<OpTrait::ConstantLike>() && op.getNumResults() == 1 && isa<RankedTensorType>(op.getResult(0).getType())) {
        DenseElementsAttr elements;
        matchPattern(&op, m_Constant(&elements));
        auto type = cast<RankedTensorType>(op.getResult(0).getType());
        // Kept where it is read as a constant (above); what needs it in memory gets it from here.
        Value stored;
        for (OpOperand &use : llvm::make_early_inc_range(op.getResult(0).getUses())) {
          auto reader = dyn_cast<ir::LoopNestOpInterface>(use.getOwner());
          bool reduced = reader && llvm::is_contained(reader.getIterators(), utils::IteratorType::reduction);
          if (reader && !reduced && !reader.isView() && elements.isSplat() && reader.getLoopMaps()[use.getOperandNumber()]) continue;
          if (!stored)
            stored = elements.isSplat() && !elements.empty() ? pointwise(b, op.getLoc(), type, {}, {}, [&](OpBuilder &n, Location l, ValueRange) -> Value {
              return arith::ConstantOp::create(n, l, cast<TypedAttr>(elements.getSplatValue<Attribute>()));
            }) : arith::ConstantOp::create(b, op.getLoc(), elements).getResult();
          use.set(stored);
        }
        dead.push_back(&op);
      }
    }
    for (Operation *op : llvm::reverse(dead)) op->erase();
  }

  void runOnOperation() final {
    SmallVector<Block *> blocks{&getOperation().getBody().front()};
    getOperation().walk([&](Operation *op) {
      if (isControl(op))
        for (Region &region : op->getRegions()) blocks.push_back(&region.front());
    });
    for (Block *block : blocks) lowerBlock(*block);
    getOperation().walk([&](Operation *op) {
      auto nest = dyn_cast<ir::LoopNestOpInterface>(op);
      bool control = isControl(op) || (isControl(op->getParentOp()) && op->hasTrait<OpTrait::IsTerminator>());
      if (op->getDialect() && isa<ir::prim::PrimDialect>(op->getDialect()) && !(nest && nest.isView()) && !isa<ir::PiecewiseOpInterface>(op) && !control) {
        op->emitOpError("has no code generation: it is neither a loop nest, nor a view, nor pieces");
        signalPassFailure();
      }
    });
  }
};

} // namespace

std::unique_ptr<Pass> tenon::compiler::createLowerToLinalgPass() { return std::make_unique<LowerToLinalg>(); }
