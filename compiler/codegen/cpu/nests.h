// Register-tile nests: the ops of a kernel that are computed together on one tile, values between them in registers.
#pragma once
#include "compiler/codegen/in_order.h"
#include "compiler/lower/grouping.h"
#include <vector>

namespace tenon::compiler::cpu {

/// What a loop of an op is in its nest:
///   M rows of the tile      N lanes of the tile (a reduction along N stays in registers)
///   K a reduction, one index at a time      V a reduction, a vector at a time
///   Outer + i: loop number i around the tiles, one index at a time      Flat: counted by the loop whose axis comes after it in all memory
enum Role : int { M, N, K, V, None, Flat, Outer = 8 };

struct Nest {
  llvm::SmallVector<mlir::linalg::GenericOp> ops;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<int>> roles;
  int64_t m = 0, n = 0;               ///< extents inside a block; 0: no such axis
  llvm::SmallVector<int64_t> outer;   ///< extents of the loops around
  bool contracts = false;             ///< some op has loops of its own (K or V)
  bool vectorReduces = false;
  bool wholeRow = false;              ///< some op needs all of N in one tile
  bool flat = false;                  ///< some loops are Flat: memory is one axis
  llvm::SmallVector<int> order;       ///< where `apart`: roles of the loops, outermost first
  bool apart = false;                 ///< no sums, and in memory that some op reads or writes the lanes lie apart
};

/// The nests of a kernel for blocks of `block` indices, in an order that computes before it reads and reads old state before it is overwritten.
std::vector<Nest> formNests(tenon::ir::kernel::GridOp grid, int64_t block, const TileTable &table);

/// Merges loops of a pointwise nest; `cut`: the kernel has several blocks, so that its axis stays as it is.
void flatten(Nest &n, bool cut);

bool reduces(mlir::linalg::GenericOp op, int loop);

} // namespace tenon::compiler::cpu
