// The passes from the prim stage to the kernels stage, in the order in which pipeline/ runs them.
#pragma once
#include "mlir/Pass/Pass.h"
#include <memory>

namespace tenon::compiler {

/// What the kernels stage must know of the machine: vectors, register tiles, how a grid is cut.
struct TileTable {
  int64_t lanes = 8;       ///< elements of a vector of f32
  int64_t rows = 6;        ///< rows of a contraction's register tile
  int64_t vectors = 2;     ///< vectors of a row of that tile
  int64_t wholeRow = 64;   ///< rows up to this length stay in registers through a reduction along them
  int64_t blocks = 4;      ///< blocks that a grid is cut into, at least
  int64_t threads = 0;     ///< that compute a block together, on a GPU; 0: a core does
};

/// Checks inside loops and branches become checks after them.
std::unique_ptr<mlir::Pass> createLiftChecksPass();
/// State reads become arguments (`tenon.state`), writes and checks become results (`tenon.updates`, `tenon.check`).
std::unique_ptr<mlir::Pass> createStateToArgumentsPass();
/// Every op that is one loop nest becomes a linalg.generic; bf16 and f16 are computed in f32 and rounded once.
std::unique_ptr<mlir::Pass> createLowerToLinalgPass();
/// Ops that do not depend on the step before leave loops, for one op over all steps.
std::unique_ptr<mlir::Pass> createHoistFromLoopsPass();
/// Chains of pointwise ops become one generic, and pointwise ops join the reduction that reads each element once.
std::unique_ptr<mlir::Pass> createFusePointwisePass();
/// Loops and branches become calls of private functions, their bodies.
std::unique_ptr<mlir::Pass> createOutlineLoopsPass();
/// Pointwise values that another kernel reads are computed again there, where that is cheaper than memory. Copies wait to be fused into their readers.
std::unique_ptr<mlir::Pass> createRecomputePass(TileTable table = {});
/// Long reductions into few elements become two: of parts, then of the parts' results; on GPUs also contractions that have few tiles.
std::unique_ptr<mlir::Pass> createSplitReductionsPass(const TileTable &table = {});
/// Tensors around convolutions have channels last in memory.
std::unique_ptr<mlir::Pass> createChooseLayoutsPass();
/// Groups generics into kernels: grids over one axis, in levels.
std::unique_ptr<mlir::Pass> createFormKernelsPass(TileTable table = {}, bool remarks = false);

void registerLowerPasses();

} // namespace tenon::compiler
