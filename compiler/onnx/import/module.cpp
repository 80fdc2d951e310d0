// A model as a module for the compiler: one function, its weights as state.
#include "compiler/dialect/interfaces/elements.h"
#include "compiler/onnx/import/node.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
namespace tenon::onnx {

std::pair<mlir::Value, mlir::Value> Environment::draw(ImplicitLocOpBuilder &b, int64_t n) {
  auto number = [&](int64_t v) { return ir::prim::ConstantOp::create(b, DenseElementsAttr::get(RankedTensorType::get({}, b.getI64Type()), v)).getResult(); };
  int64_t at = drawn;
  drawn += n;
  return {number(0), number(at)};
}

namespace {
struct State : Environment {
  ModuleOp module;
  explicit State(ModuleOp m) : module(m) {}
  mlir::Value weight(ImplicitLocOpBuilder &b, const Weight &w, unsigned) override {
    OpBuilder outer(module.getBody(), module.getBody()->begin());
    auto name = b.getStringAttr(w.name);
    ir::prim::StateOp::create(outer, b.getLoc(), name, TypeAttr::get(w.type), ir::elementsAt(w.type, w.data), FlatSymbolRefAttr());
    return ir::prim::ReadOp::create(b, w.type, FlatSymbolRefAttr::get(name));
  }
};
} // namespace

llvm::Expected<OwningOpRef<ModuleOp>> importModule(const Model &model, ArrayRef<Input> inputs, MLIRContext &context) {
  auto loc = UnknownLoc::get(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OpBuilder outer = OpBuilder::atBlockEnd(module->getBody());
  SmallVector<Type> types;
  for (const Input &i : inputs)
    if (!i.known)
      types.push_back(i.type);
  std::string symbol = "predict"; // that no weight has
  while (llvm::any_of(model.weights(), [&](const Weight &w) { return w.name == symbol; }))
    symbol += "_";
  auto function = func::FuncOp::create(outer, loc, symbol, FunctionType::get(&context, types, {}));
  function->setAttr("tenon.function", outer.getStringAttr("predict"));
  Block *block = function.addEntryBlock();
  ImplicitLocOpBuilder b = ImplicitLocOpBuilder::atBlockEnd(loc, block);
  SmallVector<Given> given;
  unsigned next = 0;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    given.push_back({input.known ? mlir::Value() : mlir::Value(block->getArgument(next)), input.known});
    if (!input.known)
      function.setArgAttr(next++, "tenon.name", outer.getStringAttr(i < model.inputs().size() ? model.inputs()[i].name : ""));
  }
  State state(*module);
  auto results = model.import(b, given, state);
  if (!results)
    return results.takeError();
  b.setLoc(loc);
  func::ReturnOp::create(b, *results);
  function.setFunctionType(FunctionType::get(&context, types, ValueRange(*results).getTypes()));
  for (auto [i, port] : llvm::enumerate(model.outputs()))
    function.setResultAttr(unsigned(i), "tenon.name", outer.getStringAttr(port.name));
  return module;
}

} // namespace tenon::onnx
