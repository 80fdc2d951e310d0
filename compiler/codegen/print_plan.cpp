// The plan in words: one line per state entry, kernel, buffer and command.
#include "compiler/codegen/plan.h"

using namespace mlir;
namespace tenon::compiler {

static void print(llvm::raw_ostream &os, const PlanArgument &a) {
  static const char *spaces[] = {"input", "output", "state", "arena", "constant"};
  os << spaces[a.space];
  if (a.space == TENON_SPACE_ARENA) os << "+" << a.offset;
  else os << " " << a.index << (a.offset ? "+" + std::to_string(a.offset) : "");
  for (auto [i, stride] : llvm::enumerate(a.strides))
    if (stride) os << " move" << i << " " << stride; // after each pass of the loop at that depth
}

static void printAll(llvm::raw_ostream &os, const std::vector<PlanArgument> &arguments) {
  os << "(";
  llvm::interleave(arguments, os, [&](const PlanArgument &a) { print(os, a); }, ", ");
  os << ")";
}

void Plan::print(llvm::raw_ostream &os) const {
  for (auto [i, s] : llvm::enumerate(states)) {
    os << "state " << i << " \"" << s.tensor.name << "\" " << s.tensor.type;
    if (s.alias >= 0) os << " alias " << s.alias;
    os << "\n";
  }
  for (const auto &[all, what] : {std::pair(&kernels, "kernel "), std::pair(&parts, "part ")})
    for (PlanKernel k : *all) {
      os << what << k.name;
      if (k.parts.empty()) os << " extent " << k.grid.getExtent() << " block " << k.grid.getBlock();
      else os << " = ", llvm::interleave(k.parts, os, [&](const PlanPart &p) { os << p.kernel << " blocks " << p.blocks; }, ", ");
      os << ": " << k.source << "\n";
    }
  for (auto &f : functions) {
    unsigned launches = llvm::count_if(f.commands, [](auto &c) { return c.kind == TENON_COMMAND_LAUNCH; });
    os << "function \"" << f.name << "\" kernels " << f.calls.size() << " launches " << launches << " arena " << f.arena << "\n";
    for (auto &t : f.inputs) os << "  input \"" << t.name << "\" " << t.type << "\n";
    for (auto &t : f.outputs) os << "  output \"" << t.name << "\" " << t.type << "\n";
    SmallVector<unsigned> ends; // of the loops and branches around a command
    for (auto [number, c] : llvm::enumerate(f.commands)) {
      while (!ends.empty() && ends.back() == number) ends.pop_back();
      os.indent(2 * ends.size());
      if (c.kind == TENON_COMMAND_LOOP || c.kind == TENON_COMMAND_BRANCH) {
        bool loop = c.kind == TENON_COMMAND_LOOP;
        os << (loop ? "  loop " : "  branch ");
        if (!c.arguments.empty()) printAll(os, c.arguments), os << " ";
        if (loop) {
          os << "passes " << c.bytes << " commands " << c.count;
          if (c.turns > 1) os << " of " << c.turns << " turns";
          for (const PlanCarry &carry : c.carries) {
            os << " (";
            tenon::compiler::print(os, carry.from), os << (carry.turns ? " <-> " : " -> "), tenon::compiler::print(os, carry.to);
            os << ")";
          }
          os << "\n";
        } else os << "then " << c.count << " else " << c.others << " commands\n";
        ends.push_back(number + 1 + c.count + c.others);
        continue;
      }
      if (c.kind == TENON_COMMAND_LAUNCH) {
        os << "  launch\n";
        for (unsigned i = c.first; i < c.first + c.count; ++i) {
          os.indent(2 * ends.size()) << "    " << kernels[f.calls[i].kernel].name << " blocks " << f.calls[i].blocks << " ";
          printAll(os, f.calls[i].arguments);
          os << "\n";
        }
        continue;
      }
      os << (c.kind == TENON_COMMAND_COPY ? "  copy " : "  check ") << c.bytes << " bytes ";
      printAll(os, c.arguments);
      if (!c.message.empty()) os << " \"" << c.message << "\"";
      os << "\n";
    }
  }
}

} // namespace tenon::compiler
