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
  llvm::DenseMap<mlir::Type, mlir::Value> teamSums; ///< shared memory in which the warps of a block put their sums
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

  /// One operand of a contraction in tiles.
  struct Operand {
    mlir::linalg::GenericOp op;
    mlir::OpOperand *in;
    llvm::ArrayRef<unsigned> rows, k; ///< loops along the tile, and those that are summed
    int64_t tile, terms;              ///< rows of a tile; how many terms there are
    mlir::Value count, first;         ///< how many rows there are; the tile's first
    bool along;                       ///< neighbours in memory are neighbours in k, not in the rows
    mlir::Value memory;               ///< of its tiles
  };

  // contract.cpp
  mlir::Value extentOf(mlir::linalg::GenericOp op, llvm::ArrayRef<unsigned> loops);
  void place(mlir::linalg::GenericOp op, llvm::ArrayRef<unsigned> loops, mlir::Value number, Loops &to);
  mlir::Value shared(int64_t elements, mlir::Type element);
  mlir::Value exists(Operand &o, mlir::Value row, mlir::Value k, Loops &at, llvm::SmallVectorImpl<mlir::Value> &where);
  mlir::Value factor(Operand &o, mlir::Value row, mlir::Value k, const Loops &outer);
  void sumInRegisters(Operand &a, Operand &c, const Loops &outer, mlir::Value sums);
  void forSums(const Tile &tile, llvm::function_ref<void(mlir::Value row, mlir::Value column, mlir::Value number)> body);
  void writeTile(mlir::linalg::GenericOp op, const Roles &roles, mlir::Value tile);
  void writeTiles(const Nest &n);

  // tensor_cores.cpp
  bool inEights(Operand &o);
  void loadHalves(Operand &o, const Loops &outer, mlir::Value kBegin, mlir::Value stage);
  void sumOnTensorCores(Operand &a, Operand &c, const Loops &outer, mlir::Value sums);

  // Text: loops that are unrolled, functions of the prelude, pointers.
  void unrolled(int64_t count, llvm::function_ref<void(mlir::Value)> body);
  mlir::Value call(const llvm::Twine &function, mlir::ValueRange operands, mlir::Type result = {});
  mlir::Value addressOf(mlir::Value memory, mlir::ValueRange at);
};

} // namespace tenon::compiler::cuda
