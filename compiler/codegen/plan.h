// The plan as data: what runtime/abi.h describes, before it is written into an artifact.
#pragma once
#include "compiler/dialect/kernel/Kernel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/Error.h"
#include "runtime/abi.h"
#include <string>
#include <vector>

namespace tenon::compiler {

struct PlanTensor {
  std::string name;
  mlir::RankedTensorType type;
};

struct PlanState {
  PlanTensor tensor;
  int alias = -1;
  mlir::ElementsAttr initial;
};

struct PlanArgument {
  int space = TENON_SPACE_ARENA, index = 0;
  int64_t offset = 0;
  int64_t bytes = 0;   ///< for the verifier
  bool writes = false; ///< for the verifier
  bool reads = true;   ///< for the traffic
  std::vector<int64_t> strides; ///< by which it moves after each pass of the loops around its command, the outermost first; missing: 0
  int owner = 0;                ///< the depth of the function in whose arena it is, while a body's arena has no place yet
  int64_t stride(size_t loop) const { return loop < strides.size() ? strides[loop] : 0; }
  bool operator==(const PlanArgument &o) const { return space == o.space && index == o.index && offset == o.offset && owner == o.owner && strides == o.strides; } // offsets of two arenas may agree by chance
};

struct PlanCall {
  unsigned kernel = 0;
  std::vector<PlanArgument> arguments;
  int64_t blocks = 1, work = 0;
  std::string locations;
};

/// A loop's carry that changes its place: a pass finds it in `from` and leaves the next in `to`.
struct PlanCarry {
  PlanArgument from, to;
  int64_t bytes = 0;
  bool turns = false; ///< the next pass finds it in `to` and leaves it in `from`; else both move
};

struct PlanCommand {
  int kind = TENON_COMMAND_LAUNCH;
  unsigned first = 0, count = 0;        ///< LAUNCH: calls; LOOP, BRANCH: `count` commands after it
  unsigned others = 0;                  ///< BRANCH: the commands after those
  std::vector<PlanArgument> arguments;  ///< others: destination, source; or the flags of a CHECK, of a LOOP (if any), of a BRANCH
  int64_t bytes = 0;                    ///< LOOP: how many passes, at most
  std::vector<PlanCarry> carries;       ///< LOOP
  int turns = 1;                        ///< LOOP: its commands are those of so many passes, one after the other
  std::string message, locations;
};

struct PlanFunction {
  std::string name;
  std::vector<PlanTensor> inputs, outputs;
  std::vector<PlanCall> calls;
  std::vector<PlanCommand> commands;
  int64_t arena = 0;
};

/// A kernel inside of another: so many of the launch's blocks are its own.
struct PlanPart {
  std::string kernel;
  int64_t blocks;
};

/// A distinct kernel: what it computes in words, and one grid to emit it from; or kernels side by side, whose arguments follow each other.
struct PlanKernel {
  std::string name, source, locations;
  tenon::ir::kernel::GridOp grid;
  std::vector<PlanPart> parts;
};

struct Plan {
  std::vector<PlanState> states;
  std::vector<PlanFunction> functions;
  std::vector<PlanKernel> kernels;
  std::vector<PlanKernel> parts; ///< kernels that are launched inside of others only
  std::vector<mlir::DenseElementsAttr> constants;

  /// Readable, for --emit=plan and tests.
  void print(llvm::raw_ostream &os) const;
  /// For --emit=traffic: bytes that each function's commands read and write, and the least that such a step must: inputs, outputs and state once, and what is kept where
  /// most is kept, written and read. A tensor counts whole for each kernel that has it as an argument, however often or how little of it that reads.
  void printTraffic(llvm::raw_ostream &os) const;
};

/// What emission adds to a kernel.
struct Emission {
  std::vector<int64_t> workspaces; ///< bytes of each, in the order of the kernel's arguments
  int64_t parts = 1;               ///< blocks of a launch for each block of its grid
  int64_t sums = 0;                ///< a thread holds so many in registers: more of them than others need
};
using Emit = llvm::function_ref<Emission(const PlanKernel &)>;

/// What must hold of every plan, by construction and checked all the same: calls of one launch do not touch what another
/// writes, arguments of one call do not meet where one is written, no state is written before the last check, offsets stay inside the arena.
llvm::Error verifyPlan(const Plan &plan);

/// Places every tensor of a module in the kernels stage and reduces its functions to commands. The order of a call's
/// arguments is the kernel's: operands, results that are not in place, workspaces.
llvm::Expected<Plan> makePlan(mlir::ModuleOp module, Emit emit);

/// Makes the kernels of each launch one, where none of them loses by it; `emissions` by their numbers.
llvm::Error joinLaunches(Plan &plan, llvm::ArrayRef<Emission> emissions);

/// Bytes of a tensor in memory (flags are bytes).
int64_t bytesOf(mlir::Type tensor);
/// The user's lines under a location: "train.cpp:12;train.cpp:13".
std::string linesOf(mlir::Location loc);

} // namespace tenon::compiler
