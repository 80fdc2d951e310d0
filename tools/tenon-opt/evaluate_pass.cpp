// The reference evaluator as a pass that prints.
#include "tools/tenon-opt/evaluate_pass.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/evaluate/evaluate.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
namespace tenon {
namespace {

Attribute toAttribute(const compiler::Literal &x) {
  Type element = x.type.getElementType();
  SmallVector<Attribute> values;
  for (int64_t i = 0; i < x.type.getNumElements(); ++i)
    values.push_back(isa<FloatType>(element) ? Attribute(FloatAttr::get(element, x.get(i).real))
                                             : IntegerAttr::get(element, x.get(i).integer));
  return DenseElementsAttr::get(x.type, values);
}

struct EvaluatePass : PassWrapper<EvaluatePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(EvaluatePass)
  StringRef getArgument() const final { return "evaluate"; }
  StringRef getDescription() const final { return "Evaluates functions without arguments and prints their results"; }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<arith::ArithDialect, linalg::LinalgDialect, math::MathDialect, tensor::TensorDialect, ir::prim::PrimDialect>();
  }
  void runOnOperation() final {
    for (auto f : getOperation().getOps<func::FuncOp>()) {
      if (f.getNumArguments() || f.isExternal())
        continue;
      llvm::StringMap<compiler::Literal> state;
      llvm::Expected<SmallVector<compiler::Literal>> results = compiler::evaluate(f, {}, state);
      if (!results) {
        llvm::outs() << f.getSymName() << " fails: " << llvm::toString(results.takeError()) << "\n";
        continue;
      }
      for (const compiler::Literal &x : *results)
        llvm::outs() << f.getSymName() << ": " << toAttribute(x) << "\n";
      SmallVector<StringRef> names(state.keys());
      llvm::sort(names);
      for (StringRef name : names)
        llvm::outs() << f.getSymName() << " leaves " << name << ": " << toAttribute(state[name]) << "\n";
    }
  }
};

} // namespace

void registerEvaluatePass() {
  PassRegistration<EvaluatePass>();
}

} // namespace tenon
