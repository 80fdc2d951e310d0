// Places tensors (inputs, outputs, state, constants, the arena by liveness) and lists the commands of each function.
#include "compiler/codegen/plan.h"
#include "compiler/dialect/prim/Prim.h"

using namespace mlir;
namespace tenon::compiler {

namespace kernel = tenon::ir::kernel;
namespace prim = tenon::ir::prim;

int64_t bytesOf(Type type) {
  auto t = cast<RankedTensorType>(type);
  return t.getNumElements() * std::max(8u, t.getElementTypeBitWidth()) / 8;
}

std::string linesOf(Location loc) {
  std::string out;
  loc->walk([&](Location l) {
    if (auto f = dyn_cast<FileLineColLoc>(l)) {
      std::string line = (f.getFilename().getValue() + ":" + Twine(f.getLine())).str();
      if (out.size() < 2000 && (";" + out + ";").find(";" + line + ";") == std::string::npos) out += (out.empty() ? "" : ";") + line;
    }
    return WalkResult::advance();
  });
  return out;
}

namespace {

/// What a kernel computes, in a few words.
std::string describe(kernel::GridOp grid) {
  std::string out;
  llvm::raw_string_ostream os(out);
  int n = 0;
  for (auto op : grid.getBody().front().getOps<linalg::GenericOp>()) {
    if (++n > 6) continue;
    os << (n > 1 ? " + " : "") << (op.getNumReductionLoops() ? op.getNumDpsInputs() > 1 ? "contract" : "reduce" : "map");
    os << "[";
    llvm::interleave(op.getStaticLoopRanges(), os, "x");
    os << "]";
  }
  for (auto op : grid.getBody().front().getOps<ir::PiecewiseOpInterface>()) os << op->getName().stripDialect() << "[" << op.getPieces() << "]";
  if (n > 6) os << " + " << n - 6 << " more";
  return out;
}

/// The kernel's text without names and places.
std::string textOf(kernel::GridOp grid) {
  std::string out;
  llvm::raw_string_ostream os(out);
  AsmState state(grid, OpPrintingFlags().useLocalScope());
  os << grid.getExtent() << "," << grid.getBlock() << ",";
  llvm::interleave(grid.getInPlace(), os, ",");
  for (Value v : grid.getInputs()) os << v.getType();
  for (Operation &op : grid.getBody().front()) op.print(os, state), os << "\n";
  return out;
}

/// The level of a kernel, a loop or a branch; none for what takes no time.
std::optional<int64_t> levelOf(Operation *op) {
  if (op && (isa<kernel::GridOp>(op) || kernel::isControl(op))) return cast<IntegerAttr>(op->getAttr("level")).getInt();
  return std::nullopt;
}

Value underViews(Value v) {
  while (Operation *view = v.getDefiningOp()) {
    if (isa<kernel::GridOp>(view) || kernel::isControl(view) || view->getNumOperands() != 1) break;
    v = view->getOperand(0);
  }
  return v;
}

struct FunctionPlanner {
  Plan &plan;
  WorkspaceSizes workspaces;
  llvm::StringMap<unsigned> &kernelOf;
  llvm::StringMap<unsigned> &stateOf;
  func::FuncOp f;
  int depth = 0;      ///< how deep in loops and branches: the arena's owner
  size_t loops = 0;   ///< loops around it
  PlanFunction out;
  DenseMap<Value, PlanArgument> places;
  struct Block { int64_t at, size, from, to; };
  std::vector<Block> arena;
  static constexpr int64_t forever = 1 << 30;

  FunctionPlanner(Plan &plan, WorkspaceSizes workspaces, llvm::StringMap<unsigned> &kernelOf, llvm::StringMap<unsigned> &stateOf, func::FuncOp f)
      : plan(plan), workspaces(workspaces), kernelOf(kernelOf), stateOf(stateOf), f(f) {}

  int64_t allocate(int64_t bytes, int64_t from, int64_t to) {
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
  int64_t lastUse(Value v) {
    int64_t last = -1;
    for (Operation *user : v.getUsers()) {
      if (auto level = levelOf(user)) last = std::max(last, *level);
      else if (isa<func::ReturnOp>(user)) last = forever;
      else if (user->getNumResults() == 1) last = std::max(last, lastUse(user->getResult(0)));
    }
    return last;
  }

  PlanArgument inArena(int64_t bytes, int64_t from, int64_t to) {
    PlanArgument a;
    a.offset = allocate(bytes, from, to), a.owner = depth;
    return a;
  }

  PlanArgument place(Value v) {
    v = underViews(v);
    if (auto it = places.find(v); it != places.end()) return it->second;
    if (v.getDefiningOp<tensor::EmptyOp>()) return {}; // only a shape
    DenseElementsAttr elements;
    if (!matchPattern(v, m_Constant(&elements))) llvm::report_fatal_error("a tensor without a place");
    plan.constants.push_back(elements);
    return places[v] = {TENON_SPACE_CONSTANT, (int)plan.constants.size() - 1, 0};
  }

  void copy(PlanArgument to, PlanArgument from, Value v, std::vector<PlanCommand> &commands) {
    if (to == from || bytesOf(v.getType()) == 0) return;
    PlanCommand c;
    c.kind = TENON_COMMAND_COPY, c.arguments = {to, from}, c.bytes = bytesOf(v.getType());
    for (PlanArgument &a : c.arguments) a.bytes = c.bytes;
    c.arguments[0].writes = true;
    commands.push_back(c);
  }

  /// Old state is read before it is overwritten: by kernels of earlier levels, or by the writer itself.
  llvm::Error checkReaders(Value old, kernel::GridOp writer) {
    for (Operation *user : old.getUsers()) {
      auto reader = levelOf(user);
      if (reader && user != writer && *reader >= (int64_t)writer.getLevel())
        return llvm::createStringError("a kernel of level " + std::to_string(*reader) + " reads state that level " + std::to_string(writer.getLevel()) + " overwrites (" + linesOf(writer.getLoc()) + ")");
      if (!reader && user->getNumResults() == 1)
        if (auto e = checkReaders(user->getResult(0), writer)) return e;
    }
    return llvm::Error::success();
  }

  llvm::Expected<PlanFunction> run() {
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
  llvm::Error fill(ArrayRef<PlanArgument> results) {
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
    for (Operation *op : steps)
      for (Value r : op->getResults())
        if (!places.count(r)) places[r] = inArena(bytesOf(r.getType()), *levelOf(op), std::max(lastUse(r), *levelOf(op)));

    llvm::SmallDenseSet<Value> updated; // arguments that the function overwrites
    for (unsigned i = 0; i < ret.getNumOperands(); ++i)
      if (auto a = f.getResultAttrOfType<IntegerAttr>(i, "tenon.updates")) updated.insert(f.getArgument(a.getInt()));
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

  /// Adds the commands of a body, its arena a part of this one.
  llvm::Error add(FunctionPlanner &body, int64_t level) {
    int64_t base = allocate(body.out.arena, level, level);
    auto moved = [&](std::vector<PlanArgument> &arguments) {
      for (PlanArgument &a : arguments)
        if (a.space == TENON_SPACE_ARENA && a.owner == body.depth) a.offset += base, a.owner = depth;
    };
    for (PlanCall &c : body.out.calls) moved(c.arguments);
    for (PlanCommand &c : body.out.commands) {
      moved(c.arguments);
      if (c.kind == TENON_COMMAND_LAUNCH) c.first += out.calls.size();
    }
    llvm::append_range(out.calls, body.out.calls);
    llvm::append_range(out.commands, body.out.commands);
    return llvm::Error::success();
  }

  FunctionPlanner child(FlatSymbolRefAttr name, size_t moreLoops) {
    FunctionPlanner planner(plan, workspaces, kernelOf, stateOf, bodyOf(name));
    planner.depth = depth + 1, planner.loops = loops + moreLoops;
    return planner;
  }

  func::FuncOp bodyOf(FlatSymbolRefAttr name) { return SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(f, name); }

  llvm::Error planLoop(kernel::LoopOp op) {
    FunctionPlanner body = child(op.getBodyAttr(), 1);
    size_t n = op.getInits().size(), m = op.getXs().size();
    int64_t length = op.getLength();
    // Slices move through their stacks.
    auto slice = [&](PlanArgument a, Type stack) {
      auto type = cast<RankedTensorType>(stack);
      int64_t bytes = type.getDimSize(0) ? bytesOf(type) / type.getDimSize(0) : 0;
      a.strides.resize(loops), a.strides.push_back(op.getReverse() ? -bytes : bytes);
      if (op.getReverse()) a.offset += bytes * std::max<int64_t>(length - 1, 0);
      return a;
    };
    std::vector<PlanArgument> results;
    for (size_t i = 0; i < n; ++i) {
      PlanArgument carry = place(op->getResult(i));
      body.places[body.f.getArgument(i)] = carry;
      results.push_back(carry);
      copy(carry, place(op.getInits()[i]), op.getInits()[i], out.commands);
    }
    for (size_t i = 0; i < m; ++i) body.places[body.f.getArgument(n + i)] = slice(place(op.getXs()[i]), op.getXs()[i].getType());
    for (size_t i = 0; i < op.getCaptured().size(); ++i) body.places[body.f.getArgument(n + m + i)] = place(op.getCaptured()[i]);
    for (Value v : op->getResults().drop_front(n)) results.push_back(slice(place(v), v.getType()));
    if (length == 0) return llvm::Error::success();
    if (auto e = body.fill(results)) return e;
    PlanCommand c;
    c.kind = TENON_COMMAND_LOOP, c.bytes = length, c.count = body.out.commands.size(), c.locations = linesOf(op.getLoc());
    if (int64_t flag = op.getFlag(); flag >= 0) c.arguments = {flagAt(results[flag])};
    out.commands.push_back(c);
    return add(body, op.getLevel());
  }
  static PlanArgument flagAt(PlanArgument a) {
    a.bytes = 1;
    return a;
  }

  llvm::Error planBranch(kernel::BranchOp op) {
    std::vector<PlanArgument> results;
    for (Value v : op->getResults()) results.push_back(place(v));
    PlanCommand c;
    c.kind = TENON_COMMAND_BRANCH, c.arguments = {flagAt(place(op.getPredicate()))}, c.locations = linesOf(op.getLoc());
    size_t at = out.commands.size();
    out.commands.push_back(c);
    for (FlatSymbolRefAttr name : {op.getThenAttr(), op.getOtherwiseAttr()}) {
      FunctionPlanner body = child(name, 0);
      for (auto [arg, v] : llvm::zip(body.f.getArguments(), op.getCaptured())) body.places[arg] = place(v);
      if (auto e = body.fill(results)) return e;
      (name == op.getThenAttr() ? out.commands[at].count : out.commands[at].others) = body.out.commands.size();
      if (auto e = add(body, op.getLevel())) return e;
    }
    return llvm::Error::success();
  }

  void call(kernel::GridOp grid) {
    auto [it, isNew] = kernelOf.try_emplace(textOf(grid), plan.kernels.size());
    if (isNew) plan.kernels.push_back({"k" + std::to_string(plan.kernels.size()), describe(grid), linesOf(grid.getLoc()), grid});
    PlanCall c;
    c.kernel = it->second, c.blocks = grid.getBlocks(), c.locations = linesOf(grid.getLoc());
    if (auto work = grid->getAttrOfType<IntegerAttr>("work")) c.work = work.getInt();
    auto add = [&](PlanArgument a, int64_t bytes, bool writes) {
      a.bytes = bytes, a.writes = writes;
      c.arguments.push_back(a);
    };
    for (auto [i, v] : llvm::enumerate(grid.getInputs())) add(place(v), v.getDefiningOp<tensor::EmptyOp>() ? 0 : bytesOf(v.getType()), llvm::is_contained(grid.getInPlace(), (int64_t)i));
    for (auto [r, operand] : llvm::zip(grid.getResults(), grid.getInPlace()))
      if (operand < 0) add(place(r), bytesOf(r.getType()), true);
    for (int64_t bytes : workspaces(plan.kernels[c.kernel])) add(inArena(bytes, grid.getLevel(), grid.getLevel()), bytes, true);
    out.calls.push_back(c);
  }
};

} // namespace

llvm::Expected<Plan> makePlan(ModuleOp module, WorkspaceSizes workspaces) {
  Plan plan;
  llvm::StringMap<unsigned> kernels, states;
  for (auto s : module.getOps<prim::StateOp>()) {
    states[s.getSymName()] = plan.states.size();
    PlanState state;
    state.tensor = {s.getSymName().str(), cast<RankedTensorType>(s.getType())};
    if (s.getInitial()) state.initial = dyn_cast<DenseElementsAttr>(*s.getInitial());
    plan.states.push_back(state);
  }
  for (auto s : module.getOps<prim::StateOp>())
    if (s.getAlias()) {
      StringRef owner = *s.getAlias();
      for (auto t = module.lookupSymbol<prim::StateOp>(owner); t && t.getAlias(); t = module.lookupSymbol<prim::StateOp>(owner)) owner = *t.getAlias();
      plan.states[states[s.getSymName()]].alias = states.lookup(owner);
    }
  for (auto f : module.getOps<func::FuncOp>()) {
    if (f->hasAttr("tenon.body")) continue; // part of the functions that loop over it
    if (auto planned = FunctionPlanner(plan, workspaces, kernels, states, f).run()) plan.functions.push_back(std::move(*planned));
    else return planned.takeError();
  }
  if (auto e = verifyPlan(plan)) return std::move(e);
  return plan;
}

} // namespace tenon::compiler
