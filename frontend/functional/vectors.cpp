// Functions of vectors along a dimension: compositions.
#include "frontend/functional/vectors.h"
#include "frontend/functional/check.h"
#include "frontend/tensor/record.h"
#include "frontend/tensor/value.h"

namespace tenon::nn::functional {
namespace {

using tenon::detail::Value;

Value norm(const char *op, const Value &x, double p, int64_t dim, bool keepdim) {
  if (!(p >= 0))
    throw record::error(op, "expected p at least 0, came " + std::to_string(p), x.line);
  return {x.tensor.norm(p, dim, keepdim, x.line), x.line};
}

void expect_pair(const char *op, const Tensor &a, const Tensor &b, Location loc) {
  tenon::detail::expect_floating(op, "first input", a, loc);
  tenon::detail::expect_floating(op, "second input", b, loc);
}

} // namespace

Tensor normalize(const Tensor &x, const NormalizeFuncOptions &o, Location loc) {
  tenon::detail::expect_floating("normalize", "input", x, loc);
  int64_t dim = record::wrap_dim("normalize", o.dim(), x.dim(), loc);
  Value v{x, loc};
  return (v / norm("normalize", v, o.p(), dim, true).at_least(o.eps())).tensor;
}

Tensor cosine_similarity(const Tensor &a, const Tensor &b, const CosineSimilarityFuncOptions &o, Location loc) {
  expect_pair("cosine_similarity", a, b, loc);
  Shape shape = record::broadcast_shape("cosine_similarity", a.sizes(), b.sizes(), loc);
  int64_t dim = record::wrap_dim("cosine_similarity", o.dim(), static_cast<int64_t>(shape.size()), loc);
  auto unit = [&](const Tensor &t) {
    Value v{t.expand(shape, loc), loc}, size = norm("cosine_similarity", v, 2, dim, true);
    return v / (size + (size.at_least(o.eps()) - size).detach()); // PyTorch bounds it under no_grad
  };
  return (unit(a) * unit(b)).sum(dim).tensor;
}

Tensor pairwise_distance(const Tensor &a, const Tensor &b, const PairwiseDistanceFuncOptions &o, Location loc) {
  expect_pair("pairwise_distance", a, b, loc);
  if (a.dim() == 0 && b.dim() == 0)
    throw record::error("pairwise_distance", "expected vectors in the last dimension, came " + record::text(a) + " and " + record::text(b),
                        loc);
  return norm("pairwise_distance", Value{a, loc} - Value{b, loc} + o.eps(), o.p(), -1, o.keepdim()).tensor;
}

/// x / (k + alpha / size times the sum of x^2 over the channels from `before` to `after` of each)^beta, zeros outside: a sum of shifted slices.
static Tensor response(const Tensor &x, int64_t size, int64_t before, int64_t after, double alpha, double beta, double k, Location loc) {
  int64_t channels = x.size(1);
  auto zeros_of = [&](int64_t n) {
    Shape shape = x.sizes().vec();
    shape[1] = n;
    return zeros(shape, x.options(), loc);
  };
  Tensor padded = cat({zeros_of(before), x.square(loc), zeros_of(after)}, 1, loc);
  Value total{padded.narrow(1, 0, channels, loc), loc};
  for (int64_t i = 1; i <= before + after; ++i)
    total = total + Value{padded.narrow(1, i, channels, loc), loc};
  Value base = total * (alpha / static_cast<double>(size)) + k;
  return x.div({base.tensor.pow({beta, loc}), loc});
}

Tensor local_response_norm(const Tensor &x, const LocalResponseNormFuncOptions &o, Location loc) {
  const char *name = "local_response_norm";
  tenon::detail::expect_floating(name, "input", x, loc);
  if (x.dim() < 3)
    throw record::error(name, "expected an input [N, C, ...] of at least 3 dimensions, came " + record::text(x), loc);
  if (o.size() < 1)
    throw record::error(name, "expected a size of at least 1, came " + std::to_string(o.size()), loc);
  return response(x, o.size(), o.size() / 2, (o.size() - 1) / 2, o.alpha(), o.beta(), o.k(), loc);
}

Tensor cross_map_lrn2d(const Tensor &x, const CrossMapLRN2dFuncOptions &o, Location loc) {
  const char *name = "cross_map_lrn2d";
  tenon::detail::expect_floating(name, "input", x, loc);
  if (x.dim() != 4 || o.size() < 1)
    throw record::error(name, "expected an input [N, C, H, W] and a size of at least 1, came " + record::text(x) + " and " + std::to_string(o.size()), loc);
  return response(x, o.size(), (o.size() - 1) / 2, (o.size() - 1) / 2, o.alpha(), o.beta(), static_cast<double>(o.k()), loc);
}

Tensor bilinear(const Tensor &a, const Tensor &b, const Tensor &weight, const Tensor &bias, Location loc) {
  expect_pair("bilinear", a, b, loc);
  tenon::detail::expect_floating("bilinear", "weight", weight, loc);
  Shape heads = a.sizes().vec(), other = b.sizes().vec();
  bool fits = weight.dim() == 3 && a.dim() >= 1 && a.dim() == b.dim() && heads.back() == weight.size(1) && other.back() == weight.size(2);
  if (fits) {
    heads.pop_back();
    other.pop_back();
  }
  if (!fits || heads != other)
    throw record::error("bilinear",
                        "expected inputs [..., in1], [..., in2] and a weight [out, in1, in2], came " + record::text(a) + ", " +
                            record::text(b) + " and " + record::text(weight),
                        loc);
  if (bias.defined() && !(bias.sizes() == IntArrayRef(weight.size(0))))
    throw record::error("bilinear", "expected a bias [" + std::to_string(weight.size(0)) + "], came " + record::text(bias), loc);
  int64_t rows = 1, out = weight.size(0), in1 = weight.size(1), in2 = weight.size(2);
  for (int64_t d : heads)
    rows *= d;
  Tensor inner = b.reshape({rows, in2}, loc).matmul(weight.reshape({out * in1, in2}, loc).t(loc), loc).view({rows, out, in1}, loc);
  Value y = (Value{inner, loc} * Value{a.reshape({rows, 1, in1}, loc), loc}).sum(-1);
  heads.push_back(out);
  Tensor result = y.tensor.view(heads, loc);
  return bias.defined() ? result.add({bias, loc}) : result;
}

} // namespace tenon::nn::functional
