// The plan of a module: its state, its functions, and each distinct kernel once.
#include "compiler/codegen/function_planner.h"
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

} // namespace

unsigned kernelNumber(Plan &plan, llvm::StringMap<unsigned> &known, kernel::GridOp grid) {
  auto [it, isNew] = known.try_emplace(textOf(grid), plan.kernels.size());
  if (isNew) plan.kernels.push_back({"k" + std::to_string(plan.kernels.size()), describe(grid), linesOf(grid.getLoc()), grid});
  return it->second;
}

llvm::Expected<Plan> makePlan(ModuleOp module, Emit emit) {
  Plan plan;
  llvm::StringMap<unsigned> kernels, states;
  for (auto s : module.getOps<prim::StateOp>()) {
    states[s.getSymName()] = plan.states.size();
    PlanState state;
    state.tensor = {s.getSymName().str(), cast<RankedTensorType>(s.getType())};
    if (s.getInitial()) state.initial = *s.getInitial();
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
    if (auto planned = FunctionPlanner(plan, emit, kernels, states, f).run()) plan.functions.push_back(std::move(*planned));
    else return planned.takeError();
  }
  if (auto e = verifyPlan(plan)) return std::move(e);
  return plan;
}

} // namespace tenon::compiler
