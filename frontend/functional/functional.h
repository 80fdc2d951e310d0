// Functions of tensors that networks are made of, beside those that are methods too (relu, sigmoid, tanh, softmax, log_softmax).
// Each takes the caller's line last, so that an error names it.
#pragma once
#include <tenon/functional/attention.h>
#include <tenon/functional/embedding.h>
#include <tenon/functional/norm.h>
#include <tenon/functional/activation.h>
#include <tenon/functional/aten.h>
#include <tenon/functional/ctc_loss.h>
#include <tenon/functional/losses.h>
#include <tenon/functional/options.h>
#include <tenon/functional/vectors.h>

#include <vector>

namespace tenon {

// -- Activations: x of a floating dtype and any shape; the result has x's dtype and shape --

/// x where x > 0, else negative_slope * x
Tensor leaky_relu(const Tensor &x, Scalar negative_slope = 0.01, Location loc = Location::current());
/// x * Phi(x); approximate "none" uses erf, "tanh" Hendrycks and Gimpel's formula. Throws Error on another name.
Tensor gelu(const Tensor &x, const std::string &approximate = "none", Location loc = Location::current());
/// x * sigmoid(x)
Tensor silu(const Tensor &x, Location loc = Location::current());
/// x [..., in], weight [out, in], bias [out] or undefined: x weight^T + bias, [..., out]
Tensor linear(const Tensor &x, const Tensor &weight, const Tensor &bias = {}, Location loc = Location::current());
/// Zero with probability p, else x / (1 - p), when `train`; x otherwise. Throws Error unless 0 <= p <= 1.
Tensor dropout(const Tensor &x, double p, bool train, Location loc = Location::current());

namespace nn::functional {

using tenon::dropout;
using tenon::linear;

Tensor relu(const Tensor &x, const ReLUFuncOptions &options = {}, Location loc = Location::current());
Tensor leaky_relu(const Tensor &x, const LeakyReLUFuncOptions &options = {}, Location loc = Location::current());
Tensor gelu(const Tensor &x, const GELUFuncOptions &options = {}, Location loc = Location::current());
Tensor silu(const Tensor &x, Location loc = Location::current());
Tensor sigmoid(const Tensor &x, Location loc = Location::current());
Tensor tanh(const Tensor &x, Location loc = Location::current());
Tensor softmax(const Tensor &x, const SoftmaxFuncOptions &options, Location loc = Location::current());
Tensor log_softmax(const Tensor &x, const LogSoftmaxFuncOptions &options, Location loc = Location::current());
Tensor dropout(const Tensor &x, const DropoutFuncOptions &options = {}, Location loc = Location::current());

// -- Losses: a number (reduction mean or sum) or a value per element (none) --

/// logits [N, C, ...] or [C], target i64 or i32 [N, ...] or [] of classes 0 to C - 1 or ignore_index. A label out of range is an error of the
/// step. Or a target of the logits' shape and floating point: probabilities of the classes.
Tensor cross_entropy(const Tensor &input, const Tensor &target, const CrossEntropyFuncOptions &options = {},
                     Location loc = Location::current());
/// cross_entropy of linear(input, linear_weight): input [N, in] or [in], linear_weight [C, in]; or [C, d1, ..., in] for logits [N, C, d1, ...].
Tensor linear_cross_entropy(const Tensor &input, const Tensor &linear_weight, const Tensor &target, const LinearCrossEntropyFuncOptions &options = {},
                            Location loc = Location::current());
/// log-probabilities [N, C, ...] or [C], target i64 or i32 [N, ...] or []
Tensor nll_loss(const Tensor &input, const Tensor &target, const NLLLossFuncOptions &options = {},
                Location loc = Location::current());
/// (input - target)^2, equal shapes
Tensor mse_loss(const Tensor &input, const Tensor &target, const MSELossFuncOptions &options = {},
                Location loc = Location::current());
/// |input - target|, equal shapes
Tensor l1_loss(const Tensor &input, const Tensor &target, const L1LossFuncOptions &options = {},
               Location loc = Location::current());
/// input in [0, 1], target of the same shape; logarithms are bounded below by -100 as in PyTorch
Tensor binary_cross_entropy(const Tensor &input, const Tensor &target, const BinaryCrossEntropyFuncOptions &options = {},
                            Location loc = Location::current());
/// input any real number, target of the same shape
Tensor binary_cross_entropy_with_logits(const Tensor &input, const Tensor &target, const BinaryCrossEntropyWithLogitsFuncOptions &options = {},
                                        Location loc = Location::current());

/// target i64 [...] as [..., num_classes] of zeros and a one. Throws Error unless num_classes is positive.
Tensor one_hot(const Tensor &target, int64_t num_classes = -1, Location loc = Location::current());

} // namespace nn::functional

inline Tensor leaky_relu_(const Tensor &x, Scalar negative_slope = 0.01, Location loc = Location::current()) { return x.copy_(leaky_relu(x, negative_slope, loc), false, loc); }
inline Tensor dropout_(const Tensor &x, double p, bool train, Location loc = Location::current()) { return x.copy_(dropout(x, p, train, loc), false, loc); }
inline Tensor one_hot(const Tensor &target, int64_t num_classes = -1, Location loc = Location::current()) { return nn::functional::one_hot(target, num_classes, loc); }
namespace F = nn::functional;

// -- The losses with LibTorch's lists of arguments --

Tensor mse_loss(const Tensor &input, const Tensor &target, Reduction reduction = kMean, Location loc = Location::current());
Tensor l1_loss(const Tensor &input, const Tensor &target, Reduction reduction = kMean, Location loc = Location::current());
Tensor nll_loss(const Tensor &input, const Tensor &target, const Tensor &weight = {}, Reduction reduction = kMean, int64_t ignore_index = -100,
                Location loc = Location::current());
Tensor cross_entropy_loss(const Tensor &input, const Tensor &target, const Tensor &weight = {}, Reduction reduction = kMean,
                          int64_t ignore_index = -100, double label_smoothing = 0, Location loc = Location::current());
Tensor binary_cross_entropy(const Tensor &input, const Tensor &target, const Tensor &weight = {}, Reduction reduction = kMean,
                            Location loc = Location::current());
Tensor binary_cross_entropy_with_logits(const Tensor &input, const Tensor &target, const Tensor &weight = {}, const Tensor &pos_weight = {},
                                        Reduction reduction = kMean, Location loc = Location::current());

} // namespace tenon
