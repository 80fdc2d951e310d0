// Matrix products: prim.contract with the maps that PyTorch's rules give.
#include "frontend/tensor/product.h"
#include "compiler/dialect/prim/Prim.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/trace.h"

namespace tenon {

using namespace detail;
namespace prim = ir::prim;
using record::builder;

Tensor detail::contract(const char *op, const Tensor &first, const Tensor &second, llvm::StringRef ia, llvm::StringRef ib, llvm::StringRef iy, Location loc) {
  auto [a, b] = record::autocast<prim::ContractOp>(loc, first, second);
  auto &p = impl(op, a, loc);
  auto &q = impl(op, b, loc);
  if (p->dtype != q->dtype)
    throw record::error(op, "expected operands of one dtype, got " + record::text(a) + " and " + record::text(b), loc);
  for (size_t i = 0; i < ia.size(); ++i)
    if (auto j = ib.find(ia[i]); j != llvm::StringRef::npos && p->shape()[i] != q->shape()[j])
      throw record::error(op, "expected shapes that fit, got " + record::text(a) + " and " + record::text(b), loc);
  std::string letters;
  for (char c : (iy + ia + ib).str())
    if (letters.find(c) == std::string::npos)
      letters += c;
  auto map = [&](llvm::StringRef indices) {
    llvm::SmallVector<mlir::AffineExpr> dims;
    for (char c : indices)
      dims.push_back(builder().getAffineDimExpr(unsigned(letters.find(c))));
    return mlir::AffineMap::get(unsigned(letters.size()), 0, dims, &record::context());
  };
  return record::op<prim::ContractOp>({a, b}, loc, [&](auto &x) { x.maps = builder().getAffineMapArrayAttr({map(ia), map(ib), map(iy)}); });
}

namespace {

void expect_rank(const char *op, const Tensor &t, int64_t rank, Location loc) {
  if (impl(op, t, loc)->type.getRank() != rank)
    throw record::error(op, "expected a tensor of rank " + std::to_string(rank) + ", got " + record::text(t), loc);
}

/// Of vectors: autocast lets these run in the wider of their types.
Tensor of_vectors(const char *op, const Tensor &a, const Tensor &b, llvm::StringRef ia, llvm::StringRef ib, llvm::StringRef iy, Location loc) {
  expect_rank(op, a, 1, loc);
  expect_rank(op, b, 1, loc);
  auto [x, y] = record::autocast_widest(a, b, loc);
  AutocastGuard off(kBFloat16, false, loc);
  return contract(op, x, y, ia, ib, iy, loc);
}

} // namespace

Tensor Tensor::mm(const Tensor &o, Location loc) const {
  expect_rank("mm", *this, 2, loc);
  expect_rank("mm", o, 2, loc);
  return contract("mm", *this, o, "mk", "kn", "mn", loc);
}
Tensor Tensor::bmm(const Tensor &o, Location loc) const {
  expect_rank("bmm", *this, 3, loc);
  expect_rank("bmm", o, 3, loc);
  return contract("bmm", *this, o, "bmk", "bkn", "bmn", loc);
}
Tensor Tensor::mv(const Tensor &o, Location loc) const {
  expect_rank("mv", *this, 2, loc);
  expect_rank("mv", o, 1, loc);
  return contract("mv", *this, o, "mk", "k", "m", loc);
}
Tensor Tensor::dot(const Tensor &o, Location loc) const { return of_vectors("dot", *this, o, "k", "k", "", loc); }
Tensor Tensor::outer(const Tensor &o, Location loc) const { return of_vectors("outer", *this, o, "m", "n", "mn", loc); }

Tensor Tensor::matmul(const Tensor &o, Location loc) const {
  Lock lock;
  auto ra = impl("matmul", *this, loc)->type.getRank(), rb = impl("matmul", o, loc)->type.getRank();
  if (ra == 0 || rb == 0)
    throw record::error("matmul", "expected tensors of rank 1 at least, got " + record::text(*this) + " and " + record::text(o), loc);
  auto general = [&](llvm::StringRef a, llvm::StringRef b, llvm::StringRef y) { return contract("matmul", *this, o, a, b, y, loc); };
  if (ra == 1 && rb == 1)
    return general("k", "k", "");
  if (ra == 2 && rb == 1)
    return general("mk", "k", "m");
  if (ra == 1 && rb == 2)
    return general("k", "kn", "n");
  if (rb == 2) { // [..., m, k] x [k, n]: the leading dimensions are rows
    const std::string letters = "abcdefgh";
    auto rows = letters.substr(0, size_t(ra - 1));
    if (ra > 8)
      throw record::error("matmul", "expected rank 8 at most, got " + record::text(*this), loc);
    return general(rows + "k", "kn", rows + "n");
  }
  // Batches: a dimension that only one of them has is an index of that one alone, and nothing is repeated.
  auto a = ra == 1 ? unsqueeze(0, loc) : *this, b = rb == 1 ? o.unsqueeze(1, loc) : o;
  auto as = a.sizes().vec(), bs = b.sizes().vec();
  auto shape = record::broadcast_shape("matmul", IntArrayRef(as.data(), as.size() - 2), IntArrayRef(bs.data(), bs.size() - 2), loc);
  std::string letters[2], whole;
  Shape sizes[2];
  for (size_t d = 0; d < shape.size(); ++d) {
    char letter = char('A' + d);
    auto place = [&](const Shape &s, int i) {
      size_t batch = s.size() - 2;
      if (d + batch < shape.size() || s[d + batch - shape.size()] == 1)
        return false;
      letters[i] += letter;
      sizes[i].push_back(shape[d]);
      return true;
    };
    bool first = place(as, 0), second = place(bs, 1);
    if (first || second)
      whole += letter;
  }
  for (auto [i, s] : {std::pair(0, &as), std::pair(1, &bs)})
    sizes[i].insert(sizes[i].end(), s->end() - 2, s->end());
  auto y = contract("matmul", a.view(sizes[0], loc), b.view(sizes[1], loc), letters[0] + "mk", letters[1] + "kn", whole + "mn", loc);
  if (ra > 1)
    shape.push_back(as[as.size() - 2]);
  if (rb > 1)
    shape.push_back(bs.back());
  return y.view(shape, loc);
}

/// beta * this + alpha * product; factors of 1 cost nothing.
static Tensor added(const Tensor &c, const Tensor &product, Scalar beta, Scalar alpha, Location loc) {
  auto one = [](Scalar s) { return s.toDouble() == 1; };
  auto x = one(beta) ? c : c.mul(Operand(beta, loc));
  return (one(alpha) ? product : product.mul(Operand(alpha, loc))).add(Operand(x, loc));
}
Tensor Tensor::addmm(const Tensor &a, const Tensor &b, Scalar beta, Scalar alpha, Location loc) const {
  return added(*this, a.mm(b, loc), beta, alpha, loc);
}
Tensor Tensor::addmv(const Tensor &a, const Tensor &b, Scalar beta, Scalar alpha, Location loc) const { return added(*this, a.mv(b, loc), beta, alpha, loc); }
Tensor Tensor::addr(const Tensor &a, const Tensor &b, Scalar beta, Scalar alpha, Location loc) const { return added(*this, a.outer(b, loc), beta, alpha, loc); }
Tensor Tensor::addbmm(const Tensor &a, const Tensor &b, Scalar beta, Scalar alpha, Location loc) const {
  expect_rank("addbmm", a, 3, loc);
  expect_rank("addbmm", b, 3, loc);
  return added(*this, contract("addbmm", a, b, "bmk", "bkn", "mn", loc), beta, alpha, loc);
}
Tensor Tensor::baddbmm(const Tensor &a, const Tensor &b, Scalar beta, Scalar alpha, Location loc) const { return added(*this, a.bmm(b, loc), beta, alpha, loc); }

} // namespace tenon
