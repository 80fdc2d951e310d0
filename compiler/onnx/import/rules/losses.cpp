// Losses of classes.
#include "compiler/onnx/import/rules/common.h"

using namespace mlir;
namespace tenon::onnx::imports {
using namespace ir;

void negativeLogLikelihood(Node &n, Expr x, Expr target, Expr weight) {
  std::string reduction = n.s("reduction", "mean");
  n.expect(reduction == "mean" || reduction == "sum" || reduction == "none", "reduction must be mean, sum or none");
  n.expect(x.rank() >= 2 && target.rank() == x.rank() - 1, "it takes scores [N, C, ...] and labels [N, ...]");
  // Classes last, all else in rows.
  Dims order{0}, rest{x.shape()[0]};
  for (int64_t d = 2; d < x.rank(); ++d)
    order.push_back(d), rest.push_back(x.shape()[d]);
  n.expect(target.shape() == ArrayRef(rest), "labels do not fit to the scores");
  order.push_back(1);
  int64_t classes = x.shape()[1], rows = elementsOf(rest);
  Expr scores = n.reshape(transpose(x, order), {rows, classes}), labels = n.reshape(cast(target, n.b.getI64Type()), {rows});
  n.expect(!weight || (weight.rank() == 1 && weight.shape()[0] == classes), "it needs one weight per class");
  auto type = RankedTensorType::get({rows, classes}, n.b.getI64Type());
  Expr hit = eq(iota(n.b, type, 1), n.along(labels, type.getShape(), 0));
  Expr per = weight ? n.along(weight, type.getShape(), 1) : n.splat(type.getShape(), x.element(), 1);
  if (auto *a = n.attribute("ignore_index", pb::AttributeProto::INT))
    hit = hit & ne(n.along(labels, type.getShape(), 0), double(a->i()));
  Expr taken = select(hit, per, like(0.0, per)), loss = -sum(select(hit, scores * per, like(0.0, per)), {1});
  if (reduction == "none")
    return n.out(0, n.reshape(loss, rest), dtypeOf(x.element()));
  Expr total = sum(loss);
  n.out(0, reduction == "sum" ? total : total / sum(taken), dtypeOf(x.element()));
}

namespace {
void crossEntropy(Node &n) {
  Expr x = n.in(0);
  n.expect(x.rank() >= 2, "it takes scores [N, C, ...]");
  Expr logProbability = softmaxAlong(n, x, 1, true);
  negativeLogLikelihood(n, logProbability, n.in(1), n.optional(2));
  n.out(1, logProbability, n.dtype(0));
}
} // namespace

void addLosses(Table &t) {
  t("NegativeLogLikelihoodLoss", 12, [](Node &n) { negativeLogLikelihood(n, n.in(0), n.in(1), n.optional(2)); });
  t("SoftmaxCrossEntropyLoss", 12, crossEntropy);
}

} // namespace tenon::onnx::imports
