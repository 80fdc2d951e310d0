// One loop nest, iteration by iteration.
#include "compiler/evaluate/evaluate.h"
#include "compiler/evaluate/scalar_program.h"

using namespace mlir;
namespace tenon::compiler {
namespace {

int64_t apply(AffineExpr e, ArrayRef<int64_t> indices) {
  if (auto d = dyn_cast<AffineDimExpr>(e))
    return indices[d.getPosition()];
  if (auto c = dyn_cast<AffineConstantExpr>(e))
    return c.getValue();
  auto both = mlir::cast<AffineBinaryOpExpr>(e);
  int64_t a = apply(both.getLHS(), indices), b = apply(both.getRHS(), indices);
  switch (e.getKind()) {
  case AffineExprKind::Add:
    return a + b;
  case AffineExprKind::Mul:
    return a * b;
  case AffineExprKind::Mod:
    return llvm::mod(a, b);
  case AffineExprKind::FloorDiv:
    return llvm::divideFloorSigned(a, b);
  default:
    return llvm::divideCeilSigned(a, b);
  }
}

/// From loop indices to a row-major place in a tensor.
struct Place {
  AffineMap map;
  ArrayRef<int64_t> shape;
  SmallVector<int64_t> strides; // per loop, where the map only selects indices
  SmallVector<ir::Window> windows;
  bool simple;

  Place(AffineMap m, RankedTensorType type, SmallVector<ir::Window> w = {})
      : map(m), shape(type.getShape()), strides(m.getNumDims(), 0), windows(std::move(w)), simple(m.isProjectedPermutation()) {
    int64_t stride = 1;
    for (int64_t d = shape.size() - 1; simple && d >= 0; stride *= shape[d--])
      strides[map.getDimPosition(d)] = stride;
  }
  /// -1: a window meets no element.
  int64_t operator()(ArrayRef<int64_t> indices) const {
    int64_t place = 0;
    if (!windows.empty()) {
      const ir::Window *w = windows.begin();
      for (auto [d, e] : llvm::enumerate(map.getResults())) {
        bool window = w != windows.end() && w->dimension == static_cast<int64_t>(d);
        int64_t at = window ? indices[w->out] * w->stride + indices[w->tap] * w->dilation - w->padding : apply(e, indices), step = window ? (w++)->inputDilation : 1;
        if (at < 0 || at % step || at / step >= shape[d])
          return -1;
        place = place * shape[d] + at / step;
      }
      return place;
    }
    if (simple) {
      for (auto [i, stride] : llvm::zip(indices, strides))
        place += i * stride;
      return place;
    }
    for (auto [e, extent] : llvm::zip(map.getResults(), shape))
      place = place * extent + apply(e, indices);
    return place;
  }
};

Element elementOf(TypedAttr number) {
  if (auto real = dyn_cast<FloatAttr>(number))
    return {.real = real.getValueAsDouble()};
  return {.integer = mlir::cast<IntegerAttr>(number).getInt()};
}

} // namespace

llvm::Expected<Literal> evaluateLoopNest(ir::LoopNestOpInterface op, ArrayRef<const Literal *> operands) {
  Literal result = Literal::zeros(mlir::cast<RankedTensorType>(op->getResult(0).getType()));
  Type element = promoted(result.type.getElementType());
  SmallVector<int64_t> ranges = op.getLoopRanges();
  SmallVector<AffineMap> maps = op.getLoopMaps();
  bool reduces = llvm::is_contained(op.getIterators(), utils::IteratorType::reduction);

  Block body;
  SmallVector<std::pair<const Literal *, Place>> reads;
  for (auto [operand, map] : llvm::zip(operands, maps))
    if (map) {
      reads.push_back({operand, Place(map, operand->type, reads.empty() ? op.getWindows() : SmallVector<ir::Window>())});
      body.addArgument(promoted(operand->type.getElementType()), op.getLoc());
    }
  if (reduces)
    body.addArgument(element, op.getLoc());
  OpBuilder b(op.getContext());
  b.setInsertionPointToEnd(&body);
  Value value = op.buildBody(b, op.getLoc(), body.getArguments(), op->getOperands(), element);
  llvm::Expected<ScalarProgram> program = ScalarProgram::compile(body, value, op->getOperands());
  if (!program)
    return program.takeError();

  Place to(maps.back(), result.type);
  std::vector<Element> sums;
  if (reduces)
    sums.assign(result.type.getNumElements(), elementOf(op.getInitial(element)));
  SmallVector<int64_t> indices(ranges.size(), 0);
  SmallVector<Element> arguments(body.getNumArguments());
  bool done = llvm::is_contained(ranges, 0);
  while (!done) {
    bool inside = true;
    for (auto [i, read] : llvm::enumerate(reads)) {
      int64_t from = read.second(indices);
      inside &= from >= 0;
      if (inside)
        arguments[i] = read.first->get(from);
    }
    int64_t place = to(indices);
    if (reduces)
      arguments.back() = sums[place];
    if (inside) {
      Element e = program->run(arguments, indices, operands);
      if (reduces)
        sums[place] = e;
      else
        result.set(place, e);
    }
    int64_t d = ranges.size() - 1;
    for (; d >= 0 && ++indices[d] == ranges[d]; --d)
      indices[d] = 0;
    done = d < 0;
  }
  for (auto [i, sum] : llvm::enumerate(sums))
    result.set(i, sum);
  return result;
}

} // namespace tenon::compiler
