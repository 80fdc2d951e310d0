// Random numbers and dropout: draws of the environment's generator.
#include "compiler/onnx/import/rules/common.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

template <class Op> Expr drawn(Node &n, ArrayRef<int64_t> shape, Type element) {
  auto [seed, counter] = n.draw(elementsOf(shape));
  return {&n.b, Op::create(n.b, RankedTensorType::get(shape, element), seed.value, counter.value)};
}
template <class Op> Rule random(bool like, double firstDefault, const char *first, double secondDefault, const char *second) {
  return [=](Node &n) {
    int dtype = int(n.i("dtype", like ? n.dtype(0) : int(D::FLOAT)));
    Dims shape = like ? Dims(n.in(0).shape()) : n.is("shape", {});
    n.expect(isFloat(dtype), "dtype must be of floating point");
    double a = n.f(first, firstDefault), b = n.f(second, secondDefault);
    Expr x = drawn<Op>(n, shape, n.element(dtype));
    bool uniform = std::is_same_v<Op, nn::RandomUniformOp>; // low and high; mean and scale
    n.out(0, uniform ? x * (b - a) + a : x * b + a, dtype);
  };
}
void bernoulli(Node &n) {
  Expr p = n.in(0);
  int dtype = int(n.i("dtype", n.dtype(0)));
  n.out(0, cast(drawn<nn::RandomUniformOp>(n, p.shape(), p.element()) < p, n.element(dtype)), dtype);
}
/// Classes [N, samples] of logarithms of probabilities [N, C], which need not sum to 1: the first whose running sum is above what was drawn.
void multinomial(Node &n) {
  Expr x = n.in(0);
  int dtype = int(n.i("dtype", D::INT32));
  int64_t samples = n.i("sample_size", 1);
  n.expect(x.rank() == 2 && x.shape()[1] > 0 && isFloat(n.dtype(0)), "it takes [N, C]");
  n.expect(samples > 0 && samples <= (int64_t(1) << 31) && (dtype == D::INT32 || dtype == D::INT64), "sample_size must be positive, dtype int32 or int64");
  Dims shape{x.shape()[0], samples, x.shape()[1]};
  elementsOf(shape, int64_t(1) << 34);
  Expr sums = cumsum(softmaxAlong(n, cast(x, promoted(x.element())), 1, false), 1), u = drawn<nn::RandomUniformOp>(n, {shape[0], shape[1]}, sums.element());
  Expr below = cast(ir::broadcast(sums, shape, {0, 2}) <= ir::broadcast(u, shape, {0, 1}), n.element(dtype)), y = sum(below, {2});
  n.out(0, min(y, double(shape[2] - 1)), dtype);
}

void dropout(Node &n) {
  Expr x = n.in(0);
  double p = n.version < 12 ? n.f("ratio", 0.5) : n.has(1) ? n.real(1) : 0.5;
  bool asked = n.version >= 12 ? n.has(2) && n.real(2) != 0 : n.version < 7 && !n.i("is_test", 0);
  bool alive = n.importer.environment.training() || asked;
  n.expect(p >= 0 && p <= 1, "ratio must be from 0 to 1");
  Expr mask = n.splat(x.shape(), n.b.getI1Type(), 1);
  if (alive && p > 0) {
    auto [seed, counter] = n.draw(x.type().getNumElements());
    auto set = [&](auto &q) { q.p = n.b.getF64FloatAttr(p); };
    if (n.wants(1)) // what is dropped of ones is dropped of x
      mask = ne(n.op<nn::DropoutOp>({like(1.0, x), seed, counter}, set), 0.0);
    x = n.op<nn::DropoutOp>({x, seed, counter}, set);
  }
  n.out(0, x, n.dtype(0));
  n.out(1, n.version < 10 ? cast(mask, x) : mask, n.version < 10 ? n.dtype(0) : int(D::BOOL));
}
} // namespace

void addRandom(Table &t) {
  t("RandomUniform", 1, random<nn::RandomUniformOp>(false, 0, "low", 1, "high")).random = true;
  t("RandomUniformLike", 1, random<nn::RandomUniformOp>(true, 0, "low", 1, "high")).random = true;
  t("RandomNormal", 1, random<nn::RandomNormalOp>(false, 0, "mean", 1, "scale")).random = true;
  t("RandomNormalLike", 1, random<nn::RandomNormalOp>(true, 0, "mean", 1, "scale")).random = true;
  t("Multinomial", 7, multinomial).random = true;
  t("Bernoulli", 15, bernoulli).random = true;
  for (int since : {1, 7, 12}) {
    Entry &e = t("Dropout", since, dropout);
    e.random = true, e.host = 6;
  }
}

} // namespace tenon::onnx::imports
