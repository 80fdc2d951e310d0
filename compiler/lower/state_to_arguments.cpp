// Makes the effects of a function visible in its type: state it reads, state it writes, conditions it checks.
#include "compiler/dialect/prim/Prim.h"
#include "compiler/lower/passes.h"

using namespace mlir;
namespace prim = tenon::ir::prim;

namespace {

/// (inputs..., state...) -> (outputs..., new state..., checks...)
struct StateToArguments : PassWrapper<StateToArguments, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(StateToArguments)
  StringRef getArgument() const final { return "state-to-arguments"; }
  StringRef getDescription() const final { return "State reads become arguments, writes and checks become results"; }

  /// Tied weights are one entry: the owner's.
  static StringRef owner(SymbolTable &symbols, StringRef name) {
    auto state = symbols.lookup<prim::StateOp>(name);
    return state && state.getAlias() ? owner(symbols, *state.getAlias()) : name;
  }

  void convert(func::FuncOp f, SymbolTable &symbols) {
    Builder b(&getContext());
    Block &body = f.getBody().front();
    auto ret = cast<func::ReturnOp>(body.getTerminator());
    llvm::MapVector<StringRef, std::pair<unsigned, Value>> state; // argument number, current value
    SmallVector<Value> results(ret.getOperands());
    SmallVector<DictionaryAttr> attributes;
    for (unsigned i = 0; i < results.size(); ++i)
      attributes.push_back(f.getResultAttrDict(i) ? f.getResultAttrDict(i) : b.getDictionaryAttr({}));
    auto entry = [&](StringRef name, Type type, Location loc) -> std::pair<unsigned, Value> & {
      name = owner(symbols, name);
      auto [it, isNew] = state.try_emplace(name);
      if (isNew) {
        unsigned n = f.getNumArguments();
        (void)f.insertArgument(n, type, b.getDictionaryAttr(b.getNamedAttr("tenon.state", FlatSymbolRefAttr::get(b.getContext(), name))), loc);
        it->second = {n, f.getArgument(n)};
      }
      return it->second;
    };
    SmallVector<std::pair<Value, DictionaryAttr>> checks;
    for (Operation &op : llvm::make_early_inc_range(body.without_terminator())) {
      if (auto read = dyn_cast<prim::ReadOp>(op)) {
        read.getResult().replaceAllUsesWith(entry(read.getState(), read.getType(), op.getLoc()).second);
        for (auto [old, now] : llvm::zip(results, ret.getOperands())) old = now;
        op.erase();
      } else if (auto write = dyn_cast<prim::WriteOp>(op)) {
        entry(write.getState(), write.getValue().getType(), op.getLoc()).second = write.getValue();
        op.erase();
      } else if (auto check = dyn_cast<prim::CheckOp>(op)) {
        checks.push_back({check.getCondition(), b.getDictionaryAttr({b.getNamedAttr("tenon.check", check.getMessageAttr()),
                                                                      b.getNamedAttr("tenon.loc", cast<LocationAttr>(Attribute(op.getLoc())))})});
        op.erase();
      }
    }
    for (auto &[name, now] : state)
      if (now.second != f.getArgument(now.first)) {
        results.push_back(now.second);
        attributes.push_back(b.getDictionaryAttr(b.getNamedAttr("tenon.updates", b.getI64IntegerAttr(now.first))));
      }
    for (auto &[value, attribute] : checks) results.push_back(value), attributes.push_back(attribute);
    ret.getOperandsMutable().assign(results);
    f.setFunctionType(b.getFunctionType(f.getArgumentTypes(), ValueRange(results).getTypes()));
    SmallVector<Attribute> all(attributes.begin(), attributes.end());
    f.setResAttrsAttr(b.getArrayAttr(all));
  }

  void runOnOperation() final {
    SymbolTable symbols(getOperation());
    for (auto f : getOperation().getOps<func::FuncOp>()) convert(f, symbols);
  }
};

} // namespace

std::unique_ptr<Pass> tenon::compiler::createStateToArgumentsPass() { return std::make_unique<StateToArguments>(); }
