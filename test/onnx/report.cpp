#include "test/onnx/report.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "compiler/onnx/import/import.h"
#include "llvm/ADT/StringExtras.h"
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

/// Why a case does not pass, without the names that are its own: the words after the node, or those of the input.
std::string reasonOf(const Outcome &o) {
  std::string why = o.why;
  if (why.starts_with("output") && why.find("element") != std::string::npos)
    return "other numbers: of its own draws, or rounded otherwise";
  if (auto node = why.find("): "); node != std::string::npos)
    why = why.substr(node + 3);
  if (why.starts_with("it is refused: "))
    why = why.substr(15);
  if (auto name = why.find('\''); name != std::string::npos)
    if (auto end = why.find("' ", name); end != std::string::npos)
      why = why.substr(0, name) + why.substr(end + 2);
  return why;
}

} // namespace

std::string tableOf(const std::vector<Outcome> &outcomes) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << tableBegins
     << "\n\nWritten by `onnx_testdata --table compiler/onnx/README.md --write` (test/onnx), which checks that it is current: every case of Debian's libonnx-testdata is loaded, "
        "compiled,\nrun and compared. Inputs on which shapes depend are given when importing.\n\n| set | cases | pass | of strings |\n|---|---:|---:|---:|\n";
  for (auto &[set, c] : countsOf(outcomes))
    os << "| " << set << " | " << c.all << " | " << c.passed << " (" << llvm::formatv("{0:F1}", 100.0 * c.passed / c.all) << " %) | " << c.strings << " |\n";
  std::map<std::string, Count> ops;
  for (auto &o : outcomes)
    for (auto &op : o.ops) {
      ops[op].passed += o.why.empty();
      ++ops[op].all;
    }
  os << "\nBy op: the opsets since which a rule holds, until the next; cases in which the op occurs, passed of all.\n\n| op | since | cases | op | since | cases | op | since | cases |\n"
        "|---|---|---:|---|---|---:|---|---|---:|\n";
  std::vector<std::string> cells;
  std::map<std::string, std::vector<std::string>> refused, failed;
  for (auto &s : onnx::supported()) {
    std::string name = (s.domain.empty() ? "" : s.domain + ".") + s.op, since;
    if (!s.refusal.empty()) {
      refused[s.refusal].push_back(name);
      continue;
    }
    for (int64_t v : s.since)
      since += (since.empty() ? "" : ", ") + std::to_string(v);
    Count c = ops[name];
    cells.push_back(name + " | " + since + " | " + (c.all ? std::to_string(c.passed) + "/" + std::to_string(c.all) : "-"));
  }
  size_t rows = (cells.size() + 2) / 3;
  for (size_t r = 0; r < rows; ++r) {
    for (size_t k = r; k < 3 * rows; k += rows)
      os << "| " << (k < cells.size() ? cells[k] : " | | ") << " ";
    os << "|\n";
  }
  for (auto &o : outcomes)
    if (!o.why.empty())
      failed[reasonOf(o)].push_back(o.set + "/" + (llvm::StringRef(o.name).starts_with("test_") ? o.name.substr(5) : o.name));
  os << "\n| refused, because | ops |\n|---|---|\n";
  for (auto &[why, names] : refused)
    os << "| " << why << " | " << llvm::join(names, ", ") << " |\n";
  os << "\n| cases that do not pass, because | |\n|---|---|\n";
  for (auto &[why, names] : failed)
    os << "| " << why << " | " << llvm::join(names, ", ") << " |\n";
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
