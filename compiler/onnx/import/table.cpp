// The table of rules: an op's rule holds from its version on until the next one.
#include "compiler/onnx/import/node.h"

namespace tenon::onnx::imports {

Entry &Table::operator()(llvm::StringRef op, int64_t since, Rule rule, llvm::StringRef domain) {
  Entry &e = entries[{domain.str(), op.str()}][since];
  e.rule = std::move(rule);
  return e;
}
void Table::refuse(llvm::StringRef op, llvm::StringRef why, llvm::StringRef domain) { entries[{domain.str(), op.str()}][1].refusal = why.str(); }

const Entry *Table::find(llvm::StringRef domain, llvm::StringRef op, int64_t version) const {
  auto found = entries.find({domain.str(), op.str()});
  if (found == entries.end())
    return nullptr;
  auto after = found->second.upper_bound(version);
  return after == found->second.begin() ? nullptr : &std::prev(after)->second;
}

const Table &table() {
  static const Table t = [] {
    Table t;
    for (auto add : {addMath, addLogic, addActivations, addShape, addSlices, addIndex, addReduce, addProducts, addConv, addPool, addNorm, addRecurrent, addLosses, addResize, addQuantized,
                     addControl, addLoop, addRandom, addSequences, addTraining, addSignal, addAttention, addVision, addSampled, addRefused})
      add(t);
    return t;
  }();
  return t;
}

} // namespace tenon::onnx::imports

std::vector<tenon::onnx::Support> tenon::onnx::supported() {
  std::vector<Support> result;
  for (auto &[name, versions] : imports::table().entries) {
    Support s{name.first, name.second, {}, versions.begin()->second.refusal};
    for (auto &[since, entry] : versions)
      s.since.push_back(since);
    result.push_back(std::move(s));
  }
  return result;
}
