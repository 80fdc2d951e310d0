// The data of grouping: which ops become one kernel, and where its grid cuts each of them.
#pragma once
#include "compiler/dialect/interfaces/Interfaces.h"
#include "compiler/lower/passes.h"
#include <memory>
#include <vector>

namespace tenon::compiler {

/// A kernel in the making: a grid over one axis, `extent` indices long (0: one block, nothing is cut).
struct Group {
  llvm::SmallVector<mlir::linalg::GenericOp> ops;
  tenon::ir::PiecewiseOpInterface alone;       ///< an op of pieces, which is the whole kernel, or null
  mlir::Operation *control = nullptr;          ///< or a loop or branch, which is no kernel but has a level among them
  llvm::DenseMap<mlir::Operation *, int> axis; ///< the loop of each op that the grid cuts, or -1
  llvm::DenseMap<mlir::Value, int> cut;        ///< the dimension of each tensor that the grid cuts, or -1
  int64_t extent = 0, block = 0;
  int level = 0;
  /// It is one op that others do not join.
  bool single() const { return alone || control; }
  /// The dimension of v that the grid cuts; -1: none, or v is not of this group.
  int cutOf(mlir::Value v) const {
    auto it = cut.find(v);
    return it == cut.end() ? -1 : it->second;
  }
  /// All ops.
  llvm::SmallVector<mlir::Operation *> members() const;
  int64_t blocks() const { return extent ? llvm::divideCeil(extent, block) : 1; }
};

/// What a function's results are for.
struct Results {
  llvm::DenseMap<mlir::Value, unsigned> updates; ///< new state, by the argument it replaces
  llvm::SmallVector<mlir::Value> checks;
};

struct Grouping {
  int64_t threads = 0; ///< of a block, on a GPU
  std::vector<Group> groups;
  llvm::DenseMap<mlir::Operation *, unsigned> groupOf;
  Results results;
  llvm::DenseMap<mlir::Value, unsigned> inPlace; ///< new state that overwrites its argument's buffer
  llvm::DenseMap<mlir::Value, int> stateCut;     ///< the dimension in which a state argument was cut by its first reader

  /// On a GPU the addresses of a kernel's tensors are its parameters, of which there are 4 KB, or 500; temporaries that it is given count too.
  static constexpr size_t mostTensors = 400;
  bool roomFor(const Group &k, size_t more) const { return !threads || k.cut.size() + more <= mostTensors; }
  /// Puts op into a group, whose grid cuts its loop `loop` (-1: none).
  void add(mlir::linalg::GenericOp op, unsigned number, int loop);
  /// Nanoseconds on one core, roughly.
  int64_t work(const Group &k) const;

  /// The tensors that op's body reads by index, and the ops that compute what it reads, views passed over. Remembered: grouping asks again and again, and changes no op.
  struct Uses {
    llvm::SmallVector<mlir::Value> captured;
    llvm::SmallVector<mlir::Operation *> producers;
  };
  const Uses &uses(mlir::Operation *op) const;

  /// The group that computes v (through views), or -1.
  int groupOfValue(mlir::Value v) const;
  /// Does group `to` need a result of group `from`: directly (if `direct`), or through a third.
  bool reaches(unsigned from, unsigned to, bool direct) const;

private:
  mutable llvm::DenseMap<mlir::Operation *, std::unique_ptr<Uses>> known; // references stay good
};

/// The memory that v lives in: what is under a chain of views.
mlir::Value underViews(mlir::Value v);
/// Everything that op reads: its inputs and the tensors its body reads by index.
llvm::SmallVector<mlir::Value> reads(mlir::Operation *op);
/// The tensors that the body reads by index: how is not known.
llvm::SmallVector<mlir::Value> captured(mlir::linalg::GenericOp op);
/// The loop that dimension `d` of `map` is, or -1.
int loopAt(mlir::AffineMap map, unsigned d);
/// The windows through which a generic reads its operand 0: an attribute, so that no pass takes the index of a window, `(out + tap) mod size` in the map, for more than a
/// name of the loops that it depends on.
llvm::SmallVector<ir::Window> windowsOf(mlir::linalg::GenericOp op);
void setWindows(mlir::linalg::GenericOp op, llvm::ArrayRef<ir::Window> windows);
/// The smallest and the largest index that a window asks for, before it is divided by its input dilation.
std::pair<int64_t, int64_t> reachOf(const ir::Window &w, llvm::ArrayRef<int64_t> ranges);
/// Whether no term of the sum is left out because of this window of op.
bool alwaysInside(mlir::linalg::GenericOp op, const ir::Window &w);
/// Whether there are so few images that the rows of a tile shall be pixels; then x is padded, and its windows, changed to fit, ask for no element outside.
bool pixelsAreRows(llvm::ArrayRef<ir::Window> windows, llvm::ArrayRef<mlir::AffineMap> maps, llvm::ArrayRef<mlir::utils::IteratorType> iterators, llvm::ArrayRef<int64_t> ranges);
mlir::Value padWindows(mlir::OpBuilder &b, mlir::Location loc, mlir::Value x, llvm::MutableArrayRef<ir::Window> windows, llvm::ArrayRef<int64_t> ranges);
/// The loop along which a contraction through windows computes a vector: the longest of the second operand and the result alone, else the longest without a window, or -1.
int laneLoop(mlir::linalg::GenericOp op);
/// Is the index `loop` plus something that does not depend on it: neighbours in the loop are neighbours in memory.
bool stepsByOne(mlir::AffineExpr e, unsigned loop);
/// Nanoseconds on one core, roughly.
int64_t workOf(mlir::Operation *op);
bool largeContraction(mlir::linalg::GenericOp op);
mlir::AffineMap resultMap(mlir::linalg::GenericOp op);

/// Cuts the axis of every group into blocks.
void cutBlocks(const TileTable &table, Grouping &grouping);
/// Greedy placement is blind to ops that depend on nothing (a one-hot) and to consumers that came later.
void mergeGroups(Grouping &grouping);
/// Small kernels of one block are not started apart: those that only another reads join it, those of one level join each other.
void mergeSmall(mlir::func::FuncOp f, Grouping &grouping);
/// Puts every generic and every op of pieces of f into a group and orders the groups in levels.
mlir::LogicalResult group(mlir::func::FuncOp f, const TileTable &table, Grouping &grouping);
/// The levels: after producers, a state's writer after its readers and after all checks.
void assignLevels(mlir::func::FuncOp f, Grouping &grouping);

} // namespace tenon::compiler
