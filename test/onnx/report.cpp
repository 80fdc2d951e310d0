#include "test/onnx/report.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "compiler/onnx/import/import.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

namespace tenon::test {
namespace {
struct Count {
  int passed = 0, all = 0, strings = 0;
};
/// Strings have no form in Tenon: their cases are counted apart.
bool isOfStrings(const Outcome &o) { return o.why.find("string") != std::string::npos; }
const std::pair<const char *, double> sets[] = {{"node", 0.90}, {"simple", 0.98}, {"pytorch-converted", 0.98}, {"pytorch-operator", 0.98}};
std::map<std::string, Count> countsOf(const std::vector<Outcome> &outcomes) {
  std::map<std::string, Count> counts;
  for (auto &o : outcomes) {
    counts[o.set].passed += o.why.empty();
    ++counts[o.set].all;
    counts[o.set].strings += isOfStrings(o);
  }
  return counts;
}
} // namespace

std::string tableOf(const std::vector<Outcome> &outcomes) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "# ONNX in: what is imported\n\nWritten by `onnx_testdata` (test/onnx), which checks that it is current: every case of Debian's libonnx-testdata is loaded, compiled, run and compared.\n"
        "Inputs on which shapes depend are given when importing.\n\n| set | cases | pass | of strings |\n|---|---:|---:|---:|\n";
  for (auto &[set, c] : countsOf(outcomes))
    os << "| " << set << " | " << c.all << " | " << c.passed << " (" << llvm::formatv("{0:F1}", 100.0 * c.passed / c.all) << " %) | " << c.strings << " |\n";
  std::map<std::string, Count> ops;
  for (auto &o : outcomes)
    for (auto &op : o.ops) {
      ops[op].passed += o.why.empty();
      ++ops[op].all;
    }
  os << "\n## Ops\n\nA rule holds from its version on until the next; `cases` are those in which the op occurs, passed and all.\n\n| op | rules since opset | cases |\n|---|---|---:|\n";
  std::string refused;
  for (auto &s : onnx::supported()) {
    std::string name = (s.domain.empty() ? "" : s.domain + ".") + s.op, since;
    if (!s.refusal.empty()) {
      refused += "| " + name + " | " + s.refusal + " |\n";
      continue;
    }
    for (int64_t v : s.since)
      since += (since.empty() ? "" : ", ") + std::to_string(v);
    Count c = ops[name];
    os << "| " << name << " | " << since << " | " << (c.all ? std::to_string(c.passed) + " / " + std::to_string(c.all) : "-") << " |\n";
  }
  os << "\n## Refused\n\n| op | why |\n|---|---|\n" << refused << "\n## Cases that do not pass\n\n| case | why |\n|---|---|\n";
  for (auto &o : outcomes)
    if (!o.why.empty())
      os << "| " << o.set << "/" << o.name << " | " << o.why << " |\n";
  return text;
}

std::string shortcomings(const std::vector<Outcome> &outcomes) {
  std::string text;
  auto counts = countsOf(outcomes);
  for (auto [set, wanted] : sets)
    if (Count c = counts[set]; c.all == 0 || c.passed < wanted * (std::string(set) == "node" ? c.all : c.all - c.strings)) // of node: all
      text += std::string(set) + ": " + std::to_string(c.passed) + " of " + std::to_string(c.all) + " cases pass; " + std::to_string(int(wanted * 100)) + " % are promised\n";
  return text;
}

} // namespace tenon::test
