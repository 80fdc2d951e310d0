// Asks a sample's function for its gradients.
#include "test/property/gradients.h"
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::test {

bool isReal(Type tensor) {
  return isa<FloatType>(mlir::cast<RankedTensorType>(tensor).getElementType());
}

bool addGradients(func::FuncOp f, int order) {
  Operation *end = f.getBody().front().getTerminator();
  ImplicitLocOpBuilder b(end->getLoc(), end);
  SmallVector<Value> wrt;
  for (Value argument : f.getArguments())
    if (isReal(argument.getType()))
      wrt.push_back(argument);
  int seed = 0;
  auto weighted = [&](ValueRange values) {
    ir::Expr total;
    for (Value v : values) {
      if (!isReal(v.getType()))
        continue;
      auto type = mlir::cast<RankedTensorType>(v.getType());
      SmallVector<Attribute> weights;
      for (int64_t i = 0; i < type.getNumElements(); ++i)
        weights.push_back(b.getFloatAttr(type.getElementType(), 1.0 + 0.25 * ((seed++ * 7) % 11 - 5)));
      ir::Expr w(&b, ir::prim::ConstantOp::create(b, DenseElementsAttr::get(type, weights)));
      ir::Expr product =
          cast(ir::Expr(&b, v) * w, wrt.empty() ? type.getElementType() : mlir::cast<RankedTensorType>(wrt[0].getType()).getElementType());
      total = total + sum(product);
    }
    return total;
  };
  ir::Expr loss = weighted(end->getOperands());
  if (!loss || wrt.empty())
    return false;
  SmallVector<Value> results{loss.value};
  SmallVector<Value> last;
  for (int i = 0; i < order; ++i) {
    auto gradient = ir::prim::GradientOp::create(b, loss.value, Value(), wrt);
    last.assign(gradient.getGradients().begin(), gradient.getGradients().end());
    loss = weighted(last);
    if (i + 1 < order)
      results[0] = loss.value;
  }
  llvm::append_range(results, last);
  end->setOperands(results);
  f.setType(FunctionType::get(f.getContext(), f.getArgumentTypes(), ValueRange(results).getTypes()));
  return true;
}

} // namespace tenon::test
