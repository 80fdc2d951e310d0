// Walks a kernel's function and writes it statement by statement; what is used once stands where it is used.
#include "compiler/codegen/cuda/print.h"
#include "compiler/codegen/cuda/emit.h"
#include "compiler/codegen/cuda/expressions.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
namespace tenon::compiler::cuda {

namespace {

/// What a kernel must know of its parts.
struct Part {
  std::vector<std::string> arguments; ///< "const float *__restrict__"
  int64_t shared = 0;                 ///< bytes of shared memory
  bool meets = false;                 ///< has barriers or shuffles
  std::string lengths;                ///< ", 4000, 4": bytes of its arguments, for tests on a CPU
};

struct Printer {
  Printer(llvm::raw_ostream &os, bool isPart) : os(os), isPart(isPart) {}

  llvm::raw_ostream &os;
  bool isPart; ///< a function of the block's number and of shared memory: parts of one kernel have theirs at the same place
  Part about;
  bool wide = false; ///< indices have 64 bits
  std::string failure;
  DenseMap<Value, std::string> names;
  unsigned count = 0, depth = 1;
  std::vector<std::vector<std::string>> yields; ///< where a region's values go

  llvm::raw_ostream &line() { return os.indent(2 * depth); }
  std::string type(Type t) {
    std::string name = typeName(t, wide);
    if (name.empty()) fail("the type ", t);
    return name;
  }
  template <class T> void fail(const char *what, const T &which) {
    if (!failure.empty()) return;
    llvm::raw_string_ostream s(failure);
    s << what << which << " has no form in CUDA C++";
  }
  std::string fresh() { return "v" + std::to_string(count++); }
  std::string operand(Value v) { return names.lookup(v); }

  std::string address(Value memory, ValueRange at) { return address(memory, getAsOpFoldResult(at)); }
  std::string address(Value memory, ArrayRef<OpFoldResult> at) {
    auto t = cast<MemRefType>(memory.getType());
    std::string text;
    int64_t stride = 1;
    for (int64_t d = t.getRank() - 1; d >= 0; stride *= t.getDimSize(d), --d) {
      std::string i = isa<Value>(at[d]) ? operand(cast<Value>(at[d])) : std::to_string(*getConstantIntValue(at[d]));
      if (i == "0" || i == "0ll") continue;
      text = i + (stride == 1 ? "" : " * " + std::to_string(stride)) + (text.empty() ? "" : " + " + text);
    }
    return operand(memory) + "[" + (text.empty() ? "0" : text) + "]";
  }

  /// Without parentheses around the whole.
  static std::string bare(const std::string &text) { return closed(text) && text[0] == '(' ? text.substr(1, text.size() - 2) : text; }
  /// Is it a name, a call or something in parentheses.
  static bool closed(StringRef text) {
    int open = 0;
    for (auto [i, c] : llvm::enumerate(text)) {
      if (c == '(' || c == '[') ++open;
      else if (c == ')' || c == ']') { if (--open == 0 && i + 1 < text.size()) return false; }
      else if (open == 0 && !llvm::isAlnum(c) && c != '_' && c != '.') return false;
    }
    return true;
  }

  /// May an expression stand where it is used: once, in the same block, and it is short.
  static bool inlines(Operation &op, const std::string &text) { return op.getResult(0).hasOneUse() && (*op.getResult(0).user_begin())->getBlock() == op.getBlock() && text.size() < 72; }

  void define(Operation &op, std::string text, bool pure = true) {
    if (pure && inlines(op, text)) {
      names[op.getResult(0)] = closed(text) && text[0] != '(' ? text : "(" + text + ")";
      return;
    }
    std::string name = names[op.getResult(0)] = fresh();
    line() << "const " << type(op.getResult(0).getType()) << " " << name << " = " << bare(text) << ";\n";
  }

  void region(Region &r, std::vector<std::string> to) {
    yields.push_back(std::move(to));
    ++depth;
    for (Operation &op : r.front()) print(op);
    --depth;
    yields.pop_back();
  }

  /// Variables for values that a loop or branch changes, with their first values.
  std::vector<std::string> variables(ValueRange values, ValueRange first) {
    std::vector<std::string> r;
    for (auto [i, v] : llvm::enumerate(values)) {
      r.push_back(names[v] = fresh());
      line() << type(v.getType()) << " " << r.back();
      if (!first.empty()) os << " = " << bare(operand(first[i]));
      os << ";\n";
    }
    return r;
  }

  void print(ir::kernel::CallOp c) {
    std::vector<std::string> operands;
    for (Value v : c.getOperands()) operands.push_back(StringRef(operand(v)).starts_with("(") ? bare(operand(v)) : operand(v));
    line();
    if (c.getNumResults()) os << "const " << type(c.getResult(0).getType()) << " " << (names[c.getResult(0)] = fresh()) << " = ";
    os << c.getFunction() << "(" << llvm::join(operands, ", ") << ");\n";
  }

  void print(scf::ForOp f) {
    auto carried = variables(f.getRegionIterArgs(), f.getInitArgs());
    std::string i = names[f.getInductionVar()] = fresh(), t = type(f.getInductionVar().getType());
    std::string step = operand(f.getStep());
    if (f->hasAttr("tenon.unroll")) os << "#pragma unroll\n";
    line() << "for (" << t << " " << i << " = " << bare(operand(f.getLowerBound())) << "; " << i << " < " << operand(f.getUpperBound()) << "; " << (step == "1" || step == "1ll" ? "++" + i : i + " += " + step) << ") {\n";
    region(f.getRegion(), carried);
    line() << "}\n";
    for (auto [r, name] : llvm::zip(f.getResults(), carried)) names[r] = name;
  }

  void print(scf::IfOp f) {
    auto results = variables(f.getResults(), {});
    line() << "if (" << bare(operand(f.getCondition())) << ") {\n";
    region(f.getThenRegion(), results);
    if (!f.getElseRegion().empty() && !(results.empty() && f.getElseRegion().front().getOperations().size() == 1)) {
      line() << "} else {\n";
      region(f.getElseRegion(), results);
    }
    line() << "}\n";
  }

  void print(scf::YieldOp y) {
    const auto &to = yields.back();
    std::vector<std::string> from;
    for (Value v : y.getOperands()) from.push_back(operand(v));
    if (to.size() > 1) // all are read before one is written
      for (auto [i, v] : llvm::enumerate(y.getOperands())) {
        std::string name = fresh();
        line() << "const " << type(v.getType()) << " " << name << " = " << from[i] << ";\n";
        from[i] = name;
      }
    for (auto [a, c] : llvm::zip(to, from)) line() << a << " = " << bare(c) << ";\n";
  }

  void print(Operation &op) {
    if (auto f = dyn_cast<scf::ForOp>(op)) return print(f);
    if (auto f = dyn_cast<scf::IfOp>(op)) return print(f);
    if (auto y = dyn_cast<scf::YieldOp>(op)) return print(y);
    if (isa<func::ReturnOp>(op)) return;
    if (isa<gpu::BarrierOp>(op)) { line() << "__syncthreads();\n"; return; }
    if (isa<gpu::BlockIdOp>(op) && isPart) return define(op, "(" + type(op.getResult(0).getType()) + ")block");
    if (auto s = dyn_cast<gpu::ShuffleOp>(op)) {
      std::string name = names[s.getShuffleResult()] = fresh();
      line() << "const " << type(s.getShuffleResult().getType()) << " " << name << " = __shfl_xor_sync(0xffffffffu, " << operand(s.getValue()) << ", " << operand(s.getOffset()) << ");\n";
      return;
    }
    if (auto c = dyn_cast<arith::ConstantOp>(op)) {
      std::string text = literal(c.getValue(), wide);
      if (text.empty()) fail("the constant ", c.getValue());
      names[c] = text[0] == '-' ? "(" + text + ")" : text;
      return;
    }
    if (auto m = dyn_cast<memref::AllocaOp>(op)) {
      std::string name = names[m] = "s" + std::to_string(count++);
      std::string element = type(m.getType().getElementType());
      int64_t elements = std::max<int64_t>(1, m.getType().getNumElements());
      if (m.getType().getMemorySpace() && isPart) {
        line() << element << " *const " << name << " = (" << element << " *)(shared + " << about.shared << ");\n";
        about.shared = llvm::alignTo(about.shared + elements * std::max(8u, m.getType().getElementTypeBitWidth()) / 8, 16);
      } else line() << (m.getType().getMemorySpace() ? m.getAlignment() ? "__shared__ __align__(16) " : "__shared__ " : "") << element << " " << name << "[" << elements << "];\n";
      return;
    }
    if (auto m = dyn_cast<memref::ReinterpretCastOp>(op)) { names[m] = operand(m.getSource()); return; }
    if (auto m = dyn_cast<memref::SubViewOp>(op)) {
      names[m] = "&" + address(m.getSource(), m.getMixedOffsets());
      return;
    }
    if (auto m = dyn_cast<memref::CastOp>(op)) { names[m] = operand(m.getSource()); return; }
    if (auto c = dyn_cast<ir::kernel::CallOp>(op)) return print(c);
    if (auto m = dyn_cast<memref::LoadOp>(op)) return define(op, address(m.getMemRef(), m.getIndices()), /*pure=*/false);
    if (auto m = dyn_cast<memref::StoreOp>(op)) { line() << address(m.getMemRef(), m.getIndices()) << " = " << bare(operand(m.getValueToStore())) << ";\n"; return; }
    std::vector<std::string> operands;
    for (Value v : op.getOperands()) operands.push_back(operand(v));
    if (isa<arith::MulUIExtendedOp>(op)) {
      std::string x = operands[0], y = operands[1], t = type(op.getResult(0).getType());
      const char *high = op.getResult(0).getType().isInteger(64) ? "__umul64hi" : "__umulhi";
      for (auto [result, text] : {std::pair(op.getResult(0), "bits(" + x + ") * bits(" + y + ")"), std::pair(op.getResult(1), high + ("(bits(" + x + "), bits(" + y + "))"))})
        line() << "const " << t << " " << (names[result] = fresh()) << " = (" << t << ")(" << text << ");\n";
      return;
    }
    std::string text = op.getNumResults() == 1 ? expression(&op, operands, wide) : "";
    if (text.empty()) return fail("the operation ", op.getName());
    define(op, text);
  }

  void print(func::FuncOp f, const PlanKernel &kernel) {
    constexpr int64_t narrow = INT32_MAX / 2;
    wide = f->hasAttr("tenon.wide");
    f.walk([&](Operation *op) {
      for (Value v : op->getOperands())
        if (auto t = dyn_cast<MemRefType>(v.getType())) wide |= t.getNumElements() > narrow;
      if (auto c = dyn_cast<arith::ConstantIndexOp>(op)) wide |= std::abs(c.value()) > narrow;
    });
    DenseSet<Value> written;
    f.walk([&](memref::StoreOp s) {
      Value m = s.getMemRef();
      while (auto c = m.getDefiningOp<memref::ReinterpretCastOp>()) m = c.getSource();
      written.insert(m);
    });
    about.meets = f.walk([](Operation *op) { return isa<gpu::BarrierOp, gpu::ShuffleOp>(op) ? WalkResult::interrupt() : WalkResult::advance(); }).wasInterrupted();
    os << comment(kernel) << (isPart ? "TENON_INLINE void " : start()) << f.getName() << (isPart ? "_part(" : "(");
    for (auto [i, a] : llvm::enumerate(f.getArguments())) {
      names[a] = "a" + std::to_string(i);
      about.arguments.push_back((written.contains(a) ? "" : "const ") + type(cast<MemRefType>(a.getType()).getElementType()) + " *__restrict__ ");
      os << about.arguments.back() << "a" << i << ", ";
    }
    os << (isPart ? "unsigned char *const shared, const unsigned block) {\n" : "const unsigned *status) {\n  if (*status) return;\n");
    for (Operation &op : f.getBody().front()) print(op);
    os << "}\n";
    for (BlockArgument a : f.getArguments()) {
      auto t = cast<MemRefType>(a.getType());
      about.lengths += ", " + std::to_string(std::max<int64_t>(1, t.getNumElements()) * std::max(8u, t.getElementTypeBitWidth()) / 8);
    }
    if (!isPart) os << (about.meets ? "TENON_EXPORT(" : "TENON_EXPORT_FREE(") << f.getName() << about.lengths << ")\n";
  }

  static std::string comment(const PlanKernel &k) { return "\n// " + k.source + (k.locations.empty() ? "" : "; " + k.locations) + "\n"; }
  static std::string start() { return "TENON_KERNEL(" + std::to_string(threads) + ") "; }
};

/// A kernel that hands its blocks to its parts, one after the other.
void printParts(llvm::raw_ostream &os, const std::string &name, llvm::ArrayRef<PlanPart> kernels, const llvm::StringMap<Part> &parts) {
  int64_t shared = 0, argument = 0, first = 0;
  std::string parameters, calls, free, lengths;
  bool allFree = true;
  for (auto [i, p] : llvm::enumerate(kernels)) {
    const Part &part = parts.find(p.kernel)->second;
    shared = std::max(shared, part.shared);
    bool last = i + 1 == kernels.size();
    std::string end = std::to_string(first + p.blocks), begin = std::to_string(first), inside = last ? "" : "blockIdx.x < " + end;
    allFree &= !part.meets;
    if (!part.meets) free += (free.empty() ? "" : " || ") + ("(block >= " + begin + " && block < " + end + ")");
    lengths += part.lengths;
    calls += std::string(i ? "  else " : "  ") + (last ? "" : "if (" + inside + ") ") + p.kernel + "_part(";
    for (const std::string &type : part.arguments) {
      std::string a = "a" + std::to_string(argument++);
      parameters += type + a + ", ", calls += a + ", ";
    }
    calls += std::string(part.shared ? "shared" : "nullptr") + ", blockIdx.x" + (first ? " - " + begin : "") + ");\n";
    first += p.blocks;
  }
  os << Printer::start() << name << "(" << parameters << "const unsigned *status) {\n  if (*status) return;\n";
  if (shared) os << "  __shared__ __align__(16) unsigned char shared[" << shared << "];\n";
  os << calls << "}\n";
  if (allFree || free.empty()) os << (allFree ? "TENON_EXPORT_FREE(" : "TENON_EXPORT(") << name << lengths << ")\n";
  else os << "TENON_EXPORT_WHERE(" << name << ", " << free << lengths << ")\n";
}

} // namespace

llvm::Expected<std::string> printProgram(ModuleOp module, const Plan &plan) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << prelude() << tilesPrelude();
  llvm::StringMap<Part> parts;
  for (const PlanKernel &k : plan.kernels)
    for (const PlanPart &p : k.parts) parts[p.kernel];
  for (auto *all : {&plan.parts, &plan.kernels})
    for (const PlanKernel &k : *all) {
      if (!k.parts.empty()) {
        os << Printer::comment(k);
        printParts(os, k.name, k.parts, parts);
        continue;
      }
      auto part = parts.find(k.name);
      Printer p(os, part != parts.end());
      p.print(module.lookupSymbol<func::FuncOp>(k.name), k);
      if (!p.failure.empty()) return llvm::createStringError("cuda: " + p.failure + (k.locations.empty() ? "" : " (" + k.locations + ")"));
      if (part == parts.end()) continue;
      part->second = p.about;
      if (all == &plan.kernels) printParts(os, k.name, {{k.name, 0}}, parts); // launched by itself, too
    }
  return text;
}

} // namespace tenon::compiler::cuda
