// Makes modules and inputs from the samples in the ops' entries.
#include "test/property/cases.h"
#include "compiler/api/compiler.h"
#include "compiler/dialect/interfaces/Interfaces.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include <random>
#include <regex>
#include <set>

using namespace mlir;
namespace tenon::test {

MLIRContext &context() {
  static auto *context = compiler::makeContext().release();
  return *context;
}

std::vector<std::string> allOps() {
  std::vector<std::string> names;
  for (RegisteredOperationName name : context().getRegisteredOperations())
    if (name.getDialectNamespace() == "prim" || name.getDialectNamespace() == "nn")
      names.push_back(name.getStringRef().str());
  return names;
}

OwningOpRef<ModuleOp> parse(StringRef text) {
  ScopedDiagnosticHandler quiet(&context(), [](Diagnostic &) { return success(); });
  return parseSourceString<ModuleOp>(text, ParserConfig(&context()));
}
func::FuncOp function(ModuleOp module) {
  return *module.getOps<func::FuncOp>().begin();
}

static std::string replaceAll(std::string text, StringRef from, StringRef to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

/// A module around `<{attributes}> : (operand types) -> result types`.
static std::string wrap(const std::string &op, StringRef tail) {
  size_t end = tail.find("}> : ");
  StringRef attributes = tail.slice(1, end + 1), signature = tail.substr(end + 5);
  auto type = dyn_cast_or_null<FunctionType>(parseType(signature, &context()));
  if (!type)
    return "";
  std::string text;
  llvm::raw_string_ostream out(text);
  auto names = [&] { llvm::interleaveComma(llvm::seq(0u, type.getNumInputs()), out, [&](unsigned i) { out << "%x" << i; }); };
  out << "func.func @f(";
  llvm::interleaveComma(llvm::enumerate(type.getInputs()), out, [&](auto p) { out << "%x" << p.index() << ": " << p.value(); });
  out << ") -> " << type.getResult(0) << " {\n  %y = \"" << op << "\"(";
  names();
  out << ")" << (attributes == "{}" ? "" : (" <" + attributes + ">").str()) << " : " << signature << "\n  return %y : " << type.getResult(0)
      << "\n}\n";
  return text;
}

const std::vector<Case> &allCases() {
  static const std::vector<Case> cases = [] {
    std::vector<Case> result;
    for (const std::string &op : allOps()) {
      auto *sampled = RegisteredOperationName::lookup(op, &context())->getInterface<ir::SampledOpInterface>();
      if (!sampled)
        continue;
      for (auto [i, sample] : llvm::enumerate(sampled->getSamples())) {
        std::set<std::string> seen;
        for (const char *element : {"f32", "f64", "bf16", "f16", "i32", "i64", "i1"}) {
          std::string text = replaceAll(replaceAll(sample.text.str(), "xT>", ("x" + Twine(element) + ">").str()), "<T>",
                                        ("<" + Twine(element) + ">").str());
          bool fixed = text == sample.text;
          if (!sample.text.contains("func.func"))
            text = wrap(op, text);
          if (!seen.insert(text).second || !parse(text))
            continue;
          std::string name = replaceAll(op, ".", "_") + "_" + std::to_string(i) + (fixed ? "" : "_" + std::string(element));
          result.push_back({op, name, fixed ? "" : element, text, sample.low, sample.high, sample.lowInteger, sample.highInteger});
        }
      }
    }
    return result;
  }();
  return cases;
}

/// Multiplies the extents in every tensor type of a text.
static std::string enlarge(StringRef text) {
  static const std::regex type("tensor<([0-9x]+x)");
  std::string source = text.str(), result;
  auto last = source.cbegin();
  for (std::sregex_iterator match(source.begin(), source.end(), type), end; match != end; ++match) {
    result.append(last, source.cbegin() + match->position());
    result += "tensor<";
    SmallVector<StringRef> extents;
    std::string shape = (*match)[1].str();
    StringRef(shape).split(extents, 'x', -1, /*KeepEmpty=*/false);
    for (StringRef extent : extents) {
      int64_t n = std::stoll(extent.str());
      result += std::to_string(n > 1 ? 17 * n : n) + "x";
    }
    last = source.cbegin() + match->position() + match->length();
  }
  return result.append(last, source.cend());
}

/// Iterations of the loop nests of a module: the evaluator takes them one by one.
static int64_t iterations(ModuleOp module) {
  int64_t total = 0;
  module.walk([&](ir::LoopNestOpInterface nest) {
    int64_t n = 1;
    for (int64_t extent : nest.getLoopRanges())
      n *= extent;
    total += n;
  });
  return total;
}

std::vector<Case> largeCases() {
  std::vector<Case> result;
  for (const Case &c : allCases()) {
    Case large = c;
    large.text = enlarge(c.text);
    large.name += "_large";
    if (OwningOpRef<ModuleOp> module; large.text != c.text && (module = parse(large.text)) && iterations(*module) < 5'000'000)
      result.push_back(std::move(large));
  }
  return result;
}

std::vector<compiler::Literal> awkwardInputs(func::FuncOp f, const Case &c) {
  static const double values[] = {NAN, INFINITY, -INFINITY, 0.0, -0.0, 1.0, -1.0, 100.0, -100.0, 0.5, 2.0};
  std::vector<compiler::Literal> result = inputs(f, c);
  size_t stride = 1, next = 0; // other pairs in other operands
  for (compiler::Literal &x : result) {
    for (int64_t i = 0; isa<FloatType>(x.type.getElementType()) && i < x.type.getNumElements(); ++i)
      x.set(i, {.real = values[(next += stride) % std::size(values)]});
    stride += 2;
  }
  return result;
}

std::vector<compiler::Literal> inputs(func::FuncOp f, const Case &c) {
  std::mt19937 random(42);
  std::vector<double> levels;
  for (double v = std::ceil(c.low * 64) / 64 + 1.0 / 128; v < c.high; v += 1.0 / 64)
    levels.push_back(v);
  std::shuffle(levels.begin(), levels.end(), random);
  size_t next = 0;
  std::vector<compiler::Literal> result;
  for (Type type : f.getArgumentTypes()) {
    compiler::Literal x = compiler::Literal::zeros(mlir::cast<RankedTensorType>(type));
    Type element = x.type.getElementType();
    for (int64_t i = 0; i < x.type.getNumElements(); ++i) {
      if (isa<FloatType>(element))
        x.set(i, {.real = levels[next++ % levels.size()]});
      else if (element.isInteger(1))
        x.set(i, {.integer = static_cast<int64_t>(random() & 1)});
      else
        x.set(i, {.integer = c.lowInteger + static_cast<int64_t>(random() % (c.highInteger - c.lowInteger + 1))});
    }
    result.push_back(std::move(x));
  }
  return result;
}

} // namespace tenon::test
