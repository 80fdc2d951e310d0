// Connectionist temporal classification: the likelihood of a sequence of labels under all of its alignments.
#pragma once
#include <tenon/functional/options.h>

namespace tenon::nn {

struct CTCLossOptions {
  TENON_ARG(int64_t, blank) = 0;
  TENON_ARG(Reduction, reduction) = kMean;
  /// Sequences that no alignment fits count 0, without a gradient, and not infinity.
  TENON_ARG(bool, zero_infinity) = false;
};

namespace functional {
using CTCLossFuncOptions = CTCLossOptions;
/// log_probs [T, N, C] or [T, C] (of log_softmax), targets int [N, S], or [S] without N, or all of them joined [sum of target_lengths]; lengths int [N] or a number.
/// `mean` divides each loss by its target's length first. A label outside of [0, C), or a length that does not fit, makes the step fail.
/// Source: Graves et al., "Connectionist temporal classification" (ICML 2006), forward variables in logarithms.
Tensor ctc_loss(const Tensor &log_probs, const Tensor &targets, const Tensor &input_lengths, const Tensor &target_lengths, const CTCLossFuncOptions &options = {},
                Location loc = Location::current());
} // namespace functional
} // namespace tenon::nn
