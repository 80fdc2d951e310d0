// A plan's traffic with memory: what its commands read and write, beside what any plan of this step must.
#include "compiler/codegen/plan.h"
#include "llvm/Support/Format.h"

namespace tenon::compiler {
namespace {

/// One access of a command to an argument, in the order of commands; in a loop it covers what all passes reach.
struct Access {
  size_t time;
  PlanArgument place;
  int64_t low, high, bytes;
  bool reads, writes;
};

struct Traffic {
  const Plan &plan;
  const PlanFunction &f;
  std::vector<Access> accesses;
  std::map<std::string, std::pair<int64_t, int64_t>> by{}; ///< bytes and calls of each kernel

  void access(size_t time, const PlanArgument &a, llvm::ArrayRef<int64_t> passes, const std::string &who) {
    int64_t times = 1, low = a.offset, high = a.offset + a.bytes;
    for (auto [i, n] : llvm::enumerate(passes)) {
      times *= n;
      if (int64_t way = a.stride(i) * std::max<int64_t>(n - 1, 0); way < 0) low += way;
      else high += way;
    }
    accesses.push_back({time, a, low, high, a.bytes * times, a.reads, a.writes});
    by[who].first += a.bytes * times * (a.reads + a.writes);
  }

  void collect() {
    llvm::SmallVector<int64_t> passes;
    llvm::SmallVector<std::pair<size_t, bool>> ends; // of loops (true) and branches; of a branch both sides count
    for (auto [time, c] : llvm::enumerate(f.commands)) {
      for (; !ends.empty() && ends.back().first == time; ends.pop_back())
        if (ends.back().second) passes.pop_back();
      if (c.kind == TENON_COMMAND_LAUNCH)
        for (const PlanCall &call : llvm::ArrayRef(f.calls).slice(c.first, c.count)) {
          const PlanKernel &k = plan.kernels[call.kernel];
          std::string who = k.name + ": " + k.source;
          int64_t times = 1;
          for (int64_t n : passes) times *= n;
          by[who].second += times;
          for (const PlanArgument &a : call.arguments) access(time, a, passes, who);
        }
      else
        for (const PlanArgument &a : c.arguments) access(time, a, passes, "copies and checks");
      if (c.kind == TENON_COMMAND_LOOP) passes.push_back(c.bytes);
      if (c.kind == TENON_COMMAND_LOOP || c.kind == TENON_COMMAND_BRANCH) ends.push_back({time + 1 + c.count + c.others, c.kind == TENON_COMMAND_LOOP});
    }
  }

  /// Bytes of the scratch memory's tensors that wait for a later command, where they are most: what a training step keeps from its forward for its backward pass.
  int64_t saved() const {
    std::vector<int64_t> live(f.commands.size() + 1);
    for (const Access &w : accesses) {
      if (!w.writes || w.place.space != TENON_SPACE_ARENA) continue;
      size_t last = w.time, over = f.commands.size();
      auto meets = [&](const Access &o) { return o.place.space == TENON_SPACE_ARENA && o.low < w.high && w.low < o.high; };
      for (const Access &o : accesses)
        if (o.time > w.time && o.writes && meets(o)) over = std::min(over, o.time);
      for (const Access &o : accesses)
        if (o.time > w.time && o.time <= over && o.reads && meets(o)) last = std::max(last, o.time);
      for (size_t t = w.time; t < last; ++t) live[t] += w.high - w.low;
    }
    return *std::max_element(live.begin(), live.end());
  }

  void print(llvm::raw_ostream &os) {
    collect();
    auto mb = [](int64_t bytes) { return llvm::format("%10.3f MB", double(bytes) * 1e-6); };
    int64_t reads = 0, writes = 0, inputs = 0, outputs = 0, constants = 0, stateReads = 0, stateWrites = 0, kept = saved();
    std::map<std::pair<int, int>, std::pair<int64_t, int64_t>> touched; // bytes read and written of what is not scratch memory, each once
    for (const Access &a : accesses) {
      reads += a.reads * a.bytes, writes += a.writes * a.bytes;
      auto &[r, w] = touched[{a.place.space, a.place.index}];
      if (a.reads) r = std::max(r, a.high - a.low);
      if (a.writes) w = std::max(w, a.high - a.low);
    }
    for (auto &[place, bytes] : touched) {
      if (place.first == TENON_SPACE_INPUT) inputs += bytes.first;
      if (place.first == TENON_SPACE_OUTPUT) outputs += bytes.second;
      if (place.first == TENON_SPACE_CONSTANT) constants += bytes.first;
      if (place.first == TENON_SPACE_STATE) stateReads += bytes.first, stateWrites += bytes.second;
    }
    int64_t least = inputs + constants + outputs + stateReads + stateWrites + 2 * kept;
    os << "traffic of \"" << f.name << "\"\n";
    os << "  kernels read    " << mb(reads) << "\n  kernels write   " << mb(writes) << "\n  least           " << mb(least) << "\n";
    os << "    inputs        " << mb(inputs + constants) << "\n    outputs       " << mb(outputs) << "\n    state read    " << mb(stateReads) << "\n    state written " << mb(stateWrites)
       << "\n    saved, twice  " << mb(2 * kept) << "\n  ratio           " << llvm::format("%10.2f", least ? double(reads + writes) / double(least) : 1.0) << "\n";
    std::vector<std::pair<std::string, std::pair<int64_t, int64_t>>> order(by.begin(), by.end());
    llvm::stable_sort(order, [](auto &a, auto &b) { return a.second.first > b.second.first; });
    for (auto &[name, bytes] : order) {
      os << "  " << mb(bytes.first);
      if (bytes.second) os << " in " << bytes.second << (bytes.second == 1 ? " call of " : " calls of ");
      else os << " ";
      os << name << "\n";
    }
  }
};

} // namespace

void Plan::printTraffic(llvm::raw_ostream &os) const {
  for (const PlanFunction &f : functions) Traffic{*this, f, {}}.print(os);
}

} // namespace tenon::compiler
