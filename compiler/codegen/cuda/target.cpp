// Reads the target's name.
#include "compiler/codegen/cuda/target.h"
#include "compiler/codegen/cuda/emit.h"

namespace tenon::compiler::cuda {

bool isTarget(llvm::StringRef name) { return name == "cuda" || name.starts_with("cuda:"); }

llvm::Expected<Target> findTarget(llvm::StringRef name) {
  Target t;
  t.table.threads = threads, t.table.blocks = 64;
  t.architectures.push_back({});
  llvm::SmallVector<llvm::StringRef> names;
  if (name.consume_front("cuda:")) name.split(names, ',');
  for (llvm::StringRef n : names) {
    Architecture a;
    llvm::StringRef rest = n;
    a.machine = rest.consume_front("sm_");
    if (!a.machine && !rest.consume_front("compute_")) rest = "";
    a.specific = rest.consume_back("a");
    if (rest.getAsInteger(10, a.number) || a.number < 80 || a.number > 199)
      return llvm::createStringError("target 'cuda:" + n.str() + "': expected architectures like sm_90 (machine code) or compute_90 (PTX), from 80 on");
    if (a.machine || a.number != 80) t.architectures.push_back(a);
  }
  return t;
}

std::string Target::describe() const {
  std::string r = "cuda";
  for (auto &a : architectures) r += " " + a.name();
  return r;
}

} // namespace tenon::compiler::cuda
