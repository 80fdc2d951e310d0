// Places the tensors of one function (inputs, outputs, state, constants, the arena by liveness) and lists its commands.
#include "compiler/codegen/function_planner.h"

using namespace mlir;
namespace tenon::compiler {

namespace kernel = tenon::ir::kernel;

/// The level of a kernel, a loop or a branch; none for what takes no time.
std::optional<int64_t> FunctionPlanner::levelOf(Operation *op) {
  if (op && (isa<kernel::GridOp>(op) || kernel::isControl(op))) return cast<IntegerAttr>(op->getAttr("level")).getInt();
  return std::nullopt;
}

/// The value whose memory a view shows.
Value FunctionPlanner::underViews(Value v) {
  while (Operation *view = v.getDefiningOp()) {
    if (isa<kernel::GridOp>(view) || kernel::isControl(view) || view->getNumOperands() != 1) break;
    v = view->getOperand(0);
  }
  return v;
}

int64_t FunctionPlanner::allocate(int64_t bytes, int64_t from, int64_t to) {
  int64_t size = std::max<int64_t>(64, llvm::alignTo(bytes, 64)), at = 0;
  for (bool moved = true; moved;) {
    moved = false;
    for (Block &q : arena)
      if (q.from <= to && from <= q.to && at < q.at + q.size && q.at < at + size) at = q.at + q.size, moved = true;
  }
  arena.push_back({at, size, from, to});
  out.arena = std::max(out.arena, at + size);
  return at;
}

/// The last level that reads v, views included.
int64_t FunctionPlanner::lastUse(Value v) {
  int64_t last = -1;
  for (Operation *user : v.getUsers()) {
    if (auto level = levelOf(user)) last = std::max(last, *level);
    else if (isa<func::ReturnOp>(user)) last = forever;
    else if (user->getNumResults() == 1) last = std::max(last, lastUse(user->getResult(0)));
  }
  return last;
}

PlanArgument FunctionPlanner::inArena(int64_t bytes, int64_t from, int64_t to) {
  PlanArgument a;
  a.offset = allocate(bytes, from, to), a.owner = depth;
  return a;
}

PlanArgument FunctionPlanner::place(Value v) {
  v = underViews(v);
  if (auto it = places.find(v); it != places.end()) return it->second;
  if (v.getDefiningOp<tensor::EmptyOp>()) return {}; // only a shape
  DenseElementsAttr elements;
  if (!matchPattern(v, m_Constant(&elements))) llvm::report_fatal_error("a tensor without a place");
  plan.constants.push_back(elements);
  return places[v] = {TENON_SPACE_CONSTANT, (int)plan.constants.size() - 1, 0};
}

void FunctionPlanner::copy(PlanArgument to, PlanArgument from, Value v, std::vector<PlanCommand> &commands) {
  if (to == from || bytesOf(v.getType()) == 0) return;
  PlanCommand c;
  c.kind = TENON_COMMAND_COPY, c.arguments = {to, from}, c.bytes = bytesOf(v.getType());
  for (PlanArgument &a : c.arguments) a.bytes = c.bytes;
  c.arguments[0].writes = true, c.arguments[0].reads = false;
  commands.push_back(c);
}

/// Old state is read before it is overwritten: by kernels of earlier levels, or by the writer itself.
llvm::Error FunctionPlanner::checkReaders(Value old, kernel::GridOp writer) {
  for (Operation *user : old.getUsers()) {
    auto reader = levelOf(user);
    if (reader && user != writer && *reader >= (int64_t)writer.getLevel())
      return llvm::createStringError("a kernel of level " + std::to_string(*reader) + " reads state that level " + std::to_string(writer.getLevel()) + " overwrites (" + linesOf(writer.getLoc()) + ")");
    if (!reader && user->getNumResults() == 1)
      if (auto e = checkReaders(user->getResult(0), writer)) return e;
  }
  return llvm::Error::success();
}

llvm::Expected<PlanFunction> FunctionPlanner::run() {
  auto exported = f->getAttrOfType<StringAttr>("tenon.function");
  out.name = (exported ? exported.getValue() : f.getName()).str();
  auto nameOf = [](Attribute a, StringRef kind, unsigned i) { return a ? cast<StringAttr>(a).str() : (kind + Twine(i)).str(); };
  for (auto [i, a] : llvm::enumerate(f.getArguments())) {
    if (auto s = f.getArgAttrOfType<FlatSymbolRefAttr>(i, "tenon.state")) places[a] = {TENON_SPACE_STATE, (int)stateOf.lookup(s.getValue()), 0};
    else {
      places[a] = {TENON_SPACE_INPUT, (int)out.inputs.size(), 0};
      out.inputs.push_back({nameOf(f.getArgAttr(i, "tenon.name"), "input", out.inputs.size()), cast<RankedTensorType>(a.getType())});
    }
  }
  std::vector<PlanArgument> results;
  for (auto [i, t] : llvm::enumerate(f.getResultTypes())) {
    if (auto updates = f.getResultAttrOfType<IntegerAttr>(i, "tenon.updates")) results.push_back(places[f.getArgument(updates.getInt())]);
    else if (f.getResultAttr(i, "tenon.check")) results.emplace_back();
    else {
      results.push_back({TENON_SPACE_OUTPUT, (int)out.outputs.size(), 0});
      out.outputs.push_back({nameOf(f.getResultAttr(i, "tenon.name"), "output", out.outputs.size()), cast<RankedTensorType>(t)});
    }
  }
  if (auto e = fill(results)) return std::move(e);
  return std::move(out);
}

/// Places all values and lists the commands; `results`: where the function's results shall be.
llvm::Error FunctionPlanner::fill(ArrayRef<PlanArgument> results) {
  auto ret = cast<func::ReturnOp>(f.getBody().front().getTerminator());
  SmallVector<Operation *> steps;
  for (Operation &op : f.getBody().front())
    if (levelOf(&op)) steps.push_back(&op);
  // In place first, then outputs in their own buffers, the rest in the arena.
  for (Operation *op : steps)
    if (auto grid = dyn_cast<kernel::GridOp>(op))
      for (auto [r, operand] : llvm::zip(grid.getResults(), grid.getInPlace()))
        if (operand >= 0) {
          Value old = underViews(grid.getInputs()[operand]);
          if (auto e = checkReaders(old, grid)) return e;
          PlanArgument in = places[old]; // a copy: the table may grow
          places[r] = in;
        }
  for (auto [i, v] : llvm::enumerate(ret.getOperands())) {
    auto updates = f.getResultAttrOfType<IntegerAttr>(i, "tenon.updates");
    // New state replaces the old.
    if (f.getResultAttr(i, "tenon.check") || (updates && results[i] == places[f.getArgument(updates.getInt())])) continue;
    if (Value under = underViews(v); levelOf(under.getDefiningOp())) places.try_emplace(under, results[i]);
  }
  for (Operation *op : steps) {
    if (auto loop = dyn_cast<kernel::LoopOp>(op)) placeTrails(loop);
    for (Value r : op->getResults())
      if (!places.count(r)) places[r] = inArena(bytesOf(r.getType()), *levelOf(op), std::max(lastUse(r), *levelOf(op)));
  }

  llvm::SmallDenseSet<Value> updated; // arguments that the function overwrites
  for (unsigned i = 0; i < ret.getNumOperands(); ++i)
    if (auto a = f.getResultAttrOfType<IntegerAttr>(i, "tenon.updates"); a && results[i] == places[f.getArgument(a.getInt())]) updated.insert(f.getArgument(a.getInt()));
  std::vector<PlanCommand> before, after;
  std::map<int64_t, std::vector<PlanCommand>> checks; // by level, -1: before all
  for (auto [i, v] : llvm::enumerate(ret.getOperands())) {
    Value under = underViews(v);
    auto made = levelOf(under.getDefiningOp());
    PlanArgument from = place(v), to = results[i];
    if (auto message = f.getResultAttrOfType<StringAttr>(i, "tenon.check")) {
      PlanCommand c;
      c.kind = TENON_COMMAND_CHECK, c.arguments = {from}, c.bytes = bytesOf(v.getType()), c.message = message.str();
      if (auto loc = f.getResultAttrOfType<LocationAttr>(i, "tenon.loc")) c.locations = linesOf(loc);
      checks[made.value_or(-1)].push_back(c);
      continue;
    }
    if (updated.contains(under)) { // an old value: taken before anything writes
      if (to == from) continue;
      if (!f.getResultAttr(i, "tenon.updates")) { copy(to, from, v, before); continue; }
      PlanArgument kept = inArena(bytesOf(v.getType()), -1, forever);
      copy(kept, from, v, before);
      from = kept;
    }
    copy(to, from, v, after);
  }

  out.commands = before;
  auto check = [&](int64_t level) { llvm::append_range(out.commands, checks[level]); };
  check(-1);
  for (size_t i = 0; i < steps.size();) {
    PlanCommand launch;
    launch.first = out.calls.size();
    int64_t level = *levelOf(steps[i]);
    std::vector<Operation *> control;
    for (; i < steps.size() && *levelOf(steps[i]) == level; ++i)
      if (auto grid = dyn_cast<kernel::GridOp>(steps[i])) call(grid);
      else control.push_back(steps[i]);
    launch.count = out.calls.size() - launch.first;
    if (launch.count) out.commands.push_back(launch);
    for (Operation *op : control) {
      auto loop = dyn_cast<kernel::LoopOp>(op);
      if (auto e = loop ? planLoop(loop) : planBranch(cast<kernel::BranchOp>(op))) return e;
    }
    check(level);
  }
  llvm::append_range(out.commands, after);
  return llvm::Error::success();
}

void FunctionPlanner::call(kernel::GridOp grid) {
  PlanCall c;
  c.kernel = kernelNumber(plan, kernelOf, grid);
  Emission emitted = emit(plan.kernels[c.kernel]);
  c.blocks = grid.getBlocks() * emitted.parts, c.locations = linesOf(grid.getLoc());
  if (auto work = grid->getAttrOfType<IntegerAttr>("work")) c.work = work.getInt();
  auto add = [&](PlanArgument a, int64_t bytes, bool writes, bool reads) {
    a.bytes = bytes, a.writes = writes, a.reads = reads;
    c.arguments.push_back(a);
  };
  for (auto [i, v] : llvm::enumerate(grid.getInputs())) add(place(v), v.getDefiningOp<tensor::EmptyOp>() ? 0 : bytesOf(v.getType()), llvm::is_contained(grid.getInPlace(), (int64_t)i), !grid.getBody().front().getArgument(i).use_empty());
  for (auto [r, operand] : llvm::zip(grid.getResults(), grid.getInPlace()))
    if (operand < 0) add(place(r), bytesOf(r.getType()), true, false);
  for (int64_t bytes : emitted.workspaces) add(inArena(bytes, grid.getLevel(), grid.getLevel()), bytes, true, true);
  out.calls.push_back(c);
}

} // namespace tenon::compiler
