// The user's lines in what a compiled program says. Programs of one structure share a compiled form, so it knows its ops by
// their place in the function ("@op:7"); whoever runs it puts the lines of the trace that asked in these places.
#include "frontend/tensor/program.h"
#include <cctype>

namespace tenon::detail {

static const std::string place = "@op";

void number_places(mlir::ModuleOp module) {
  auto *context = module.getContext();
  auto function = *module.getOps<mlir::func::FuncOp>().begin();
  auto unknown = mlir::UnknownLoc::get(context);
  function.getBody().walk([&](mlir::Block *block) {
    for (auto argument : block->getArguments())
      argument.setLoc(unknown);
  });
  // The trace's own ops come first; a write that follows them has the place of what it writes.
  unsigned n = 0;
  function.getBody().walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *op) { op->setLoc(mlir::FileLineColLoc::get(context, place, n++, 0)); });
  for (auto write : function.getOps<ir::prim::WriteOp>())
    if (auto *from = write.getValue().getDefiningOp())
      write->setLoc(from->getLoc());
}

std::string with_lines(const std::string &text, const Trace &trace) {
  if (text.find(place + ":") == std::string::npos || !trace.function)
    return text;
  std::vector<std::string> lines;
  const_cast<mlir::func::FuncOp &>(trace.function).getBody().walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *op) {
    auto line = op->getLoc()->findInstanceOf<mlir::FileLineColLoc>();
    lines.push_back(line ? line.getFilename().str() + ":" + std::to_string(line.getLine()) : "");
  });
  std::string result;
  std::vector<std::string> said; // in one list "@op:1;@op:2" each line once
  for (size_t at = 0; at < text.size();) {
    if (text.compare(at, place.size() + 1, place + ":") != 0) {
      result += text[at++];
      said.clear();
      continue;
    }
    size_t number = 0;
    for (at += place.size() + 1; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])); ++at)
      number = number * 10 + size_t(text[at] - '0');
    auto line = number < lines.size() ? lines[number] : "";
    if (!line.empty() && !llvm::is_contained(said, line)) {
      result += (said.empty() ? "" : ";") + line;
      said.push_back(line);
    }
    if (text.compare(at, place.size() + 1, ";" + place) == 0)
      ++at;
  }
  return result;
}

void run(Executable &executable, const Trace &trace, llvm::ArrayRef<RunSlot> slots, llvm::ArrayRef<RunInput> inputs, llvm::ArrayRef<Storage *> outputs) {
  try {
    executable.run(slots, inputs, outputs);
  } catch (const Error &e) {
    throw Error(with_lines(e.what(), trace));
  }
}

} // namespace tenon::detail
