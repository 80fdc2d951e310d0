// Phases of a kernel on a GPU: ops that one thread (or a team of threads) computes together for an element, values between them in registers.
#pragma once
#include "compiler/codegen/in_order.h"
#include "compiler/lower/grouping.h"
#include <vector>

namespace tenon::compiler::cuda {

/// What the loops of a contraction are: of the first operand, of the second, of both, and summed.
struct Roles {
  llvm::SmallVector<unsigned> m, n, batch, k; ///< in each the loop whose elements are neighbours in memory is the last
};
/// None where op is no sum of products of an element of each operand, or has loops of no operand. What is computed of an element before its product is computed when it
/// comes to shared memory: beyond its edges a tile holds zeros.
std::optional<Roles> rolesOf(mlir::linalg::GenericOp op);
/// The two factors of such an op, by operand.
std::optional<std::array<mlir::Value, 2>> factorsOf(mlir::linalg::GenericOp op);
/// Whether such an op sums products of halves in f32, as tensor cores do.
bool sumsHalves(mlir::linalg::GenericOp op);

/// The parallel loops of an op in the order of its result's dimensions; -1 where a dimension has size 1 and no loop.
llvm::SmallVector<int> space(mlir::linalg::GenericOp op);

/// The part of a contraction's result that a block computes at a time, operands in shared memory.
struct Tile {
  int64_t rows = 0, columns = 0; ///< 0: none
  bool tensorCores = false;      ///< operands are halves, multiplied by tensor cores
};

struct Nest {
  llvm::SmallVector<mlir::linalg::GenericOp> ops;
  llvm::SmallVector<int64_t> extents; ///< of its dimensions, whole
  int cut = -1;                       ///< the dimension that the grid cuts
  int64_t elements = 1;               ///< of a whole block
  int64_t team = 1;                   ///< threads that share the sums of an element
  Tile tile;                          ///< of its first op
  int64_t parts = 1;                  ///< blocks that share the elements of a block of the grid
};

/// The nests of a kernel, in an order that computes before it reads and reads old state before it is overwritten.
std::vector<Nest> formNests(tenon::ir::kernel::GridOp grid, int64_t threads);
/// How the partial results of a reduction become one; none where that is not known.
std::optional<mlir::vector::CombiningKind> combiner(mlir::linalg::GenericOp op);
/// Whether op reads `in` just where it writes its own result.
bool readsOwnElement(mlir::linalg::GenericOp op, mlir::OpOperand &in);

} // namespace tenon::compiler::cuda
