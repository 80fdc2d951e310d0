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

Value underViews(Value v) {
  while (Operation *view = v.getDefiningOp()) {
    if (isa<kernel::GridOp>(view) || view->getNumOperands() != 1) break;
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
      if (auto grid = dyn_cast<kernel::GridOp>(user)) last = std::max<int64_t>(last, grid.getLevel());
      else if (isa<func::ReturnOp>(user)) last = forever;
      else if (user->getNumResults() == 1) last = std::max(last, lastUse(user->getResult(0)));
    }
    return last;
  }

  PlanArgument place(Value v) {
    v = underViews(v);
    if (auto it = places.find(v); it != places.end()) return it->second;
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
      auto reader = dyn_cast<kernel::GridOp>(user);
      if (reader && reader != writer && reader.getLevel() >= writer.getLevel())
        return llvm::createStringError("a kernel of level " + std::to_string(reader.getLevel()) + " reads state that level " + std::to_string(writer.getLevel()) + " overwrites (" + linesOf(writer.getLoc()) + ")");
      if (!reader && user->getNumResults() == 1)
        if (auto e = checkReaders(user->getResult(0), writer)) return e;
    }
    return llvm::Error::success();
  }

  llvm::Expected<PlanFunction> run() {
    auto exported = f->getAttrOfType<StringAttr>("tenon.function");
    out.name = (exported ? exported.getValue() : f.getName()).str();
    auto nameOf = [](Attribute a, StringRef kind, unsigned i) { return a ? cast<StringAttr>(a).str() : (kind + Twine(i)).str(); };
    llvm::SmallDenseSet<int> updated; // states overwritten in place
    for (auto [i, a] : llvm::enumerate(f.getArguments())) {
      if (auto s = f.getArgAttrOfType<FlatSymbolRefAttr>(i, "tenon.state")) places[a] = {TENON_SPACE_STATE, (int)stateOf.lookup(s.getValue()), 0};
      else {
        places[a] = {TENON_SPACE_INPUT, (int)out.inputs.size(), 0};
        out.inputs.push_back({nameOf(f.getArgAttr(i, "tenon.name"), "input", out.inputs.size()), cast<RankedTensorType>(a.getType())});
      }
    }
    auto ret = cast<func::ReturnOp>(f.getBody().front().getTerminator());
    SmallVector<kernel::GridOp> grids(f.getBody().front().getOps<kernel::GridOp>());
    // In place first, then outputs in their own buffers, the rest in the arena.
    for (auto grid : grids)
      for (auto [r, operand] : llvm::zip(grid.getResults(), grid.getInPlace()))
        if (operand >= 0) {
          Value old = underViews(grid.getInputs()[operand]);
          if (auto e = checkReaders(old, grid)) return std::move(e);
          places[r] = places[old];
        }
    unsigned outputs = 0;
    for (auto [i, v] : llvm::enumerate(ret.getOperands())) {
      if (f.getResultAttr(i, "tenon.updates") || f.getResultAttr(i, "tenon.check")) continue;
      out.outputs.push_back({nameOf(f.getResultAttr(i, "tenon.name"), "output", outputs), cast<RankedTensorType>(v.getType())});
      Value under = underViews(v);
      if (under.getDefiningOp<kernel::GridOp>()) places.try_emplace(under, PlanArgument{TENON_SPACE_OUTPUT, (int)outputs, 0});
      ++outputs;
    }
    for (auto grid : grids)
      for (Value r : grid.getResults())
        if (!places.count(r)) places[r] = {TENON_SPACE_ARENA, 0, allocate(bytesOf(r.getType()), grid.getLevel(), std::max<int64_t>(lastUse(r), grid.getLevel()))};

    std::vector<PlanCommand> before, after;
    std::map<int64_t, std::vector<PlanCommand>> checks; // by level, -1: before all
    outputs = 0;
    for (auto [i, v] : llvm::enumerate(ret.getOperands())) {
      Value under = underViews(v);
      auto grid = under.getDefiningOp<kernel::GridOp>();
      PlanArgument from = place(v);
      if (auto message = f.getResultAttrOfType<StringAttr>(i, "tenon.check")) {
        PlanCommand c;
        c.kind = TENON_COMMAND_CHECK, c.arguments = {from}, c.bytes = bytesOf(v.getType()), c.message = message.str();
        if (auto loc = f.getResultAttrOfType<LocationAttr>(i, "tenon.loc")) c.locations = linesOf(loc);
        checks[grid ? (int64_t)grid.getLevel() : -1].push_back(c);
        continue;
      }
      auto updates = f.getResultAttrOfType<IntegerAttr>(i, "tenon.updates");
      PlanArgument to = updates ? places[f.getArgument(updates.getInt())] : PlanArgument{TENON_SPACE_OUTPUT, (int)outputs++, 0};
      if (!grid && from.space == TENON_SPACE_STATE) { // the old value of state: taken before anything writes
        if (!updates) { copy(to, from, v, before); continue; }
        PlanArgument kept{TENON_SPACE_ARENA, 0, allocate(bytesOf(v.getType()), -1, forever)};
        copy(kept, from, v, before);
        from = kept;
      }
      copy(to, from, v, after);
    }

    out.commands = before;
    auto check = [&](int64_t level) { llvm::append_range(out.commands, checks[level]); };
    check(-1);
    for (size_t i = 0; i < grids.size();) {
      PlanCommand launch;
      launch.first = out.calls.size();
      int64_t level = grids[i].getLevel();
      for (; i < grids.size() && (int64_t)grids[i].getLevel() == level; ++i) call(grids[i]);
      launch.count = out.calls.size() - launch.first;
      out.commands.push_back(launch);
      check(level);
    }
    llvm::append_range(out.commands, after);
    return std::move(out);
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
    for (auto [i, v] : llvm::enumerate(grid.getInputs())) add(place(v), bytesOf(v.getType()), llvm::is_contained(grid.getInPlace(), (int64_t)i));
    for (auto [r, operand] : llvm::zip(grid.getResults(), grid.getInPlace()))
      if (operand < 0) add(place(r), bytesOf(r.getType()), true);
    for (int64_t bytes : workspaces(plan.kernels[c.kernel])) add({TENON_SPACE_ARENA, 0, allocate(bytes, grid.getLevel(), grid.getLevel())}, bytes, true);
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
  for (auto f : module.getOps<func::FuncOp>())
    if (auto planned = FunctionPlanner(plan, workspaces, kernels, states, f).run()) plan.functions.push_back(std::move(*planned));
    else return planned.takeError();
  if (auto e = verifyPlan(plan)) return std::move(e);
  return plan;
}

} // namespace tenon::compiler
