// GPUs: the kernels of a launch become parts of one, each with blocks of its own. Launching one costs as much as many of them run.
#include "compiler/codegen/plan.h"
#include "llvm/ADT/StringExtras.h"

namespace tenon::compiler {
namespace {

constexpr size_t mostArguments = 500; // addresses among a kernel's 4 KB of parameters
constexpr int64_t fewBlocks = 256;    // that all run at once, however many registers a thread has

/// All parts get the registers of the one that needs most: work in small tiles, or in none, has as many threads at once as it wants only by itself.
bool beside(const PlanCall &a, const Emission &ofA, const PlanCall &b, const Emission &ofB) {
  return ofA.sums == ofB.sums || (ofA.sums < ofB.sums ? a : b).blocks <= fewBlocks;
}

/// "a;b" and "b;c" are "a;b;c".
void addLines(std::string &lines, const std::string &more) {
  llvm::SmallVector<llvm::StringRef> known, each;
  std::string before = lines;
  llvm::SplitString(before, known, ";"), llvm::SplitString(more, each, ";");
  for (llvm::StringRef line : each)
    if (lines.size() < 2000 && !llvm::is_contained(known, line)) lines += (lines.empty() ? "" : ";") + line.str();
}

struct Joiner {
  Plan &plan;
  llvm::ArrayRef<Emission> emissions;
  llvm::StringMap<unsigned> known{};

  /// The kernel that has these as parts: one for all launches of the same.
  unsigned kernelOf(llvm::ArrayRef<const PlanCall *> calls) {
    PlanKernel k;
    std::string key;
    for (const PlanCall *c : calls) {
      const PlanKernel &part = plan.kernels[c->kernel];
      key += part.name + ",";
      k.source += (k.source.empty() ? "" : " | ") + part.source;
      addLines(k.locations, part.locations);
      k.parts.push_back({part.name, c->blocks});
    }
    auto [it, isNew] = known.try_emplace(key, plan.kernels.size());
    if (isNew) k.name = "k" + std::to_string(plan.kernels.size()), plan.kernels.push_back(k);
    return it->second;
  }

  PlanCall join(llvm::SmallVector<const PlanCall *> calls) {
    if (calls.size() == 1) return *calls[0];
    // Blocks start in their order: long ones first, so that short ones fill up the end.
    llvm::stable_sort(calls, [](auto *a, auto *b) { return double(a->work) * b->blocks > double(b->work) * a->blocks; });
    PlanCall whole;
    whole.kernel = kernelOf(calls), whole.blocks = 0;
    for (const PlanCall *c : calls) {
      llvm::append_range(whole.arguments, c->arguments);
      whole.blocks += c->blocks, whole.work += c->work;
      addLines(whole.locations, c->locations);
    }
    return whole;
  }

  void launches(PlanFunction &f) {
    std::vector<PlanCall> calls;
    for (PlanCommand &c : f.commands) {
      if (c.kind != TENON_COMMAND_LAUNCH) continue;
      std::vector<llvm::SmallVector<const PlanCall *>> groups;
      for (const PlanCall &call : llvm::ArrayRef(f.calls).slice(c.first, c.count)) {
        auto room = llvm::find_if(groups, [&](auto &group) {
          size_t arguments = call.arguments.size();
          int64_t blocks = call.blocks;
          for (const PlanCall *other : group) arguments += other->arguments.size(), blocks += other->blocks;
          return arguments <= mostArguments && blocks <= INT32_MAX && llvm::all_of(group, [&](const PlanCall *other) { return beside(call, emissions[call.kernel], *other, emissions[other->kernel]); });
        });
        if (room == groups.end()) groups.push_back({&call});
        else room->push_back(&call);
      }
      c.first = calls.size(), c.count = groups.size();
      for (auto &group : groups) calls.push_back(join(group));
    }
    f.calls = std::move(calls);
  }

  /// Kernels that are parts of others alone have no number.
  void renumber() {
    std::vector<int> number(plan.kernels.size(), -1);
    for (PlanFunction &f : plan.functions)
      for (PlanCall &c : f.calls) number[c.kernel] = 0;
    std::vector<PlanKernel> launched;
    for (auto [i, k] : llvm::enumerate(plan.kernels)) {
      if (number[i] == 0) number[i] = launched.size(), launched.push_back(k);
      else plan.parts.push_back(k);
    }
    plan.kernels = std::move(launched);
    for (PlanFunction &f : plan.functions)
      for (PlanCall &c : f.calls) c.kernel = number[c.kernel];
  }
};

} // namespace

llvm::Error joinLaunches(Plan &plan, llvm::ArrayRef<Emission> emissions) {
  Joiner j{plan, emissions};
  for (PlanFunction &f : plan.functions) {
    for (const PlanCall &c : f.calls)
      if (c.arguments.size() > mostArguments)
        return llvm::createStringError("cuda: " + f.name + ": a kernel has " + std::to_string(c.arguments.size()) + " tensors, on a GPU at most " + std::to_string(mostArguments) + ": do it in parts" + (c.locations.empty() ? "" : " (" + c.locations + ")"));
    j.launches(f);
  }
  j.renumber();
  return verifyPlan(plan);
}

} // namespace tenon::compiler
