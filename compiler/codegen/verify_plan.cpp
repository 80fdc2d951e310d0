// What must hold of every plan: no races inside a launch, no write of state before the last check, no offset outside the arena, carries of loops read before they are overwritten.
#include "compiler/codegen/plan.h"

namespace tenon::compiler {

/// The first byte that an argument reaches and the one after the last, over all passes of the loops around it.
static std::pair<int64_t, int64_t> reach(const PlanArgument &a, llvm::ArrayRef<int64_t> passes) {
  int64_t low = a.offset, high = a.offset + a.bytes;
  for (size_t i = 0; i < passes.size(); ++i)
    if (int64_t way = a.stride(i) * std::max<int64_t>(passes[i] - 1, 0); way < 0) low += way;
    else high += way;
  return {low, high};
}

/// Loops that move both arguments alike do not bring them nearer: they meet where their ways by the other loops meet.
static bool overlap(const PlanArgument &a, const PlanArgument &b, llvm::ArrayRef<int64_t> passes) {
  llvm::SmallVector<int64_t> apart(passes);
  for (size_t i = 0; i < passes.size(); ++i)
    if (a.stride(i) == b.stride(i)) apart[i] = 1;
  auto [aLow, aHigh] = reach(a, apart);
  auto [bLow, bHigh] = reach(b, apart);
  return a.bytes && b.bytes && a.space == b.space && a.index == b.index && aLow < bHigh && bLow < aHigh;
}

static llvm::Error fail(const PlanFunction &f, const std::string &what, const std::string &lines) {
  return llvm::createStringError("plan of " + f.name + ": " + what + (lines.empty() ? "" : " (" + lines + ")"));
}

/// What one argument of a call writes, no other shows: kernels take each for the only way to its memory.
static llvm::Error verifyCall(const PlanFunction &f, const PlanCall &call, llvm::ArrayRef<int64_t> passes) {
  for (auto [i, a] : llvm::enumerate(call.arguments))
    for (const PlanArgument &b : llvm::ArrayRef(call.arguments).drop_front(i + 1))
      if ((a.writes || b.writes) && overlap(a, b, passes)) return fail(f, "two arguments of a kernel meet in memory, and it writes one", call.locations);
  return llvm::Error::success();
}

static llvm::Error verifyLaunch(const PlanFunction &f, const PlanCommand &c, llvm::ArrayRef<int64_t> passes) {
  for (unsigned i = c.first; i < c.first + c.count; ++i)
    for (unsigned j = i + 1; j < c.first + c.count; ++j)
      for (const PlanArgument &a : f.calls[i].arguments)
        for (const PlanArgument &b : f.calls[j].arguments)
          if ((a.writes || b.writes) && overlap(a, b, passes)) return fail(f, "two kernels of one launch meet in memory, and one writes it", f.calls[i].locations);
  return llvm::Error::success();
}

/// Carries that change their places: in one pass nothing overwrites what the pass before left, and nothing reads the next carry before it is written.
static llvm::Error verifyCarries(const PlanFunction &f, size_t number, llvm::SmallVector<int64_t> passes) {
  const PlanCommand &loop = f.commands[number];
  passes.push_back(loop.bytes);
  for (const PlanCarry &carry : loop.carries)
    for (int turn = 0; turn < loop.turns; ++turn) {
      PlanArgument from = turn && carry.turns ? carry.to : carry.from, to = turn && carry.turns ? carry.from : carry.to;
      from.bytes = to.bytes = carry.bytes;
      auto later = [&](PlanArgument &a) {
        if (int64_t stride = a.stride(passes.size() - 1)) a.offset += turn * (stride / loop.turns);
      };
      later(from), later(to);
      bool written = false;
      llvm::SmallVector<std::pair<size_t, size_t>> inner; // loops around a command, with their ends
      size_t each = loop.count / loop.turns, begin = number + 1 + turn * each;
      auto around = passes;
      for (size_t i = begin; i < begin + each; ++i) {
        const PlanCommand &c = f.commands[i];
        while (!inner.empty() && inner.back().second == i) inner.pop_back(), around.pop_back();
        bool writes = false;
        auto access = [&](const std::vector<PlanArgument> &arguments, const std::string &lines) -> llvm::Error {
          for (const PlanArgument &a : arguments) {
            if (a.writes && overlap(a, from, around)) return fail(f, "a loop's carry is overwritten in the pass that reads it", lines);
            if (!a.writes && !written && overlap(a, to, around)) return fail(f, "a loop's next carry is read before it is written", lines);
            writes |= a.writes && overlap(a, to, around);
          }
          return llvm::Error::success();
        };
        if (auto e = access(c.arguments, c.locations)) return e;
        if (c.kind == TENON_COMMAND_LAUNCH)
          for (unsigned k = c.first; k < c.first + c.count; ++k)
            if (auto e = access(f.calls[k].arguments, f.calls[k].locations)) return e;
        written |= writes;
        if (c.kind == TENON_COMMAND_LOOP) inner.push_back({i, i + 1 + c.count}), around.push_back(c.bytes);
      }
      if (!written) return fail(f, "a loop's pass does not leave its next carry", loop.locations);
    }
  return llvm::Error::success();
}

llvm::Error verifyPlan(const Plan &plan) {
  for (const PlanFunction &f : plan.functions) {
    bool wrote = false;
    llvm::SmallVector<int64_t> passes;                       // of the loops around a command
    llvm::SmallVector<std::pair<size_t, bool>> ends;         // of the loops (true) and branches around it
    auto inside = [&](const PlanArgument &a) {
      auto [low, high] = reach(a, passes);
      return a.space != TENON_SPACE_ARENA || (low >= 0 && high <= f.arena);
    };
    auto writesState = [&](const PlanArgument &a) { return a.writes && a.space == TENON_SPACE_STATE; };
    for (size_t number = 0; number < f.commands.size(); ++number) {
      const PlanCommand &c = f.commands[number];
      while (!ends.empty() && ends.back().first == number) {
        if (ends.back().second) passes.pop_back();
        ends.pop_back();
      }
      auto access = [&](const std::vector<PlanArgument> &arguments, const char *who, const std::string &lines) -> llvm::Error {
        for (const PlanArgument &a : arguments) {
          if (!inside(a)) return fail(f, std::string(who) + " reaches outside of the arena", lines);
          if (writesState(a) && !ends.empty()) return fail(f, std::string(who) + " writes state inside of a loop or branch", lines);
          wrote |= writesState(a);
        }
        return llvm::Error::success();
      };
      if (c.kind == TENON_COMMAND_CHECK && wrote) return fail(f, "state is written before a check", c.locations);
      if (c.kind == TENON_COMMAND_CHECK && !ends.empty()) return fail(f, "a check inside of a loop or branch", c.locations);
      if (auto e = access(c.arguments, "a command", c.locations)) return e;
      if (c.kind == TENON_COMMAND_LOOP || c.kind == TENON_COMMAND_BRANCH) {
        size_t end = number + 1 + c.count + c.others;
        if (end > (ends.empty() ? f.commands.size() : ends.back().first)) return fail(f, "a loop or branch ends after what it is in", c.locations);
        bool loop = c.kind == TENON_COMMAND_LOOP;
        if (loop)
          if (auto e = verifyCarries(f, number, passes)) return e;
        if (loop) passes.push_back(c.bytes);
        ends.push_back({end, loop});
      }
      if (c.kind != TENON_COMMAND_LAUNCH) continue;
      if (auto e = verifyLaunch(f, c, passes)) return e;
      for (unsigned i = c.first; i < c.first + c.count; ++i) {
        if (auto e = verifyCall(f, f.calls[i], passes)) return e;
        if (auto e = access(f.calls[i].arguments, "a kernel", f.calls[i].locations)) return e;
      }
    }
  }
  return llvm::Error::success();
}

} // namespace tenon::compiler
