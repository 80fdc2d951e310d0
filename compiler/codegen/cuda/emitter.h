// The state of writing one kernel: where tensors live, the element at hand, its values in registers.
#pragma once
#include "compiler/codegen/cuda/emit.h"
#include "compiler/codegen/cuda/nests.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace tenon::compiler::cuda {

/// A tensor in memory; `local`: only the block's part, indexed from the block's start.
struct Place {
  mlir::Value memory;
  bool local = false;
};

class Emitter {
public:
  Emitter(mlir::OpBuilder b, tenon::ir::kernel::GridOp grid) : b(b), loc(grid.getLoc()), grid(grid) {}

  /// Writes all nests of the block at hand.
  void writeBlock(const std::vector<Nest> &nests);

  mlir::OpBuilder b;
  mlir::Location loc;
  tenon::ir::kernel::GridOp grid;
  llvm::DenseMap<mlir::Value, Place> places; ///< by tensor value of the grid's body
  llvm::DenseSet<mlir::Value> stored;        ///< values that go to memory

private:
  const Nest *nest = nullptr;
  mlir::Value start, size;                              ///< of the block: its first index, its number of indices
  mlir::Value lane;                                     ///< of the thread in its team; null where teams are single threads
  mlir::Value thread, part;                             ///< part: which of the blocks that share the elements
  llvm::SmallVector<mlir::Value> at, local;             ///< the element at hand: in the tensor, and in the block's part of it
  llvm::DenseMap<mlir::Value, mlir::Value> registers;   ///< values of the element at hand

  /// Indices of an op's loops.
  struct Loops {
    llvm::SmallVector<mlir::Value> at, local;
  };

  mlir::Value index(int64_t i);
  mlir::Value add(mlir::Value a, mlir::Value c);
  mlir::Value mul(mlir::Value a, int64_t c);
  mlir::Value div(mlir::Value a, int64_t c);
  mlir::Value rem(mlir::Value a, int64_t c);
  mlir::Value affine(mlir::AffineExpr e, llvm::ArrayRef<mlir::Value> loops);
  mlir::Value load(mlir::Value memory, mlir::ValueRange at, mlir::Type element);
  void store(mlir::Value v, mlir::Value memory, mlir::ValueRange at);

  Loops loopsOf(mlir::linalg::GenericOp op);
  mlir::Value read(mlir::linalg::GenericOp op, mlir::OpOperand *in, const Loops &loops);
  /// Where the window's tap meets no element: null where it always does.
  mlir::Value inside(mlir::linalg::GenericOp op, const Loops &loops, llvm::SmallVectorImpl<mlir::Value> &place);
  mlir::Value body(mlir::linalg::GenericOp op, const Loops &loops, mlir::Value accumulator);
  mlir::Value initial(mlir::linalg::GenericOp op);
  mlir::Value reduce(mlir::linalg::GenericOp op);
  mlir::Value acrossTeam(mlir::linalg::GenericOp op, mlir::Value partial);
  mlir::Value compute(mlir::linalg::GenericOp op);
  void element(mlir::Value number, mlir::Value writes);
  /// All ops at `at` but those whose values are in registers already.
  void computeAll();
  void storeAll(mlir::Value writes);
  void writeNest(const Nest &n);

  // contract.cpp
  struct Operand;
  mlir::Value extentOf(mlir::linalg::GenericOp op, llvm::ArrayRef<unsigned> loops);
  void place(mlir::linalg::GenericOp op, llvm::ArrayRef<unsigned> loops, mlir::Value number, Loops &to);
  void loadTile(Operand &o, const Loops &at, mlir::Value kBegin);
  void writeTile(mlir::linalg::GenericOp op, const Roles &roles, mlir::Value tile);
  void writeTiles(const Nest &n);
};

} // namespace tenon::compiler::cuda
