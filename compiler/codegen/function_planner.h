// The plan of one function, or of the body of a loop or branch: where its tensors live, and its commands.
#pragma once
#include "compiler/codegen/plan.h"

namespace tenon::compiler {

/// The number of a kernel in the plan's table: the one of the first of equal text.
unsigned kernelNumber(Plan &plan, llvm::StringMap<unsigned> &known, ir::kernel::GridOp grid);

struct FunctionPlanner {
  Plan &plan;
  Emit emit;
  llvm::StringMap<unsigned> &kernelOf;
  llvm::StringMap<unsigned> &stateOf;
  mlir::func::FuncOp f;
  int depth = 0;      ///< how deep in loops and branches: the arena's owner
  size_t loops = 0;   ///< loops around it
  PlanFunction out;
  llvm::DenseMap<mlir::Value, PlanArgument> places;
  llvm::DenseMap<std::pair<mlir::Operation *, size_t>, PlanArgument> trails; ///< of a loop's carry: the first place of its trail
  struct Block { int64_t at, size, from, to; };
  std::vector<Block> arena;
  static constexpr int64_t forever = 1 << 30;

  FunctionPlanner(Plan &plan, Emit emit, llvm::StringMap<unsigned> &kernelOf, llvm::StringMap<unsigned> &stateOf, mlir::func::FuncOp f)
      : plan(plan), emit(emit), kernelOf(kernelOf), stateOf(stateOf), f(f) {}

  llvm::Expected<PlanFunction> run();

private:
  // function_planner.cpp
  static std::optional<int64_t> levelOf(mlir::Operation *op);
  static mlir::Value underViews(mlir::Value v);
  int64_t allocate(int64_t bytes, int64_t from, int64_t to);
  int64_t lastUse(mlir::Value v);
  PlanArgument inArena(int64_t bytes, int64_t from, int64_t to);
  PlanArgument place(mlir::Value v);
  void copy(PlanArgument to, PlanArgument from, mlir::Value v, std::vector<PlanCommand> &commands);
  llvm::Error checkReaders(mlir::Value old, ir::kernel::GridOp writer);
  llvm::Error fill(llvm::ArrayRef<PlanArgument> results);
  void call(ir::kernel::GridOp grid);

  // plan_loops.cpp
  mlir::func::FuncOp bodyOf(mlir::FlatSymbolRefAttr name);
  FunctionPlanner child(mlir::FlatSymbolRefAttr name, size_t moreLoops);
  void placeTrails(ir::kernel::LoopOp op);
  PlanCarry placeCarry(ir::kernel::LoopOp op, size_t i);
  void add(const FunctionPlanner &body, int64_t base, llvm::function_ref<void(PlanArgument &)> change);
  llvm::Error planLoop(ir::kernel::LoopOp op);
  llvm::Error planBranch(ir::kernel::BranchOp op);
};

} // namespace tenon::compiler
