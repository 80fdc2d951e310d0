// The words of traces, compared.
#include "frontend/onnx/alike.h"

namespace tenon::onnx::detail {

using namespace tenon::detail;

void expect_alike(const Variant &example, const std::vector<std::unique_ptr<Variant>> &traces, Location loc) {
  auto same_ops = [](const Variant &a, const Variant &b) { return llvm::equal(a.trace->ops, b.trace->ops, [](auto &x, auto &y) { return x.code == y.code && x.words == y.words; }); };
  const auto &first = traces[0]->structure, &given = example.structure;
  if (!llvm::all_of(traces, [&](auto &t) { return t->structure.size() == first.size() && same_ops(*t, *traces[0]); }))
    return; // they cannot leave as one, and the compiler says why
  bool single = llvm::any_of(example.arguments, [](auto &a) { return llvm::is_contained(a.type.getShape(), 1); });
  if (single && !same_ops(example, *traces[0]))
    return;
  size_t at = 0, end = std::min(first.size(), given.size());
  while (at < end && (given[at] == first[at] || llvm::any_of(traces, [&](auto &t) { return t->structure[at] != first[at]; })))
    ++at;
  if (at == first.size() && at == given.size())
    return;
  auto &lines = example.trace->lines;
  auto line = llvm::upper_bound(lines, at, [](size_t word, auto &l) { return word < l.first; });
  throw record::error("onnx::save", "other operations or numbers are recorded at the sizes given than at others, from this line on (dynamic_batch(false) takes sizes as given)",
                      line == lines.begin() ? loc : std::prev(line)->second);
}

} // namespace tenon::onnx::detail
