// How many indices of its axis a block of a group takes: even shares for two and four threads, whole register tiles where lanes are cut.
#include "compiler/lower/grouping.h"

using namespace mlir;
namespace tenon::compiler {

using linalg::GenericOp;

namespace {

/// What a block of `size` indices costs, in indices: a narrower last tile costs more than its lanes, by the share `rows` that reading its rows has.
double cost(int64_t size, int64_t lanes, int64_t tile, double rows) {
  int64_t rest = size % tile;
  return double(size - rest) + (rest ? rows * double(tile) + (1 - rows) * double(llvm::alignTo(rest, lanes)) : 0);
}

/// Among blocks of whole vectors, at least `blocks` of them and at most `most`, those whose largest share is the smallest.
int64_t blockSize(int64_t extent, int64_t blocks, int64_t most, int64_t lanes, int64_t tile, double rows) {
  int64_t largest = llvm::alignTo(llvm::divideCeil(extent, blocks), tile), best = largest;
  double least = 1e300;
  for (int64_t size = largest; size > 0; size -= lanes) {
    int64_t n = llvm::divideCeil(extent, size);
    if (n > std::max<int64_t>(most, llvm::divideCeil(extent, largest))) break;
    double shares = cost(size, lanes, tile, rows) * double(2 * llvm::divideCeil(n, 2) + 4 * llvm::divideCeil(n, 4));
    if (shares < 0.99 * least) least = shares, best = size;
  }
  return std::min(extent, best);
}

/// On a GPU: some elements for every thread where they are only read and written, one where they are sums, and fewer where those are long, so that there are blocks for
/// all processors.
int64_t blockOfThreads(const Group &k, int64_t threads) {
  if (k.alone) return std::min(k.extent, threads);
  constexpr int64_t tiles = 32 * 32 * 32; // elements of 32 small tiles: enough for all processors
  int64_t most = 1, longest = 1; // elements of a result; terms of a sum
  for (GenericOp op : k.ops) {
    int64_t results = cast<RankedTensorType>(op.getResult(0).getType()).getNumElements(), all = 1;
    for (int64_t n : op.getStaticLoopRanges()) all *= n;
    most = std::max(most, results);
    if (op.getNumReductionLoops()) longest = std::max(longest, all / std::max<int64_t>(1, results));
  }
  for (GenericOp op : k.ops)
    if (largeContraction(op) && most >= tiles) { // whole tiles; an axis of both operands is no tile's
      SmallVector<AffineMap> maps = op.getIndexingMapsArray();
      bool both = maps[0].isFunctionOfDim(k.axis.lookup(op)) && maps[1].isFunctionOfDim(k.axis.lookup(op));
      return both ? 1 : std::min<int64_t>(k.extent, 128);
    }
  int64_t elements = llvm::divideCeil(most, k.extent); // of one index of the axis
  int64_t wanted = longest == 1 ? 4 * threads : longest < 256 ? threads : threads / 32; // the threads of a warp share a long sum
  return std::clamp<int64_t>(wanted / elements, 1, k.extent);
}

} // namespace

void cutBlocks(const TileTable &table, Grouping &g) {
  for (Group &k : g.groups) {
    if (!k.extent) continue;
    if (table.threads) {
      k.block = blockOfThreads(k, table.threads);
      continue;
    }
    int64_t most = std::min<int64_t>(std::max<int64_t>(1, g.work(k) / 1500), 16); // a block is more work than starting it
    bool lanes = false, contracts = false, rows = false; // rows: images are the rows of a convolution's tiles
    bool shared = false; // each block would pack the same operand
    bool window = false; // rows of a tile are pixels, far apart
    int64_t bytes = 0;   // of all that is computed
    for (GenericOp op : k.ops) {
      AffineMap out = resultMap(op);
      auto type = cast<RankedTensorType>(op.getResult(0).getType());
      bytes += type.getNumElements() * type.getElementTypeBitWidth() / 8;
      for (OpOperand *in : op.getDpsInputOperands()) shared |= op.getNumReductionLoops() && (k.axis[op] < 0 || !op.getMatchingIndexingMap(in).isFunctionOfDim(k.axis[op]));
      lanes |= out.getNumResults() && loopAt(out, out.getNumResults() - 1) == k.axis[op];
      SmallVector<ir::Window> windows = windowsOf(op);
      rows |= !windows.empty() && k.axis[op] >= 0 && !op.getIndexingMapsArray()[1].isFunctionOfDim(k.axis[op]) && llvm::none_of(windows, [&](const ir::Window &w) { return w.out == k.axis[op]; });
      contracts |= op.getNumReductionLoops() && op.getNumDpsInputs() > 1;
      window |= !windows.empty();
    }
    int64_t unit = k.alone ? k.alone.getPieceUnit(table.lanes) : lanes ? table.lanes : rows ? 8 : 1;
    // Where nothing is shared (attention: an image's scores are its own) a block is as small as the second cache.
    constexpr int64_t cache = 512 << 10;
    int64_t blocks = shared || !contracts ? table.blocks : std::max<int64_t>(table.blocks, bytes / cache);
    k.block = blockSize(k.extent, std::clamp<int64_t>(blocks, 1, most), most, unit, lanes && contracts ? unit * table.vectors : unit, window ? 0.7 : 0.2);
  }
}

} // namespace tenon::compiler
