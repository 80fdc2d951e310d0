// The optimizers of ai.onnx.preview.training.
#include "compiler/onnx/import/rules/common.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;
namespace {

constexpr const char *domain = "ai.onnx.preview.training";

/// Operands: rate, count, then X..., G..., and `kinds` lists of state.
struct Lists {
  int64_t count;
  Lists(Node &n, int64_t kinds) : count((int64_t(n.count()) - 2) / kinds) {
    n.expect(n.count() >= 2 && (int64_t(n.count()) - 2) % kinds == 0 && int64_t(n.outs()) == count * (kinds - 1), "it needs " + Twine(kinds) + " lists of tensors of one length");
    for (int64_t i = 0; i < count; ++i)
      for (int64_t k = 1; k < kinds; ++k)
        n.expect(n.shape(2 + i) == n.shape(2 + k * count + i) && n.dtype(2 + i) == n.dtype(2 + k * count + i), "tensors of its lists have different types");
  }
};
Expr number(Node &n, size_t operand, Expr as) {
  n.expect(n.input(operand).type.getNumElements() == 1, "rate and count are numbers");
  return like(n.reshape(n.in(operand), {}), as);
}

void momentum(Node &n) {
  Lists l(n, 3);
  double alpha = n.f("alpha", 0), beta = n.f("beta", 0), norm = n.f("norm_coefficient", 0);
  std::string mode = n.s("mode", "");
  n.expect(mode == "standard" || mode == "nesterov", "mode must be standard or nesterov");
  for (int64_t i = 0; i < l.count; ++i) {
    Expr x = n.in(2 + i), v = n.in(2 + 2 * l.count + i), rate = number(n, 0, x);
    Expr g = x * norm + n.in(2 + l.count + i);
    Expr first = eq(number(n, 1, x), 0.0), weight = select(first, like(1.0, x), like(beta, x));
    v = v * alpha + g * weight;
    n.out(i, x - rate * (mode == "standard" ? v : g + v * alpha), n.dtype(2 + i));
    n.out(l.count + i, v, n.dtype(2 + i));
  }
}
void adagrad(Node &n) {
  Lists l(n, 3);
  double norm = n.f("norm_coefficient", 0), epsilon = n.f("epsilon", 1e-6), decay = n.f("decay_factor", 0);
  for (int64_t i = 0; i < l.count; ++i) {
    Expr x = n.in(2 + i), h = n.in(2 + 2 * l.count + i), rate = number(n, 0, x) / (number(n, 1, x) * decay + 1.0);
    Expr g = x * norm + n.in(2 + l.count + i);
    h = h + g * g;
    n.out(i, x - rate * g / (sqrt(h) + epsilon), n.dtype(2 + i));
    n.out(l.count + i, h, n.dtype(2 + i));
  }
}
void adam(Node &n) {
  Lists l(n, 4);
  double alpha = n.f("alpha", 0.9), beta = n.f("beta", 0.999), norm = n.f("norm_coefficient", 0), after = n.f("norm_coefficient_post", 0), epsilon = n.f("epsilon", 1e-6);
  for (int64_t i = 0; i < l.count; ++i) {
    Expr x = n.in(2 + i), v = n.in(2 + 2 * l.count + i), h = n.in(2 + 3 * l.count + i), rate = number(n, 0, x), t = number(n, 1, x);
    Expr g = x * norm + n.in(2 + l.count + i);
    v = v * alpha + g * (1 - alpha), h = h * beta + g * g * (1 - beta);
    Expr corrected = rate * sqrt(1.0 - pow(like(beta, x), t)) / (1.0 - pow(like(alpha, x), t));
    corrected = select(t > 0.0, corrected, rate);
    n.out(i, (x - corrected * v / (sqrt(h) + epsilon)) * (1 - after), n.dtype(2 + i));
    n.out(l.count + i, v, n.dtype(2 + i));
    n.out(2 * l.count + i, h, n.dtype(2 + i));
  }
}
/// Derivatives of `y` by `xs`, values of the graph by name. The whole of the graph between them is differentiated: `zs` changes nothing.
void gradient(Node &n) {
  auto *xs = n.attribute("xs", pb::AttributeProto::STRINGS);
  n.expect(xs && size_t(xs->strings_size()) == n.outs(), "xs needs one name per output");
  auto named = [&](const std::string &name) { return n.value(n.importer.lookup(n.scope, name)); };
  Expr y = named(n.s("y", ""));
  n.expect(isa<FloatType>(y.element()), "y must be of floating point");
  SmallVector<mlir::Value> wrt;
  SmallVector<Type> types;
  for (const auto &name : xs->strings()) {
    Expr x = named(name);
    n.expect(isa<FloatType>(x.element()), "'" + name + "' must be of floating point");
    wrt.push_back(x.value), types.push_back(x.type());
  }
  auto op = prim::GradientOp::create(n.b, types, y.value, n.splat(y.shape(), y.element(), 1).value, wrt);
  for (auto [i, r] : llvm::enumerate(op->getResults()))
    n.out(i, Expr{&n.b, r});
}
} // namespace

void addTraining(Table &t) {
  t("Momentum", 1, momentum, domain);
  t("Adagrad", 1, adagrad, domain);
  t("Adam", 1, adam, domain);
  t("Gradient", 1, gradient, domain).random = true;
}

} // namespace tenon::onnx::imports
