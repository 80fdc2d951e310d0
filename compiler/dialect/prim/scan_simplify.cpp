// What a scan need not do: unused results and carries, values that never change, values computed alike in every step.
#include "compiler/dialect/interfaces/sweep.h"
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::ir::prim {

namespace {

/// Which operands and results a scan keeps.
struct Kept {
  llvm::SmallBitVector carries, xs, captured, stacked;
};

/// The scan with only these; others must have no users. The body is taken over.
ScanOp rebuild(ScanOp op, const Kept &kept, PatternRewriter &r) {
  size_t n = op.getInits().size(), m = op.getXs().size();
  SmallVector<Value> inits, xs, captured, old;
  SmallVector<Type> types;
  llvm::BitVector arguments(op.getBlock().getNumArguments()), yielded(op.getYield()->getNumOperands());
  for (size_t i = 0; i < n; ++i)
    if (kept.carries[i]) {
      inits.push_back(op.getInits()[i]);
      old.push_back(op.getResult(i));
    } else {
      arguments.set(i);
      yielded.set(i);
    }
  for (size_t i = 0; i < m; ++i)
    kept.xs[i] ? xs.push_back(op.getXs()[i]) : void(arguments.set(n + i));
  for (size_t i = 0; i < op.getCaptured().size(); ++i)
    kept.captured[i] ? captured.push_back(op.getCaptured()[i]) : void(arguments.set(n + m + i));
  for (size_t i = 0; i < op.getStacked().size(); ++i)
    kept.stacked[i] ? old.push_back(op.getResult(n + i)) : void(yielded.set(n + i));
  auto made = ScanOp::create(r, op.getLoc(), ValueRange(old).getTypes(), inits, xs, captured, op.getLength(), op.getReverse(), op.getChunkAttr());
  r.modifyOpInPlace(op.getYield(), [&] { op.getYield()->eraseOperands(yielded); });
  Block &block = op.getBlock();
  for (BlockArgument arg : block.getArguments())
    if (arguments[arg.getArgNumber()])
      arg.dropAllUses(); // of dead ops only
  r.inlineRegionBefore(op.getBody(), made.getBody(), made.getBody().end());
  made.getBlock().eraseArguments(arguments);
  for (auto [from, to] : llvm::zip(old, made.getResults()))
    r.replaceAllUsesWith(from, to);
  r.eraseOp(op);
  return made;
}

/// Results that nobody reads, carries that only feed themselves, operands that the body does not use.
struct DropDead : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ScanOp op, PatternRewriter &r) const override {
    size_t n = op.getInits().size();
    Block &block = op.getBlock();
    DenseSet<Value> live;
    Kept kept{llvm::SmallBitVector(n), llvm::SmallBitVector(op.getXs().size()), llvm::SmallBitVector(op.getCaptured().size()),
              llvm::SmallBitVector(op.getStacked().size())};
    for (size_t i = 0; i < n; ++i)
      kept.carries[i] = !op.getResult(i).use_empty();
    for (size_t i = 0; i < op.getStacked().size(); ++i)
      if ((kept.stacked[i] = !op.getStacked()[i].use_empty()))
        live.insert(op.getYield()->getOperand(n + i));
    SmallVector<Operation *> dead;
    for (bool changed = true; changed;) {
      changed = false;
      dead.clear();
      for (unsigned i : kept.carries.set_bits())
        live.insert(op.getYield()->getOperand(i));
      for (Operation &inner : llvm::reverse(block.without_terminator()))
        if (!isMemoryEffectFree(&inner) || llvm::any_of(inner.getResults(), [&](Value v) { return live.contains(v); }))
          inner.walk([&](Operation *reader) { live.insert(reader->getOperands().begin(), reader->getOperands().end()); }); // in its bodies too
        else
          dead.push_back(&inner);
      for (auto [i, carry] : llvm::enumerate(op.getCarries()))
        if (live.contains(carry) && !kept.carries[i])
          kept.carries[i] = changed = true;
    }
    for (auto [i, v] : llvm::enumerate(op.getSlices()))
      kept.xs[i] = live.contains(v);
    for (auto [i, v] : llvm::enumerate(op.getInner()))
      kept.captured[i] = live.contains(v);
    if (kept.carries.all() && kept.xs.all() && kept.captured.all() && kept.stacked.all())
      return failure();
    for (Operation *inner : dead) {
      for (Value v : inner->getResults())
        v.dropAllUses();
      r.eraseOp(inner);
    }
    (void)rebuild(op, kept, r);
    return success();
  }
};

/// A carry that is yielded as it came is a captured value; of one value captured or scanned twice one is enough; a constant is made inside.
struct Unchanging : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ScanOp op, PatternRewriter &r) const override {
    bool changed = false;
    auto use = [&](Value from, Value to) {
      if (from.use_empty())
        return;
      changed = true;
      r.replaceAllUsesWith(from, to);
    };
    SmallVector<Value> carries(op.getCarries().begin(), op.getCarries().end()); // the list of arguments grows below
    for (auto [i, carry] : llvm::enumerate(carries)) {
      if (op.getYield()->getOperand(i) != carry)
        continue;
      use(op.getResult(i), op.getInits()[i]);
      auto elsewhere = [&, i = i](OpOperand &v) { return v.getOwner() != op.getYield() || v.getOperandNumber() != i; };
      if (llvm::any_of(carry.getUses(), elsewhere)) {
        Value inner = captureAlso(op, op.getInits()[i], r);
        r.replaceUsesWithIf(carry, inner, elsewhere);
        changed = true;
      }
    }
    auto same = [&](ValueRange outside, auto inside) {
      DenseMap<Value, Value> first;
      for (auto [v, arg] : llvm::zip(outside, inside))
        if (auto [it, isNew] = first.try_emplace(v, arg); !isNew)
          use(arg, it->second);
    };
    same(op.getXs(), op.getSlices());
    same(op.getCaptured(), op.getInner());
    for (auto [v, arg] : llvm::zip(op.getCaptured(), op.getInner())) {
      DenseElementsAttr constant;
      if (arg.use_empty() || !matchPattern(v, m_Constant(&constant)) || !constant.isSplat())
        continue;
      r.setInsertionPointToStart(&op.getBlock());
      use(arg, ConstantOp::create(r, op.getLoc(), constant));
    }
    return success(changed);
  }
  static Value captureAlso(ScanOp op, Value v, PatternRewriter &r) {
    r.modifyOpInPlace(op, [&] { op.getCapturedMutable().append(v); });
    return op.getBlock().addArgument(v.getType(), op.getLoc());
  }
};

/// A stacked result of slices is what was scanned.
struct PassedThrough : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ScanOp op, PatternRewriter &r) const override {
    bool changed = false;
    size_t n = op.getInits().size();
    for (auto [i, v] : llvm::enumerate(op.getStacked())) {
      auto arg = dyn_cast<BlockArgument>(op.getYield()->getOperand(n + i));
      if (!arg || arg.getOwner() != &op.getBlock() || arg.getArgNumber() < n || arg.getArgNumber() >= n + op.getXs().size() || v.use_empty())
        continue;
      r.replaceAllUsesWith(v, op.getXs()[arg.getArgNumber() - n]);
      changed = true;
    }
    return success(changed);
  }
};

/// Ops on captured values and constants alone are computed once, before the loop, unless they only spread a smaller value.
struct HoistInvariant : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ScanOp op, PatternRewriter &r) const override {
    auto outside = [&](Value v) -> Value {
      auto arg = dyn_cast<BlockArgument>(v);
      size_t first = op.getInits().size() + op.getXs().size();
      return arg && arg.getArgNumber() >= first ? op.getCaptured()[arg.getArgNumber() - first] : Value();
    };
    auto elements = [](Value v) { return mlir::cast<ShapedType>(v.getType()).getNumElements(); };
    for (Operation &inner : op.getBlock().without_terminator()) {
      if (!isa<LoopNestOpInterface>(inner) || llvm::none_of(inner.getOperands(), outside))
        continue;
      int64_t largest = 0;
      bool constant = llvm::all_of(inner.getOperands(), [&](Value v) {
        largest = std::max(largest, elements(v));
        return outside(v) || matchPattern(v, m_Constant());
      });
      if (!constant || elements(inner.getResult(0)) > largest || op.getLength() == 0)
        continue;
      r.setInsertionPoint(op);
      IRMapping map;
      for (Value v : inner.getOperands())
        map.map(v, outside(v) ? outside(v) : r.clone(*v.getDefiningOp())->getResult(0));
      Value hoisted = r.clone(inner, map)->getResult(0);
      r.replaceAllUsesWith(inner.getResult(0), Unchanging::captureAlso(op, hoisted, r));
      r.eraseOp(&inner);
      return success();
    }
    return failure();
  }
};

} // namespace

void ScanOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<DropDead, Unchanging, PassedThrough, HoistInvariant>(context);
}

} // namespace tenon::ir::prim
