// A function, op by op, in f64.
#include "compiler/evaluate/widen.h"
#include "compiler/dialect/interfaces/elements.h"
#include "compiler/dialect/prim/Prim.h"
#include "compiler/evaluate/prepare.h"
#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;
namespace tenon::compiler {
namespace {

Literal widened(const Literal &narrow) {
  if (!isa<FloatType>(narrow.type.getElementType()))
    return narrow;
  RankedTensorType type = narrow.type;
  Literal wide = Literal::zeros(RankedTensorType::get(type.getShape(), Float64Type::get(type.getContext())));
  for (int64_t i = 0, n = type.getNumElements(); i < n; ++i)
    wide.set(i, narrow.get(i));
  return wide;
}

void widen(ModuleOp module) {
  AttrTypeReplacer replacer;
  replacer.addReplacement([](FloatType type) -> Type { return Float64Type::get(type.getContext()); });
  replacer.addReplacement([](ElementsAttr elements) -> std::optional<std::pair<Attribute, WalkResult>> {
    if (!isa<RankedTensorType>(elements.getType()) || !isa<FloatType>(elements.getElementType()))
      return std::nullopt;
    Literal wide = widened(Literal::from(elements));
    return std::pair<Attribute, WalkResult>(ir::denseElements(wide.type, wide.data), WalkResult::skip());
  });
  replacer.addReplacement([](FloatAttr number) -> std::optional<std::pair<Attribute, WalkResult>> {
    return std::pair<Attribute, WalkResult>(FloatAttr::get(Float64Type::get(number.getContext()), number.getValueAsDouble()), WalkResult::skip());
  });
  replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/true, /*replaceLocs=*/false, /*replaceTypes=*/true);
}

} // namespace

llvm::Expected<SmallVector<Literal>> evaluateWidened(func::FuncOp function, ArrayRef<Literal> inputs, llvm::StringMap<Literal> &state) {
  llvm::Expected<OwningOpRef<ModuleOp>> prepared = prepare(function);
  if (!prepared)
    return prepared.takeError();
  OwningOpRef<ModuleOp> module = *prepared ? std::move(*prepared) : OwningOpRef<ModuleOp>(function->getParentOfType<ModuleOp>().clone());
  widen(*module);
  SmallVector<Literal> wide = llvm::map_to_vector(inputs, widened);
  for (auto &entry : state)
    entry.second = widened(entry.second);
  return evaluate(module->lookupSymbol<func::FuncOp>(function.getSymNameAttr()), wide, state);
}

} // namespace tenon::compiler
