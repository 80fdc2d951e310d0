// Comparison, flags, selection, conversion.
#include "compiler/onnx/import/rules/common.h"
#include "compiler/onnx/import/rules/numbers.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;

Expr castTo(Node &n, Expr x, int from, int to) {
  Type target = n.element(to);
  double limit = std::ldexp(1.0, 63);
  if (from == D::UINT64 && isFloat(to)) {
    Expr y = cast(x, n.b.getF64Type());
    return cast(select(x < 0.0, y + 2 * limit, y), target);
  }
  if (to == D::UINT64 && (from == D::FLOAT || from == D::DOUBLE || from == D::BFLOAT16)) {
    Expr high = x >= limit;
    Expr y = cast(select(high, x - limit, x), target);
    return select(high, ordered(y, to), y);
  }
  if (isFloat(from) && integerForm(to).bits && integerForm(to).bits < 32)
    x = cast(x, n.b.getI64Type());
  // 8 and 16 bits wrap in i32 as well: what is left of the low bits is the same.
  x = cast(x, target);
  // An i32 that becomes unsigned has its sign extended first.
  return from == to ? x : wrapped(x, to);
}

namespace {
template <class F> Rule comparison(F f) {
  return [f](Node &n) {
    auto [a, c] = broadcastPair(n);
    n.out(0, f(ordered(a, n.dtype(0)), ordered(c, n.dtype(0))), D::BOOL);
  };
}
template <class Op, bool flags> Rule bits() {
  return [](Node &n) {
    auto [a, c] = broadcastPair(n);
    n.expect(flags == (n.dtype(0) == D::BOOL), flags ? "it takes bool" : "it takes integers");
    n.out(0, n.op<Op>({a, c}), n.dtype(0));
  };
}
void where(Node &n) {
  n.expect(n.dtype(0) == D::BOOL, "its condition must be bool");
  n.expect(n.dtype(1) == n.dtype(2), "its choices are of two types");
  Dims shape = n.broadcastShape(n.broadcastShape(n.shape(0), n.shape(1)), n.shape(2));
  n.out(0, select(n.broadcast(n.in(0), shape), n.broadcast(n.in(1), shape), n.broadcast(n.in(2), shape)), n.dtype(1));
}
void castRule(Node &n) {
  if (n.hasAttribute("saturate"))
    n.i("saturate"); // of float8 alone
  n.out(0, castTo(n, n.in(0), n.dtype(0), int(n.i("to"))), int(n.i("to")));
}
void oldCast(Node &n) { // the type by name
  static const std::pair<const char *, int> names[] = {{"FLOAT", D::FLOAT}, {"DOUBLE", D::DOUBLE}, {"FLOAT16", D::FLOAT16}, {"INT8", D::INT8}, {"INT16", D::INT16}, {"INT32", D::INT32},
                                                       {"INT64", D::INT64}, {"UINT8", D::UINT8}, {"UINT16", D::UINT16}, {"UINT32", D::UINT32}, {"UINT64", D::UINT64}, {"BOOL", D::BOOL}};
  std::string to = n.s("to", "");
  for (auto [name, type] : names)
    if (to == name)
      return n.out(0, castTo(n, n.in(0), n.dtype(0), type), type);
  n.fail("it casts to the type '" + to + "', which has no form in Tenon");
}
void castLike(Node &n) { n.out(0, castTo(n, n.in(0), n.dtype(0), n.dtype(1)), n.dtype(1)); }
void isInf(Node &n) {
  Expr x = n.in(0);
  double inf = std::numeric_limits<double>::infinity();
  bool up = n.i("detect_positive", 1), down = n.i("detect_negative", 1);
  Expr no = n.splat(x.shape(), n.b.getI1Type(), 0);
  n.out(0, (up ? eq(x, inf) : no) | (down ? eq(x, -inf) : no), D::BOOL);
}
} // namespace

void addLogic(Table &t) {
  t("Equal", 1, comparison([](Expr a, Expr c) { return eq(a, c); }));
  t("Less", 1, comparison([](Expr a, Expr c) { return a < c; }));
  t("LessOrEqual", 12, comparison([](Expr a, Expr c) { return a <= c; }));
  t("Greater", 1, comparison([](Expr a, Expr c) { return a > c; }));
  t("GreaterOrEqual", 12, comparison([](Expr a, Expr c) { return a >= c; }));
  t("And", 1, bits<prim::AndOp, true>());
  t("Or", 1, bits<prim::OrOp, true>());
  t("Xor", 1, bits<prim::XorOp, true>());
  t("BitwiseAnd", 18, bits<prim::AndOp, false>());
  t("BitwiseOr", 18, bits<prim::OrOp, false>());
  t("BitwiseXor", 18, bits<prim::XorOp, false>());
  t("Not", 1, [](Node &n) {
    n.expect(n.dtype(0) == D::BOOL, "it takes bool");
    n.out(0, flip(n.in(0)), D::BOOL);
  });
  t("BitwiseNot", 18, [](Node &n) {
    n.expect(integerForm(n.dtype(0)).bits, "it takes integers");
    n.out(0, wrapped(flip(n.in(0)), n.dtype(0)), n.dtype(0));
  });
  t("Where", 9, where);
  t("Cast", 1, oldCast);
  t("Cast", 6, castRule);
  t("CastLike", 15, castLike);
  t("IsNaN", 9, [](Node &n) { n.out(0, ne(n.in(0), n.in(0)), D::BOOL); });
  t("IsInf", 10, isInf);
}

} // namespace tenon::onnx::imports
