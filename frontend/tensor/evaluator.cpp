// TENON_EVALUATE=1: programs run on the reference evaluator, with nothing compiled.
#include "compiler/evaluate/evaluate.h"
#include "frontend/tensor/program.h"
#include <cstring>

namespace tenon::detail {
namespace {

class Evaluator : public Executable {
public:
  explicit Evaluator(mlir::OwningOpRef<mlir::ModuleOp> module) : module_(std::move(module)) {}
  void run(llvm::ArrayRef<void *> slots, const void *const *inputs, void *const *outputs) override {
    Lock lock; // it makes attributes in the context
    auto function = *module_->getOps<mlir::func::FuncOp>().begin();
    auto literal = [](mlir::Type type, const void *data) {
      auto l = compiler::Literal::zeros(llvm::cast<mlir::RankedTensorType>(type));
      std::memcpy(l.data.data(), data, l.data.size());
      return l;
    };
    llvm::SmallVector<compiler::Literal> arguments;
    for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
      arguments.push_back(literal(type, inputs[i]));
    llvm::StringMap<compiler::Literal> state;
    llvm::SmallVector<std::string> names;
    for (auto &op : module_->getBody()->getOperations())
      if (auto name = op.getAttrOfType<mlir::StringAttr>("sym_name"); name && !llvm::isa<mlir::func::FuncOp>(op)) {
        state[name.getValue()] = literal(op.getAttrOfType<mlir::TypeAttr>("type").getValue(), slots[names.size()]);
        names.push_back(name.str());
      }
    auto results = compiler::evaluate(function, arguments, state);
    if (!results)
      throw Error(llvm::toString(results.takeError()));
    for (auto [i, result] : llvm::enumerate(*results))
      std::memcpy(outputs[i], result.data.data(), result.data.size());
    for (auto [i, name] : llvm::enumerate(names))
      std::memcpy(slots[i], state[name].data.data(), state[name].data.size());
  }

private:
  mlir::OwningOpRef<mlir::ModuleOp> module_;
};

} // namespace

std::shared_ptr<Executable> make_evaluator(mlir::OwningOpRef<mlir::ModuleOp> module) { return std::make_shared<Evaluator>(std::move(module)); }

} // namespace tenon::detail
