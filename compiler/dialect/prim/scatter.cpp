// The work of scatter: every piece walks all indices in order and writes what is its own, so that sums do not depend on threads.
#include "compiler/dialect/interfaces/pieces.h"
#include "compiler/dialect/prim/loop_nest.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
namespace tenon::ir::prim {
namespace {

/// The result as [outer, extent, inner], the updates as [outer, count, inner].
struct Sizes : pieces::Around {
  int64_t count;
  explicit Sizes(ScatterOp op) : Around(op.getY().getType().getShape(), op.getAxis()), count(op.getIndices().getType().getNumElements()) {}
  /// What pieces are: elements of a row where there are enough for vectors, else rows of [outer], else places along the axis.
  enum Cut { Inner, Outer, Axis };
  Cut cut() const { return inner >= 32 ? Inner : outer > 1 ? Outer : Axis; }
};

TypedAttr start(ScatterOp op) {
  Type element = op.getY().getType().getElementType();
  return op.getMode() == ScatterMode::max ? lowest(element) : number(element, 0);
}

Value combine(ScatterMode mode, ImplicitLocOpBuilder &b, Value old, Value update) {
  bool real = isa<FloatType>(getElementTypeOrSelf(old.getType()));
  switch (mode) {
  case ScatterMode::add:
    return real ? arith::AddFOp::create(b, old, update).getResult() : arith::AddIOp::create(b, old, update).getResult();
  case ScatterMode::max:
    return real ? arith::MaximumFOp::create(b, old, update).getResult() : arith::MaxSIOp::create(b, old, update).getResult();
  case ScatterMode::set:
    break;
  }
  return update;
}

} // namespace

int64_t ScatterOp::getPieces() {
  Sizes s(*this);
  return std::max<int64_t>(1, s.cut() == Sizes::Inner ? s.inner : s.cut() == Sizes::Outer ? s.outer : s.extent);
}
int64_t ScatterOp::getPieceUnit(int64_t lanes) { return Sizes(*this).cut() == Sizes::Inner ? lanes : 1; }
int64_t ScatterOp::getWork() { return (getY().getType().getNumElements() + 2 * getUpdates().getType().getNumElements()) / 8 + 5; }

void ScatterOp::buildPieces(ImplicitLocOpBuilder &b, ValueRange memory, Value begin, Value end, int64_t lanes) {
  Sizes s(*this);
  Sizes::Cut cut = s.cut();
  if (s.outer * s.extent * s.inner == 0)
    return;
  Value zero = pieces::number(b, 0);
  Value indices = pieces::reshape(b, memory[0], {s.count}), updates = pieces::reshape(b, memory[1], {s.outer, s.count, s.inner});
  Value old = getX() ? pieces::reshape(b, memory[2], s.shape()) : Value();
  Value result = pieces::reshape(b, memory[getX() ? 3 : 2], s.shape());
  auto range = [&](Sizes::Cut c, int64_t n) { return cut == c ? std::pair(begin, end) : std::pair(zero, pieces::number(b, n)); };
  auto [outerFrom, outerTo] = range(Sizes::Outer, s.outer);
  auto [from, to] = range(Sizes::Axis, s.extent);
  auto [left, right] = range(Sizes::Inner, s.inner);
  int64_t known = cut == Sizes::Inner ? -1 : s.inner;
  pieces::loop(b, outerFrom, outerTo, [&, from = from, to = to, left = left, right = right](Value a) {
    pieces::loop(b, from, to, [&](Value i) {
      pieces::run(b, left, right, known, lanes, [&](Value w, int64_t n) {
        pieces::store(b, old ? pieces::load(b, old, {a, i, w}, n) : pieces::splat(b, start(*this), n), result, {a, i, w}, n);
      });
    });
    if (s.count == 0)
      return;
    pieces::loop(b, zero, pieces::number(b, s.count), [&](Value k) {
      Value i = pieces::indexAt(b, indices, {k});
      Value mine = arith::AndIOp::create(b, arith::CmpIOp::create(b, arith::CmpIPredicate::sge, i, from), arith::CmpIOp::create(b, arith::CmpIPredicate::slt, i, to));
      pieces::when(b, mine, [&] {
        pieces::run(b, left, right, known, lanes, [&](Value w, int64_t n) {
          Value update = pieces::load(b, updates, {a, k, w}, n);
          if (getMode() != ScatterMode::set)
            update = combine(getMode(), b, pieces::load(b, result, {a, i, w}, n), update);
          pieces::store(b, update, result, {a, i, w}, n);
        });
      });
    });
  });
}

Literal ScatterOp::evaluate(ArrayRef<const Literal *> operands) {
  Sizes s(*this);
  Literal y = getX() ? *operands[2] : Literal::zeros(getY().getType());
  bool real = isa<FloatType>(getY().getType().getElementType());
  if (!getX() && getMode() == ScatterMode::max)
    for (int64_t i = 0; i < getY().getType().getNumElements(); ++i)
      y.set(i, real ? Element{.real = -INFINITY} : Element{.integer = getY().getType().getElementType().isInteger(32) ? INT32_MIN : INT64_MIN});
  for (int64_t a = 0; a < s.outer; ++a)
    for (int64_t k = 0; k < s.count; ++k)
      for (int64_t w = 0, i = operands[0]->get(k).integer; w < s.inner && i >= 0 && i < s.extent; ++w) {
        int64_t place = (a * s.extent + i) * s.inner + w;
        Element old = y.get(place), update = operands[1]->get((a * s.count + k) * s.inner + w);
        if (getMode() == ScatterMode::add && real)
          update.real += old.real;
        else if (getMode() == ScatterMode::add)
          update.integer = static_cast<int64_t>(static_cast<uint64_t>(update.integer) + static_cast<uint64_t>(old.integer));
        else if (getMode() == ScatterMode::max && real)
          update.real = std::isnan(old.real) || old.real > update.real ? old.real : update.real;
        else if (getMode() == ScatterMode::max)
          update.integer = std::max(update.integer, old.integer);
        y.set(place, update);
      }
  return y;
}

} // namespace tenon::ir::prim
