// What must hold of every plan: no races inside a launch, no write of state before the last check, no offset outside the arena.
#include "compiler/codegen/plan.h"

namespace tenon::compiler {

static bool overlap(const PlanArgument &a, const PlanArgument &b) {
  return a.space == b.space && a.index == b.index && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}

static llvm::Error fail(const PlanFunction &f, const std::string &what, const std::string &lines) {
  return llvm::createStringError("plan of " + f.name + ": " + what + (lines.empty() ? "" : " (" + lines + ")"));
}

static llvm::Error verifyLaunch(const PlanFunction &f, const PlanCommand &c) {
  for (unsigned i = c.first; i < c.first + c.count; ++i)
    for (unsigned j = i + 1; j < c.first + c.count; ++j)
      for (const PlanArgument &a : f.calls[i].arguments)
        for (const PlanArgument &b : f.calls[j].arguments)
          if ((a.writes || b.writes) && overlap(a, b)) return fail(f, "two kernels of one launch meet in memory, and one writes it", f.calls[i].locations);
  return llvm::Error::success();
}

llvm::Error verifyPlan(const Plan &plan) {
  for (const PlanFunction &f : plan.functions) {
    bool wrote = false;
    auto access = [&](const PlanArgument &a) {
      wrote |= a.writes && a.space == TENON_SPACE_STATE;
      return a.space != TENON_SPACE_ARENA || (a.offset >= 0 && a.offset + a.bytes <= f.arena);
    };
    for (const PlanCommand &c : f.commands) {
      if (c.kind == TENON_COMMAND_CHECK && wrote) return fail(f, "state is written before a check", c.locations);
      for (const PlanArgument &a : c.arguments)
        if (!access(a)) return fail(f, "a command reaches outside of the arena", c.locations);
      if (c.kind != TENON_COMMAND_LAUNCH) continue;
      if (auto e = verifyLaunch(f, c)) return e;
      for (unsigned i = c.first; i < c.first + c.count; ++i)
        for (const PlanArgument &a : f.calls[i].arguments)
          if (!access(a)) return fail(f, "a kernel reaches outside of the arena", f.calls[i].locations);
    }
  }
  return llvm::Error::success();
}

} // namespace tenon::compiler
