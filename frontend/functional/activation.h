// Activations beside the common ones of functional.h, with LibTorch's options. x is of a floating dtype and any shape; the result has
// x's dtype and shape unless said otherwise. Each throws Error on another dtype or on options out of range.
#pragma once
#include <tenon/arg.h>
#include <tenon/tensor/tensor.h>

namespace tenon::nn {

struct ELUOptions {
  TENON_ARG(double, alpha) = 1.0;
  TENON_ARG(bool, inplace) = false;
};
struct SELUOptions {
  SELUOptions(bool inplace = false) : inplace_(inplace) {}
  TENON_ARG(bool, inplace);
};
using CELUOptions = ELUOptions;
struct HardtanhOptions {
  TENON_ARG(double, min_val) = -1.0;
  TENON_ARG(double, max_val) = 1.0;
  TENON_ARG(bool, inplace) = false;
};
using ReLU6Options = SELUOptions;
struct HardshrinkOptions {
  HardshrinkOptions(double lambda = 0.5) : lambda_(lambda) {}
  TENON_ARG(double, lambda);
};
using SoftshrinkOptions = HardshrinkOptions;
struct ThresholdOptions {
  ThresholdOptions(double threshold, double value) : threshold_(threshold), value_(value) {}
  TENON_ARG(double, threshold);
  TENON_ARG(double, value);
  TENON_ARG(bool, inplace) = false;
};
struct SoftplusOptions {
  TENON_ARG(double, beta) = 1.0;
  TENON_ARG(double, threshold) = 20.0;
};
struct RReLUOptions {
  TENON_ARG(double, lower) = 1.0 / 8;
  TENON_ARG(double, upper) = 1.0 / 3;
  TENON_ARG(bool, inplace) = false;
};
struct PReLUOptions {
  TENON_ARG(int64_t, num_parameters) = 1;
  TENON_ARG(double, init) = 0.25;
};
struct GLUOptions {
  GLUOptions(int64_t dim = -1) : dim_(dim) {}
  TENON_ARG(int64_t, dim);
};

namespace functional {
using ELUFuncOptions = ELUOptions;
using SELUFuncOptions = SELUOptions;
using CELUFuncOptions = CELUOptions;
using HardtanhFuncOptions = HardtanhOptions;
using ReLU6FuncOptions = ReLU6Options;
using HardshrinkFuncOptions = HardshrinkOptions;
using SoftshrinkFuncOptions = SoftshrinkOptions;
using ThresholdFuncOptions = ThresholdOptions;
using SoftplusFuncOptions = SoftplusOptions;
using GLUFuncOptions = GLUOptions;
struct RReLUFuncOptions {
  TENON_ARG(double, lower) = 1.0 / 8;
  TENON_ARG(double, upper) = 1.0 / 3;
  TENON_ARG(bool, training) = false;
  TENON_ARG(bool, inplace) = false;
};
struct GumbelSoftmaxFuncOptions {
  TENON_ARG(double, tau) = 1.0;
  TENON_ARG(bool, hard) = false;
  TENON_ARG(int64_t, dim) = -1;
};
struct AlphaDropoutFuncOptions {
  TENON_ARG(double, p) = 0.5;
  TENON_ARG(bool, training) = false;
  TENON_ARG(bool, inplace) = false;
};

/// x where x > 0, else alpha (exp(x) - 1)
Tensor elu(const Tensor &x, const ELUFuncOptions &options = {}, Location loc = Location::current());
Tensor selu(const Tensor &x, const SELUFuncOptions &options = {}, Location loc = Location::current());
/// x where x > 0, else alpha (exp(x / alpha) - 1); alpha is not 0
Tensor celu(const Tensor &x, const CELUFuncOptions &options = {}, Location loc = Location::current());
/// x held in [min_val, max_val]; min_val is not above max_val
Tensor hardtanh(const Tensor &x, const HardtanhFuncOptions &options = {}, Location loc = Location::current());
/// hardtanh between 0 and 6
Tensor relu6(const Tensor &x, const ReLU6FuncOptions &options = {}, Location loc = Location::current());
/// x / 6 + 1/2 held in [0, 1]
Tensor hardsigmoid(const Tensor &x, bool inplace = false, Location loc = Location::current());
/// x hardsigmoid(x)
Tensor hardswish(const Tensor &x, bool inplace = false, Location loc = Location::current());
/// 0 where |x| <= lambda, else x
Tensor hardshrink(const Tensor &x, const HardshrinkFuncOptions &options = {}, Location loc = Location::current());
/// x moved lambda towards 0; lambda is not negative
Tensor softshrink(const Tensor &x, const SoftshrinkFuncOptions &options = {}, Location loc = Location::current());
/// x - tanh(x)
Tensor tanhshrink(const Tensor &x, Location loc = Location::current());
/// x where x > threshold, else value
Tensor threshold(const Tensor &x, const ThresholdFuncOptions &options, Location loc = Location::current());
/// log(1 + exp(beta x)) / beta, and x where beta x > threshold
Tensor softplus(const Tensor &x, const SoftplusFuncOptions &options = {}, Location loc = Location::current());
/// x / (1 + |x|)
Tensor softsign(const Tensor &x, Location loc = Location::current());
/// log(sigmoid(x))
Tensor logsigmoid(const Tensor &x, Location loc = Location::current());
/// x tanh(softplus(x))
Tensor mish(const Tensor &x, bool inplace = false, Location loc = Location::current());
/// x where x > 0, else weight x; weight is [1], or [C] for x of [N, C, ...]
Tensor prelu(const Tensor &x, const Tensor &weight, Location loc = Location::current());
/// x where x >= 0, else a x: a uniform in [lower, upper) per element when training, their mean otherwise (Xu et al. 2015)
Tensor rrelu(const Tensor &x, const RReLUFuncOptions &options = {}, Location loc = Location::current());
/// a sigmoid(b) for the halves a, b of x along dim, whose extent is even: the result has half of it
Tensor glu(const Tensor &x, const GLUFuncOptions &options = {}, Location loc = Location::current());
/// softmax(-x) along dim
Tensor softmin(const Tensor &x, int64_t dim, Location loc = Location::current());
/// softmax((x + noise) / tau) along dim, noise of Gumbel's distribution; hard: a one at its maximum, with the soft one's gradient
Tensor gumbel_softmax(const Tensor &x, const GumbelSoftmaxFuncOptions &options = {}, Location loc = Location::current());
/// Dropout that keeps mean 0 and variance 1 after selu (Klambauer et al. 2017); feature_: whole channels of [N, C, ...]
Tensor alpha_dropout(const Tensor &x, const AlphaDropoutFuncOptions &options = {}, Location loc = Location::current());
Tensor feature_alpha_dropout(const Tensor &x, const AlphaDropoutFuncOptions &options = {}, Location loc = Location::current());
/// Whole channels are zero with probability p, others times 1 / (1 - p), when `training`. dropout1d: x of [N, C, L] or [C, L];
/// dropout2d: [N, C, H, W] or [C, H, W]; dropout3d: [N, C, D, H, W] or [C, D, H, W].
Tensor dropout1d(const Tensor &x, double p = 0.5, bool training = true, Location loc = Location::current());
Tensor dropout2d(const Tensor &x, double p = 0.5, bool training = true, Location loc = Location::current());
Tensor dropout3d(const Tensor &x, double p = 0.5, bool training = true, Location loc = Location::current());

} // namespace functional
} // namespace tenon::nn
