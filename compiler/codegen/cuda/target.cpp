// Reads the target's name.
#include "compiler/codegen/cuda/target.h"
#include "compiler/codegen/cuda/emit.h"

namespace tenon::compiler::cuda {

std::pair<llvm::StringRef, llvm::StringRef> splitTarget(llvm::StringRef name) {
  auto saysGpus = [](llvm::StringRef n) { return n == "cuda" || n.starts_with("cuda:") || n.starts_with("cuda,"); };
  if (saysGpus(name)) return {"", name};
  auto [cpu, rest] = name.split(',');
  return saysGpus(rest) ? std::pair(cpu, rest) : std::pair(name, llvm::StringRef());
}

llvm::Expected<Target> findTarget(llvm::StringRef name) {
  Target t;
  t.table.threads = threads, t.table.blocks = 64;
  t.architectures.push_back({});
  llvm::SmallVector<llvm::StringRef> names;
  if (name.consume_front("cuda") && !name.empty()) name.drop_front().split(names, ',');
  for (llvm::StringRef n : names) {
    Architecture a;
    llvm::StringRef rest = n;
    a.machine = rest.consume_front("sm_");
    if (!a.machine && !rest.consume_front("compute_")) rest = "";
    a.specific = rest.consume_back("a");
    if (rest.getAsInteger(10, a.number) || a.number < 80 || a.number > 199 || (a.specific && a.number < 90))
      return llvm::createStringError("target 'cuda:" + n.str() + "': expected architectures like sm_90 (machine code) or compute_90 (PTX), from 80 on; sm_90a, from 90 on, runs only there");
    if (a.machine || a.number != 80) t.architectures.push_back(a);
  }
  return t;
}

std::string Target::describe() const {
  std::string r;
  for (auto &a : architectures) r += (r.empty() ? "cuda:" : ",") + a.name();
  return r;
}

} // namespace tenon::compiler::cuda
