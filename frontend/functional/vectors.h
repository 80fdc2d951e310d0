// Functions of vectors along a dimension: normalize, similarities and distances, bilinear, local response.
#pragma once
#include <tenon/arg.h>
#include <tenon/tensor/tensor.h>

namespace tenon::nn {

struct CosineSimilarityOptions {
  TENON_ARG(int64_t, dim) = 1;
  TENON_ARG(double, eps) = 1e-8;
};
struct PairwiseDistanceOptions {
  TENON_ARG(double, p) = 2.0;
  TENON_ARG(double, eps) = 1e-6;
  TENON_ARG(bool, keepdim) = false;
};
struct LocalResponseNormOptions {
  LocalResponseNormOptions(int64_t size) : size_(size) {}
  TENON_ARG(int64_t, size);
  TENON_ARG(double, alpha) = 1e-4;
  TENON_ARG(double, beta) = 0.75;
  TENON_ARG(double, k) = 1.0;
};
struct CrossMapLRN2dOptions {
  CrossMapLRN2dOptions(int64_t size) : size_(size) {}
  TENON_ARG(int64_t, size);
  TENON_ARG(double, alpha) = 1e-4;
  TENON_ARG(double, beta) = 0.75;
  TENON_ARG(int64_t, k) = 1;
};
struct BilinearOptions {
  BilinearOptions(int64_t in1_features, int64_t in2_features, int64_t out_features)
      : in1_features_(in1_features), in2_features_(in2_features), out_features_(out_features) {}
  TENON_ARG(int64_t, in1_features);
  TENON_ARG(int64_t, in2_features);
  TENON_ARG(int64_t, out_features);
  TENON_ARG(bool, bias) = true;
};

namespace functional {
using CosineSimilarityFuncOptions = CosineSimilarityOptions;
using PairwiseDistanceFuncOptions = PairwiseDistanceOptions;
using LocalResponseNormFuncOptions = LocalResponseNormOptions;
using CrossMapLRN2dFuncOptions = CrossMapLRN2dOptions;
struct NormalizeFuncOptions {
  TENON_ARG(double, p) = 2.0;
  TENON_ARG(int64_t, dim) = 1;
  TENON_ARG(double, eps) = 1e-12;
};

/// x / max(|x|_p along dim, eps)
Tensor normalize(const Tensor &x, const NormalizeFuncOptions &options = {}, Location loc = Location::current());
/// sum(a b) / (max(|a|, eps) max(|b|, eps)) along dim; a and b broadcast
Tensor cosine_similarity(const Tensor &a, const Tensor &b, const CosineSimilarityFuncOptions &options = {},
                         Location loc = Location::current());
/// |a - b + eps|_p along the last dimension
Tensor pairwise_distance(const Tensor &a, const Tensor &b, const PairwiseDistanceFuncOptions &options = {},
                         Location loc = Location::current());
/// x / (k + alpha mean of x^2 over `size` neighbouring channels)^beta, x [N, C, ...] (Krizhevsky et al. 2012)
Tensor local_response_norm(const Tensor &x, const LocalResponseNormFuncOptions &options, Location loc = Location::current());
/// The p-norms of the differences of rows i < j of x [N, M]: [N (N - 1) / 2]
using tenon::pdist;
/// x / (k + alpha mean of x^2 over `size` channels around it)^beta, x [N, C, H, W]; of an even size one less
Tensor cross_map_lrn2d(const Tensor &x, const CrossMapLRN2dFuncOptions &options, Location loc = Location::current());
/// a [..., in1], b [..., in2], weight [out, in1, in2], bias [out] or undefined: [..., out]
Tensor bilinear(const Tensor &a, const Tensor &b, const Tensor &weight, const Tensor &bias = {}, Location loc = Location::current());

} // namespace functional
} // namespace tenon::nn
