// Forms the nests of a kernel: an op joins the nest of its producers when its loops fall on that nest's axes.
#include "compiler/codegen/cpu/nests.h"

using namespace mlir;
namespace tenon::compiler::cpu {

using linalg::GenericOp;
namespace kernel = tenon::ir::kernel;

bool reduces(GenericOp op, int loop) { return linalg::isReductionIterator(op.getIteratorTypesArray()[loop]); }

namespace {

GenericOp producer(Value v) { return v.getDefiningOp<GenericOp>(); }
bool has(ArrayRef<int> roles, int x) { return llvm::is_contained(roles, x); }

struct NestFormer {
  kernel::GridOp grid;
  int64_t block;
  const TileTable &table;
  std::vector<Nest> nests;
  DenseMap<Operation *, unsigned> nestOf;

  int64_t range(GenericOp op, int loop) { return loop == axisOf(op) ? block : op.getStaticLoopRanges()[loop]; }

  /// The roles of a contraction through windows: rows along the longest axis that its second operand does not have. Where
  /// terms are left out the loops of windows stay outside of the tile, so that they are the same for all of it.
  SmallVector<int> seedWindows(GenericOp op) {
    SmallVector<int> r(op.getNumLoops(), K);
    AffineMap out = resultMap(op), b = op.getIndexingMapsArray()[1];
    SmallVector<int> rest;
    int lane = laneLoop(op), row = -1;
    for (unsigned d = 0; d < out.getNumResults(); ++d) {
      int l = loopAt(out, d);
      if (l == lane) { r[l] = N; continue; }
      rest.push_back(l);
      bool window = llvm::any_of(windowsOf(op), [&](const ir::Window &w) { return w.out == l && !alwaysInside(op, w); });
      if (!window && !b.isFunctionOfDim(l) && (row < 0 || range(op, l) > range(op, row))) row = l;
    }
    if (row >= 0) r[row] = M, llvm::erase(rest, row);
    for (auto [i, loop] : llvm::enumerate(rest)) r[loop] = Outer + i;
    return r;
  }

  /// The loop that walks along memory, if the innermost index is of one loop (a slice's, shifted) or of a long one with another (a part's); windows are neither.
  int alongMemory(GenericOp op, AffineExpr e) {
    int found = -1;
    unsigned loops = 0;
    for (unsigned l = 0; l < op.getNumLoops(); ++l) {
      loops += e.isFunctionOfDim(l);
      if (stepsByOne(e, l) && (found < 0 || range(op, l) > range(op, found))) found = l;
    }
    return loops == 1 || (found >= 0 && range(op, found) >= table.wholeRow) ? found : -1;
  }

  /// The roles of an op that only moves elements: lanes along the innermost axis of what it writes (reads, if that is short), and the other loops as they come in the other
  /// memory, so that a tile's lanes use up the cache lines they are in. Nothing where both lie alike.
  SmallVector<int> seedTurn(GenericOp op) {
    AffineMap out = resultMap(op);
    unsigned rank = out.getNumResults();
    for (OpOperand *in : op.getDpsInputOperands()) {
      AffineMap from = op.getMatchingIndexingMap(in);
      if (op.getNumReductionLoops() || !from.isPermutation() || from.getNumResults() != rank || rank < 2) continue;
      int last = loopAt(out, rank - 1), other = loopAt(from, rank - 1);
      if (last == other) continue;
      auto run = [&](AffineMap x, AffineMap y) { // how long the innermost loops are that both have in one order
        int64_t length = 1, at = rank - 1, there = llvm::find(y.getResults(), x.getResult(at)) - y.getResults().begin();
        for (; at >= 0 && there >= 0 && x.getResult(at) == y.getResult(there); --at, --there) length *= range(op, loopAt(x, at));
        return length;
      };
      int64_t along = run(out, from), across = run(from, out);
      bool swapped = along < table.lanes && across > along;
      AffineMap order = swapped ? out : from;
      SmallVector<int> r(op.getNumLoops(), None);
      int lane = swapped ? other : last, outer = 0;
      for (unsigned d = 0; d < rank; ++d)
        if (int l = loopAt(order, d); l != lane) r[l] = d + 1 == rank ? (int)M : Outer + outer++;
      r[lane] = N;
      return r;
    }
    return {};
  }

  /// Do the lanes of what op reads from memory, or of what it makes, lie apart.
  static bool lanesApart(GenericOp op, ArrayRef<int> roles, const Nest &n) {
    auto apart = [&](AffineMap map) {
      int last = map.getNumResults() ? loopAt(map, map.getNumResults() - 1) : -1;
      return last >= 0 && roles[last] != N && llvm::any_of(llvm::seq<unsigned>(0, roles.size()), [&](unsigned l) { return roles[l] == N && map.isFunctionOfDim(l); });
    };
    return apart(resultMap(op)) || llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *in) { return !n.roles.count(in->get().getDefiningOp()) && apart(op.getMatchingIndexingMap(in)); });
  }

  /// The roles of an op that opens a nest.
  SmallVector<int> seed(GenericOp op) {
    if (!windowsOf(op).empty()) return seedWindows(op);
    if (SmallVector<int> turn = seedTurn(op); !turn.empty()) return turn;
    SmallVector<int> r(op.getNumLoops(), K);
    AffineMap out = resultMap(op);
    unsigned rank = out.getNumResults();
    // An input that every loop walks makes the op bound by memory: lanes go along its innermost axis.
    int innermost = -1;
    OpOperand *lanes = nullptr;
    for (OpOperand *in : op.getDpsInputOperands()) {
      AffineMap m = op.getMatchingIndexingMap(in);
      bool all = m.getNumResults();
      for (unsigned l = 0; l < op.getNumLoops(); ++l) all &= m.isFunctionOfDim(l);
      if (int l = all ? alongMemory(op, m.getResult(m.getNumResults() - 1)) : -1; l >= 0) innermost = l;
      if (rank && m.getNumResults() && loopAt(m, m.getNumResults() - 1) == loopAt(out, rank - 1)) lanes = in;
    }
    SmallVector<int> rest;
    for (unsigned d = 0; d < rank; ++d) rest.push_back(loopAt(out, d));
    if (op.getNumReductionLoops() && innermost >= 0 && reduces(op, innermost)) r[innermost] = V;
    else if (rank) r[rest.pop_back_val()] = N;
    if (!lanes) // a contraction whose lanes lie apart: the operand that has them at all
      for (OpOperand *in : op.getDpsInputOperands())
        for (unsigned d = 0; rank && d < op.getMatchingIndexingMap(in).getNumResults(); ++d)
          if (loopAt(op.getMatchingIndexingMap(in), d) == loopAt(out, rank - 1)) lanes = in;
    if (!rest.empty()) { // rows: the longest axis that the lanes' operand does not have, so that its vectors serve every row
      auto free = [&](int loop) { return !lanes || !op.getNumReductionLoops() || !op.getMatchingIndexingMap(lanes).isFunctionOfDim(loop); };
      auto best = rest.end() - 1;
      for (auto it = rest.begin(); it != rest.end(); ++it)
        if (std::pair(free(*it), range(op, *it)) > std::pair(free(*best), range(op, *best)) && op.getNumReductionLoops()) best = it;
      r[*best] = M;
      rest.erase(best);
    }
    for (auto [i, loop] : llvm::enumerate(rest)) r[loop] = Outer + i;
    return r;
  }

  int64_t extent(const Nest &n, int role) { return role == M ? n.m : role == N ? n.n : role >= Outer && role - Outer < (int)n.outer.size() ? n.outer[role - Outer] : 0; }

  /// The roles op would have in the nest, or nothing.
  std::optional<SmallVector<int>> fits(GenericOp op, Nest &n) {
    SmallVector<int> roles(op.getNumLoops(), None);
    bool inside = false;
    for (OpOperand *in : op.getDpsInputOperands()) {
      GenericOp p = producer(in->get());
      if (!p || !n.roles.count(p)) continue;
      inside = true;
      AffineMap from = resultMap(p), to = op.getMatchingIndexingMap(in);
      for (unsigned d = 0; d < from.getNumResults(); ++d) {
        int want = n.roles[p][loopAt(from, d)], loop = loopAt(to, d);
        if (loop < 0 || (roles[loop] != None && roles[loop] != want)) return std::nullopt;
        roles[loop] = want;
      }
    }
    if (!inside) roles = seed(op);
    else if (!windowsOf(op).empty()) return std::nullopt;
    else {
      AffineMap out = resultMap(op);
      unsigned rank = out.getNumResults();
      for (unsigned l = 0; l < roles.size(); ++l) {
        if (roles[l] != None) continue;
        if (reduces(op, l)) return std::nullopt;
        int r = rank && loopAt(out, rank - 1) == (int)l ? (int)N : (int)M;
        if (has(roles, r)) return std::nullopt;
        roles[l] = r;
      }
    }
    for (unsigned l = 0; l < roles.size(); ++l) // one axis, one loop: x[m,k] * x[n,k] needs x twice
      if (roles[l] != K && roles[l] != V && llvm::count(roles, roles[l]) > 1) return std::nullopt;
    bool own = false, wholeRow = n.wholeRow, vector = has(roles, V);
    int64_t newN = n.n, newM = n.m;
    for (unsigned l = 0; l < roles.size(); ++l) {
      if (roles[l] == K || roles[l] == V) { own = true; continue; }
      int64_t have = extent(n, roles[l]);
      if (!have && roles[l] == N) newN = have = range(op, l);
      if (!have && roles[l] == M && !n.m && n.outer.empty()) newM = have = range(op, l);
      if (range(op, l) != have) return std::nullopt;
      if (reduces(op, l)) {
        if (roles[l] != N) return std::nullopt;
        wholeRow = true;
      }
    }
    if (newM != n.m && !n.ops.empty()) return std::nullopt;
    if (n.m && !has(roles, M)) return std::nullopt;
    for (unsigned i = 0; i < n.outer.size(); ++i)
      if (!has(roles, Outer + i)) return std::nullopt;
    if ((vector && newN) || (n.vectorReduces && newN)) return std::nullopt;
    if (newN && (!has(roles, N) || newN != n.n)) wholeRow = true; // computed once for all lanes
    if (wholeRow && newN > table.wholeRow) return std::nullopt;
    if (own && n.contracts) return std::nullopt;
    // The tiles of a convolution come in an order that would fetch the lines of lanes that lie apart again and again.
    if (inside && lanesApart(op, roles, n) && llvm::any_of(n.ops, [](GenericOp x) { return !windowsOf(x).empty(); })) return std::nullopt;
    return roles;
  }

  void add(GenericOp op, unsigned number, SmallVector<int> roles) {
    Nest &n = nests[number];
    bool hadN = n.n || n.ops.empty();
    for (unsigned l = 0; l < roles.size(); ++l) {
      if (roles[l] == M) n.m = range(op, l);
      if (roles[l] == N) n.n = range(op, l), n.wholeRow |= reduces(op, l);
      if (roles[l] >= Outer) n.outer.resize(std::max<size_t>(n.outer.size(), roles[l] - Outer + 1)), n.outer[roles[l] - Outer] = range(op, l);
      n.contracts |= roles[l] == K || roles[l] == V;
      n.vectorReduces |= roles[l] == V;
    }
    if (n.n && (!has(roles, N) || !hadN)) n.wholeRow = true;
    n.ops.push_back(op);
    n.roles[op] = std::move(roles);
    nestOf[op] = number;
  }

  /// Tiles go along the memory that the nest's first op writes.
  void findOrder(Nest &n) {
    GenericOp op = n.ops.front();
    ArrayRef<int> roles = n.roles[op];
    AffineMap along = resultMap(op);
    for (unsigned d = 0; d < along.getNumResults(); ++d)
      if (int r = roles[loopAt(along, d)]; r == M || r == N || r >= Outer) n.order.push_back(r);
    if (n.n && !llvm::is_contained(n.order, N)) n.order.push_back(N);
  }

  void run() {
    for (GenericOp op : inOrder(grid)) {
      int first = 0, chosen = -1;
      auto after = [&](Operation *q, int gap) {
        if (auto it = q ? nestOf.find(q) : nestOf.end(); it != nestOf.end()) first = std::max(first, (int)it->second + gap);
      };
      for (Value v : op.getDpsInputs()) after(producer(v), 0);
      llvm::SetVector<Value> captured;
      getUsedValuesDefinedAbove(op->getRegions(), captured);
      for (Value v : captured) after(producer(v), 1); // read by index: it must be in memory
      if (Value old = overwrites(grid, op))
        for (Operation *user : old.getUsers()) { // in the same nest only if it reads just the element that is overwritten
          auto u = dyn_cast<GenericOp>(user);
          bool elementwise = u && !u.getNumReductionLoops() && llvm::all_of(u.getDpsInputOperands(), [&](OpOperand *in) { return in->get() != old || u.getMatchingIndexingMap(in) == resultMap(u); });
          if (!u) u = readerOf(user);
          if (u && u != op) after(u, elementwise ? 0 : 1);
        }
      std::optional<SmallVector<int>> roles;
      for (int n = (int)nests.size() - 1; n >= first && chosen < 0; --n)
        if ((roles = fits(op, nests[n]))) chosen = n;
      if (Value old = overwrites(grid, op); old && chosen >= 0) // tiles of reader and writer must be the same elements
        for (Operation *user : old.getUsers())
          if (auto it = nests[chosen].roles.find(user); it != nests[chosen].roles.end() && it->second != *roles) chosen = -1;
      if (chosen < 0) {
        chosen = nests.size();
        nests.emplace_back();
        roles = seed(op);
      }
      add(op, chosen, *roles);
    }
    for (Nest &n : nests) {
      flatten(n, grid.getBlocks() > 1);
      n.apart = !n.contracts && llvm::any_of(n.ops, [&](GenericOp op) { return lanesApart(op, n.roles[op], n); });
      if (n.apart) findOrder(n);
    }
  }
};

} // namespace

std::vector<Nest> formNests(kernel::GridOp grid, int64_t block, const TileTable &table) {
  NestFormer former{grid, block, table, {}, DenseMap<Operation *, unsigned>()};
  former.run();
  return std::move(former.nests);
}

} // namespace tenon::compiler::cpu
