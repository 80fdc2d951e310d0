// The work of argsort: a piece is a row, merged from runs of 1, 2, 4, ... between the result and a scratch of its shape.
#include "compiler/dialect/interfaces/pieces.h"
#include "compiler/dialect/prim/loop_nest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
namespace tenon::ir::prim {
namespace {

pieces::Around around(ArgsortOp op) { return {op.getX().getType().getShape(), static_cast<int64_t>(op.getDimension())}; }

struct Row {
  ImplicitLocOpBuilder &b;
  ArgsortOp op;
  Value x, outer, inner;
  int64_t extent;

  Value index(int64_t n) { return pieces::number(b, n); }
  Value least(Value i, Value j) { return arith::MinSIOp::create(b, i, j); }
  Value plus(Value i, Value j) { return arith::AddIOp::create(b, i, j); }
  /// The number at a place of a row of places.
  Value at(Value places, Value i) { return memref::LoadOp::create(b, x, ValueRange{outer, pieces::indexAt(b, places, {outer, i, inner}), inner}); }

  /// Must v, which stands behind u, come first?
  Value before(Value v, Value u) {
    bool down = op.getDescending();
    if (!isa<FloatType>(v.getType()))
      return arith::CmpIOp::create(b, down ? arith::CmpIPredicate::sgt : arith::CmpIPredicate::slt, v, u);
    auto unordered = [&](Value n) -> Value { return arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, n, n); };
    Value less = arith::CmpFOp::create(b, down ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT, v, u);
    Value one = arith::XOrIOp::create(b, unordered(v), unordered(u));
    return arith::OrIOp::create(b, less, arith::AndIOp::create(b, one, unordered(down ? v : u)));
  }

  /// Runs of `width` in `from` become runs of twice that in `to`.
  void merge(Value from, Value to, Value width) {
    Value n = index(extent), two = plus(width, width);
    auto runs = scf::ForOp::create(b, index(0), n, two);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(runs.getBody());
    Value low = runs.getInductionVar(), middle = least(plus(low, width), n), high = least(plus(low, two), n);
    auto f = scf::ForOp::create(b, low, high, index(1), ValueRange{low, middle});
    b.setInsertionPointToStart(f.getBody());
    Value i = f.getRegionIterArg(0), j = f.getRegionIterArg(1), last = index(extent - 1);
    Value left = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, i, middle), right = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, j, high);
    Value swap = arith::AndIOp::create(b, right, before(at(from, least(j, last)), at(from, least(i, last))));
    Value none = arith::XOrIOp::create(b, left, arith::ConstantOp::create(b, b.getBoolAttr(true)));
    Value fromRight = arith::OrIOp::create(b, none, swap);
    Value taken = arith::SelectOp::create(b, fromRight, j, i);
    memref::StoreOp::create(b, memref::LoadOp::create(b, from, ValueRange{outer, taken, inner}), to, ValueRange{outer, f.getInductionVar(), inner});
    scf::YieldOp::create(b, ValueRange{arith::SelectOp::create(b, fromRight, i, plus(i, index(1))), arith::SelectOp::create(b, fromRight, plus(j, index(1)), j)});
  }

  void sort(Value result, Value scratch) {
    pieces::loop(b, index(0), index(extent), [&](Value i) {
      memref::StoreOp::create(b, arith::IndexCastOp::create(b, b.getI64Type(), i), result, ValueRange{outer, i, inner});
    });
    // There and back: runs grow fourfold.
    int64_t rounds = (llvm::Log2_64_Ceil(extent) + 1) / 2;
    auto f = scf::ForOp::create(b, index(0), index(rounds), index(1), ValueRange{index(1)});
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(f.getBody());
    Value width = f.getRegionIterArg(0), two = plus(width, width);
    merge(result, scratch, width);
    merge(scratch, result, two);
    scf::YieldOp::create(b, plus(two, two));
  }
};

} // namespace

int64_t ArgsortOp::getPieces() { return std::max<int64_t>(1, around(*this).outer * around(*this).inner); }
int64_t ArgsortOp::getWork() { return getX().getType().getNumElements() * (1 + llvm::Log2_64_Ceil(std::max<int64_t>(1, around(*this).extent))) * 5; }
SmallVector<RankedTensorType> ArgsortOp::getScratch() { return {getY().getType()}; }

void ArgsortOp::buildPieces(ImplicitLocOpBuilder &b, ValueRange memory, Value begin, Value end, int64_t) {
  pieces::Around s = around(*this);
  if (getX().getType().getNumElements() == 0)
    return;
  SmallVector<Value> m;
  for (Value v : memory)
    m.push_back(pieces::reshape(b, v, s.shape()));
  pieces::loop(b, begin, end, [&](Value piece) {
    Value inner = pieces::number(b, s.inner);
    Row row{b, *this, m[0], arith::DivUIOp::create(b, piece, inner), arith::RemUIOp::create(b, piece, inner), s.extent};
    row.sort(m[1], m[2]);
  });
}

Literal ArgsortOp::evaluate(ArrayRef<const Literal *> operands) {
  const Literal &x = *operands[0];
  Literal y = Literal::zeros(getY().getType());
  pieces::Around s = around(*this);
  bool real = isa<FloatType>(x.type.getElementType()), down = getDescending();
  for (int64_t a = 0; a < s.outer; ++a)
    for (int64_t w = 0; w < s.inner; ++w) {
      auto at = [&](int64_t i) { return x.get((a * s.extent + i) * s.inner + w); };
      std::vector<int64_t> order(s.extent);
      for (int64_t i = 0; i < s.extent; ++i)
        order[i] = i;
      std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) {
        Element u = at(down ? j : i), v = at(down ? i : j);
        return real ? u.real < v.real || (!std::isnan(u.real) && std::isnan(v.real)) : u.integer < v.integer;
      });
      for (int64_t i = 0; i < s.extent; ++i)
        y.set((a * s.extent + i) * s.inner + w, {.integer = order[i]});
    }
  return y;
}

} // namespace tenon::ir::prim
