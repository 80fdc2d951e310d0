// Sums of products: matmul, gemm, einsum, determinants.
#include "compiler/onnx/import/rules/common.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;

/// A contraction by letters: one letter per dimension, none twice in an operand.
static Expr byLetters(Node &n, Expr x, Expr y, ArrayRef<char> a, ArrayRef<char> c, ArrayRef<char> out) {
  SmallVector<char> letters;
  llvm::DenseMap<char, int64_t> extents;
  auto note = [&](Expr e, ArrayRef<char> names) {
    for (auto [d, l] : llvm::enumerate(names)) {
      auto [at, fresh] = extents.try_emplace(l, e.shape()[d]);
      if (fresh)
        letters.push_back(l);
      n.expect(at->second == e.shape()[d], "extents " + Twine(at->second) + " and " + Twine(e.shape()[d]) + " of one index differ");
    }
  };
  note(x, a), note(y, c);
  auto map = [&](ArrayRef<char> names) {
    SmallVector<AffineExpr> dims;
    for (char l : names)
      dims.push_back(n.b.getAffineDimExpr(llvm::find(letters, l) - letters.begin()));
    return AffineMap::get(letters.size(), 0, dims, n.b.getContext());
  };
  n.expect(x.element() == y.element(), "operands are of two types");
  return n.op<prim::ContractOp>({x, y}, [&](auto &p) { p.maps = n.b.getAffineMapArrayAttr({map(a), map(c), map(out)}); });
}

Expr Node::matmul(Expr x, Expr y) {
  expect(x.rank() >= 1 && y.rank() >= 1, "matrices have one dimension at least");
  bool row = x.rank() == 1, column = y.rank() == 1;
  if (row)
    x = reshape(x, {1, x.shape()[0]});
  if (column)
    y = reshape(y, {y.shape()[0], 1});
  expect(x.shape().back() == y.shape()[y.rank() - 2], "matrices of " + Twine(x.shape().back()) + " columns and " + Twine(y.shape()[y.rank() - 2]) + " rows do not multiply");
  Dims batch = broadcastShape(x.shape().drop_back(2), y.shape().drop_back(2)), shape(batch);
  shape.append({x.shape()[x.rank() - 2], y.shape().back()});
  elementsOf(shape);
  // A batch dimension that only one operand has is an index of that one alone.
  SmallVector<char> a, c, out;
  auto narrow = [&](Expr e, SmallVector<char> &names) {
    Dims kept, before(e.shape());
    int64_t missing = batch.size() - (e.rank() - 2);
    for (size_t d = 0; d < batch.size(); ++d) {
      int64_t extent = int64_t(d) < missing ? 1 : before[d - missing];
      if (extent == batch[d] && extent != 1) {
        kept.push_back(extent);
        names.push_back(char(d));
      }
    }
    kept.append(before.end() - 2, before.end());
    return ir::reshape(e, kept);
  };
  x = narrow(x, a), y = narrow(y, c);
  Dims flat;
  for (size_t d = 0; d < batch.size(); ++d)
    if (batch[d] != 1) {
      out.push_back(char(d));
    }
  expect(batch.size() < 64, "it has too many dimensions");
  a.append({100, 102}), c.append({102, 101}), out.append({100, 101});
  Expr z = byLetters(*this, x, y, a, c, out);
  if (row)
    shape.erase(shape.end() - 2);
  if (column)
    shape.pop_back();
  return ir::reshape(z, shape);
}

namespace {
void matmulRule(Node &n) {
  n.expect(n.dtype(0) == n.dtype(1), "operands are of two types");
  n.out(0, wrapped(n.matmul(n.in(0), n.in(1)), n.dtype(0)), n.dtype(0));
}

void gemm(Node &n) {
  Expr a = n.in(0), c = n.in(1), bias = n.optional(2);
  double alpha = n.f("alpha", 1), beta = n.f("beta", 1);
  bool ta = n.i("transA", 0), tb = n.i("transB", 0);
  if (n.version < 7 && a.rank() > 2) // opset 6 flattens
    a = flattened(n, a, 1);
  n.expect(a.rank() == 2 && c.rank() == 2, "it takes matrices");
  n.expect(n.dtype(0) == n.dtype(1) && (!bias || n.dtype(2) == n.dtype(0)), "operands are of several types");
  int64_t rows = a.shape()[ta ? 1 : 0], columns = c.shape()[tb ? 0 : 1];
  n.expect(a.shape()[ta ? 0 : 1] == c.shape()[tb ? 1 : 0], "matrices of " + Twine(a.shape()[ta ? 0 : 1]) + " columns and " + Twine(c.shape()[tb ? 1 : 0]) + " rows do not multiply");
  if (!ta && tb && alpha == 1 && beta == 1 && isFloat(n.dtype(0)) && (!bias || (bias.rank() == 1 && bias.shape()[0] == columns)))
    return n.out(0, n.op<nn::LinearOp>({a, c, bias}), n.dtype(0));
  Expr y = byLetters(n, a, c, ta ? SmallVector<char>{'k', 'm'} : SmallVector<char>{'m', 'k'}, tb ? SmallVector<char>{'n', 'k'} : SmallVector<char>{'k', 'n'}, {'m', 'n'});
  auto scaled = [&](Expr e, double by) { return by == 1 ? e : isFloat(n.dtype(0)) ? e * by : cast(cast(e, n.b.getF64Type()) * by, e); };
  y = scaled(y, alpha);
  if (bias)
    y = y + scaled(n.broadcast(bias, {rows, columns}), beta);
  n.out(0, wrapped(y, n.dtype(0)), n.dtype(0));
}

/// Repeated letters of one operand: its diagonal.
Expr diagonal(Node &n, Expr x, SmallVector<char> &letters) {
  for (size_t i = 0; i < letters.size(); ++i)
    for (size_t j = i + 1; j < letters.size(); ++j)
      if (letters[i] == letters[j]) {
        n.expect(x.shape()[i] == x.shape()[j], "a repeated index has two extents");
        auto type = RankedTensorType::get(x.shape(), n.b.getI64Type());
        x = sum(select(eq(iota(n.b, type, i), iota(n.b, type, j)), x, like(0.0, x)), {int64_t(j)});
        letters.erase(letters.begin() + j);
        return diagonal(n, x, letters);
      }
  return x;
}

void einsum(Node &n) {
  std::string equation = n.s("equation", "");
  llvm::erase(equation, ' ');
  auto [left, right] = StringRef(equation).split("->");
  bool explicitOut = StringRef(equation).contains("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  n.expect(terms.size() == n.count(), "the equation '" + equation + "' has " + Twine(terms.size()) + " operands");
  // Dimensions of an ellipsis are letters from 1 on, the last one 32.
  int64_t dots = 0;
  auto parse = [&](StringRef term, int64_t rank) {
    SmallVector<char> names;
    size_t at = term.find("...");
    int64_t named = at == StringRef::npos ? term.size() : term.size() - 3;
    n.expect(at != StringRef::npos ? named <= rank && rank - named < 32 : named == rank, "term '" + term + "' does not fit to " + Twine(rank) + " dimensions");
    for (size_t i = 0; i < term.size(); ++i) {
      if (i == at) {
        for (int64_t d = rank - named; d > 0; --d)
          names.push_back(char(33 - d));
        dots = std::max(dots, rank - named);
        i += 2;
      } else {
        n.expect(llvm::isAlpha(term[i]), "the equation '" + equation + "' has a character that is no index");
        names.push_back(term[i]);
      }
    }
    return names;
  };
  SmallVector<SmallVector<char>> letters;
  SmallVector<Expr> operands;
  std::map<char, int> uses;
  for (size_t i = 0; i < n.count(); ++i) {
    letters.push_back(parse(terms[i], n.rank(i)));
    for (char l : letters.back())
      ++uses[l];
    Expr x = n.in(i);
    // Extents of 1 in an ellipsis broadcast: the index goes.
    operands.push_back(diagonal(n, x, letters.back()));
  }
  SmallVector<char> out;
  if (explicitOut) {
    out = parse(right, int64_t(right.contains("...") ? right.size() - 3 + dots : right.size()));
  } else {
    for (int64_t d = dots; d > 0; --d)
      out.push_back(char(33 - d));
    for (auto [l, count] : uses)
      if (count == 1 && l > 32)
        out.push_back(l);
  }
  Expr y = operands[0];
  SmallVector<char> have = letters[0];
  auto reduce = [&](Expr e, SmallVector<char> &names, auto keep) {
    Dims gone;
    SmallVector<char> kept;
    for (auto [d, l] : llvm::enumerate(names))
      if (keep(l))
        kept.push_back(l);
      else
        gone.push_back(d);
    names = kept;
    return sum(e, gone);
  };
  for (size_t i = 1; i < operands.size(); ++i) {
    auto later = [&](char l) {
      bool used = llvm::is_contained(out, l);
      for (size_t j = i + 1; j < operands.size(); ++j)
        used |= llvm::is_contained(letters[j], l);
      return used;
    };
    Expr x = operands[i];
    SmallVector<char> mine = letters[i], result;
    y = reduce(y, have, [&](char l) { return later(l) || llvm::is_contained(mine, l); });
    x = reduce(x, mine, [&](char l) { return later(l) || llvm::is_contained(have, l); });
    for (char l : have)
      if (later(l))
        result.push_back(l);
    for (char l : mine)
      if (later(l) && !llvm::is_contained(have, l))
        result.push_back(l);
    y = byLetters(n, y, x, have, mine, result);
    have = result;
  }
  y = reduce(y, have, [&](char l) { return llvm::is_contained(out, l); });
  Dims order;
  for (char l : out) {
    n.expect(llvm::is_contained(have, l), "the result has an index that no operand has");
    order.push_back(llvm::find(have, l) - have.begin());
  }
  n.expect(order.size() == have.size(), "an index occurs twice in the result");
  n.out(0, wrapped(transpose(y, order), n.dtype(0)), n.dtype(0));
}

/// Elimination with the largest pivot, step by step: extents are known, so are the steps.
void det(Node &n) {
  Expr x = n.in(0);
  n.expect(x.rank() >= 2 && x.shape().back() == x.shape()[x.rank() - 2] && isFloat(n.dtype(0)), "it takes square matrices of floating point");
  int64_t size = x.shape().back(), batch = elementsOf(x.shape().drop_back(2));
  n.expect(size <= 64, "matrices of more than 64 rows are not supported");
  Expr m = n.reshape(wide(x), {batch, size, size}), result = n.splat({batch}, m.element(), 1);
  for (int64_t k = 0; k < size; ++k) {
    int64_t left = size - k;
    Expr column = n.reshape(n.slice(m, 2, 0, 1), {batch, left});
    Expr pivot = n.op<nn::ArgmaxOp>({abs(column)}, [&](auto &p) { p.dim = n.b.getI64IntegerAttr(1); });
    Expr rows = iota(n.b, RankedTensorType::get({batch, left}, n.b.getI64Type()), 1), at = n.along(pivot, {batch, left}, 0);
    Expr isPivot = eq(rows, at), first = n.broadcast(n.slice(m, 1, 0, 1), m.shape());
    Expr best = n.keep(sum(select(ir::broadcast(isPivot, m.shape(), {0, 1}), m, like(0.0, m)), {1}), m.shape(), {1});
    // The pivot's row and the first change places.
    m = select(ir::broadcast(eq(rows, 0.0), m.shape(), {0, 1}), n.broadcast(best, m.shape()), select(ir::broadcast(isPivot, m.shape(), {0, 1}), first, m));
    Expr head = n.reshape(n.slice(best, 2, 0, 1), {batch});
    result = result * head * select(eq(pivot, 0.0), like(1.0, head), like(-1.0, head));
    if (left == 1)
      break;
    Expr below = n.slice(m, 1, 1, left - 1), safe = select(eq(head, 0.0), like(1.0, head), head);
    Expr factor = n.slice(below, 2, 0, 1) / ir::broadcast(safe, {batch, left - 1, 1}, {0});
    Expr rest = n.slice(below, 2, 1, left - 1), top = n.slice(best, 2, 1, left - 1);
    m = rest - n.broadcast(factor, rest.shape()) * n.broadcast(top, rest.shape());
  }
  n.out(0, cast(n.reshape(result, x.shape().drop_back(2)), x), n.dtype(0));
}
} // namespace

void addProducts(Table &t) {
  t("MatMul", 1, matmulRule);
  t("Gemm", 1, gemm);
  t("Einsum", 12, einsum);
  t("Det", 11, det);
}

} // namespace tenon::onnx::imports
