// TENON_EVALUATE=1: programs run on the reference evaluator, with nothing compiled. TENON_VERIFY=1: on both, compared.
#include "compiler/evaluate/widen.h"
#include "frontend/tensor/program.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <cstring>

namespace tenon::detail {
namespace {

compiler::Literal literal(mlir::Type type, const void *data) {
  auto l = compiler::Literal::zeros(llvm::cast<mlir::RankedTensorType>(type));
  if (!l.data.empty())
    std::memcpy(l.data.data(), data, l.data.size());
  return l;
}

/// A module with what it is run on.
struct Evaluation {
  mlir::ModuleOp module;
  mlir::func::FuncOp function = *module.getOps<mlir::func::FuncOp>().begin();
  llvm::SmallVector<compiler::Literal> arguments{};
  llvm::StringMap<compiler::Literal> state{};
  llvm::SmallVector<std::string> names{}; // of the slots

  Evaluation(mlir::ModuleOp module, llvm::ArrayRef<void *> slots, const void *const *inputs) : module(module) {
    for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
      arguments.push_back(literal(type, inputs[i]));
    for (auto &op : module.getBody()->getOperations())
      if (auto name = op.getAttrOfType<mlir::StringAttr>("sym_name"); name && !llvm::isa<mlir::func::FuncOp>(op)) {
        state[name.getValue()] = literal(op.getAttrOfType<mlir::TypeAttr>("type").getValue(), slots[names.size()]);
        names.push_back(name.str());
      }
  }
  /// The results, after the state.
  llvm::SmallVector<compiler::Literal> finish(llvm::Expected<llvm::SmallVector<compiler::Literal>> results) {
    if (!results)
      throw Error(llvm::toString(results.takeError()));
    llvm::SmallVector<compiler::Literal> all;
    for (auto &name : names)
      all.push_back(std::move(state[name]));
    llvm::append_range(all, *results);
    return all;
  }
};

class Evaluator : public Executable {
public:
  explicit Evaluator(mlir::OwningOpRef<mlir::ModuleOp> module) : module_(std::move(module)) {}
  void run(llvm::ArrayRef<void *> slots, const void *const *inputs, void *const *outputs) override {
    Lock lock; // it makes attributes in the context
    Evaluation e(*module_, slots, inputs);
    for (auto [i, value] : llvm::enumerate(e.finish(compiler::evaluate(e.function, e.arguments, e.state))))
      if (!value.data.empty())
        std::memcpy(i < slots.size() ? slots[i] : outputs[i - slots.size()], value.data.data(), value.data.size());
  }

private:
  mlir::OwningOpRef<mlir::ModuleOp> module_;
};

/// Runs the compiled form on guarded copies, then the evaluator, and says where they part.
class Verifier : public Executable {
public:
  Verifier(mlir::OwningOpRef<mlir::ModuleOp> module, std::shared_ptr<Executable> compiled) : module_(*module), evaluator_(std::move(module)), compiled_(std::move(compiled)) {}
  void run(llvm::ArrayRef<void *> slots, const void *const *inputs, void *const *outputs) override {
    Lock lock;
    auto function = *module_.getOps<mlir::func::FuncOp>().begin();
    llvm::SmallVector<mlir::RankedTensorType> types;
    for (auto &op : module_.getBody()->getOperations())
      if (auto type = op.getAttrOfType<mlir::TypeAttr>("type"); type && !llvm::isa<mlir::func::FuncOp>(op))
        types.push_back(llvm::cast<mlir::RankedTensorType>(type.getValue()));
    for (auto type : function.getResultTypes())
      types.push_back(llvm::cast<mlir::RankedTensorType>(type));
    std::vector<StoragePtr> copies;
    llvm::SmallVector<void *> memory;
    for (size_t i = 0; i < types.size(); ++i) {
      auto n = size_t(types[i].getNumElements()) * tenon::element_size(dtype_of_type(types[i].getElementType()));
      copies.push_back(make_storage(n + 2 * guard));
      auto *bytes = static_cast<char *>(copies.back()->host(Use::Replace));
      std::memset(bytes, 0x5a, n + 2 * guard);
      if (i < slots.size())
        std::memcpy(bytes + guard, slots[i], n);
      memory.push_back(bytes + guard);
    }
    compiled_->run(llvm::ArrayRef(memory).take_front(slots.size()), inputs, memory.data() + slots.size());
    Evaluation wide(module_, slots, inputs); // before the slots are written
    evaluator_.run(slots, inputs, outputs);
    llvm::SmallVector<compiler::Literal> exact; // where rounding may be what parts them
    for (size_t i = 0; i < types.size(); ++i) {
      auto what = (i < slots.size() ? "state " + std::to_string(i) : "output " + std::to_string(i - slots.size())) + " of " + record::text_of(types[i]);
      auto *got = static_cast<char *>(memory[i]);
      check_guards(types[i], what, got);
      auto expected = literal(types[i], i < slots.size() ? slots[i] : outputs[i - slots.size()]);
      auto found = literal(types[i], got);
      if (wrong(found, expected, nullptr) < 0)
        continue;
      if (exact.empty())
        exact = wide.finish(compiler::evaluateWidened(wide.function, wide.arguments, wide.state));
      if (auto at = wrong(found, expected, &exact[i]); at >= 0)
        fail(what + ": element " + std::to_string(at) + " is " + std::to_string(number(found, at)) + ", evaluated " + std::to_string(number(expected, at)) + ", in float64 " +
             std::to_string(number(exact[i], at)));
    }
  }

private:
  static constexpr size_t guard = 256; // bytes before and after, which nobody may write

  /// Of one op's rounding and of few in a row.
  static double tolerance(mlir::RankedTensorType type) {
    switch (dtype_of_type(type.getElementType())) {
    case kDouble:
      return 1e-10;
    case kFloat:
      return 2e-4;
    case kBFloat16:
      return 5e-2;
    case kHalf:
      return 1e-2;
    default:
      return 0;
    }
  }
  static double number(const compiler::Literal &l, int64_t i) {
    return llvm::isa<mlir::FloatType>(l.type.getElementType()) ? l.get(i).real : double(l.get(i).integer);
  }
  static double largest(const compiler::Literal &l) {
    double most = 0;
    for (int64_t i = 0, n = l.type.getNumElements(); i < n; ++i)
      if (std::isfinite(number(l, i)))
        most = std::max(most, std::abs(number(l, i)));
    return most;
  }
  static bool near(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance || (a != a && b != b) || a == b; }
  /// The first element that is not what it should be; -1: none. A deep program makes much of rounding. How much is measured: by how far plain loops in these types
  /// are from the same loops in f64. Compiled code, whose sums have another order, may be as far from these, and a few times more: the farthest element of few is chance.
  static int64_t wrong(const compiler::Literal &found, const compiler::Literal &expected, const compiler::Literal *exact) {
    double few = tolerance(found.type) * (largest(expected) + 1e-3), spread = 0;
    auto n = found.type.getNumElements();
    for (int64_t i = 0; exact && i < n; ++i)
      if (auto apart = std::abs(number(expected, i) - number(*exact, i)); std::isfinite(apart))
        spread = std::max(spread, apart);
    for (int64_t i = 0; i < n; ++i)
      if (!near(number(found, i), number(expected, i), few) && !(exact && near(number(found, i), number(*exact, i), few + 8 * spread)))
        return i;
    return -1;
  }

  void check_guards(mlir::RankedTensorType type, const std::string &what, const char *got) {
    auto n = size_t(type.getNumElements()) * tenon::element_size(dtype_of_type(type.getElementType()));
    for (size_t i = 0; i < guard; ++i)
      if (got[n + i] != 0x5a || *(got - 1 - i) != 0x5a)
        fail(what + ": memory beside it is written");
  }
  [[noreturn]] void fail(const std::string &what) {
    module_->print(llvm::errs());
    throw Error("TENON_VERIFY: compiled code and evaluator differ: " + what);
  }
  mlir::ModuleOp module_;
  Evaluator evaluator_;
  std::shared_ptr<Executable> compiled_;
};

} // namespace

std::shared_ptr<Executable> make_verifier(mlir::OwningOpRef<mlir::ModuleOp> module, std::shared_ptr<Executable> compiled) {
  return std::make_shared<Verifier>(std::move(module), std::move(compiled));
}
std::shared_ptr<Executable> make_evaluator(mlir::OwningOpRef<mlir::ModuleOp> module) { return std::make_shared<Evaluator>(std::move(module)); }

} // namespace tenon::detail
