// Loops and branches in a plan: where carries live from step to step, and the commands of bodies among those of the function.
#include "compiler/codegen/function_planner.h"

using namespace mlir;
namespace tenon::compiler {

namespace kernel = tenon::ir::kernel;

func::FuncOp FunctionPlanner::bodyOf(FlatSymbolRefAttr name) { return SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(f, name); }

FunctionPlanner FunctionPlanner::child(FlatSymbolRefAttr name, size_t moreLoops) {
  FunctionPlanner planner(plan, emit, kernelOf, stateOf, bodyOf(name));
  planner.depth = depth + 1, planner.loops = loops + moreLoops;
  return planner;
}

/// Adds the commands of a body, its arena at `base` of this one, with its arguments changed.
void FunctionPlanner::add(const FunctionPlanner &body, int64_t base, llvm::function_ref<void(PlanArgument &)> change) {
  auto moved = [&](PlanArgument &a) {
    change(a);
    if (a.space == TENON_SPACE_ARENA && a.owner == body.depth) a.offset += base, a.owner = depth;
  };
  size_t first = out.calls.size();
  for (PlanCall c : body.out.calls) {
    llvm::for_each(c.arguments, moved);
    out.calls.push_back(std::move(c));
  }
  for (PlanCommand c : body.out.commands) {
    llvm::for_each(c.arguments, moved);
    for (PlanCarry &carry : c.carries) moved(carry.from), moved(carry.to);
    if (c.kind == TENON_COMMAND_LAUNCH) c.first += first;
    out.commands.push_back(std::move(c));
  }
}

static bool hasFlag(kernel::LoopOp op) { return (int64_t)op.getFlag() >= 0; }

static PlanArgument shifted(PlanArgument a, int64_t bytes) {
  a.offset += bytes;
  return a;
}

/// The slice of a stack that a pass sees.
static PlanArgument slice(PlanArgument stack, int64_t bytes, kernel::LoopOp op, size_t loops) {
  stack.strides.resize(loops), stack.strides.push_back(op.getReverse() ? -bytes : bytes);
  if (op.getReverse()) stack.offset += bytes * std::max<int64_t>((int64_t)op.getLength() - 1, 0);
  return stack;
}

/// Where all values of a carry are kept (in a stack of what each step finds, one of what it leaves, or both), the carry is its place in them: a trail of one value more
/// than there are steps. A step finds its carry where the step before left it.
void FunctionPlanner::placeTrails(kernel::LoopOp op) {
  int64_t length = op.getLength(), level = op.getLevel();
  if (length == 0 || hasFlag(op)) return;
  func::FuncOp body = bodyOf(op.getBodyAttr());
  auto yielded = body.getBody().front().getTerminator()->getOperands();
  size_t n = op.getInits().size();
  for (size_t i = 0; i < n; ++i) {
    Value old = body.getArgument(i), next = underViews(yielded[i]);
    int64_t bytes = bytesOf(old.getType()), last = std::max(lastUse(op->getResult(i)), level);
    if (next == old || bytes == 0) continue;
    SmallVector<std::pair<Value, bool>> stacks; // and whether it keeps what steps leave
    for (size_t j = n; j < yielded.size(); ++j)
      if (Value v = underViews(yielded[j]), stack = op->getResult(j); !places.count(stack) && (v == old || (v == next && levelOf(v.getDefiningOp())))) {
        stacks.push_back({stack, v == next});
        last = std::max(last, lastUse(stack));
      }
    if (stacks.empty()) continue;
    PlanArgument trail = inArena(bytes * (length + 1), level, last);
    for (auto [stack, left] : stacks) places[stack] = left != op.getReverse() ? shifted(trail, bytes) : trail;
    places.try_emplace(op->getResult(i), op.getReverse() ? trail : shifted(trail, bytes * length));
    trails[{op, i}] = trail;
  }
}

/// Where the first pass finds a carry and leaves the next: in a trail; in one place, if it is updated there or copied there at the end of a pass; or in two that
/// exchange from pass to pass.
PlanCarry FunctionPlanner::placeCarry(kernel::LoopOp op, size_t i) {
  int64_t bytes = bytesOf(op->getResult(i).getType()), length = op.getLength();
  PlanArgument last = place(op->getResult(i));
  if (auto it = trails.find({op, i}); it != trails.end()) {
    PlanArgument trail = it->second, next = shifted(trail, bytes);
    return {slice(op.getReverse() ? next : trail, bytes, op, loops), slice(op.getReverse() ? trail : next, bytes, op, loops), bytes, false};
  }
  func::FuncOp body = bodyOf(op.getBodyAttr());
  auto yielded = body.getBody().front().getTerminator()->getOperands();
  Value old = body.getArgument(i), next = underViews(yielded[i]);
  auto argument = dyn_cast<BlockArgument>(next);
  bool made = levelOf(next.getDefiningOp()) && llvm::count_if(yielded, [&](Value v) { return underViews(v) == next; }) == 1;
  bool turns = bytes && length && !hasFlag(op) && next != old && (made || (argument && argument.getArgNumber() < op.getInits().size()));
  for (auto grid : body.getBody().front().getOps<kernel::GridOp>())
    for (int64_t operand : grid.getInPlace()) turns &= operand < 0 || underViews(grid.getInputs()[operand]) != old;
  if (!turns) return {last, last, bytes, false};
  PlanArgument other = inArena(bytes, op.getLevel(), op.getLevel());
  return length % 2 ? PlanCarry{other, last, bytes, true} : PlanCarry{last, other, bytes, true};
}

llvm::Error FunctionPlanner::planLoop(kernel::LoopOp op) {
  FunctionPlanner body = child(op.getBodyAttr(), 1);
  size_t n = op.getInits().size(), m = op.getXs().size();
  int64_t length = op.getLength();
  auto sliceOf = [&](Value stack) {
    auto type = cast<RankedTensorType>(stack.getType());
    return slice(place(stack), type.getDimSize(0) ? bytesOf(type) / type.getDimSize(0) : 0, op, loops);
  };
  PlanCommand c;
  c.kind = TENON_COMMAND_LOOP, c.bytes = length, c.locations = linesOf(op.getLoc());
  std::vector<PlanArgument> results;
  for (size_t i = 0; i < n; ++i) {
    PlanCarry carry = placeCarry(op, i);
    body.places[body.f.getArgument(i)] = carry.from;
    results.push_back(carry.to);
    if (!(carry.from == carry.to)) c.carries.push_back(carry);
    PlanArgument first = carry.from;
    first.strides.resize(std::min(loops, first.strides.size()));
    copy(first, place(op.getInits()[i]), op.getInits()[i], out.commands);
  }
  for (size_t i = 0; i < m; ++i) body.places[body.f.getArgument(n + i)] = sliceOf(op.getXs()[i]);
  for (size_t i = 0; i < op.getCaptured().size(); ++i) body.places[body.f.getArgument(n + m + i)] = place(op.getCaptured()[i]);
  for (Value v : op->getResults().drop_front(n)) results.push_back(sliceOf(v));
  if (length == 0) return llvm::Error::success();
  if (auto e = body.fill(results)) return e;
  if (int64_t flag = op.getFlag(); flag >= 0) {
    c.arguments = {results[flag]};
    c.arguments[0].bytes = 1;
  }

  // Carries that exchange their places: two passes are one of a loop over half as many, and one after it if they are odd.
  c.turns = llvm::any_of(c.carries, [](const PlanCarry &carry) { return carry.turns; }) ? 2 : 1;
  int64_t base = allocate(body.out.arena, op.getLevel(), op.getLevel()), rest = length % c.turns;
  auto exchanged = [&](PlanArgument &a) {
    for (const PlanCarry &carry : c.carries)
      for (auto [from, to] : {std::pair(carry.from, carry.to), std::pair(carry.to, carry.from)})
        if (carry.turns && a.space == from.space && a.index == from.index && a.owner == from.owner && a.offset >= from.offset && a.offset < from.offset + carry.bytes) {
          a.space = to.space, a.index = to.index, a.owner = to.owner, a.offset += to.offset - from.offset;
          a.strides.resize(std::max(a.strides.size(), loops));
          for (size_t i = 0; i < loops; ++i) a.strides[i] += to.stride(i) - from.stride(i); // a place of its own in each pass of the loops around
          return;
        }
  };
  auto twice = [&](PlanArgument &a, int64_t turn) {
    if (int64_t stride = a.stride(loops)) a.offset += turn * stride, a.strides[loops] = c.turns * stride;
  };
  auto emit = [&](PlanCommand loop, int64_t passes, int turns, auto change) {
    if (passes == 0) return;
    loop.bytes = passes, loop.turns = turns, loop.count = turns * body.out.commands.size();
    for (PlanCarry &carry : loop.carries) change(carry.from, 0), change(carry.to, 0);
    out.commands.push_back(loop);
    for (int turn = 0; turn < turns; ++turn)
      add(body, base, [&](PlanArgument &a) {
        if (turn) exchanged(a);
        change(a, turn);
      });
  };
  emit(c, length / c.turns, c.turns, twice);
  emit(c, rest, 1, [&](PlanArgument &a, int64_t) { a.offset += (length - 1) * a.stride(loops); });
  for (size_t i = 0; i < n; ++i)
    if (auto it = trails.find({op, i}); it != trails.end())
      copy(place(op->getResult(i)), op.getReverse() ? it->second : shifted(it->second, bytesOf(op->getResult(i).getType()) * length), op->getResult(i), out.commands);
  return llvm::Error::success();
}

llvm::Error FunctionPlanner::planBranch(kernel::BranchOp op) {
  std::vector<PlanArgument> results;
  for (Value v : op->getResults()) results.push_back(place(v));
  PlanCommand c;
  c.kind = TENON_COMMAND_BRANCH, c.arguments = {place(op.getPredicate())}, c.locations = linesOf(op.getLoc());
  c.arguments[0].bytes = 1;
  size_t at = out.commands.size();
  out.commands.push_back(c);
  for (FlatSymbolRefAttr name : {op.getThenAttr(), op.getOtherwiseAttr()}) {
    FunctionPlanner body = child(name, 0);
    for (auto [arg, v] : llvm::zip(body.f.getArguments(), op.getCaptured())) body.places[arg] = place(v);
    if (auto e = body.fill(results)) return e;
    (name == op.getThenAttr() ? out.commands[at].count : out.commands[at].others) = body.out.commands.size();
    add(body, allocate(body.out.arena, op.getLevel(), op.getLevel()), [](PlanArgument &) {});
  }
  return llvm::Error::success();
}

} // namespace tenon::compiler
