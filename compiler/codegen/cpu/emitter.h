// The state of writing one kernel: where tensors live, the tile at hand, values in registers.
#pragma once
#include "compiler/codegen/cpu/emit.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <map>

namespace tenon::compiler::cpu {

/// A tensor in memory; `local`: only the block's part, indexed from the block's start.
struct Place {
  mlir::Value memory;
  bool local = false;
};

/// The value of one tensor on a register tile: [row][vector]; scalars where the op has no lanes.
struct Tile {
  bool rows, lanes;
  int64_t m, n;
  llvm::SmallVector<mlir::Value> values;
  Tile(bool rows, bool lanes, int64_t m, int64_t n) : rows(rows), lanes(lanes), m(rows ? m : 1), n(lanes ? n : 1), values(this->m * this->n) {}
  mlir::Value &at(int64_t i, int64_t j) { return values[(rows ? i : 0) * n + (lanes ? j : 0)]; }
};

class Emitter {
public:
  Emitter(mlir::OpBuilder b, tenon::ir::kernel::GridOp grid, const TileTable &table) : b(b), loc(grid.getLoc()), grid(grid), table(table) {}

  /// Writes all nests for one block of `size` indices that starts at `start`.
  void writeBlock(mlir::Value start, int64_t size);

  mlir::OpBuilder b;
  mlir::Location loc;
  tenon::ir::kernel::GridOp grid;
  const TileTable &table;
  llvm::DenseMap<mlir::Value, Place> places;          ///< by tensor value of the grid's body
  llvm::DenseMap<mlir::Value, mlir::Value> scalars;   ///< rank-0 inputs, loaded once
  llvm::DenseMap<mlir::Value, mlir::Value> stored;    ///< result values: the memory they are written to

private:
  // of the block
  mlir::Value start;
  int64_t block = 0;
  // of the nest and its tile
  Nest *nest = nullptr;
  mlir::Value rowStart, laneStart;
  llvm::SmallVector<mlir::Value> outerIndex;
  int64_t rows = 1, columns = 1;
  llvm::DenseMap<mlir::Value, Tile *> tiles;
  std::vector<std::unique_ptr<Tile>> owned;
  llvm::DenseMap<mlir::OpOperand *, mlir::Value> packed; ///< contraction operands copied to [k...][lanes], of the part at hand
  llvm::DenseMap<mlir::OpOperand *, llvm::SmallVector<mlir::Value>> squares; ///< operands of the op at hand that were read turned: [row][vector]
  llvm::DenseMap<mlir::OpOperand *, mlir::Value> packedWhole; ///< those copied to [k...][rows or lanes] for all tiles, of the part at hand
  /// A contraction whose innermost sum is cut into parts, so that what it packs stays in the first caches; sums wait in `sums` between parts.
  struct Parts {
    mlir::linalg::GenericOp op;
    int loop = -1;                ///< the K loop that is cut
    int64_t size = 0;             ///< indices of a part
    mlir::Value sums;             ///< [row][lane], of a whole nest [outer...][row][lane]; null where there is one part
    bool whole = false;           ///< the whole nest is done part by part, not each row of tiles
    mlir::Value begin;            ///< of the part at hand
    int64_t length = 0;
    bool first = true, last = true;
    bool apart = false, finish = false; ///< what follows the sum has smaller tiles: it comes after all parts; and now it does
  } parts;
  int64_t gatherLanes = 0; ///< lanes of the vector at hand whose indices mean something

  /// Indices of an op's own loops: position of K loops, and of the first lane of the V loop.
  struct Own {
    llvm::SmallVector<mlir::Value> k;
    mlir::Value part; ///< the index of the K loop that is cut, within its part
    mlir::Value v;
    int64_t valid = 0; ///< lanes of the V vector that exist
  };

  mlir::Value index(int64_t i);
  mlir::Value plus(mlir::Value a, mlir::Value c);
  mlir::Value plus(mlir::Value a, int64_t c) { return c ? plus(a, index(c)) : a; }
  int64_t range(mlir::linalg::GenericOp op, int loop) { return loop == axisOf(op) ? block : op.getStaticLoopRanges()[loop]; }
  int64_t valid(int64_t j) { return std::min(table.lanes, columns - j * table.lanes); }
  mlir::Value mask(int64_t lanes);
  mlir::Value splat(mlir::Value scalar);
  bool isVector(mlir::Value v) { return llvm::isa<mlir::VectorType>(v.getType()); }

  /// The index of a loop at (row i, vector j), in the block or in the whole tensor.
  mlir::Value loopIndex(mlir::linalg::GenericOp op, int loop, int64_t i, int64_t j, const Own &own, bool whole);
  mlir::Value affine(mlir::AffineExpr e, mlir::linalg::GenericOp op, int64_t i, int64_t j, const Own &own, bool whole);
  /// Where an operand is read, dimension by dimension.
  llvm::SmallVector<mlir::Value> place(mlir::linalg::GenericOp op, mlir::OpOperand *in, int64_t i, int64_t j, const Own &own, bool whole);
  /// The values of a window's tap that meet an element: from, to, step.
  std::array<mlir::Value, 3> taps(mlir::linalg::GenericOp op, const tenon::ir::Window &w, const Own &own);
  mlir::Value read(mlir::linalg::GenericOp op, mlir::OpOperand *in, int64_t i, int64_t j, const Own &own);
  /// A vector whose lanes take every step-th element, or elements several times; null where lanes lie apart in another way. `at`: where lane 0 reads; `aligned`: its index in
  /// the whole tensor is a multiple of the lanes.
  mlir::Value readLanes(mlir::AffineExpr innermost, mlir::AffineExpr lane, unsigned dims, mlir::Value memory, llvm::SmallVector<mlir::Value> at, mlir::Type element, int64_t lanes,
                        bool aligned);
  /// How many elements of memory lie between two lanes of an operand, where that is a number.
  std::optional<int64_t> laneStep(mlir::linalg::GenericOp op, mlir::OpOperand *in, int lane);
  /// A vector whose lanes lie apart in memory: one gather where `laneStep` knows how far, else element by element. `at`: where a lane reads.
  mlir::Value readApart(mlir::linalg::GenericOp op, mlir::OpOperand *in, int lane, mlir::Value memory, llvm::function_ref<llvm::SmallVector<mlir::Value>(int64_t)> at, int64_t lanes);
  /// Memory as one axis, and where an element lies on it.
  std::pair<mlir::Value, mlir::Value> line(mlir::Value memory, mlir::ValueRange at);
  llvm::SmallVector<mlir::Value> located(mlir::Value &memory, mlir::ValueRange at); ///< where the nest is flat: the one axis instead
  /// What gather and scatter take: the memory as one axis, where lane 0 lies, how far from it each lane does.
  struct Apart { mlir::Value memory, at, steps; };
  Apart apart(mlir::Value memory, llvm::ArrayRef<mlir::Value> at, int64_t step);
  mlir::Value load(mlir::Value memory, mlir::ValueRange at, mlir::Type element);
  mlir::Value loadVector(mlir::Value memory, mlir::ValueRange at, mlir::Type element, int64_t lanes);
  mlir::Value asStored(mlir::Value v, mlir::Value memory); ///< a truth value is a byte in memory
  void storeVector(mlir::Value v, mlir::Value memory, mlir::ValueRange at, int64_t lanes);
  llvm::SmallVector<mlir::Value> inputs(mlir::linalg::GenericOp op, int64_t i, int64_t j, const Own &own);
  mlir::Value body(mlir::linalg::GenericOp op, llvm::ArrayRef<mlir::Value> args, int64_t i, int64_t j, const Own &own);
  bool inStep(mlir::Value v, mlir::IRMapping &map);
  mlir::Value gather(mlir::tensor::ExtractOp extract, mlir::IRMapping &map);
  mlir::Value gatherClamped(mlir::Value clamped, mlir::IRMapping &map, mlir::Value memory, llvm::SmallVector<mlir::Value> at, mlir::Type element, int64_t size);
  mlir::Value initial(mlir::linalg::GenericOp op);

  void compute(mlir::linalg::GenericOp op);
  void computePointwise(mlir::linalg::GenericOp op, Tile &t);
  void computeInRegisters(mlir::linalg::GenericOp op, Tile &t);
  void computeByIndex(mlir::linalg::GenericOp op, Tile &t);
  void computeByVector(mlir::linalg::GenericOp op, Tile &t);
  llvm::SmallVector<mlir::Value> reduceLoops(mlir::linalg::GenericOp op, llvm::ArrayRef<unsigned> loops, unsigned depth, llvm::SmallVector<mlir::Value> carried, Own &own,
                                             llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::ValueRange)> step);
  void store(mlir::linalg::GenericOp op);

  void findParts(Nest &n, int64_t laneTile, bool apart);
  void findImages(mlir::linalg::GenericOp op, Nest &n);
  bool cutWhole(mlir::linalg::GenericOp op, Nest &n);
  bool feedsParts(mlir::linalg::GenericOp op);
  void forParts(llvm::function_ref<void()> body);
  void pack();
  void packWhole();
  void packOperand(mlir::OpOperand *in, bool apart, bool scattered);
  mlir::Value entryBuffer(llvm::ArrayRef<int64_t> shape, mlir::Type element);
  /// What scratch memory is for: only one of each is in use at a time, so that equal shapes share it.
  enum class Scratch { panel, otherPanel, wholePanel, otherWholePanel, sums };
  static Scratch panelOf(mlir::OpOperand &in, bool whole = false) { return Scratch((whole ? 2 : 0) + (in.getOperandNumber() ? 1 : 0)); }
  /// Null where it is too much, or the kernel has much of it already, unless it is needed: the order of a sum must not depend on what else is in the kernel.
  mlir::Value scratch(Scratch use, llvm::ArrayRef<int64_t> shape, mlir::Type element, bool needed = false);
  std::map<std::tuple<Scratch, std::vector<int64_t>, const void *>, mlir::Value> scratches;
  int64_t scratchBytes = 0;
  void transpose(llvm::SmallVectorImpl<mlir::Value> &vectors);
  bool inSquares(mlir::linalg::GenericOp op, mlir::AffineMap map, mlir::Type element, const Tile &t);
  void readSquares(mlir::linalg::GenericOp op, const Tile &t);
  void storeSquares(mlir::linalg::GenericOp op, Tile &t, Place to);
  void writeNest(Nest &n);
  void loopOver(int64_t extent, int64_t tile, llvm::function_ref<void(mlir::Value, int64_t)> body);
};

} // namespace tenon::compiler::cpu
