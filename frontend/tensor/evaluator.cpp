// TENON_EVALUATE=1: programs run on the reference evaluator, with nothing compiled. TENON_VERIFY=1: on both, compared.
#include "compiler/evaluate/evaluate.h"
#include "frontend/tensor/program.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
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
      auto *bytes = static_cast<char *>(copies.back()->data);
      std::memset(bytes, 0x5a, n + 2 * guard);
      if (i < slots.size())
        std::memcpy(bytes + guard, slots[i], n);
      memory.push_back(bytes + guard);
    }
    compiled_->run(llvm::ArrayRef(memory).take_front(slots.size()), inputs, memory.data() + slots.size());
    evaluator_.run(slots, inputs, outputs);
    for (size_t i = 0; i < types.size(); ++i)
      compare(types[i], i < slots.size() ? "state " + std::to_string(i) : "output " + std::to_string(i - slots.size()), static_cast<char *>(memory[i]),
              static_cast<const char *>(i < slots.size() ? slots[i] : outputs[i - slots.size()]));
  }

private:
  static constexpr size_t guard = 256; // bytes before and after, which nobody may write

  void compare(mlir::RankedTensorType type, const std::string &what, const char *got, const char *expected) {
    auto dtype = dtype_of_type(type.getElementType());
    auto width = tenon::element_size(dtype), n = size_t(type.getNumElements());
    for (size_t i = 0; i < guard; ++i)
      if (got[n * width + i] != 0x5a || *(got - 1 - i) != 0x5a)
        fail(what + " of " + record::text_of(type) + ": memory beside it is written");
    double largest = 0;
    for (size_t i = 0; i < n; ++i)
      largest = std::max(largest, std::abs(load_scalar(expected + i * width, dtype).toDouble()));
    double tolerance = dtype == kDouble ? 1e-10 : dtype == kFloat ? 2e-4 : dtype == kBFloat16 ? 5e-2 : dtype == kHalf ? 1e-2 : 0;
    for (size_t i = 0; i < n; ++i) {
      auto a = load_scalar(got + i * width, dtype).toDouble(), b = load_scalar(expected + i * width, dtype).toDouble();
      if (!(std::abs(a - b) <= tolerance * (largest + 1e-3)) && !(a != a && b != b) && a != b)
        fail(what + " of " + record::text_of(type) + ": element " + std::to_string(i) + " is " + std::to_string(a) + ", evaluated " + std::to_string(b));
    }
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
