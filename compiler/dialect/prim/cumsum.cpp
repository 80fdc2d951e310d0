// The work of cumsum: a piece is a row, or an element across rows where they lie side by side.
#include "compiler/dialect/interfaces/pieces.h"
#include "compiler/dialect/prim/loop_nest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
namespace tenon::ir::prim {

static pieces::Around around(CumsumOp op) { return {op.getX().getType().getShape(), static_cast<int64_t>(op.getDimension())}; }
/// Whether pieces are elements side by side.
static bool cutsInner(const pieces::Around &s) { return s.inner >= 32 || s.outer < 2; }

int64_t CumsumOp::getPieces() {
  pieces::Around s = around(*this);
  return std::max<int64_t>(1, cutsInner(s) ? s.inner : s.outer);
}
int64_t CumsumOp::getPieceUnit(int64_t lanes) { return cutsInner(around(*this)) ? lanes : 1; }
int64_t CumsumOp::getWork() { return getX().getType().getNumElements() / (around(*this).inner >= 32 ? 8 : 1) + 5; }

void CumsumOp::buildPieces(ImplicitLocOpBuilder &b, ValueRange memory, Value begin, Value end, int64_t lanes) {
  pieces::Around s = around(*this);
  if (getX().getType().getNumElements() == 0)
    return;
  Value x = pieces::reshape(b, memory[0], s.shape()), y = pieces::reshape(b, memory[1], s.shape()), zero = pieces::number(b, 0);
  bool inner = cutsInner(s), real = isa<FloatType>(getX().getType().getElementType());
  pieces::loop(b, inner ? zero : begin, inner ? pieces::number(b, s.outer) : end, [&](Value a) {
    pieces::run(b, inner ? begin : zero, inner ? end : pieces::number(b, s.inner), inner && s.inner > 1 ? -1 : s.inner, lanes, [&](Value w, int64_t n) {
      Value start = pieces::splat(b, number(getX().getType().getElementType(), 0), n);
      auto f = scf::ForOp::create(b, zero, pieces::number(b, s.extent), pieces::number(b, 1), ValueRange{start});
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(f.getBody());
      Value j = f.getInductionVar(), sum = f.getRegionIterArg(0);
      if (getReverse())
        j = arith::SubIOp::create(b, pieces::number(b, s.extent - 1), j);
      Value element = pieces::load(b, x, {a, j, w}, n);
      Value next = real ? arith::AddFOp::create(b, sum, element).getResult() : arith::AddIOp::create(b, sum, element).getResult();
      pieces::store(b, getExclusive() ? sum : next, y, {a, j, w}, n);
      scf::YieldOp::create(b, next);
    });
  });
}

Literal CumsumOp::evaluate(ArrayRef<const Literal *> operands) {
  const Literal &x = *operands[0];
  Literal y = Literal::zeros(x.type), sum = Literal::zeros(RankedTensorType::get({}, x.type.getElementType()));
  pieces::Around s = around(*this);
  for (int64_t a = 0; a < s.outer; ++a)
    for (int64_t w = 0; w < s.inner; ++w) {
      sum.data.assign(sum.data.size(), 0);
      for (int64_t k = 0; k < s.extent; ++k) {
        int64_t place = (a * s.extent + (getReverse() ? s.extent - 1 - k : k)) * s.inner + w;
        Element before = sum.get(0), element = x.get(place), after;
        if (isa<FloatType>(x.type.getElementType()))
          after.real = before.real + element.real;
        else
          after.integer = static_cast<int64_t>(static_cast<uint64_t>(before.integer) + static_cast<uint64_t>(element.integer));
        sum.set(0, after);
        y.set(place, getExclusive() ? before : sum.get(0));
      }
    }
  return y;
}

} // namespace tenon::ir::prim
