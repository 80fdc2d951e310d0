// Writes the structs of runtime/abi.h field by field; a struct here is that header's struct, in its order.
#include "compiler/codegen/image.h"
#include "compiler/dialect/interfaces/elements.h"
#include "compiler/dialect/interfaces/literal.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalVariable.h"

namespace tenon::compiler {

std::string compilerVersion() { return "tenon 0.1.0, LLVM " LLVM_VERSION_STRING; }

namespace {

using llvm::Constant;

struct Image {
  llvm::Module &m;
  llvm::LLVMContext &c;
  llvm::PointerType *ptr;
  llvm::StringMap<Constant *> strings;
  llvm::DenseMap<mlir::Attribute, Constant *> numbers; ///< those of two plans over one state are there once

  explicit Image(llvm::Module &m) : m(m), c(m.getContext()), ptr(llvm::PointerType::getUnqual(m.getContext())) {}

  Constant *i64(int64_t v) { return llvm::ConstantInt::getSigned(llvm::Type::getInt64Ty(c), v); }
  Constant *i32(int64_t v) { return llvm::ConstantInt::getSigned(llvm::Type::getInt32Ty(c), (int32_t)v); }
  Constant *i16(uint16_t v) { return llvm::ConstantInt::get(llvm::Type::getInt16Ty(c), v); }
  Constant *i8(uint8_t v) { return llvm::ConstantInt::get(llvm::Type::getInt8Ty(c), v); }
  Constant *null() { return llvm::ConstantPointerNull::get(ptr); }
  Constant *record(llvm::ArrayRef<Constant *> fields) { return llvm::ConstantStruct::getAnon(c, fields); }

  Constant *global(Constant *value, uint64_t align = 8) {
    auto *g = new llvm::GlobalVariable(m, value->getType(), true, llvm::GlobalValue::PrivateLinkage, value);
    g->setAlignment(llvm::Align(align));
    return g;
  }
  /// A pointer to the elements, or null where there are none.
  Constant *array(llvm::ArrayRef<Constant *> elements) {
    if (elements.empty()) return null();
    return global(llvm::ConstantArray::get(llvm::ArrayType::get(elements[0]->getType(), elements.size()), elements));
  }
  Constant *string(llvm::StringRef s) {
    Constant *&known = strings[s];
    return known ? known : known = global(llvm::ConstantDataArray::getString(c, s), 1);
  }
  Constant *bytes(llvm::ArrayRef<char> data) {
    return global(llvm::ConstantDataArray::getRaw(llvm::StringRef(data.data(), data.size()), data.size(), llvm::Type::getInt8Ty(c)), 64);
  }

  Constant *tensor(const PlanTensor &t) {
    mlir::Type e = t.type.getElementType();
    uint8_t code = e.isBF16() ? TENON_KIND_BFLOAT : mlir::isa<mlir::FloatType>(e) ? TENON_KIND_FLOAT : e.isInteger(1) ? TENON_KIND_BOOL : TENON_KIND_INT;
    llvm::SmallVector<Constant *> shape;
    for (int64_t d : t.type.getShape()) shape.push_back(i64(d));
    return record({string(t.name), record({i8(code), i8(std::max(8u, e.getIntOrFloatBitWidth())), i16(1)}), i32(t.type.getRank()), array(shape)});
  }
  Constant *elements(mlir::ElementsAttr a) {
    if (!a) return null();
    Constant *&known = numbers[a];
    if (known) return known;
    if (auto data = ir::bytesIn(a)) return known = bytes(*data);
    return known = bytes(ir::Literal::from(a).data);
  }

  template <class T, class F> Constant *table(const std::vector<T> &all, F row) {
    llvm::SmallVector<Constant *> rows;
    for (const T &x : all) rows.push_back(row(x));
    return array(rows);
  }

  Constant *function(const PlanFunction &f) {
    llvm::SmallVector<Constant *> arguments, calls, commands, moves;
    // Moves of a call's or command's arguments, by the loop that makes them: the loops around it, the outermost first.
    std::vector<std::vector<Constant *>> movesOf(f.commands.size());
    llvm::SmallVector<size_t> loops, ends;
    auto add = [&](const std::vector<PlanArgument> &all) {
      unsigned first = arguments.size();
      for (auto &a : all) {
        for (size_t i = 0; i < loops.size(); ++i)
          if (a.stride(i)) movesOf[loops[i]].push_back(record({i32(arguments.size()), i32(0), i64(a.stride(i))}));
        arguments.push_back(record({i32(a.space), i32(a.index), i64(a.offset)}));
      }
      return first;
    };
    std::vector<unsigned> firsts;
    for (auto [number, k] : llvm::enumerate(f.commands)) {
      while (!ends.empty() && ends.back() == number) ends.pop_back(), loops.pop_back();
      if (k.kind == TENON_COMMAND_LAUNCH) {
        for (unsigned i = k.first; i < k.first + k.count; ++i) {
          auto &call = f.calls[i];
          if (i != calls.size()) llvm::report_fatal_error("calls are not in the order of their launches");
          Constant *first = i32(add(call.arguments));
          calls.push_back(record({i32(call.kernel), first, i64(call.blocks), i64(call.work), string(call.locations)}));
        }
        firsts.push_back(k.first);
      } else
        firsts.push_back(k.arguments.empty() ? TENON_NO_ARGUMENT : add(k.arguments));
      if (k.kind == TENON_COMMAND_LOOP) loops.push_back(number), ends.push_back(number + 1 + k.count);
    }
    for (auto [number, k] : llvm::enumerate(f.commands)) {
      commands.push_back(record({i32(k.kind), i32(firsts[number]), i32(k.count), i32(k.others), i32(moves.size()), i32(movesOf[number].size()), i64(k.bytes),
                                 k.message.empty() ? null() : string(k.message), k.locations.empty() ? null() : string(k.locations)}));
      llvm::append_range(moves, movesOf[number]);
    }
    auto tensors = [&](const std::vector<PlanTensor> &all) { return table(all, [&](const PlanTensor &t) { return tensor(t); }); };
    return record({string(f.name), i32(f.inputs.size()), i32(f.outputs.size()), i32(arguments.size()), i32(calls.size()), i32(commands.size()), i32(moves.size()), tensors(f.inputs), tensors(f.outputs),
                   array(arguments), array(calls), array(commands), array(moves), i64(f.arena)});
  }
};

} // namespace

/// The plan's struct; `threads`: of a block of its kernels, which have no CPU code; 0: they have.
static Constant *planOf(Image &w, const Plan &plan, llvm::StringRef target, unsigned threads) {
  std::vector<unsigned> arity(plan.kernels.size());
  for (auto &f : plan.functions)
    for (auto &k : f.calls) arity[k.kernel] = k.arguments.size();
  llvm::SmallVector<Constant *> kernels;
  for (auto [i, k] : llvm::enumerate(plan.kernels))
    kernels.push_back(w.record({w.string(k.name), w.string(k.source), w.string(k.locations), threads ? w.null() : w.m.getFunction("tenon_" + k.name), w.i32(arity[i]), w.i32(threads)}));
  Constant *state = w.table(plan.states, [&](const PlanState &s) { return w.record({w.tensor(s.tensor), w.i32(0), w.i32(s.alias), w.elements(s.initial)}); });
  Constant *functions = w.table(plan.functions, [&](const PlanFunction &f) { return w.function(f); });
  Constant *constants = w.table(plan.constants, [&](mlir::DenseElementsAttr a) { return w.record({w.elements(a), w.i64(bytesOf(a.getType()))}); });
  return w.record({w.i64(TENON_PLAN_MAGIC), w.i32(TENON_ABI_VERSION), w.i32(sizeof(tenon_plan)), w.string(compilerVersion()), w.string(target), w.i32(plan.states.size()),
                              w.i32(plan.functions.size()), w.i32(plan.kernels.size()), w.i32(plan.constants.size()), w.i32(0), w.i32(0), state, functions, w.array(kernels), constants, w.null(), w.null()});
}

static Constant *exportSymbol(Image &w, Constant *value, const char *name) {
  auto *g = new llvm::GlobalVariable(w.m, value->getType(), true, llvm::GlobalValue::ExternalLinkage, value, name);
  g->setAlignment(llvm::Align(8));
  return g;
}

void writeImage(const Plan *plan, llvm::StringRef target, const DeviceCode *gpu, llvm::Module &module) {
  Image w(module);
  Constant *ofGpu = gpu ? planOf(w, gpu->plan, gpu->target, gpu->threads) : nullptr;
  Constant *own = exportSymbol(w, plan ? planOf(w, *plan, target, 0) : ofGpu, TENON_PLAN_SYMBOL);
  if (!gpu) return;
  llvm::SmallVector<Constant *> rows;
  for (const DeviceImage &i : gpu->images) rows.push_back(w.record({w.i32(i.kind), w.i32(i.architecture), w.bytes(i.bytes), w.i64(i.bytes.size())}));
  exportSymbol(w, w.record({plan ? w.global(ofGpu) : own, w.array(rows), w.i32(rows.size()), w.i32(gpu->version)}), TENON_CUDA_SYMBOL);
}

} // namespace tenon::compiler
